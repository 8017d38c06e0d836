"""A points table for a patient's own question, assessed with its grounds like a risk equation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from risk import points
from risk.asked import Asked
from risk.assessment import (
    Driver,
    Input,
    Prediction,
    RiskAssessment,
    Used,
    WhatIf,
)
from risk.narrow import fit
from risk.table import Category
from risk.values import Value
from risk.what_if import changes


class PointsModel(Asked):
    """FINDRISC and its like: ``missing``, ``check`` and ``assess``."""

    def __init__(self, whole: points.Points, *, variant: str) -> None:
        super().__init__(fit(whole, variant, 0), variant=variant, horizon=whole.years)
        self.whole = whole

    def assess(
        self, inputs: Mapping[str, Input], *, outcome: str, patient_id: str, now: datetime
    ) -> RiskAssessment:
        """The points of one person, their published band, and the share that goes with it.

        ``now`` is aware UTC. Raises NotEligible, OutOfRange, MissingInputs or BadInput.
        """
        used = self.complete(inputs, outcome=outcome, now=now)
        values: dict[str, Value] = {name: one.value for name, one in used.items()}
        found = points.add(self.whole, self.variant, values)
        method = f"{self.info.id}/{self.variant}"
        return RiskAssessment(
            **self.grounds(used, method, outcome=outcome, patient_id=patient_id, now=now),
            prediction=Prediction(
                outcome=outcome, horizon_years=self.horizon, probability=_share(found.category)
            ),
            linear_predictor=found.total,
            comparison_probability=None,
            comparison_source="",
            drivers=_drivers(found.points, used),
            limits=self.whole.limits,
            counts=(outcome,),
            mention_from=1.0,
            category=found.category.label if found.category else "",
            category_source=found.category.source if found.category else "",
            points=found.total,
            what_ifs=self._what_ifs(values, found.total),
        )

    def _what_ifs(self, values: Mapping[str, Value], total: float) -> tuple[WhatIf, ...]:
        found = []
        for spec, new in changes(self.card, values):
            other = points.add(self.whole, self.variant, {**values, spec.name: new})
            if other.total < total:
                found.append(
                    WhatIf(
                        name=spec.name,
                        value=new,
                        unit=spec.unit,
                        probability=_share(other.category),
                        points=other.total,
                    )
                )
        return tuple(found)


def _share(category: Category | None) -> float | None:
    if category is None or category.share is None:
        return None
    return category.share[0] / category.share[1]


def _drivers(found: Mapping[str, float], used: Mapping[str, Used]) -> tuple[Driver, ...]:
    rows = [
        Driver(
            name=name,
            contribution=points_,
            theme=name,
            value=used[name].value if name in used else "",
            unit=used[name].unit if name in used else "",
            reference=0.0,
        )
        for name, points_ in found.items()
    ]
    return tuple(sorted(rows, key=lambda driver: -driver.contribution))


@cache
def load(name: str, *, variant: str = "") -> PointsModel:
    """The points table ``name`` for a patient's question, for example "findrisc"."""
    whole = points.table(name)
    return PointsModel(whole, variant=variant or whole.info.variants[0])
