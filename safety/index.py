"""From the letters of a text to the few patterns that could match it."""

from __future__ import annotations

import functools
import operator
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
    """From the letters of a text to the few patterns that could match it.

    A pattern is a bit. Every set of literals of which it needs one is a place; where it has fewer
    places than others, its bit is always set there. The bits set in every place are candidates.
    """

    def __init__(self, patterns: Sequence[Sequence[Element]]) -> None:
        self._patterns = patterns
        # What the record may hold instead is never a reason to pass a pattern over.
        needs = [[n for e in one if not e.fact for n in e.needs] for one in patterns]
        places = max((len(one) for one in needs), default=0)
        self._always = [0] * places
        needed: dict[str, dict[int, int]] = {}
        for number, sets in enumerate(needs):
            bit = 1 << number
            for place, literals in enumerate(sets):
                for literal in literals:
                    bits = needed.setdefault(literal[:_GRAM], {})
                    bits[place] = bits.get(place, 0) | bit
            for place in range(len(sets), places):
                self._always[place] |= bit
        self._needed = {gram: tuple(bits.items()) for gram, bits in needed.items()}

    def candidates(self, text: str, settled: Set[int] = frozenset()) -> list[int]:
        """The numbers, in order, of the patterns all of whose elements may be in the text.

        ``settled``: patterns that need no more looking for.
        """
        seen = list(self._always)
        for gram in _grams(text) & self._needed.keys():
            for place, bits in self._needed[gram]:
                seen[place] |= bits
        left = functools.reduce(operator.and_, seen) if seen else 0
        found = []
        while left:
            lowest = left & -left
            left ^= lowest
            number = lowest.bit_length() - 1
            if number not in settled and all(
                e.fact or e.possible(text) for e in self._patterns[number]
            ):
                found.append(number)
        return found
