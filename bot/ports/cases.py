"""The rows of earlier cases, as the use cases see them."""

from __future__ import annotations

from typing import Protocol

from bot.domain.case import Case, KeptCase
from bot.domain.message import PatientId


class Cases(Protocol):
    """Matters of the past in codes; whose they were, only the patient's key can say."""

    def keep(self, patient_id: PatientId, matter_id: str, case: Case) -> bool:
        """False when this matter is kept already. Raises KeyMissing."""

    def of(self, patient_id: PatientId) -> list[Case]:
        """This patient's own, by month. Raises KeyMissing."""

    def of_others(self, patient_id: PatientId | None) -> list[KeptCase]:
        """Everybody else's."""

    def forget(self, patient_id: PatientId) -> int:
        """Delete this patient's; how many. None can be found once the key is gone: then 0."""

    def count(self) -> int:
        """How many there are."""
