"""A care plan is started, moved or ended for one patient, and the trail says by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.domain.checkin import Schedule
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.patient import Patient, PatientStatus
from bot.escalations.accept import NotFound
from bot.occurrences import set_now
from bot.plans import Plan, plans, schedules
from bot.ports import Services, UnitOfWork

#: A plan may have begun before somebody wrote it down here; one far ahead is a slip of the pen.
BACK, AHEAD = timedelta(days=60), timedelta(days=365)


def start_plan(
    services: Services, patient_id: PatientId, name: str, first: str, member_id: str
) -> list[Schedule]:
    """Start plan ``name`` on ``first`` (ISO; "": today there); again: move it.

    Raises NotFound; ValueError("plan_unknown" · "plan_date" · "plan_not_now") changes nothing.
    """
    now = services.clock()
    plan = plans().get(name)
    if plan is None:
        raise ValueError("plan_unknown")
    with services.store.unit_of_work() as work:
        patient = _known(work, patient_id, member_id)
        begun = start(work, patient, plan, first, now, member_id)
    services.bells.ring("console")
    return begun


def stop_plan(services: Services, patient_id: PatientId, name: str, member_id: str) -> int:
    """Nothing of the plan is asked any more; returns how many schedules ended."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        _known(work, patient_id, member_id)
        ended = stop(work, patient_id, name, now, member_id)
    services.bells.ring("console")
    return ended


def start(
    work: UnitOfWork, patient: Patient, plan: Plan, first: str, now: datetime, actor: str
) -> list[Schedule]:
    """The plan's schedules as rows, in the caller's transaction; raises as ``start_plan`` does."""
    if patient.status in (PatientStatus.DECEASED, PatientStatus.ERASED):
        raise ValueError("plan_not_now")
    day = _day(first, now.astimezone(patient.zone).date())
    begun = schedules(plan, patient.id, patient.language, day)
    for schedule in begun:
        set_now(work, schedule, patient, now)
    detail: dict[str, object] = {"plan": plan.name, "first": day.isoformat()}
    work.audit.add(_event("plan.started", patient.id, actor, now, detail))
    return begun


def stop(work: UnitOfWork, patient_id: PatientId, name: str, now: datetime, actor: str) -> int:
    """End what runs of plan ``name``, in the caller's transaction."""
    mine = [one for one in work.checkins.schedules(patient_id) if name and one.plan == name]
    for schedule in mine:
        work.checkins.set_schedule(replace(schedule, active=False))
        work.checkins.cancel_due(patient_id, schedule.id)
    for asked in work.checkins.open_for(patient_id):
        if asked.schedule_id in {one.id for one in mine}:
            work.checkins.cancel([asked.id])
    if mine:
        work.audit.add(_event("plan.stopped", patient_id, actor, now, {"plan": name}))
    return len(mine)


def _day(first: str, today: date) -> date:
    try:
        day = date.fromisoformat(first) if first else today
    except ValueError:
        raise ValueError("plan_date") from None
    if not today - BACK <= day <= today + AHEAD:
        raise ValueError("plan_date")
    return day


def _known(work: UnitOfWork, patient_id: PatientId, member_id: str) -> Patient:
    patient = work.patients.get(patient_id)
    if patient is None or work.care_team.get(member_id) is None:
        raise NotFound
    if patient.status is PatientStatus.ERASED:
        raise NotFound
    return patient


def _event(
    kind: str, patient_id: PatientId, actor: str, now: datetime, detail: dict[str, object]
) -> AuditEvent:
    return AuditEvent(
        at=now, actor=actor, type=kind, subject=patient_id, patient_id=patient_id, detail=detail
    )
