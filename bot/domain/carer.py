"""Somebody who cares for a patient, and what the patient agreed they may be told."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.message import PatientId


class Scope(enum.Enum):
    """One thing a carer may be told; each is agreed to by itself, and none by default."""

    REMINDERS = "reminders"  #: what the patient is reminded of, and what was answered
    READINGS = "readings"
    RECORD = "record"  #: allergies, medicines, conditions and the rest of what is known


@dataclass(frozen=True, kw_only=True)
class Carer:
    """One chat of one carer of one patient. Ended, never deleted before the patient is erased."""

    id: str
    patient_id: PatientId
    channel: str
    bot: str
    address: str
    name: str = ""  #: as the messenger shows it
    language: str = "en"
    scopes: frozenset[Scope] = field(default_factory=frozenset)
    added_at: datetime
    ended_at: datetime | None = None
