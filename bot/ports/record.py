"""What is known of a patient: measured, set by the care team, to be talked over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.clinical import ClinicalEntry
from bot.domain.message import PatientId
from bot.domain.observation import Observation
from bot.domain.suggestion import KeptSuggestion
from memory import Memory
from risk import RiskAssessment


class Record(Protocol):
    """Observations, risk assessments and memories of a patient."""

    def observe(self, observations: Iterable[Observation]) -> None: ...
    def observations(
        self, patient_id: PatientId, code: str | None = None, limit: int = 200
    ) -> list[Observation]:
        """The newest first; withdrawn ones left out."""

    def withdraw(self, patient_id: PatientId, observation_id: str) -> None: ...
    def assess(self, assessment: RiskAssessment) -> None: ...
    def assessments(self, patient_id: PatientId) -> list[RiskAssessment]: ...
    def assessments_since(self, since: datetime) -> list[RiskAssessment]:
        """Everybody's, the oldest first: for watching the models, never for a patient's eyes."""

    def remember(self, memories: Iterable[Memory]) -> None: ...
    def memories(self, patient_id: PatientId, kind: str | None = None) -> list[Memory]: ...
    def forget(self, patient_id: PatientId, ids: Sequence[str]) -> int: ...
    def unindexed_of(self, patient_id: PatientId) -> list[Memory]: ...


class Clinical(Protocol):
    """What the care team knows of a patient: conditions, medicines, limits."""

    def add(self, entry: ClinicalEntry) -> bool: ...
    def end(self, patient_id: PatientId, entry_id: str, member_id: str, now: datetime) -> bool: ...
    def of(self, patient_id: PatientId, *, ended: bool = False) -> list[ClinicalEntry]:
        """The current entries, the oldest first; ``ended``: those that were ended too."""


class Suggestions(Protocol):
    """What there is to talk over with a patient."""

    def add(self, suggestions: Iterable[KeptSuggestion]) -> int:
        """Keep those whose ids are new; returns how many."""

    def of(self, patient_id: PatientId) -> list[KeptSuggestion]:
        """All of them, decided ones too, the oldest first."""

    def waiting(self) -> Mapping[PatientId, int]:
        """How many of each patient wait for a nurse."""

    def change(self, was: KeptSuggestion, new: KeptSuggestion) -> bool:
        """False if somebody else changed it first."""
