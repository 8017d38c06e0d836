"""From the letters of a text to the few patterns that could match it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

GRAM = 4  #: letters of a literal by which a pattern is looked up
_MOST = 8_000  #: grams of one pattern at most
_parser: Any = re._parser  # type: ignore[attr-defined]  # the parser of `re` has no public name
_Parts = Sequence[tuple[Any, Any]]
Lists = Mapping[str, frozenset[str]]


class Index:
    """Which of many patterns a text may match, by the grams that each demands.

    `demands`: for each pattern sets of grams; of every set the text must hold one.
    """

    def __init__(self, demands: Sequence[Sequence[frozenset[str]]]) -> None:
        self._bits: dict[str, int] = {}
        self._all: list[int] = []
        bit = 1
        for sets in demands:
            own = 0
            for one in sets:
                for gram in one:
                    self._bits[gram] = self._bits.get(gram, 0) | bit
                own |= bit
                bit <<= 1
            self._all.append(own)

    def candidates(self, text: str) -> list[int]:
        """The numbers, in order, of the patterns that a text in small letters may match."""
        held = 0
        for size in range(1, GRAM + 1):
            runs = (
                text
                if size == 1
                else map("".join, zip(*(text[n:] for n in range(size)), strict=False))
            )
            for gram in self._bits.keys() & runs:
                held |= self._bits[gram]
        return [number for number, own in enumerate(self._all) if held & own == own]


def needed(pattern: str, lists: Lists) -> frozenset[str] | None:
    """Grams, one of which every text holds that `pattern` matches, case aside; None: not known.

    A letter of `lists` stands for any of the names that begin so.
    """
    return _of(list(_parser.parse(pattern, re.IGNORECASE)), lists)


def _of(parts: _Parts, lists: Lists) -> frozenset[str] | None:
    """The grams least likely in a text among those that one place of a sequence demands."""
    best: frozenset[str] | None = None
    for at, (kind, value) in enumerate(parts):
        for one in (_starts_of(parts[at:], lists), _within(str(kind), value, lists)):
            if _worth(one) > _worth(best):
                best = one
    return best


def _within(kind: str, value: Any, lists: Lists) -> frozenset[str] | None:
    """What one part of a sequence demands somewhere inside."""
    if kind == "SUBPATTERN":
        return _of(value[3], lists)
    if kind == "ASSERT":
        return _of(value[1], lists)
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        return _of(value[2], lists) if value[0] > 0 else None
    if kind == "BRANCH":
        ways = [_of(way, lists) for way in value[1]]
        found = frozenset[str]().union(*(way for way in ways if way))
        return found if all(ways) and len(found) <= _MOST else None
    return None


def _starts_of(parts: _Parts, lists: Lists) -> frozenset[str] | None:
    found = _starts(parts, GRAM, lists)
    return frozenset(start for start, _ in found) if found else None


def _starts(parts: _Parts, size: int, lists: Lists) -> set[tuple[str, bool]] | None:
    """The letters, up to `size`, that a sequence begins with; True where they are all of it."""
    found = {("", True)}
    for kind, value in parts:
        if not any(whole and len(start) < size for start, whole in found):
            break
        more = _starts_of_part(str(kind), value, size, lists)
        if more is None:
            found = {(start, False) for start, _ in found}
            break
        found = {
            ((start + end)[:size], ends) if whole and len(start) < size else (start, whole)
            for start, whole in found
            for end, ends in more
        }
        if len(found) > _MOST:
            return None
    return found if all(start for start, _ in found) else None


def _starts_of_part(kind: str, value: Any, size: int, lists: Lists) -> set[tuple[str, bool]] | None:
    if kind == "LITERAL" and chr(value) in lists:
        return {(start, len(start) < size) for start in lists[chr(value)]}
    if kind == "LITERAL":
        return {(chr(value).lower(), True)}
    if kind == "IN" and len(value) <= 12 and all(str(k) == "LITERAL" for k, _ in value):
        return {(chr(letter).lower(), True) for _, letter in value}
    if kind in ("AT", "ASSERT_NOT", "ASSERT"):
        return {("", True)}
    if kind == "SUBPATTERN":
        return _starts(value[3], size, lists)
    if kind == "BRANCH":
        found: set[tuple[str, bool]] = set()
        for way in value[1]:
            starts = _starts(way, size, lists)
            if starts is None:
                return None
            found |= starts
        return found
    return None


def _worth(found: frozenset[str] | None) -> float:
    """How seldom a text should hold one of these: long ones, and few."""
    if not found:
        return 0.0
    return min(len(one.encode()) for one in found) - len(found) / 1_000
