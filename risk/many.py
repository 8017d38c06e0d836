"""Assess a whole table of people at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from risk.loader import table as load_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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

    ``people`` maps the stratum ("sex") to n of "female"/"male" and each predictor to n numbers in
    its canonical unit (yes/no as 1/0; NaN is absent; a predictor may be left out). Eligibility
    beyond the ranges (known disease, pregnancy, urgent pressure) is the caller's: this is for
    benches and research tables, not for answering a patient. Raises KeyError without a stratum.
    """
    import numpy as np

    from risk.torch_model import compute

    table = load_table(model)
    sex = np.asarray(people[table.stratum])
    size = len(sex)
    stratum = np.full(size, -1, dtype=np.int64)
    for index, name in enumerate(table.strata):
        stratum[sex == name] = index
    rows = np.zeros((len(table.columns), size), dtype=np.float64)
    outcomes = tuple(outcome.name for outcome in table.info.outcomes)
    bad = np.zeros((len(outcomes), size), dtype=bool)
    bad[:, stratum < 0] = True
    for index, name in enumerate(table.columns):
        spec = table.spec(name)
        low = 0.0 if spec.low is None else spec.low
        high = 1.0 if spec.high is None else spec.high
        given = people.get(name)
        if given is None:
            wrong = np.ones(size, dtype=bool)
        else:
            column = np.asarray(given, dtype=np.float64)
            wrong = ~((column >= low) & (column <= high))  # NaN compares as wrong too
            if spec.kind == "yes_no":
                wrong |= (column != 0.0) & (column != 1.0)
            rows[index] = column
        if wrong.any():
            rows[index, wrong] = 0.0
            for position, outcome in enumerate(outcomes):
                if outcome in spec.outcomes:
                    bad[position] |= wrong
    _, probability = compute(model, variant, horizon, rows, np.maximum(stratum, 0))
    probability[bad] = np.nan
    return Many(outcomes=outcomes, probability=probability)
