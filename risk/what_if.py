"""The same person with one thing changed, for what people can change."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from risk.assessment import BadInput, OutOfRange
from risk.concepts import concept
from risk.table import Card, InputSpec
from risk.values import Value, check_conflicts, check_range, check_relations, refuses, unit_of

_FILE = Path(__file__).with_name("what_if.toml")


@cache
def _changes() -> Mapping[str, Mapping[str, Any]]:
    try:
        found: Mapping[str, Mapping[str, Any]] = tomllib.loads(_FILE.read_text("utf-8"))["change"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ValueError(f"risk/{_FILE.name}: {error!r}") from error
    for name, change in found.items():
        if ("to" in change) == ("by" in change):
            raise ValueError(f"risk/{_FILE.name}: {name} must have to or by, exactly one")
    return found


def changes(card: Card, values: Mapping[str, Value]) -> list[tuple[InputSpec, Value]]:
    """Each input of ``card`` that this person could change, with its other value (canonical).

    Left out: what is there already, what the model forbids for this sex, what it would refuse.
    """
    found = []
    for spec in card.inputs:
        change = _changes().get(concept(card.info.id, spec.name))
        if not spec.lever or change is None or spec.name not in values:
            continue
        if spec.no_lever_for and values.get("sex") == spec.no_lever_for:
            continue
        new = _moved(spec, change, values[spec.name])
        if new is not None and _allowed(card, spec, {**values, spec.name: new}):
            found.append((spec, new))
    return found


def _moved(spec: InputSpec, change: Mapping[str, Any], value: Value) -> Value | None:
    if isinstance(value, str):
        return None if value == change["to"] else str(change["to"])
    unit = unit_of(spec, change["unit"])
    if "by" in change:
        return value + float(change["by"]) * unit.factor
    new = float(change["to"]) * unit.factor + unit.offset
    beyond = value > new if change.get("when") == "above" else value < new
    # A step that would be told as the same figure is no change worth telling.
    return new if beyond and abs(value - new) >= 0.01 * abs(new) else None


def _allowed(card: Card, spec: InputSpec, values: Mapping[str, Value]) -> bool:
    try:
        check_range(spec, values[spec.name])
        check_relations(card, values)
        check_conflicts(card, values)
    except (OutOfRange, BadInput):
        return False
    return not any(
        refuses(rule, values[spec.name]) for rule in card.refuse if rule.input == spec.name
    )
