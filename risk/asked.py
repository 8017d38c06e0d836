"""What any model wants to know of a person, what is still missing, and whom it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from risk.assessment import Input, MissingInputs, Used
from risk.derive import derive
from risk.table import Card, InputSpec, ModelInfo
from risk.values import (
    Value,
    canonical,
    check_conflicts,
    check_eligible,
    check_range,
    check_relations,
    concerns,
)


class Asked:
    """A model's card with its questions: ``missing`` and ``check``."""

    def __init__(self, card: Card, *, variant: str, horizon: int) -> None:
        self.card = card
        self.variant = variant
        self.horizon = horizon

    @property
    def info(self) -> ModelInfo:
        return self.card.info

    @property
    def inputs(self) -> tuple[InputSpec, ...]:
        """Everything the model may want, in asking order."""
        return self.card.inputs

    def spec(self, name: str) -> InputSpec:
        """The input called ``name``; KeyError if the model does not know it."""
        return self.card.spec(name)

    def sources_of(self, name: str) -> tuple[str, ...]:
        """What the predictor ``name`` can be worked out from; () if it cannot."""
        return next((rule.sources for rule in self.card.derive if rule.input == name), ())

    def stand_ins(self, name: str) -> tuple[str, ...]:
        """Inputs that answer the question for ``name`` as well as ``name`` itself does."""
        sources = self.sources_of(name)
        return sources if len(sources) == 1 else ()

    def usable(self, name: str) -> tuple[float, float] | None:
        """The values of ``name`` that can lead to a number, canonical unit; None for words."""
        spec = self.card.spec(name)
        if spec.low is None or spec.high is None:
            return None
        above = [rule.above for rule in self.card.refuse if rule.input == name and rule.above]
        return spec.low, min([spec.high, *above])

    def check(self, inputs: Mapping[str, Input], *, outcome: str) -> dict[str, Used]:
        """What can be used of ``inputs`` for ``outcome``, canonical, derived values included.

        Incomplete inputs are welcome. Raises NotEligible, OutOfRange or BadInput for what is given.
        """
        values: dict[str, Value] = {}
        used: dict[str, Used] = {}
        for spec in self.inputs:
            if spec.name in inputs and _for(spec, outcome):
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
        check_eligible(self.card, values)
        for name in values:
            check_range(self.card.spec(name), values[name], inputs[name].unit)
        check_relations(self.card, values)
        check_conflicts(self.card, values)
        self._derive(values, used)
        return used

    def _derive(self, values: dict[str, Value], used: dict[str, Used]) -> None:
        for rule in self.card.derive:
            if rule.input in values or not set(rule.sources) <= set(values):
                continue
            if {"age", "sex"} <= set(values):
                spec = self.card.spec(rule.input)
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

    def missing(self, inputs: Mapping[str, Input], *, outcome: str) -> tuple[str, ...]:
        """Names of what still has to be asked for ``outcome``, in asking order."""
        have = {name for name in inputs if inputs[name] is not None}
        values: dict[str, Value] = {
            name: canonical(self.card.spec(name), inputs[name])
            for name in ("age", "sex")
            if name in have
        }
        found: list[str] = []
        for spec in self.inputs:
            if spec.role == "source" or not _for(spec, outcome) or spec.name in have:
                continue
            if spec.optional and self.has_it_absent(spec.name):
                continue
            if concerns(spec, values) is False or _skips(spec, inputs):
                continue
            rule = next((rule for rule in self.card.derive if rule.input == spec.name), None)
            if rule is None:
                found.append(spec.name)
            elif not set(rule.sources) <= have:
                found.extend(name for name in rule.ask if name not in have)
        return tuple(found)

    def skipped(self, inputs: Mapping[str, Input], now: datetime) -> dict[str, Input]:
        """The inputs that are not asked of this person, as what they then stand for."""
        return {
            spec.name: Input(value=spec.skip_as, unit=spec.unit, as_of=now, source="method")
            for spec in self.inputs
            if spec.skip_as is not None and spec.name not in inputs and _skips(spec, inputs)
        }

    def complete(
        self, inputs: Mapping[str, Input], *, outcome: str, now: datetime
    ) -> dict[str, Used]:
        """As ``check``, with nothing missing. ``now`` is aware UTC.

        Raises NotEligible, OutOfRange, MissingInputs or BadInput.
        """
        if now.tzinfo is None:
            raise ValueError("now must be an aware datetime")
        used = self.check(inputs, outcome=outcome)
        if missing := self.missing(inputs, outcome=outcome):
            raise MissingInputs(missing)
        return used

    def grounds(
        self, used: Mapping[str, Used], method: str, *, outcome: str, patient_id: str, now: datetime
    ) -> dict[str, Any]:
        """The fields of a RiskAssessment that say which model was asked about whom, with what."""
        return {
            "id": f"{patient_id}/risk/{method}/{outcome}/{now.isoformat()}",
            "patient_id": patient_id,
            "method": method,
            "version": self.info.version,
            "occurred_at": now,
            "basis": tuple(dict.fromkeys(one.source for one in used.values())),
            "inputs": tuple(used.values()),
            "name": self.info.name,
            "year": self.info.year,
            "citation": self.info.citation,
            "population": self.info.population,
        }

    def has_it_absent(self, name: str) -> bool:
        """Whether the method has a term of its own for an absent ``name``."""
        return False


def _skips(spec: InputSpec, inputs: Mapping[str, Input]) -> bool:
    rules = (spec.skip or {}).items()
    return any(name in inputs and inputs[name].value in values for name, values in rules)


def _for(spec: InputSpec, outcome: str) -> bool:
    return not spec.outcomes or outcome in spec.outcomes
