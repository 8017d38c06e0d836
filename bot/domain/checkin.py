"""A question the bot asks unprompted. FHIR: CommunicationRequest."""

from __future__ import annotations

import enum
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.message import PatientId
from bot.domain.outbox import MessageClass

_FILE = Path(__file__).with_name("kinds.toml")
AHEAD = timedelta(hours=48)  #: how far ahead occurrences are kept as rows
LATER = timedelta(minutes=30)  #: how long "later" puts a question off


@dataclass(frozen=True, kw_only=True)
class CheckInKind:
    """How one kind behaves; see kinds.toml."""

    name: str
    message_class: MessageClass
    answers: tuple[str, ...]
    nag: timedelta | None
    missed: timedelta | None
    tier: str


@cache
def kinds() -> Mapping[str, CheckInKind]:
    """Every kind of check-in. ValueError names a field of kinds.toml that is wrong."""
    found = {}
    for name, table in tomllib.loads(_FILE.read_text("utf-8")).items():
        if not isinstance(table, dict):
            continue
        try:
            found[name] = CheckInKind(
                name=name,
                message_class=MessageClass[table["class"]],
                answers=tuple(table["answers"]),
                nag=_minutes(table, "nag"),
                missed=_minutes(table, "missed"),
                tier=table.get("tier", "P3"),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"kinds.toml: {name}: {error} is missing or wrong") from error
    return found


def _minutes(table: Mapping[str, Any], field: str) -> timedelta | None:
    return timedelta(minutes=table[field]) if field in table else None


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a patient is asked what, in the patient's own clock."""

    id: str
    patient_id: PatientId
    kind: str  #: a name of kinds.toml
    time: str = ""  #: local "HH:MM" of a plain daily question
    rule: Mapping[str, Any] | None = None  #: bot.when.Rule as JSON, where it is not plain daily
    what: str = ""  #: the patient's or nurse's own words, said verbatim: a dose is data, not prose
    home_zone: str = ""  #: keep this IANA zone's clock when travelling; empty: the local one
    plan: str = ""  #: the care plan it belongs to
    active: bool = True
    #: When somebody set it, moved it, or came back: its back-off counts from here.
    changed_at: datetime | None = None


class CheckInState(enum.Enum):
    """What is stored."""

    DUE = "due"
    ASKED = "asked"
    ANSWERED = "answered"
    MISSED = "missed"  #: seen by the clock and told to the care team
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class CheckIn:
    """One occurrence of a schedule."""

    id: str  #: 24 characters, derived from schedule and slot
    schedule_id: str
    patient_id: PatientId
    kind: str = "wellness"
    slot: str  #: local "YYYY-MM-DDTHH:MM" ("…Z" for fixed intervals); unique with the schedule
    due_at: datetime
    state: CheckInState = CheckInState.DUE
    asks: int = 0  #: how often it was asked; "later" asks again
    asked_at: datetime | None = None
    nag_at: datetime | None = None  #: when silence earns one reminder
    miss_at: datetime | None = None  #: when silence is told to the care team
    nagged_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str = ""  #: taken · skipped · good · …

    @property
    def ask_key(self) -> str:
        """The outbox key of the newest asking; "later" asks again under another one."""
        return f"{self.id}/ask/{self.asks}"

    def to_come(self, now: datetime) -> bool:
        """Is it in the post for a moment after ``now``? Nobody has read it then."""
        return self.asked_at is not None and self.asked_at > now


@dataclass(frozen=True, kw_only=True)
class Streak:
    """What came of a schedule's questions since the last answer to one."""

    unanswered: int
    last_asked: datetime | None = None  #: when the newest that was asked fell due
    last_rested: datetime | None = None  #: when the newest that was left out fell due
