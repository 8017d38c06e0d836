"""A match: a place in a text and what of the graph it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.graph_model import MEDICINAL

HOW = ("name", "aka", "brand", "lay")
"""Kinds of names, the most telling first."""

MENDED = (*MEDICINAL, "condition", "test")
"""What is found misspelt, too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A place in a text and what it means.

    ``said`` is the text as written, ``start`` and ``end`` its place, ``words`` the name of the
    graph it was taken for, ``how`` that name's kind (name, aka, brand, lay). ``sure`` is False
    when it might mean something else, or nothing here: ask before acting on it.
    """

    id: str
    kind: str
    words: str
    how: str
    said: str
    start: int
    end: int
    sure: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One name of one concept."""

    id: str
    kind: str
    words: str
    how: str


Shelf = dict[str, list[Entry]]


def entries_of(index: Shelf, key: str, kinds: Sequence[str]) -> list[Entry]:
    """What is called so, of these kinds only when kinds are named."""
    found = index.get(key, [])
    return [entry for entry in found if entry.kind in kinds] if kinds else found


def matches(
    text: str, span: tuple[int, int], entries: list[Entry], *, sure: bool | None = None
) -> list[Match]:
    """One match an id. ``sure`` None: sure when one id alone is called so, best of all.

    Between equals a medicine goes before its class, and a symptom before the condition.
    """
    best: dict[str, Entry] = {}
    for entry in sorted(entries, key=_rank):
        best.setdefault(entry.id, entry)
    ranks = [_rank(entry) for entry in best.values()]
    certain = bool(ranks) and ranks.count(min(ranks)) == 1
    return [
        Match(
            id=entry.id,
            kind=entry.kind,
            words=entry.words,
            how=entry.how,
            said=text[span[0] : span[1]],
            start=span[0],
            end=span[1],
            sure=certain and rank == min(ranks) if sure is None else sure,
        )
        for entry, rank in zip(best.values(), ranks, strict=True)
    ]


def _rank(entry: Entry) -> tuple[int, bool]:
    return HOW.index(entry.how), entry.kind not in ("medicine", "symptom")


class Taken:
    """Which characters of a text stand in a match already."""

    def __init__(self, length: int, found: Iterable[Match] = ()) -> None:
        self._mask = bytearray(length)
        self.add(found)

    def add(self, found: Iterable[Match]) -> None:
        """Take the places of these matches, too."""
        for match in found:
            self._mask[match.start : match.end] = b"\1" * (match.end - match.start)

    def covers(self, start: int, end: int) -> bool:
        """True when every character of the place is taken."""
        return 0 not in self._mask[start:end]

    def touches(self, start: int, end: int) -> bool:
        """True when any character of the place is taken."""
        return 1 in self._mask[start:end]
