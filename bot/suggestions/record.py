"""One patient's record as the rules read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.observation import Observation


@dataclass(frozen=True, kw_only=True)
class Line:
    """A note of the care team or of an imported record."""

    words: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Record:
    """Plain values; ids are those of the medical graph."""

    language: str
    country: str = ""
    sex: str = ""
    age: int | None = None
    pregnant: bool = False
    conditions: Mapping[str, str] = field(default_factory=dict)  #: id → the record's words
    medicines: Mapping[str, str] = field(default_factory=dict)
    observations: tuple[Observation, ...] = ()
    #: Only what the care team or another clinic wrote: "never had a flu jab" is no flu jab.
    notes: tuple[Line, ...] = ()
