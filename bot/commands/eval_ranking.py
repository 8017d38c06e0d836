"""Measures of a ranking: nDCG, reciprocal rank, the first, and the area under the ROC curve."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence


def ndcg(found: Sequence[str], relevant: Mapping[str, float], depth: int = 10) -> float:
    """Discounted gain (2^grade - 1) of the first `depth`, as a share of the best possible."""

    def gain(grades: Iterable[float]) -> float:
        return sum((2**g - 1) / math.log2(i + 2) for i, g in enumerate(grades))

    best = gain(sorted(relevant.values(), reverse=True)[:depth])
    return gain(relevant.get(id_, 0.0) for id_ in found[:depth]) / best if best else 0.0


def reciprocal(found: Sequence[str], relevant: Mapping[str, float]) -> float:
    """One over the rank of the first relevant one; 0 where none is."""
    return next((1 / n for n, id_ in enumerate(found, 1) if relevant.get(id_, 0) > 0), 0.0)


def first(found: Sequence[str], relevant: Mapping[str, float]) -> float:
    """1 where the first is relevant."""
    return float(bool(found) and relevant.get(found[0], 0) > 0)


def best_first(found: Sequence[str], relevant: Mapping[str, float]) -> float:
    """1 where the first has the best grade there is."""
    return float(bool(found) and relevant.get(found[0], 0) == max(relevant.values()))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """How often a positive has the higher value; ties count half."""
    if not positive or not negative:
        return 0.0
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / (len(positive) * len(negative))


def mean(values: Iterable[float]) -> float:
    """The mean; 0 of nothing."""
    held = list(values)
    return sum(held) / len(held) if held else 0.0
