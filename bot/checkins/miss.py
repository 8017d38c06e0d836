"""Silence: one reminder, then a person is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.checkins.words import question
from bot.domain.checkin import CheckIn, CheckInState, Schedule, kinds
from bot.escalations.begin import begin
from bot.plans.wanted import miss_tier
from bot.ports import Services, UnitOfWork
from bot.post import may_write, to_patient
from safety import Tier

_BATCH = 200


def miss(services: Services) -> int:
    """Nag or miss every check-in whose window has passed; returns how many changed."""
    now = services.clock()
    with services.store.reading() as rows:  # an idle beat writes nothing
        if not rows.checkins.silent(now, 1):
            return 0
    with services.store.unit_of_work() as work:
        silent = work.checkins.silent(now, _BATCH)
        changed = sum(_one(work, checkin, now) for checkin in silent)
    if changed:
        services.bells.ring("console")
    return changed


def _one(work: UnitOfWork, checkin: CheckIn, now: datetime) -> bool:
    patient = work.patients.get(checkin.patient_id)
    schedule = work.checkins.schedule(checkin.schedule_id)
    kind = kinds()[checkin.kind]
    if patient is None or schedule is None or not may_write(patient, kind.message_class):
        return work.checkins.change(checkin, replace(checkin, state=CheckInState.CANCELLED))
    if checkin.miss_at is not None and now >= checkin.miss_at:
        return _missed(work, checkin, Tier[miss_tier(schedule)], schedule, now)
    if not work.checkins.change(checkin, replace(checkin, nagged_at=now)):
        return False
    to_patient(
        work,
        patient,
        question(checkin, schedule, patient, again=True),
        key=f"{checkin.id}/nag/{checkin.asks}",
        message_class=kind.message_class,
        now=now,
    )
    return True


def _missed(
    work: UnitOfWork, checkin: CheckIn, tier: Tier, schedule: Schedule, now: datetime
) -> bool:
    if not work.checkins.change(checkin, replace(checkin, state=CheckInState.MISSED)):
        return False
    begin(
        work,
        patient_id=checkin.patient_id,
        reason="checkin_missed" if checkin.kind == "wellness" else f"{checkin.kind}_missed",
        tier=tier,
        source=checkin.id,
        evidence={
            "slot": checkin.slot,
            "kind": checkin.kind,
            "asked_at": str(checkin.asked_at),
            "what": schedule.what,
            "plan": schedule.plan,
        },
        now=now,
    )
    return True
