"""The rows of "Have you been able to call?", made with the emergency they belong to."""

from __future__ import annotations

from datetime import timedelta

from bot.domain import canary
from bot.domain.call import CallQuestion
from bot.domain.escalation import Escalation
from bot.escalations.chain import ladder_of
from bot.ports import UnitOfWork


def plan_questions(work: UnitOfWork, escalation: Escalation) -> int:
    """Keep the questions of the escalation's ladder as rows; returns how many are new."""
    patient_id = escalation.patient_id
    if patient_id is None or patient_id == canary.PATIENT:
        return 0
    return work.calls.add(
        CallQuestion(
            id=f"{escalation.id}/call/{wait / timedelta(minutes=1):g}",
            escalation_id=escalation.id,
            patient_id=patient_id,
            next_at=escalation.created_at + wait,
        )
        for wait in ladder_of(escalation).calls
    )
