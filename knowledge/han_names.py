"""Names with Chinese characters: looked up character by character, with one wrong, too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from knowledge.fold import around, han_key, has_han, head, lists, squeezed, tail
from knowledge.match import MENDED, Entry, Match, Shelf, Taken, entries_of, matches
from knowledge.sounds import Sounds

_STRENGTH = re.compile(r"[0-9.]+(?:mg|g|ug|ml|毫克|克|微克|毫升|单位)?$")


class HanNames:
    """The index of names with Chinese characters."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._names: Shelf = {}
        for entry in entries:
            self._names.setdefault(han_key(entry.words), []).append(entry)
        self._lengths = _lengths_by_first(self._names)
        self._gaps = self._with_a_gap()
        self._gap_sizes = _sizes_of_gaps(self._gaps)
        self._sounds = Sounds(
            key
            for key, named in self._names.items()
            if any(entry.kind == "medicine" and entry.how != "lay" for entry in named)
        )

    def whole(self, text: str, folded: str, kinds: Sequence[str]) -> list[Match]:
        """The whole text as one name, then without strength, form and salt."""
        for variant in _variants(squeezed(folded)[0]):
            if found := entries_of(self._names, variant, kinds):
                return matches(text, (0, len(text)), found)
        return []

    def mended_whole(self, text: str, folded: str, kinds: Sequence[str]) -> list[Match]:
        """The whole text as one name with one character wrong; never sure."""
        for variant in _variants(squeezed(folded)[0]):
            if found := self._one_wrong(variant, kinds, shortest=3) or self._alike(variant, kinds):
                return matches(text, (0, len(text)), found, sure=False)
        return []

    def left_over(self, folded: str, found: Sequence[Match]) -> int:
        """How many characters of a name stand outside these matches, salt and form aside."""
        taken = Taken(len(folded), found)
        outside = "".join(char for at, char in enumerate(folded) if not taken.touches(at, at + 1))
        line = _STRENGTH.sub("", squeezed(outside)[0])
        line = around().sub("", line)
        return len(re.sub(f"{tail().pattern}|{head().pattern[:-1]}", "", line))

    def mentions(self, text: str, folded: str, kinds: Sequence[str]) -> list[Match]:
        """What the characters of a sentence speak of."""
        found: list[Match] = []
        taken = Taken(len(text))
        for without_fillers in (False, True):
            line, places = squeezed(folded, without_fillers=without_fillers)
            for start, end, entries in self._scan(line, kinds):
                span = (places[start], places[end - 1] + 1)
                if not taken.covers(*span):
                    new = matches(text, span, entries)
                    found += new
                    taken.add(new)
        line, places = squeezed(folded)
        mended = [*self._scan(line, kinds, gaps=True), *self._heard(line, kinds)]
        for start, end, entries in mended:
            span = (places[start], places[end - 1] + 1)
            if not taken.touches(*span):
                new = matches(text, span, entries, sure=False)
                found += new
                taken.add(new)
        return [_with_tail(text, folded, match) for match in found]

    def _scan(
        self, line: str, kinds: Sequence[str], *, gaps: bool = False
    ) -> list[tuple[int, int, list[Entry]]]:
        found = []
        at = 0
        while at < len(line):
            step = 1
            lengths = self._gap_lengths(line, at) if gaps else self._lengths.get(line[at], ())
            for size in lengths:
                if at + size > len(line):
                    continue
                piece = line[at : at + size]
                entries = (
                    self._one_wrong(piece, kinds, shortest=4)
                    if gaps
                    else entries_of(self._names, piece, kinds)
                )
                if entries:
                    found.append((at, at + size, entries))
                    step = size
                    break
            at += step
        return found

    def _gap_lengths(self, line: str, at: int) -> list[int]:
        """Lengths a name with one wrong character may have here: its first or second is right."""
        first = self._gap_sizes.get((0, line[at]), frozenset())
        second = self._gap_sizes.get((1, line[at + 1 : at + 2]), frozenset())
        return sorted(first | second, reverse=True)

    def _heard(self, line: str, kinds: Sequence[str]) -> list[tuple[int, int, list[Entry]]]:
        """Places that sound like a medicine's name, the longest first."""
        if kinds and "medicine" not in kinds:
            return []
        return [
            (at, at + size, entries)
            for size, at in self._sounds.places(line)
            if (entries := self._alike(line[at : at + size], kinds))
        ]

    def _alike(self, piece: str, kinds: Sequence[str]) -> list[Entry]:
        """Names that sound like ``piece`` and are written otherwise."""
        keys = self._sounds.alike(piece)
        return [entry for key in keys for entry in entries_of(self._names, key, kinds)]

    def _one_wrong(self, piece: str, kinds: Sequence[str], *, shortest: int) -> list[Entry]:
        """Names of the same length that differ from ``piece`` in one character."""
        if len(piece) < shortest or not has_han(piece):
            return []
        keys = dict.fromkeys(
            key
            for at in range(len(piece))
            for key in self._gaps.get((at, piece[:at] + piece[at + 1 :]), ())
        )
        return [entry for key in keys for entry in entries_of(self._names, key, kinds)]

    def _with_a_gap(self) -> dict[tuple[int, str], list[str]]:
        gaps: dict[tuple[int, str], list[str]] = {}
        for key, entries in self._names.items():
            kinds = {entry.kind for entry in entries if entry.how != "lay"}
            if "medicine" in kinds and len(key) >= 3:
                places = range(len(key))
            elif kinds.intersection(MENDED) and len(key) >= 5:
                places = range(1, len(key) - 1)
            else:
                continue
            for at in places:
                piece = key[:at] + key[at + 1 :]
                if piece not in lists()["stems_zh"]:
                    gaps.setdefault((at, piece), []).append(key)
        return gaps


def _with_tail(text: str, folded: str, match: Match) -> Match:
    """The match with the salt before and the salt and form after a medicine's Chinese name."""
    if match.kind != "medicine" or not has_han(match.said):
        return match
    start, end = match.start, match.end
    if after := tail().match(folded, end):
        end = after.end()
    if before := head().search(folded[:start]):
        start = before.start()
    return replace(match, said=text[start:end], start=start, end=end)


def _variants(key: str) -> list[str]:
    """A name, and the name without its strength, its forms one after the other, its salt."""
    found = [key, _STRENGTH.sub("", key)]
    one_tail = re.compile(f"(?:{'|'.join(map(re.escape, lists()['tails_zh']))})$")
    while (shorter := one_tail.sub("", found[-1])) != found[-1]:
        found.append(shorter)
    salt = re.compile(f"^{head().pattern[:-1]}")
    found += [salt.sub("", variant) for variant in found]
    return [variant for variant in dict.fromkeys(found) if len(variant) > 1]


def _lengths_by_first(index: dict[str, list[Entry]]) -> dict[str, tuple[int, ...]]:
    """For each first character the lengths of its names, the longest first.

    A single character counts only for a symptom (喘, 痒): elsewhere it is a part of other words.
    """
    lengths: dict[str, set[int]] = {}
    for key, entries in index.items():
        if len(key) > 1 or any(entry.kind == "symptom" for entry in entries):
            lengths.setdefault(key[0], set()).add(len(key))
    return {char: tuple(sorted(found, reverse=True)) for char, found in lengths.items()}


def _sizes_of_gaps(gaps: Iterable[tuple[int, str]]) -> dict[tuple[int, str], frozenset[int]]:
    """(0, first character) and (1, second character) → lengths of names looked for with a gap."""
    sizes: dict[tuple[int, str], set[int]] = {}
    for at, rest in gaps:
        size = len(rest) + 1
        if 4 <= size <= 12:  # as long as a piece of a sentence that is looked at
            place = (0, rest[0]) if at else (1, rest[0])
            sizes.setdefault(place, set()).add(size)
    return {place: frozenset(found) for place, found in sizes.items()}
