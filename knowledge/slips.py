"""Find the names that a misspelt word may mean, and say how far away each is."""

from __future__ import annotations

from collections.abc import Iterable


class Slips:
    """Single-word names by first letter and length, asked with a word that is none of them."""

    def __init__(self, keys: Iterable[str]) -> None:
        """``keys`` are folded names in Latin letters; short ones are left out."""
        self._shelves: dict[tuple[str, int], list[tuple[str, int]]] = {}
        for key in set(keys):
            if len(key) >= 5:
                self._shelves.setdefault((key[0], len(key)), []).append((key, _letters(key)))

    def near(self, word: str) -> list[tuple[int, str]]:
        """(distance, name) of the names within reach, the nearest first; empty when none is.

        One slip from five letters on, two from eight on, three from twelve on; the first letter
        must be right, or one of the pairs people hear alike.
        """
        reach = 3 if len(word) >= 12 else 2 if len(word) >= 8 else 1
        if len(word) < 5:
            return []
        letters = _letters(word)
        found: list[tuple[int, str]] = []
        for first in _HEARD_ALIKE.get(word[0], word[0]):
            for length in range(len(word) - reach, len(word) + reach + 1):
                for key, own in self._shelves.get((first, length), ()):
                    if (letters ^ own).bit_count() <= 2 * reach:
                        apart = distance(word, key, reach)
                        if apart <= reach:
                            found.append((apart, key))
        return sorted(found)


_HEARD_ALIKE = {
    "f": "fp",
    "p": "pf",
    "c": "cks",
    "k": "kc",
    "s": "sc",
    "z": "zx",
    "x": "xz",
    "i": "iey",
    "e": "eia",
}


def _letters(word: str) -> int:
    mask = 0
    for char in word:
        mask |= 1 << (ord(char) & 31)
    return mask


def distance(one: str, two: str, limit: int) -> int:
    """Letters added, left out, changed or swapped between two words; over ``limit``: limit + 1."""
    if abs(len(one) - len(two)) > limit:
        return limit + 1
    before: list[int] = []
    last = list(range(len(two) + 1))
    for at, char in enumerate(one, start=1):
        row = [at]
        for to, other in enumerate(two, start=1):
            cost = min(last[to] + 1, row[to - 1] + 1, last[to - 1] + (char != other))
            if before and to > 1 and char == two[to - 2] and one[at - 2] == other:
                cost = min(cost, before[to - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, last = last, row
    return last[-1]
