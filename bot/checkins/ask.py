"""Ask what is due, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.checkins.summary import summary
from bot.checkins.words import question
from bot.domain.checkin import CheckIn, CheckInState, kinds
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.patient import Patient
from bot.occurrences import LATE
from bot.ports import Services, UnitOfWork
from bot.post import Letter, may_write, to_patients

_BATCH = 250  # a tenth of a second: nobody waits longer for the writer


def ask(services: Services) -> int:
    """Put the question of every due check-in in the post; returns how many were asked."""
    asked = 0
    while True:
        now = services.clock()
        with services.store.reading() as rows:  # an idle beat writes nothing
            if not rows.checkins.due(now, 1):
                return asked
        with services.store.unit_of_work() as work:
            taken = work.checkins.take_due(now, _BATCH)
            new = ask_all(work, taken, now)
        if new:
            services.bells.ring("outbox")
        asked += new
        if len(taken) < _BATCH:
            return asked


def ask_all(work: UnitOfWork, due: Sequence[CheckIn], now: datetime) -> int:
    """Ask what is still wanted of ``due``, in the caller's transaction; returns how many."""
    patients = work.patients.some({checkin.patient_id for checkin in due})
    schedules = work.checkins.some({checkin.schedule_id for checkin in due})
    newest = {checkin.schedule_id: checkin.id for checkin in due}  # they come by their time
    dropped, letters, asked = [], [], []
    for checkin in due:
        patient = patients.get(checkin.patient_id)
        schedule = schedules.get(checkin.schedule_id)
        why = _unwanted(checkin, patient, now)
        if patient is None or schedule is None or why:
            dropped.append(_dropped(checkin, now, why or "not wanted"))
            continue
        if newest[schedule.id] != checkin.id:  # after an outage: one question, not several
            dropped.append(_dropped(checkin, now, "a newer one is asked"))
            continue
        new = _asked(checkin, now)
        asked.append(new)
        letters.append(
            Letter(
                patient=patient,
                draft=summary(work, patient, now)
                if checkin.kind == "summary"
                else question(new, schedule, patient),
                key=new.ask_key,
                message_class=kinds()[checkin.kind].message_class,
                chosen_hour=True,
            )
        )
    if dropped:
        work.checkins.cancel([event.subject for event in dropped])
        work.audit.add(*dropped)
    if asked:
        work.checkins.asked(asked)
        to_patients(work, letters, now)
    return len(asked)


def _unwanted(checkin: CheckIn, patient: Patient | None, now: datetime) -> str:
    """Why this is not asked any more, or ""."""
    if now - checkin.due_at > LATE:  # after an outage yesterday's question is not asked today
        return "too late"
    if patient is None or not may_write(patient, kinds()[checkin.kind].message_class):
        return "not wanted"
    return ""


def _asked(checkin: CheckIn, now: datetime) -> CheckIn:
    kind = kinds()[checkin.kind]
    return replace(
        checkin,
        # Nothing is expected back from an appointment or a plain reminder without buttons.
        state=CheckInState.ASKED if kind.answers else CheckInState.ANSWERED,
        asks=checkin.asks + 1,
        asked_at=now,
        nag_at=now + kind.nag if kind.nag else None,
        miss_at=now + kind.missed if kind.missed else None,
        nagged_at=None,
    )


def _dropped(checkin: CheckIn, now: datetime, why: str) -> AuditEvent:
    return AuditEvent(
        at=now,
        actor="bot",
        type="checkin.dropped",
        subject=checkin.id,
        patient_id=PatientId(checkin.patient_id),
        detail={"why": why, "kind": checkin.kind},
    )
