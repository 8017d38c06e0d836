"""Read a table of people and say of each row what the model may use of it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from risk.assessment import BadInput, NotEligible, OutOfRange
from risk.table import Card, Column, InputSpec
from risk.values import (
    Value,
    check_conflicts,
    check_range,
    check_relations,
    concerns,
    refuses,
    unit_of,
)

Fit = Callable[[str, int], Card]


class SheetError(ValueError):
    """The table cannot be read: the message names the column, the row and the reason."""


@dataclass(kw_only=True)
class Row:
    """One person of the table, checked."""

    id: str
    variant: str = ""
    horizon: int = 0
    values: dict[str, Value] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)  #: why there is no number
    notes: list[str] = field(default_factory=list)


def header(card: Card, names: Sequence[str] | None) -> None:
    """Raise SheetError unless every column that the model reads is there, once."""
    if not names:
        raise SheetError("The table is empty: it has no header row.")
    wanted = ["id", *(name for name in (card.sheet.variant, card.sheet.horizon) if name)]
    wanted += [column.name for column in card.sheet.columns]
    for name in wanted:
        if name not in names:
            raise SheetError(
                f"The column {name} is missing; {card.info.id} reads {', '.join(wanted)}."
            )
        if names.count(name) > 1:
            raise SheetError(f"The column {name} is there {names.count(name)} times.")


def _fail(line: int, ident: str, column: str, problem: str) -> SheetError:
    return SheetError(f"Row {line} (id {ident}), column {column}: {problem}.")


def _number(text: str, line: int, ident: str, column: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _fail(line, ident, column, f"{text[:40]!r} is not a number") from None


def read_row(card: Card, fit: Fit, cells: Mapping[str, str | None], line: int) -> Row:
    """The row with its values in canonical units, or the reasons why it gets no number.

    Raises SheetError where the table itself is wrong: text where a number belongs.
    """
    ident = (cells.get("id") or "").strip()
    if None in cells or any(cells.get(column.name) is None for column in card.sheet.columns):
        raise SheetError(f"Row {line} (id {ident}) has not as many cells as the header.")
    row = Row(id=ident)
    row.variant = _variant(card, cells, row)
    row.horizon = _horizon(card, cells, row, line)
    raw: dict[str, float | str] = {}
    for column in card.sheet.columns:
        _fill(card, column, str(cells[column.name]).strip(), raw, row, line)
    if not row.reasons:
        _check(fit(row.variant, row.horizon), raw, row)
    return row


def _variant(card: Card, cells: Mapping[str, str | None], row: Row) -> str:
    known = card.info.variants
    if not card.sheet.variant:
        return known[0]
    said = (cells[card.sheet.variant] or "").strip().lower()
    if said not in known:
        row.reasons.append(f"{card.sheet.variant} must be one of {', '.join(known)}")
    return said


def _horizon(card: Card, cells: Mapping[str, str | None], row: Row, line: int) -> int:
    known = card.info.horizons
    if not (name := card.sheet.horizon):
        return known[0]
    said = (cells[name] or "").strip()
    years = _number(said, line, row.id, name) if said else math.nan
    if years not in known:
        row.reasons.append(f"{name} must be one of {', '.join(str(one) for one in known)}")
        return known[0]
    return int(years)


def _fill(
    card: Card, column: Column, text: str, raw: dict[str, float | str], row: Row, line: int
) -> None:
    """Put what stands in one cell into ``raw``: numbers, choices; an empty cell puts nothing."""
    if column.form == "json":
        _fill_object(card, column, text, raw, row, line)
    elif column.form == "split":
        said = text.split()
        if len(said) != len(column.inputs):
            row.reasons.append(
                f"{column.name} must hold {len(column.inputs)} answers and holds {len(said)}"
            )
        for name, one in zip(column.inputs, said, strict=False):
            raw[name] = _number(one, line, row.id, column.name)
    elif text:
        (name,) = column.inputs
        spec = card.spec(name)
        if column.codes is not None:
            said_code = f"{_number(text, line, row.id, column.name):g}"
            if said_code not in column.codes:
                row.reasons.append(f"{column.name} must be one of {', '.join(column.codes)}")
            else:
                raw[name] = column.codes[said_code]
        elif spec.kind == "choice":
            raw[name] = text.lower()
        else:
            number = _number(text, line, row.id, column.name)
            if spec.kind == "number" and column.unit:
                unit = unit_of(spec, column.unit)
                number = number * unit.factor + unit.offset
            raw[name] = number


def _fill_object(
    card: Card, column: Column, text: str, raw: dict[str, float | str], row: Row, line: int
) -> None:
    try:
        said = json.loads(text) if text else {}
    except json.JSONDecodeError:
        raise _fail(line, row.id, column.name, "is not a JSON object") from None
    if not isinstance(said, dict):
        raise _fail(line, row.id, column.name, "is not a JSON object")
    for name, value in said.items():
        if name not in column.inputs:
            row.reasons.append(f"{column.name} holds the unknown {name}")
        elif isinstance(value, str) or not isinstance(value, int | float | None):
            raise _fail(line, row.id, column.name, f"{name} is not a number")
        elif value is not None:
            raw[name] = float(value)


def _check(card: Card, raw: Mapping[str, float | str], row: Row) -> None:
    values = row.values
    for spec in card.inputs:
        if spec.name in raw:
            problem = _take(spec, raw[spec.name], values)
            if problem:
                row.reasons.append(problem)
    _eligible(card, values, row)
    for spec in card.inputs:
        try:
            if spec.name in values:
                check_range(spec, values[spec.name])
        except OutOfRange:
            if not any(reason.startswith(f"{spec.name} ") for reason in row.reasons):
                row.reasons.append(_outside(spec, values[spec.name]))
        except BadInput as error:
            row.reasons.append(f"{spec.name} {error.problem}")
    for check in (check_relations, check_conflicts):
        try:
            check(card, values)
        except BadInput as error:
            row.reasons.append(f"{error.input} {error.problem}")
    _complete(card, raw, values, row)


def _take(spec: InputSpec, said: float | str, values: dict[str, Value]) -> str:
    """Put ``said`` among ``values``; the reason if it cannot be."""
    if spec.kind == "choice":
        if said not in spec.choices:
            return f"{spec.name} must be one of {', '.join(spec.choices)}"
        values[spec.name] = said
        return ""
    assert not isinstance(said, str)
    if spec.kind == "yes_no":
        if said not in (0.0, 1.0):
            return f"{spec.name} must be 0 or 1"
        values[spec.name] = "yes" if said else "no"
        return ""
    if not math.isfinite(said):
        return f"{spec.name} is not a finite number"
    values[spec.name] = said
    return ""


def _outside(spec: InputSpec, value: Value) -> str:
    low, high = f"{spec.low:g}", f"{spec.high:g}"
    low = f"above {low}" if spec.low_open else low
    high = f"below {high}" if spec.high_open else high
    return f"{spec.name} {value:g} is outside {low} to {high} {spec.unit}"


def _eligible(card: Card, values: Mapping[str, Value], row: Row) -> None:
    for rule in card.refuse:
        if rule.input not in values or not refuses(rule, values[rule.input]):
            continue
        if rule.note:
            row.notes.append(rule.note)
            continue
        error = NotEligible(rule.code, {rule.input: values[rule.input]}, urgent=rule.urgent)
        value = values[rule.input]
        if rule.outside is not None and not isinstance(value, str):
            low, high = rule.outside
            row.reasons.append(f"{rule.input} {value:g} is outside {low:g} to {high:g}")
        else:
            row.reasons.append(f"{error} ({rule.input} {value})")


def _complete(
    card: Card, raw: Mapping[str, float | str], values: dict[str, Value], row: Row
) -> None:
    for spec in _read(card):
        if spec.name in raw or spec.optional:
            continue
        if spec.absent and all(values.get(n) == v for n, v in (spec.absent_when or {}).items()):
            values[spec.name] = spec.absent
        elif concerns(spec, values) is not False:
            row.reasons.append(f"{spec.name} is missing")


def _read(card: Card) -> Iterable[InputSpec]:
    """The inputs that the table's columns fill."""
    filled = {name for column in card.sheet.columns for name in column.inputs}
    return (spec for spec in card.inputs if spec.name in filled)
