"""Words that the library does not know, taken for the ones it does: "metformen" is metformin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from knowledge import words
from knowledge.sparse import Lines

_TRIED = 16  #: candidates compared letter by letter
_LEAST, _MOST = 4, 40  #: letters of a word that may be misspelt
_HELD = 20_000  #: answers kept


class Speller:
    """Knows the words of a library; `names` are those of its topics, misspelt most."""

    def __init__(self, names: Iterable[str], others: Iterable[str] = ()) -> None:
        self._names = {one for one in names if len(one) >= _LEAST and one.isalpha()}
        everything = self._names | {one for one in others if len(one) >= _LEAST and one.isalpha()}
        self._words = sorted(everything)
        self._grams = Lines(_grams(one) for one in self._words)
        self._lengths = np.array([len(one) for one in self._words], dtype=np.float32)
        self._known = everything
        self._held: dict[str, tuple[str, float]] = {}

    def known(self, word: str) -> bool:
        """Whether the word is written as the library writes it."""
        return word in self._known

    def right(self, word: str) -> tuple[str, float]:
        """The word meant and how sure, 0 to 1; ("", 0) where none is near."""
        if not _LEAST <= len(word) <= _MOST or not word.isalpha() or word in words.load().stop:
            return "", 0.0
        if word not in self._held:
            if len(self._held) >= _HELD:
                self._held.clear()
            self._held[word] = self._nearest(word)
        return self._held[word]

    def _nearest(self, word: str) -> tuple[str, float]:
        shared = np.zeros(len(self._words), dtype=np.float32)
        grams = _grams(word)
        for gram in dict.fromkeys(grams):
            rows, _ = self._grams.where(gram)
            shared[rows] += 1
        alike = shared / (self._lengths + len(word) + 2)
        best, sure = "", 0.0
        tried = min(_TRIED, len(alike))
        near = np.argpartition(-alike, tried - 1)[:tried].tolist() if tried else []
        for at in sorted(near, key=lambda i: (-float(alike[i]), i)):
            if not shared[at]:
                break
            other = self._words[at]
            distance = distance_of(word, other, most=3)
            if distance <= self._allowed(word, other):
                score = 1 - distance / max(len(word), len(other)) + 0.02 * (other in self._names)
                if score > sure:
                    best, sure = other, score
        return best, min(sure, 1.0)

    def _allowed(self, word: str, other: str) -> int:
        size = min(len(word), len(other))
        if other not in self._names:
            return 1 if size >= 6 and word[0] == other[0] else 0
        if size >= 11:
            return 3 if word[0] == other[0] else 2
        if size >= 6 and word[0] == other[0]:
            return 2
        return 1 if size >= 5 else 1 if word[0] == other[0] and size == 4 else 0


def _grams(word: str) -> list[str]:
    padded = f"^{word}$"
    return [padded[i : i + 2] for i in range(len(padded) - 1)]


def distance_of(one: str, other: str, most: int = 3) -> int:
    """Insertions, deletions, changes and swaps of neighbours; `most` + 1 where there are more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        now = [i]
        for j, right in enumerate(other, 1):
            cost = min(row[j] + 1, now[-1] + 1, row[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return most + 1
        before, row = row, now
    return row[-1]


def mended(said: Mapping[str, float], speller: Speller) -> dict[str, float]:
    """Stems of the words meant by misspelt ones, each with its word's weight, made less sure."""
    found: dict[str, float] = {}
    for word, weight in said.items():
        if not speller.known(word):
            right, sure = speller.right(word)
            if right:
                term = words.stem(right)
                found[term] = max(found.get(term, 0.0), weight * sure)
    return found
