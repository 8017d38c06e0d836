"""Matters for the care team."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from bot.domain.call import CallQuestion
from bot.domain.escalation import Escalation
from bot.domain.message import PatientId


class Escalations(Protocol):
    """Matters for the care team."""

    def add(self, escalation: Escalation) -> bool:
        """False when one with this id is kept already."""

    def get(self, escalation_id: str) -> Escalation | None: ...
    def open(self, patient_id: PatientId | None = None) -> list[Escalation]: ...
    def of_patient(self, patient_id: PatientId) -> list[Escalation]: ...
    def recent(self, limit: int) -> list[Escalation]: ...
    def due(self, now: datetime, limit: int) -> list[Escalation]: ...
    def change(self, was: Escalation, new: Escalation) -> bool:
        """False if somebody else changed it first."""


class Calls(Protocol):
    """ "Have you been able to call?", asked after an emergency."""

    def add(self, questions: Iterable[CallQuestion]) -> int: ...
    def get(self, question_id: str) -> CallQuestion | None: ...
    def due(self, now: datetime, limit: int) -> list[CallQuestion]:
        """To be asked, or asked and silent for too long."""

    def of(self, escalation_id: str) -> list[CallQuestion]: ...
    def asked_since(self, patient_id: PatientId, since: datetime) -> bool: ...
    def change(self, was: CallQuestion, new: CallQuestion) -> bool:
        """False if somebody else changed it first."""
