"""What is kept of what a patient said: facts, months in short, vectors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.message import PatientId
from memory import Fact, Memory, Summary


class Facts(Protocol):
    """Dated statements about a patient. See ``memory.Fact``."""

    def add(self, facts: Iterable[Fact]) -> int:
        """Keep those whose ids are new; returns how many."""

    def of(self, patient_id: PatientId, *, everything: bool = False) -> list[Fact]:
        """The current ones, the oldest first; ``everything``: superseded and wrong ones too.

        Forgotten ones have no words left and never come back.
        """

    def change(self, facts: Iterable[Fact]) -> None:
        """Write status, verification, validity and links; a forgotten one loses its words."""

    def unread(self, since: datetime, limit: int) -> tuple[list[Memory], list[str]]:
        """Turns of patients, kept ``since`` then, that no language model has read for facts; and
        the ids of those that cannot be opened."""

    def read(self, memory_ids: Collection[str], now: datetime) -> None:
        """A language model has read these, or must not."""


class Summaries(Protocol):
    """Months of what a patient said, in a few sentences. See ``memory.summary``."""

    def put(self, summary: Summary) -> None:
        """Keep it in place of an earlier one of the same month."""

    def of(self, patient_id: PatientId) -> list[Summary]:
        """The oldest month first."""

    def forget(self, patient_id: PatientId, sources: Collection[str]) -> None:
        """Take out every sentence that rests on one of these messages."""

    def behind(self, since: datetime, least: int, limit: int) -> list[tuple[PatientId, str]]:
        """Months whose summary counts other turns than there are, among the patients who had
        anything kept ``since`` then and have at least ``least`` turns in all."""


AGAIN = "again"  #: a row of memory whose vector is to be made anew
NO_KEY = "no key"  #: a row of memory that cannot be opened, and so not encoded


@dataclass(frozen=True, kw_only=True)
class ToIndex:
    """Rows of memory to encode; ``keyless``: whose rows could not be opened."""

    memories: tuple[Memory, ...] = ()
    keyless: tuple[PatientId, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.memories or self.keyless)


class Index(Protocol):
    """Which memories have their vectors: the rows say so, the index can be made from them."""

    def new(self, limit: int) -> ToIndex:
        """Memories that were never encoded, the oldest first."""

    def again(self) -> ToIndex:
        """All memories of one patient who has some that are to be encoded anew."""

    def encoded(self, ids: Collection[str], encoder: str, now: datetime) -> set[str]:
        """They lie in the index, by this model; returns which of them still exist as rows."""

    def late(self, patient_id: PatientId, ids: Collection[str]) -> int:
        """Encode again what this patient has beside ``ids``; returns how many."""

    def keyless(self, patient_ids: Collection[str]) -> None:
        """Set aside what cannot be opened, so that it holds up nobody."""

    def counts(self) -> Mapping[PatientId, int]:
        """How many memories of each patient should lie in the index."""

    def lost(self, patient_ids: Collection[str] | None = None) -> int:
        """The index lost them (None: everything): recall reads the rows until they are back."""

    def refresh(self, encoder: str | None = None) -> int:
        """Encode anew what lies there (by another model than ``encoder``); returns how many."""

    def refresh_of(self, patient_ids: Collection[str]) -> int:
        """Encode anew what these patients have."""

    def models(self) -> Mapping[str, int]:
        """How many rows each model has encoded; "", AGAIN and NO_KEY: the ones it has not."""

    def without_key(self) -> Sequence[PatientId]:
        """Whose memories were set aside because their key is missing."""
