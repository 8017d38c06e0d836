"""A pause that has run out ends by itself, and the patient hears of it."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.escalation import AuditEvent
from bot.domain.outbox import Draft, MessageClass
from bot.domain.patient import PatientStatus
from bot.ports import Services
from bot.post import short_id, to_patient
from prompts import say

_BATCH = 100


def end_pauses(services: Services) -> int:
    """Wake everybody whose pause is over; returns how many."""
    now = services.clock()
    with services.store.reading() as rows:  # an idle beat writes nothing
        if not rows.patients.paused_until(now, 1):
            return 0
    with services.store.unit_of_work() as work:
        over = work.patients.paused_until(now, _BATCH)
        for patient in over:
            awake = replace(patient, status=PatientStatus.ACTIVE, pause=None, paused_until=None)
            work.patients.save(awake)
            to_patient(
                work,
                awake,
                Draft(text=say("pause.over", patient.language, name=patient.name), approved=True),
                key=short_id("pause", patient.id, patient.paused_until),
                message_class=MessageClass.ADMIN,
                now=now,
            )
            work.audit.add(
                AuditEvent(
                    at=now,
                    actor="bot",
                    type="patient.pause_over",
                    subject=patient.id,
                    patient_id=patient.id,
                )
            )
    services.bells.ring("console")
    return len(over)
