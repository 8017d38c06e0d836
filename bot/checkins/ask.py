"""Ask what is due, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.checkins.words import question
from bot.domain.checkin import CheckIn, CheckInState
from bot.domain.outbox import MessageClass
from bot.domain.slots import LATE
from bot.ports import Services, UnitOfWork
from bot.post import may_write, to_patient

_BATCH = 200


def ask(services: Services) -> int:
    """Put the question of every due check-in in the post; returns how many were asked."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        asked = sum(ask_one(work, checkin, now) for checkin in work.checkins.due(now, _BATCH))
    if asked:
        services.bells.ring("outbox")
    return asked


def ask_one(work: UnitOfWork, checkin: CheckIn, now: datetime) -> bool:
    """Ask one, in the caller's transaction; False when it is no longer wanted."""
    patient = work.patients.get(checkin.patient_id)
    fresh = now - checkin.due_at <= LATE  # after an outage yesterday's question is not asked today
    wanted = fresh and patient is not None and may_write(patient, MessageClass.CHECK_IN)
    state = CheckInState.ASKED if wanted else CheckInState.CANCELLED
    older = work.checkins.open_for(checkin.patient_id)
    if not work.checkins.change(checkin, replace(checkin, state=state, asked_at=now)):
        return False  # another worker asked it
    if patient is None or not wanted:
        return False
    if older is not None and older.id != checkin.id:
        # An older question that was never answered makes way for today's.
        work.checkins.change(older, replace(older, state=CheckInState.CANCELLED))
    to_patient(
        work,
        patient,
        question(checkin, patient),
        key=f"{checkin.id}/ask",
        message_class=MessageClass.CHECK_IN,
        now=now,
        chosen_hour=True,
    )
    return True
