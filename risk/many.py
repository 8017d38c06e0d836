"""Assess a whole table of people at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from risk.narrow import narrow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from risk.table import InputSpec


@dataclass(frozen=True, kw_only=True)
class Many:
    """Probabilities float64 [outcomes, n]; NaN where a needed input is absent or out of range."""

    outcomes: tuple[str, ...]
    probability: NDArray[np.float64]

    def of(self, outcome: str) -> NDArray[np.float64]:
        """The probabilities [n] of one outcome."""
        row: NDArray[np.float64] = self.probability[self.outcomes.index(outcome)]
        return row


def assess_many(
    people: Mapping[str, Any],
    *,
    model: str = "prevent_2023",
    variant: str = "base",
    horizon: int = 10,
) -> Many:
    """All outcomes for n people, vectorised in float64.

    ``people`` maps each predictor to n values: a choice ("sex") to its words, a number to its
    canonical unit, yes/no to 1/0. NaN is absent; a predictor may be left out. Eligibility beyond
    the ranges (known disease, pregnancy, urgent pressure) is the caller's: this is for benches
    and research tables, not for answering a patient. Raises KeyError without a choice that picks
    the equations.
    """
    import numpy as np

    from risk.torch_model import compute

    table = narrow(model, variant, horizon)
    outcomes = tuple(outcome.name for outcome in table.info.outcomes)
    size = len(next(iter(people.values())))
    rows = np.zeros((len(table.columns), size), dtype=np.float64)
    bad = np.zeros((len(outcomes), size), dtype=bool)
    divides = {*table.strata_by, *table.baseline_by}
    for index, name in enumerate(table.columns):
        spec = table.spec(name)
        if spec.kind == "choice":
            given = np.asarray(people[name] if name in divides else people.get(name, [""] * size))
            wrong = np.ones(size, dtype=bool)
            for place, choice in enumerate(spec.choices):
                here = given == choice
                rows[index, here] = place
                wrong &= ~here
        else:
            column = np.asarray(people.get(name, np.full(size, np.nan)), dtype=np.float64)
            wrong = _wrong(spec, column)
            rows[index] = column
        if spec.optional and any(feature.missing == name for feature in table.features):
            wrong &= ~np.isnan(rows[index])
        if wrong.any():
            # A stand-in that keeps every term finite; the answer becomes NaN below.
            rows[index, wrong] = max(spec.low or 0.0, 0.0) if spec.kind == "number" else 0.0
            for position, outcome in enumerate(outcomes):
                if outcome in spec.outcomes:
                    bad[position] |= wrong
    _, probability = compute(model, variant, horizon, rows)
    probability[bad] = np.nan
    return Many(outcomes=outcomes, probability=probability)


def _wrong(spec: InputSpec, column: NDArray[np.float64]) -> NDArray[np.bool_]:
    low = 0.0 if spec.low is None else spec.low
    high = 1.0 if spec.high is None else spec.high
    wrong: NDArray[np.bool_] = ~((column >= low) & (column <= high))  # NaN compares as wrong too
    if spec.low_open:
        wrong |= column == low
    if spec.high_open:
        wrong |= column == high
    for code in spec.codes:
        wrong &= column != code
    if spec.kind == "yes_no":
        wrong |= (column != 0.0) & (column != 1.0)
    return wrong
