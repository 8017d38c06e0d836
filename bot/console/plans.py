"""The care plans of one patient on their page: what runs, what is asked, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.datastructures import FormData

from bot.console.desk import Desk
from bot.domain.checkin import AHEAD, CheckIn, CheckInState, Schedule
from bot.domain.message import PatientId
from bot.domain.patient import Patient
from bot.occurrences import rule_of
from bot.plans import Plan, plans
from bot.plans.wanted import item_of, miss_tier
from bot.ports import Reading

DOES = frozenset({"start_plan", "stop_plan"})
_BACK = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing a plan asks, and how it stands with this patient."""

    schedule: Schedule
    state: str  #: "ahead" · "running" · "waiting" · "missed" · "ended"
    missed: str  #: tier at which silence is told
    next_at: datetime | None
    answered: int  #: in the last 30 days
    asked: int


@dataclass(frozen=True, kw_only=True)
class Running:
    """A plan of this patient; ``stopped`` of its items the patient or a nurse has ended."""

    plan: Plan
    first: date | None  #: None: not known
    rows: tuple[Row, ...]
    stopped: int


def running(rows: Reading, patient: Patient, now: datetime) -> tuple[Running, ...]:
    """Every plan with at least one schedule that has not been stopped."""
    mine = [one for one in rows.checkins.schedules(patient.id) if one.plan in plans()]
    if not mine:
        return ()
    history = rows.checkins.between(patient.id, now - _BACK, now + AHEAD)
    found = []
    for name in dict.fromkeys(one.plan for one in mine):
        plan, its = plans()[name], [one for one in mine if one.plan == name]
        shown = tuple(_row(one, history, patient, now) for one in its)
        stopped = max(0, len(plan.items) - len(its))
        found.append(Running(plan=plan, first=_first(its), rows=shown, stopped=stopped))
    return tuple(found)


def reminders(rows: Reading, patient: Patient, now: datetime) -> tuple[Row, ...]:
    """What the patient is asked and reminded of outside a plan, as it stands."""
    mine = [one for one in rows.checkins.schedules(patient.id) if one.plan not in plans()]
    history = rows.checkins.between(patient.id, now - _BACK, now + AHEAD) if mine else ()
    return tuple(_row(one, history, patient, now) for one in mine)


def _first(schedules: Sequence[Schedule]) -> date | None:
    """The plan's first day, from a schedule and how late after it that one begins."""
    for one in schedules:
        begun, item = rule_of(one).start, item_of(one)
        if begun and item is not None:
            return date.fromisoformat(begun[:10]) - timedelta(days=item.from_day)
    return None


def _row(schedule: Schedule, history: Sequence[CheckIn], patient: Patient, now: datetime) -> Row:
    its = [one for one in history if one.schedule_id == schedule.id]
    asked = [one for one in its if one.asks]
    coming = [one for one in its if one.state is CheckInState.DUE and one.due_at > now]
    today = now.astimezone(patient.zone).date().isoformat()
    rule = rule_of(schedule)
    if rule.end and rule.end < today:
        state = "ended"
    elif asked and asked[-1].state is CheckInState.ASKED:
        state = "waiting"
    elif asked and asked[-1].state is CheckInState.MISSED:
        state = "missed"
    else:
        state = "ahead" if rule.start and rule.start[:10] > today else "running"
    return Row(
        schedule=schedule,
        state=state,
        missed=miss_tier(schedule),
        next_at=coming[0].due_at if coming else None,
        answered=sum(one.state is CheckInState.ANSWERED for one in asked),
        asked=len(asked),
    )


async def change(desk: Desk, patient_id: PatientId, member_id: str, form: FormData) -> str:
    """Start or stop a plan; returns the word for what is wrong, or ""."""
    name = str(form.get("plan", ""))[:64]
    if form.get("do") == "stop_plan":
        await desk.act(desk.actions.stop_plan, patient_id, name, member_id)
        return ""
    try:
        first = str(form.get("first", ""))[:10]
        await desk.act(desk.actions.start_plan, patient_id, name, first, member_id)
    except ValueError as error:
        return str(error)
    return ""
