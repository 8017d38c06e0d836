"""What the care team knows of a patient and the screen needs. FHIR: Condition, Goal, and others."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.domain.message import PatientId


class EntryKind(enum.Enum):
    """What an entry is about."""

    CONDITION = "condition"
    MEDICINE = "medicine"
    PREGNANT = "pregnant"  #: ``name`` is the date when the baby is due
    BIRTH = "birth"  #: ``name`` is the date when she gave birth
    LIMIT = "limit"  #: ``name`` is a kind of safety/personal_limits.toml


@dataclass(frozen=True, kw_only=True)
class ClinicalEntry:
    """One line of the record, with who set it and who ended it. Ended, never changed."""

    id: str
    patient_id: PatientId
    kind: EntryKind
    name: str
    value: float | None = None  #: of a limit
    set_by: str  #: id of a member
    set_at: datetime
    ended_by: str = ""
    ended_at: datetime | None = None
