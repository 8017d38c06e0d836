"""One published model, ready to assess a person."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from functools import cache

from risk.asked import Asked
from risk.assessment import (
    BadInput,
    Driver,
    Input,
    Prediction,
    RiskAssessment,
    Used,
    WhatIf,
)
from risk.explain import shapley
from risk.narrow import narrow
from risk.points import category
from risk.table import InputSpec, Outcome, Table
from risk.values import Value, encode
from risk.what_if import changes


class Model(Asked):
    """A regression model's table with its use: ``missing``, ``check`` and ``assess``."""

    def __init__(self, table: Table, *, variant: str, horizon: int) -> None:
        super().__init__(table, variant=variant, horizon=horizon)
        self.table = table

    def outcome(self, name: str) -> Outcome:
        """The outcome called ``name``; BadInput if the model does not predict it."""
        for outcome in self.info.outcomes:
            if outcome.name == name:
                return outcome
        raise BadInput("outcome", f"{self.info.id} does not predict {name}")

    def check(self, inputs: Mapping[str, Input], *, outcome: str) -> dict[str, Used]:
        """As ``Asked.check``; BadInput also for an outcome that the model does not predict."""
        self.outcome(outcome)
        return super().check(inputs, outcome=outcome)

    def has_it_absent(self, name: str) -> bool:
        """Whether the method has a term of its own for an absent ``name``."""
        return any(feature.missing == name for feature in self.table.features)

    def assess(
        self, inputs: Mapping[str, Input], *, outcome: str, patient_id: str, now: datetime
    ) -> RiskAssessment:
        """The risk of ``outcome`` within the model's horizon, with its grounds.

        ``now`` is aware UTC. Raises NotEligible, OutOfRange, MissingInputs or BadInput; no value
        is ever clamped or guessed. Method and source: ``info.citation``.
        """
        used = self.complete(inputs, outcome=outcome, now=now)
        what = self.outcome(outcome)
        relevant = [name for name in self.table.columns if name in used]
        person = {
            name: encode(self.table.spec(name), used[name].value)
            if name in used
            else self._absent(name)
            for name in self.table.columns
        }
        optimal = {
            name: self._optimal(name) if self.table.spec(name).optimal is not None else person[name]
            for name in relevant
        }
        optimal = {**person, **optimal}
        (linear, _), (probability, comparison) = self._compute([person, optimal], outcome)
        values = {name: one.value for name, one in used.items()}
        shares = shapley(
            [name for name in relevant if self.table.spec(name).optimal is not None],
            person,
            optimal,
            lambda rows: self._compute(rows, outcome)[0],
        )
        drivers = [
            Driver(
                name=name,
                contribution=share,
                theme=self.table.spec(name).theme,
                value=used[name].value,
                unit=used[name].unit,
                reference=_word(self.table.spec(name), optimal[name]),
            )
            for name, share in shares.items()
        ]
        band = category(self.table.categories, probability, self.variant, values)
        method = f"{self.info.id}/{self.variant}/{self.horizon}y"
        return RiskAssessment(
            **self.grounds(used, method, outcome=outcome, patient_id=patient_id, now=now),
            prediction=Prediction(
                outcome=outcome, horizon_years=self.horizon, probability=probability
            ),
            linear_predictor=linear,
            comparison_probability=comparison,
            comparison_source=self.table.comparison_source,
            drivers=tuple(sorted(drivers, key=lambda driver: -abs(driver.contribution))),
            limits=self._limits(what, used),
            counts=what.counts,
            mention_from=self.table.mention_from,
            category=band.label if band else "",
            category_source=band.source if band else "",
            what_ifs=self._what_ifs(values, person, probability, outcome),
        )

    def _what_ifs(
        self,
        values: Mapping[str, Value],
        person: Mapping[str, float],
        probability: float,
        outcome: str,
    ) -> tuple[WhatIf, ...]:
        """Lower probabilities with one thing changed, the largest difference first."""
        moved = [(spec, new) for spec, new in changes(self.table, values) if spec.name in person]
        if not moved:
            return ()
        rows = [{**person, spec.name: encode(spec, new)} for spec, new in moved]
        found = [
            WhatIf(name=spec.name, value=new, unit=spec.unit, probability=other)
            for (spec, new), other in zip(moved, self._compute(rows, outcome)[1], strict=True)
            if other < probability
        ]
        return tuple(sorted(found, key=lambda one: one.probability or 0.0))

    def _optimal(self, name: str) -> float:
        optimal = self.table.spec(name).optimal
        assert optimal is not None
        return optimal

    def _absent(self, name: str) -> float:
        """NaN where the method knows what to do without; 0 where this outcome has no term."""
        return math.nan if self.has_it_absent(name) else self._unused(name)

    def _unused(self, name: str) -> float:
        # The logarithm of an unused term must stay finite: 0 times infinity is not a number.
        spec = self.table.spec(name)
        return spec.low if spec.low is not None and spec.low > 0 else 0.0

    def _compute(
        self, rows: list[dict[str, float]], outcome: str
    ) -> tuple[list[float], list[float]]:
        """Predictors on the link's scale and probabilities of ``outcome``."""
        import numpy as np

        from risk.torch_model import compute

        matrix = np.array([[row[name] for row in rows] for name in self.table.columns])
        linear, probability = compute(self.info.id, self.variant, self.horizon, matrix)
        index = [one.name for one in self.info.outcomes].index(outcome)
        return linear[index].tolist(), probability[index].tolist()

    def _limits(self, outcome: Outcome, used: Mapping[str, Used]) -> tuple[str, ...]:
        limits = self.table.limits
        found = list(limits["always"])
        if outcome.secondary:
            found.extend(limits["secondary"])
        if any(one.derived_from for one in used.values()):
            found.extend(limits["derived"])
        if any(one.source in limits["self_reported_sources"] for one in used.values()):
            found.extend(limits["self_reported"])
        return tuple(found)


def _word(spec: InputSpec, value: float) -> Value:
    if spec.kind == "number":
        return value
    return spec.choices[int(value)] if spec.kind == "choice" else ("yes" if value else "no")


@cache
def load(name: str, *, variant: str = "base", horizon: int = 10) -> Model:
    """The model ``name``, for example "prevent_2023". ValueError names a broken file and field."""
    return Model(narrow(name, variant, horizon), variant=variant, horizon=horizon)
