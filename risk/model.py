"""One published model, ready to assess a person."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from functools import cache

from risk.assessment import (
    BadInput,
    Driver,
    Input,
    MissingInputs,
    Prediction,
    RiskAssessment,
    Used,
)
from risk.derive import derive
from risk.explain import shapley
from risk.narrow import narrow
from risk.points import category
from risk.table import Category, InputSpec, ModelInfo, Outcome, Table
from risk.values import (
    Value,
    canonical,
    check_conflicts,
    check_eligible,
    check_range,
    check_relations,
    concerns,
    encode,
)


class Model:
    """A model's table with its use: ``missing``, ``check`` and ``assess``."""

    def __init__(self, table: Table, *, variant: str, horizon: int) -> None:
        self.table = table
        self.variant = variant
        self.horizon = horizon

    @property
    def info(self) -> ModelInfo:
        return self.table.info

    @property
    def inputs(self) -> tuple[InputSpec, ...]:
        """Everything the model may want, in asking order."""
        return self.table.inputs

    def spec(self, name: str) -> InputSpec:
        """The input called ``name``; KeyError if the model does not know it."""
        return self.table.spec(name)

    def sources_of(self, name: str) -> tuple[str, ...]:
        """What the predictor ``name`` can be worked out from; () if it cannot."""
        return next((rule.sources for rule in self.table.derive if rule.input == name), ())

    def stand_ins(self, name: str) -> tuple[str, ...]:
        """Inputs that answer the question for ``name`` as well as ``name`` itself does."""
        sources = self.sources_of(name)
        return sources if len(sources) == 1 else ()

    def usable(self, name: str) -> tuple[float, float] | None:
        """The values of ``name`` that can lead to a number, canonical unit; None for words."""
        spec = self.table.spec(name)
        if spec.low is None or spec.high is None:
            return None
        above = [rule.above for rule in self.table.refuse if rule.input == name and rule.above]
        return spec.low, min([spec.high, *above])

    def outcome(self, name: str) -> Outcome:
        """The outcome called ``name``; BadInput if the model does not predict it."""
        for outcome in self.info.outcomes:
            if outcome.name == name:
                return outcome
        raise BadInput("outcome", f"{self.info.id} does not predict {name}")

    def check(self, inputs: Mapping[str, Input], *, outcome: str) -> dict[str, Used]:
        """What can be used of ``inputs`` for ``outcome``, canonical, derived values included.

        Incomplete inputs are welcome. Raises NotEligible, OutOfRange or BadInput for what is given.
        """
        self.outcome(outcome)
        values: dict[str, Value] = {}
        used: dict[str, Used] = {}
        for spec in self.inputs:
            if spec.name in inputs and outcome in spec.outcomes:
                given = inputs[spec.name]
                values[spec.name] = canonical(spec, given)
                used[spec.name] = Used(
                    name=spec.name,
                    value=values[spec.name],
                    unit=spec.unit,
                    given=given.value,
                    given_unit=given.unit,
                    as_of=given.as_of,
                    source=given.source,
                )
        check_eligible(self.table, values)
        for name in values:
            check_range(self.table.spec(name), values[name], inputs[name].unit)
        check_relations(self.table, values)
        check_conflicts(self.table, values)
        for rule in self.table.derive:
            if rule.input in values or not set(rule.sources) <= set(values):
                continue
            if {"age", "sex"} <= set(values):
                spec = self.table.spec(rule.input)
                value = derive(rule.method, values)
                check_range(spec, value)
                sources = [used[name] for name in rule.sources]
                dates = [one.as_of for one in sources if one.as_of is not None]
                values[rule.input] = value
                used[rule.input] = Used(
                    name=rule.input,
                    value=value,
                    unit=spec.unit,
                    given=sources[0].given,
                    given_unit=sources[0].given_unit,
                    as_of=min(dates) if dates else None,
                    source=", ".join(dict.fromkeys(one.source for one in sources)),
                    derived_from=rule.sources,
                )
        return used

    def missing(self, inputs: Mapping[str, Input], *, outcome: str) -> tuple[str, ...]:
        """Names of what still has to be asked for ``outcome``, in asking order."""
        have = {name for name in inputs if inputs[name] is not None}
        values: dict[str, Value] = {
            name: canonical(self.table.spec(name), inputs[name])
            for name in ("age", "sex")
            if name in have
        }
        found: list[str] = []
        for spec in self.inputs:
            if spec.role == "source" or outcome not in spec.outcomes or spec.name in have:
                continue
            if spec.optional and self._method_has_it_absent(spec.name):
                continue
            if concerns(spec, values) is False:
                continue
            rule = next((rule for rule in self.table.derive if rule.input == spec.name), None)
            if rule is None:
                found.append(spec.name)
            elif not set(rule.sources) <= have:
                found.extend(name for name in rule.ask if name not in have)
        return tuple(found)

    def assess(
        self, inputs: Mapping[str, Input], *, outcome: str, patient_id: str, now: datetime
    ) -> RiskAssessment:
        """The risk of ``outcome`` within the model's horizon, with its grounds.

        ``now`` is aware UTC. Raises NotEligible, OutOfRange, MissingInputs or BadInput; no value
        is ever clamped or guessed. Method and source: ``info.citation``.
        """
        if now.tzinfo is None:
            raise ValueError("now must be an aware datetime")
        used = self.check(inputs, outcome=outcome)
        if missing := self.missing(inputs, outcome=outcome):
            raise MissingInputs(missing)
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
        method = f"{self.info.id}/{self.variant}/{self.horizon}y"
        return RiskAssessment(
            id=f"{patient_id}/risk/{method}/{outcome}/{now.isoformat()}",
            patient_id=patient_id,
            method=method,
            version=self.info.version,
            occurred_at=now,
            basis=tuple(dict.fromkeys(one.source for one in used.values())),
            prediction=Prediction(
                outcome=outcome, horizon_years=self.horizon, probability=probability
            ),
            linear_predictor=linear,
            comparison_probability=comparison,
            comparison_source=self.table.comparison_source,
            drivers=tuple(sorted(drivers, key=lambda driver: -abs(driver.contribution))),
            inputs=tuple(used.values()),
            limits=self._limits(what, used),
            name=self.info.name,
            year=self.info.year,
            counts=what.counts,
            mention_from=self.table.mention_from,
        )

    def category(self, assessment: RiskAssessment) -> Category | None:
        """The published band of ``assessment``, with its source; None where none was read."""
        values = {one.name: one.value for one in assessment.inputs}
        return category(
            self.table.categories, assessment.prediction.probability, self.variant, values
        )

    def _optimal(self, name: str) -> float:
        optimal = self.table.spec(name).optimal
        assert optimal is not None
        return optimal

    def _method_has_it_absent(self, name: str) -> bool:
        return any(feature.missing == name for feature in self.table.features)

    def _absent(self, name: str) -> float:
        """NaN where the method knows what to do without; 0 where this outcome has no term."""
        return math.nan if self._method_has_it_absent(name) else self._unused(name)

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
    return value if spec.kind == "number" else ("yes" if value else "no")


@cache
def load(name: str, *, variant: str = "base", horizon: int = 10) -> Model:
    """The model ``name``, for example "prevent_2023". ValueError names a broken file and field."""
    return Model(narrow(name, variant, horizon), variant=variant, horizon=horizon)
