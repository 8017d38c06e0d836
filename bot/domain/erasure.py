"""What erasing a patient took away, and what stays: the receipt, and the tombstone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.message import PatientId


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """Counts of rows by table; ``removed`` also counts "vectors" where the index was at hand."""

    patient_id: PatientId
    at: datetime
    removed: Mapping[str, int]
    kept: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """A patient who was erased, as the list beside the database names them."""

    patient_id: PatientId
    at: datetime
