"""Silence: one reminder, then a person is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.checkins.words import question
from bot.domain.checkin import CheckIn, CheckInState
from bot.domain.outbox import MessageClass
from bot.escalations.begin import begin
from bot.ports import Services, UnitOfWork
from bot.post import may_write, to_patient
from safety import Tier

_BATCH = 200


def miss(services: Services) -> int:
    """Nag or miss every check-in whose window has passed; returns how many changed."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        silent = work.checkins.silent(now, _BATCH)
        changed = sum(_one(work, checkin, now) for checkin in silent)
    if changed:
        services.bells.ring("outbox", "console")
    return changed


def _one(work: UnitOfWork, checkin: CheckIn, now: datetime) -> bool:
    patient = work.patients.get(checkin.patient_id)
    if patient is None or not may_write(patient, MessageClass.CHECK_IN):
        return work.checkins.change(checkin, replace(checkin, state=CheckInState.CANCELLED))
    missed_at = checkin.missed_at()
    if missed_at is not None and now >= missed_at:
        return _missed(work, checkin, now)
    if checkin.nagged_at is not None:
        return False
    if not work.checkins.change(checkin, replace(checkin, nagged_at=now)):
        return False
    to_patient(
        work,
        patient,
        question(checkin, patient, again=True),
        key=f"{checkin.id}/nag",
        message_class=MessageClass.CHECK_IN,
        now=now,
    )
    return True


def _missed(work: UnitOfWork, checkin: CheckIn, now: datetime) -> bool:
    if not work.checkins.change(checkin, replace(checkin, state=CheckInState.MISSED)):
        return False
    begin(
        work,
        patient_id=checkin.patient_id,
        reason="checkin_missed",
        tier=Tier.P3,
        source=checkin.id,
        evidence={"slot": checkin.slot, "asked_at": str(checkin.asked_at)},
        now=now,
    )
    return True
