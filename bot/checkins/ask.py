"""Ask what is due, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.checkins.summary import summary
from bot.checkins.words import question
from bot.domain.checkin import CheckIn, CheckInState, kinds
from bot.domain.escalation import AuditEvent
from bot.occurrences import LATE
from bot.ports import Services, UnitOfWork
from bot.post import may_write, to_patient

_BATCH = 200


def ask(services: Services) -> int:
    """Put the question of every due check-in in the post; returns how many were asked."""
    now = services.clock()
    with services.store.reading() as rows:  # nearly every second finds nothing: write nothing
        if not rows.checkins.due(now, 1):
            return 0
    with services.store.reading() as rows:  # an idle beat writes nothing
        if not rows.checkins.due(now, 1):
            return 0
    with services.store.unit_of_work() as work:
        asked = sum(ask_one(work, checkin, now) for checkin in work.checkins.due(now, _BATCH))
    if asked:
        services.bells.ring("outbox")
    return asked


def ask_one(work: UnitOfWork, checkin: CheckIn, now: datetime) -> bool:
    """Ask one, in the caller's transaction; False when it is no longer wanted."""
    patient = work.patients.get(checkin.patient_id)
    schedule = work.checkins.schedule(checkin.schedule_id)
    kind = kinds()[checkin.kind]
    fresh = now - checkin.due_at <= LATE  # after an outage yesterday's question is not asked today
    if (
        patient is None
        or schedule is None
        or not (fresh and may_write(patient, kind.message_class))
    ):
        if work.checkins.change(checkin, replace(checkin, state=CheckInState.CANCELLED)):
            work.audit.add(_dropped(checkin, now, fresh=fresh))
        return False
    older = [c for c in work.checkins.open_for(patient.id) if c.schedule_id == schedule.id]
    asked = replace(
        checkin,
        # Nothing is expected back from an appointment or a plain reminder without buttons.
        state=CheckInState.ASKED if kind.answers else CheckInState.ANSWERED,
        asks=checkin.asks + 1,
        asked_at=now,
        nag_at=now + kind.nag if kind.nag else None,
        miss_at=now + kind.missed if kind.missed else None,
        nagged_at=None,
    )
    if not work.checkins.change(checkin, asked):
        return False  # another worker asked it
    for one in older:  # a question that was never answered makes way for the next
        work.checkins.change(one, replace(one, state=CheckInState.CANCELLED))
    to_patient(
        work,
        patient,
        summary(work, patient, now)
        if checkin.kind == "summary"
        else question(asked, schedule, patient),
        key=asked.ask_key,
        message_class=kind.message_class,
        now=now,
        chosen_hour=True,
    )
    return True


def _dropped(checkin: CheckIn, now: datetime, *, fresh: bool) -> AuditEvent:
    return AuditEvent(
        at=now,
        actor="bot",
        type="checkin.dropped",
        subject=checkin.id,
        patient_id=checkin.patient_id,
        detail={"why": "not wanted" if fresh else "too late", "kind": checkin.kind},
    )
