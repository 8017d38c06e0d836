"""Turn what was said into canonical values, and refuse what the model was not made for."""

from __future__ import annotations

import math
from collections.abc import Mapping

from risk.assessment import BadInput, Input, NotEligible, OutOfRange
from risk.table import InputSpec, Refusal, Table, Unit

Value = float | str


def unit_of(spec: InputSpec, unit: str) -> Unit:
    """The unit called ``unit``; BadInput if ``spec`` does not come in it."""
    for known in spec.units:
        if known.name == unit:
            return known
    raise BadInput(spec.name, f"unit must be one of {', '.join(u.name for u in spec.units)}")


def canonical(spec: InputSpec, given: Input) -> Value:
    """``given`` in the canonical unit, or "yes"/"no"/a choice. Raises BadInput."""
    value = given.value
    if spec.kind == "yes_no":
        answer = {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else value
        if answer not in ("yes", "no"):
            raise BadInput(spec.name, "must be yes or no")
        return str(answer)
    if spec.kind == "choice":
        if value not in spec.choices:
            raise BadInput(spec.name, f"must be one of {', '.join(spec.choices)}")
        return str(value)
    if isinstance(value, bool | str) or not math.isfinite(value):
        raise BadInput(spec.name, "must be a number")
    return value * unit_of(spec, given.unit).factor


def check_range(spec: InputSpec, value: Value, unit: str = "") -> None:
    """Raise OutOfRange, in the unit in which the value was given, unless low <= value <= high."""
    if isinstance(value, str) or spec.low is None or spec.high is None:
        return
    # A value given in another unit must not fail at the very edge by the last binary digit.
    slack = 1e-9 * abs(value) if unit and unit != spec.unit else 0.0
    if not spec.low - slack <= value <= spec.high + slack:
        factor = unit_of(spec, unit or spec.unit).factor
        raise OutOfRange(
            spec.name,
            value / factor,
            spec.low / factor,
            spec.high / factor,
            unit or spec.unit,
        )


def refuses(rule: Refusal, value: Value) -> bool:
    """Whether ``rule`` gives a person with ``value`` no number."""
    if isinstance(value, str):
        return rule.equals == value
    if rule.outside is not None:
        return not rule.outside[0] <= value <= rule.outside[1]
    return rule.above is not None and value > rule.above


def check_eligible(table: Table, values: Mapping[str, Value]) -> None:
    """Raise NotEligible by the first rule that applies; an urgent one comes before the others."""
    for rule in sorted(table.refuse, key=lambda rule: not rule.urgent):
        if rule.input in values and refuses(rule, values[rule.input]):
            given: dict[str, float | str] = {rule.input: values[rule.input]}
            if rule.outside is not None:
                given |= {"low": rule.outside[0], "high": rule.outside[1]}
            if rule.above is not None:
                given["above"] = rule.above
            raise NotEligible(rule.code, given, urgent=rule.urgent)


def concerns(spec: InputSpec, values: Mapping[str, Value]) -> bool | None:
    """Whether ``spec`` is asked of this person; None while that cannot be told yet."""
    if spec.when is None:
        return True
    sex, age = values.get("sex"), values.get("age")
    if sex is None or age is None:
        return None
    return sex == spec.when["sex"] and float(age) <= float(spec.when["age_at_most"])
