"""A projection between two ages, assessed for one person with its grounds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from risk.asked import Asked
from risk.assessment import (
    Driver,
    Input,
    Prediction,
    RiskAssessment,
    Used,
)
from risk.explain import shapley
from risk.narrow import narrow
from risk.rates import rates
from risk.table import Table
from risk.values import encode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Projection(Asked):
    """Gail's model: ``missing``, ``check`` and ``assess``; the last age is given as an input."""

    def __init__(self, table: Table, *, variant: str) -> None:
        # Both equations enter a projection over the age at which they change.
        inputs = tuple(dataclasses.replace(spec, outcomes=()) for spec in table.inputs)
        self.table = dataclasses.replace(table, inputs=inputs)
        super().__init__(self.table, variant=variant, horizon=table.info.horizons[0])

    def assess(
        self, inputs: Mapping[str, Input], *, outcome: str, patient_id: str, now: datetime
    ) -> RiskAssessment:
        """The risk between the two ages, with its grounds.

        ``now`` is aware UTC. Raises NotEligible, OutOfRange, MissingInputs or BadInput.
        """
        given = {**inputs, **self.skipped(inputs, now)}
        used = self.complete(given, outcome=outcome, now=now)
        person = {name: encode(self.spec(name), used[name].value) for name in self.table.columns}
        best = {
            name: person[name] if (to := self.spec(name).optimal) is None else to
            for name in self.table.columns
        }
        (own, optimal) = self._project([person, best])
        start, end = (float(used[name].value) for name in self.table.ages)
        index = int(start >= rates(self.info.id).older_from)
        shares = shapley(
            [name for name in self.table.columns if self.spec(name).optimal is not None],
            person,
            best,
            lambda rows: self._linear(rows, index),
        )
        method = f"{self.info.id}/{self.variant}"
        return RiskAssessment(
            **self.grounds(used, method, outcome=outcome, patient_id=patient_id, now=now),
            prediction=Prediction(
                outcome=outcome, horizon_years=round(end - start), probability=own
            ),
            linear_predictor=self._linear([person], index)[0],
            comparison_probability=optimal,
            comparison_source=self.table.comparison_source,
            drivers=self._drivers(shares, used, best),
            limits=self.table.limits["always"] + self.table.limits["self_reported"],
            counts=self.info.outcomes[index].counts,
            mention_from=self.table.mention_from,
        )

    def _project(self, rows: list[dict[str, float]]) -> list[float]:
        from risk.torch_model import project

        found = project(self.info.id, self.variant, self.horizon, self._matrix(rows))
        return [percent / 100 for percent in found["pct"]]

    def _linear(self, rows: list[dict[str, float]], index: int) -> list[float]:
        from risk.torch_model import compute

        linear, _ = compute(self.info.id, self.variant, self.horizon, self._matrix(rows))
        found: list[float] = linear[index].tolist()
        return found

    def _matrix(self, rows: list[dict[str, float]]) -> NDArray[np.float64]:
        import numpy as np

        return np.array([[row[name] for row in rows] for name in self.table.columns])

    def _drivers(
        self, shares: Mapping[str, float], used: Mapping[str, Used], best: Mapping[str, float]
    ) -> tuple[Driver, ...]:
        drivers = [
            Driver(
                name=name,
                contribution=share,
                theme=name,
                value=used[name].value,
                unit=used[name].unit,
                reference=best[name],
            )
            for name, share in shares.items()
        ]
        return tuple(sorted(drivers, key=lambda driver: -abs(driver.contribution)))


@cache
def load(name: str, *, variant: str = "base") -> Projection:
    """The projection ``name``, for example "gail_bcrat"."""
    return Projection(narrow(name, variant, 0), variant=variant)
