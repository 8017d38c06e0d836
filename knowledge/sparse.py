"""Words counted once for all: BM25 over passages, likeness of names and of ways to ask."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from knowledge import words
from knowledge.model import Vectors

_K1, _B = 1.2, 0.7


class Lines:
    """Rows of terms (passages, names, questions), each belonging to one owner."""

    def __init__(self, rows: Iterable[Sequence[str]], owners: Sequence[int] | None = None) -> None:
        from scipy.sparse import csr_matrix

        self.vocabulary: dict[str, int] = {}
        columns, counts, starts = array("i"), array("f"), array("q", [0])
        for terms in rows:
            for term, count in Counter(terms).items():
                columns.append(self.vocabulary.setdefault(term, len(self.vocabulary)))
                counts.append(count)
            starts.append(len(columns))
        self.count = len(starts) - 1
        self.owners = np.asarray(range(self.count) if owners is None else owners, dtype=np.int64)
        shape = (self.count, max(1, len(self.vocabulary)))
        by_row = csr_matrix(
            (np.frombuffer(counts, np.float32) if counts else np.zeros(0, np.float32),
             np.frombuffer(columns, np.int32) if columns else np.zeros(0, np.int32),
             np.frombuffer(starts, np.int64)),
            shape=shape,
        )  # fmt: skip
        self.lengths = np.asarray(by_row.sum(axis=1)).ravel().astype(np.float32)
        self._by_term: Any = by_row.T.tocsr()
        frequency = np.diff(self._by_term.indptr)
        self._idf = np.log(1 + (self.count - frequency + 0.5) / (frequency + 0.5)).astype(
            np.float32
        )

    def idf(self, term: str) -> float:
        """How rare a term is; that of a term never seen where it is unknown."""
        at = self.vocabulary.get(term)
        return math.log(1 + (self.count + 0.5) / 0.5) if at is None else float(self._idf[at])

    def frequency(self, term: str) -> int:
        """How many rows hold the term."""
        at = self.vocabulary.get(term)
        return 0 if at is None else int(self._by_term.indptr[at + 1] - self._by_term.indptr[at])

    def where(self, term: str) -> tuple[Any, Any]:
        """The rows that hold a term, with their counts."""
        at = self.vocabulary.get(term)
        if at is None:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        span = slice(self._by_term.indptr[at], self._by_term.indptr[at + 1])
        return self._by_term.indices[span], self._by_term.data[span]


class Bm25:
    """BM25 over the lines, its parts computed once."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        mean = max(float(lines.lengths.mean()) if lines.count else 1.0, 1.0)
        norm = _K1 * (1 - _B + _B * lines.lengths / mean)
        by_term = lines._by_term
        spread = np.repeat(lines._idf, np.diff(by_term.indptr)) * (_K1 + 1)
        self._data = (spread * by_term.data / (by_term.data + norm[by_term.indices])).astype(
            np.float32
        )

    def scores(self, weights: Mapping[str, float]) -> Vectors:
        """float32 (rows,) for terms with their weights."""
        found = np.zeros(self._lines.count, dtype=np.float32)
        by_term = self._lines._by_term
        for term, weight in weights.items():
            at = self._lines.vocabulary.get(term)
            if at is not None:
                span = slice(by_term.indptr[at], by_term.indptr[at + 1])
                found[by_term.indices[span]] += weight * self._data[span]
        return found


class Names:
    """How far the names of a topic are said in a message.

    A name counts by the share of it that is said (by the rarity of its words), squared, times the
    weight that the words have in the message: "diabetes" fits "diabetes" better than "diabetes
    insipidus".
    """

    def __init__(
        self, lines: Lines, *, both_ways: bool = False, trust: Sequence[float] | None = None
    ) -> None:
        """`trust`: how surely each row names its owner, 1 the surest."""
        self._lines, self._both = lines, both_ways
        self._trust = np.asarray(1.0 if trust is None else trust, dtype=np.float32)
        generic = words.load()
        self.value = np.ones(max(1, len(lines.vocabulary)), dtype=np.float32)
        for term, at in lines.vocabulary.items():
            rarity = lines._idf[at] if both_ways else min(float(lines._idf[at]), 6.0)
            factor = generic.generic_weight if term in generic.generic else 1.0
            self.value[at] = rarity * factor * words.term_weight(term)
        by_term = lines._by_term
        mass = np.zeros(lines.count, dtype=np.float64)
        square = np.zeros(lines.count, dtype=np.float64)
        spread = np.repeat(self.value, np.diff(by_term.indptr)) if lines.vocabulary else np.zeros(0)
        np.add.at(mass, by_term.indices, spread)
        np.add.at(square, by_term.indices, spread**2)
        self._mass = np.maximum(mass, 1e-6).astype(np.float32)
        self._norm = np.sqrt(np.maximum(square, 1e-9)).astype(np.float32)

    def scores(self, weights: Mapping[str, float]) -> tuple[Vectors, Vectors]:
        """For each row its score and the share of it that is said, float32 (rows,)."""
        said = np.zeros(self._lines.count, dtype=np.float32)
        told = np.zeros(self._lines.count, dtype=np.float32)
        own = 0.0
        for term, weight in weights.items():
            at = self._lines.vocabulary.get(term)
            if at is None:
                own += (weight * self._lines.idf(term) * words.term_weight(term)) ** 2 * 0.25
                continue
            rows, _ = self._lines.where(term)
            value = float(self.value[at])
            own += (weight * value) ** 2
            said[rows] += value
            told[rows] += weight * value * (value if self._both else 1.0)
        share = said / self._mass
        if self._both:  # cosine of the two sets of words
            return told / (self._norm * max(math.sqrt(own), 1e-6)), share
        return told * share**2 * self._trust, share

    def best(self, scores: Vectors, owners: int) -> Vectors:
        """The best row of each owner, float32 (owners,)."""
        found = np.zeros(owners, dtype=np.float32)
        np.maximum.at(found, self._lines.owners, scores)
        return found
