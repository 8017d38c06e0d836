"""What the tagger says of a message, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Found:
    """Words that seem to state a fact of ``kind`` about their writer, and how surely (0 to 1).

    [start, end) is where they stand in the message; whole words in English.
    """

    kind: str
    start: int
    end: int
    share: float


class Tagging(Protocol):
    """Whatever can mark the facts of a message; safe to use from several threads."""

    def find(self, text: str, language: str) -> Sequence[Found] | None:
        """In order, none of them overlapping; None where it cannot read: rules decide alone."""
        ...
