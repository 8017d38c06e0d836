"""Turn what was said into canonical values, and refuse what the model was not made for."""

from __future__ import annotations

import math
from collections.abc import Mapping

from risk.assessment import BadInput, Input, NotEligible, OutOfRange
from risk.table import Card, InputSpec, Refusal, Unit

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
    unit = unit_of(spec, given.unit)
    return value * unit.factor + unit.offset


def check_range(spec: InputSpec, value: Value, unit: str = "") -> None:
    """Raise OutOfRange, in the unit in which the value was given, unless low <= value <= high."""
    if isinstance(value, str) or spec.low is None or spec.high is None:
        return
    if value in spec.codes:
        return
    # A value given in another unit must not fail at the very edge by the last binary digit.
    slack = 1e-9 * abs(value) if unit and unit != spec.unit else 0.0
    if (
        not spec.low - slack <= value <= spec.high + slack
        or (spec.low_open and value <= spec.low)
        or (spec.high_open and value >= spec.high)
    ):
        known = unit_of(spec, unit or spec.unit)
        raise OutOfRange(
            spec.name,
            known.back(value),
            known.back(spec.low),
            known.back(spec.high),
            unit or spec.unit,
        )
    if spec.step and abs(value / spec.step - round(value / spec.step)) > 1e-6:
        steps = "a whole number" if spec.step == 1 else f"in steps of {spec.step:g}"
        raise BadInput(spec.name, f"must be {steps}")


def refuses(rule: Refusal, value: Value) -> bool:
    """Whether ``rule`` gives a person with ``value`` no number."""
    if isinstance(value, str):
        return rule.equals == value
    if rule.equals is not None:
        return False
    if rule.outside is not None:
        return not rule.outside[0] <= value <= rule.outside[1]
    return rule.above is not None and value > rule.above


def check_eligible(card: Card, values: Mapping[str, Value]) -> None:
    """Raise NotEligible by the first rule that applies; an urgent one comes before the others."""
    for rule in sorted(card.refuse, key=lambda rule: not rule.urgent):
        if rule.input in values and refuses(rule, values[rule.input]):
            given: dict[str, float | str] = {rule.input: values[rule.input]}
            if rule.outside is not None:
                given |= {"low": rule.outside[0], "high": rule.outside[1]}
            if rule.above is not None:
                given["above"] = rule.above
            raise NotEligible(rule.code, given, urgent=rule.urgent)


def check_relations(card: Card, values: Mapping[str, Value]) -> None:
    """Raise BadInput if two values cannot both be true of one person."""
    for rule in card.relations:
        lower, upper = values.get(rule.lower), values.get(rule.upper)
        if not isinstance(lower, float | int) or not isinstance(upper, float | int):
            continue
        if lower in rule.unless or upper in rule.unless:
            continue
        if any(values.get(name) == choice for name, choice in rule.not_for.items()):
            continue
        if lower > upper or (rule.strict and lower == upper):
            word = "below" if rule.strict else "at most"
            raise BadInput(rule.lower, f"must be {word} {rule.upper}")


def check_conflicts(card: Card, values: Mapping[str, Value]) -> None:
    """Raise BadInput if values exclude one another."""
    for rule in card.conflicts:
        if all(values.get(name) in among for name, among in rule.values.items()):
            first, *others = rule.values
            said = " and ".join(f"{name} {values[name]:g}" for name in others)
            raise BadInput(first, f"{values[first]:g} cannot be with {said}")


def encode(spec: InputSpec, value: Value) -> float:
    """A canonical value as a number: yes 1, no 0, a choice as its index."""
    if not isinstance(value, str):
        return value
    if spec.kind == "choice":
        return float(spec.choices.index(value))
    return {"yes": 1.0, "no": 0.0}[value]


def concerns(spec: InputSpec, values: Mapping[str, Value]) -> bool | None:
    """Whether ``spec`` is asked of this person; None while that cannot be told yet."""
    if spec.when is None:
        return True
    sex, age = values.get("sex"), values.get("age")
    if sex is None or age is None:
        return None
    return sex == spec.when["sex"] and float(age) <= float(spec.when.get("age_at_most", math.inf))
