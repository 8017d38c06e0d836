"""From the letters of a text to the few patterns that could match it."""

from __future__ import annotations

import functools
from collections.abc import Sequence, Set

from safety.patterns import Element

_GRAM = 4  #: letters of a literal by which a pattern is looked up


@functools.lru_cache(maxsize=4)
def _grams(text: str) -> frozenset[str]:
    """Every run of one to ``_GRAM`` letters; the masks and the rules ask for the same ones."""
    grams = set(text)
    for size in range(2, _GRAM + 1):
        grams.update(map("".join, zip(*(text[at:] for at in range(size)), strict=False)))
    return frozenset(grams)


class Index:
    """From the letters of a text to the few patterns that could match it."""

    def __init__(self, patterns: Sequence[Sequence[Element]]) -> None:
        self._patterns = patterns
        self._parts = [sum(not element.fact for element in one) for one in patterns]
        needed: dict[str, set[tuple[int, int]]] = {}
        always: set[tuple[int, int]] = set()
        for number, elements in enumerate(patterns):
            for part, element in enumerate(elements):
                if element.fact:  # the record may hold it: never a reason to pass a pattern over
                    continue
                if not element.needs:
                    always.add((number, part))
                for literal in element.needs[0] if element.needs else ():
                    needed.setdefault(literal[:_GRAM], set()).add((number, part))
        self._always = frozenset(always)
        self._needed = {gram: tuple(where) for gram, where in needed.items()}

    def candidates(self, text: str, settled: Set[int] = frozenset()) -> list[int]:
        """The numbers, in order, of the patterns all of whose elements may be in the text.

        ``settled``: patterns that need no more looking for.
        """
        grams = _grams(text) & self._needed.keys()
        seen = set(self._always)
        for gram in grams:
            seen.update(self._needed[gram])
        counts: dict[int, int] = {}
        for number, _ in seen:
            counts[number] = counts.get(number, 0) + 1
        return sorted(
            number
            for number, count in counts.items()
            if count == self._parts[number]
            and number not in settled
            and all(e.fact or e.possible(text) for e in self._patterns[number])
        )
