"""How far the people of today differ from those a model learned from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from risk.learn.people import Column, People

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PARTS = 10
_LEAST = 1e-4  # a share of nobody counts as this, so that its logarithm exists


def summary(people: People) -> dict[str, dict[str, Any]]:
    """By column: cuts into tenths with the share in each, or the share of each word; and of gaps.

    Holds no person: numbers only as cuts, which are rounded to three digits.
    """
    return {
        column.name: _summary(column, people.values[:, place])
        for place, column in enumerate(people.columns)
    }


def _summary(column: Column, values: NDArray[np.float64]) -> dict[str, Any]:
    import numpy as np

    said = values[~np.isnan(values)]
    if column.kind == "number" and len(said):
        cuts = np.quantile(said, np.linspace(0, 1, _PARTS + 1)[1:-1])
        rounded = sorted({float(f"{cut:.3g}") for cut in cuts})
    else:
        rounded = []
    found: dict[str, Any] = {"kind": column.kind, "people": len(values)}
    if column.kind == "words":
        found["levels"] = list(column.levels)
    return found | {"cuts": rounded, "shares": shares({**found, "cuts": rounded}, values)}


def shares(known: Mapping[str, Any], values: NDArray[np.float64]) -> list[float]:
    """The share of ``values`` in each part of a summary, the share of gaps last."""
    import numpy as np

    unknown = np.isnan(values)
    said = values[~unknown]
    if known["kind"] == "number":
        places = np.searchsorted(known["cuts"], said, side="right")
        count = len(known["cuts"]) + 1
    else:
        count = len(known["levels"]) + 1  # the last: a word that is new
        places = np.where(said < 0, count - 1, said).astype(int)
    parts = np.bincount(places, minlength=count) / max(len(values), 1)
    return [round(float(part), 6) for part in (*parts, unknown.mean() if len(values) else 0.0)]


def stability(expected: Sequence[float], seen: Sequence[float]) -> float:
    """The population stability index of two lists of shares: 0 where they are the same."""
    pairs = [(max(e, _LEAST), max(s, _LEAST)) for e, s in zip(expected, seen, strict=True)]
    return math.fsum((s - e) * math.log(s / e) for e, s in pairs)


def chance(expected_people: int, seen_people: int, parts: int) -> float:
    """The index that two samples of the same people would exceed in 5 of 100 cases.

    Yurdakul and Naranjo (2020): PSI / (1/n + 1/m) is about chi-squared with parts - 1 degrees of
    freedom; the 95th percentile by Wilson and Hilferty.
    """
    free = max(parts - 1, 1)
    edge = free * (1 - 2 / (9 * free) + 1.645 * math.sqrt(2 / (9 * free))) ** 3
    return edge * (1 / max(expected_people, 1) + 1 / max(seen_people, 1))


def drifted(
    known: Mapping[str, Mapping[str, Any]], people: People
) -> dict[str, tuple[float, float]]:
    """By column: (index, what chance alone would reach)."""
    found = {}
    for place, column in enumerate(people.columns):
        if column.name in known:
            one = known[column.name]
            seen = shares(one, people.values[:, place])
            index = stability(one["shares"], seen)
            parts = sum(
                share > 0 or now > 0 for share, now in zip(one["shares"], seen, strict=True)
            )
            found[column.name] = (index, chance(one["people"], len(people), parts))
    return found


def said(probability: NDArray[np.float64]) -> dict[str, Any]:
    """The summary of the probabilities that a model said, to be compared later."""
    column = Column(name="probability", kind="number")
    return _summary(column, probability)
