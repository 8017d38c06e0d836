"""Score a whole table of people by any model, exactly as its own file says."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from risk import derive, loader, points
from risk.explain import shapley
from risk.narrow import fit, narrow
from risk.rates import rates
from risk.sheet import Row, header, read_row
from risk.sheet import SheetError as SheetError
from risk.table import Card, Table
from risk.values import Value, encode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 20_000  # rows held at once: a table of any length fits the memory


@dataclass(kw_only=True)
class Scored:
    """The answers for one row, by the name of the column."""

    row: Row
    answers: dict[str, Value] = field(default_factory=dict)
    explained: str = ""


def card(name: str) -> Card:
    """The model ``name``, of any kind. KeyError if there is none; ValueError if it is broken."""
    if name not in loader.all_names():
        raise KeyError(name)
    kind = loader.kind_of(name)
    if kind == "points":
        return points.table(name)
    if kind == "equation":
        return derive.equation(name)
    return loader.table(name)


def _needs(whole: Card) -> Callable[[str, int], Card]:
    """What one variant and horizon of a model needs."""
    if isinstance(whole, Table):
        return partial(narrow, whole.info.id)
    return partial(fit, whole)


def score(
    name: str, lines: Iterable[tuple[int, Mapping[str, str | None]]], *, explain: bool = False
) -> Iterator[Scored]:
    """Every row of a table with its answers, in order; ``lines`` gives line numbers and cells.

    Raises SheetError for a table that cannot be read. Rows are read in batches.
    """
    whole = card(name)
    needs = _needs(whole)
    batch: list[Scored] = []
    for line, cells in lines:
        batch.append(Scored(row=read_row(whole, needs, cells, line)))
        if len(batch) == _BATCH:
            _answer(whole, batch, explain)
            yield from batch
            batch = []
    _answer(whole, batch, explain)
    yield from batch


def _answer(whole: Card, batch: Sequence[Scored], explain: bool) -> None:
    groups: dict[tuple[str, int], list[Scored]] = {}
    for one in batch:
        if not one.row.reasons:
            groups.setdefault((one.row.variant, one.row.horizon), []).append(one)
    for (variant, horizon), members in groups.items():
        if isinstance(whole, points.Points):
            _add(whole, variant, members)
        elif isinstance(whole, derive.Equation):
            _equation(variant, members)
        elif isinstance(whole, Table):
            table = narrow(whole.info.id, variant, horizon)
            _regress(table, variant, horizon, members)
            if explain:
                for one in members:
                    one.explained = _shares(table, variant, horizon, one)


def _add(whole: points.Points, variant: str, members: Sequence[Scored]) -> None:
    for one in members:
        found = points.add(whole, variant, one.row.values)
        one.answers = {cell.name: found.answers[cell.outcome] for cell in whole.sheet.outputs}
        named = [f"{found.category.label}"] if found.category else []
        named += [f"{name} {value:g}" for name, value in found.points.items()]
        one.explained = "; ".join(named)


def _equation(variant: str, members: Sequence[Scored]) -> None:
    for one in members:
        values = one.row.values
        cystatin = float(values["scys"]) if variant == "cr_cys" else None
        found = derive.egfr(
            float(values["scr"]),
            age=float(values["age"]),
            sex=str(values["sex"]),
            cystatin=cystatin,
        )
        one.answers = {"value": found, "integer": float(derive.whole(found))}


def _matrix(table: Table, members: Sequence[Scored]) -> NDArray[np.float64]:
    """Float64 [inputs, n]: the members' values, NaN where an optional one is absent."""
    import numpy as np

    rows = np.full((len(table.columns), len(members)), np.nan)
    for index, name in enumerate(table.columns):
        spec = table.spec(name)
        for place, one in enumerate(members):
            if name in one.row.values:
                rows[index, place] = encode(spec, one.row.values[name])
    return rows


def _regress(table: Table, variant: str, horizon: int, members: Sequence[Scored]) -> None:
    from risk.torch_model import compute, project

    rows = _matrix(table, members)
    outcomes = [outcome.name for outcome in table.info.outcomes]
    if table.info.kind == "projection":
        columns = project(table.info.id, variant, horizon, rows)
    else:
        gaps = {spec.name for spec in table.inputs if spec.optional} - {
            feature.missing for feature in table.features
        }
        filled = rows.copy()
        for index, name in enumerate(table.columns):
            # An input that only some outcomes use: they stay empty below, the others do not.
            if name in gaps:
                filled[index][rows[index] != rows[index]] = table.spec(name).low or 0.0
        _, probability = compute(table.info.id, variant, horizon, filled)
        columns = dict(zip(outcomes, probability.tolist(), strict=True))
    lacking = _lacking(table)
    for place, one in enumerate(members):
        for cell in table.sheet.outputs:
            absent = lacking[cell.outcome] - one.row.values.keys() if lacking else ()
            if absent:
                one.row.notes.append(f"{cell.name} needs {', '.join(sorted(absent))}")
            else:
                one.answers[cell.name] = columns[cell.outcome][place] * cell.times


def _lacking(table: Table) -> dict[str, set[str]]:
    """By outcome, the optional inputs that it cannot do without; {} if there are none."""
    covered = {feature.missing for feature in table.features}
    found: dict[str, set[str]] = {outcome.name: set() for outcome in table.info.outcomes}
    for spec in table.inputs:
        if spec.optional and spec.name not in covered:
            for outcome in spec.outcomes:
                found[outcome].add(spec.name)
    return found if any(found.values()) else {}


def _shares(table: Table, variant: str, horizon: int, one: Scored) -> str:
    """The exact shares on the link's scale against the comparison person."""
    import numpy as np

    from risk.torch_model import compute

    index = _explained(table, one.row)
    outcome = table.info.outcomes[index].name
    matrix = _matrix(table, [one])[:, 0].tolist()
    person = dict(zip(table.columns, matrix, strict=True))
    best = dict(person)
    for column in table.columns:
        spec = table.spec(column)
        if spec.optimal is not None and column in one.row.values and outcome in spec.outcomes:
            best[column] = spec.optimal

    def linear(rows: list[dict[str, float]]) -> Sequence[float]:
        mixed = np.array([[row[column] for row in rows] for column in table.columns])
        found: Sequence[float] = compute(table.info.id, variant, horizon, mixed)[0][index].tolist()
        return found

    moved = [column for column in table.columns if column in one.row.values]
    shares = shapley(moved, person, best, linear)
    largest = sorted(shares.items(), key=lambda pair: -abs(pair[1]))
    said = "; ".join(f"{column} {share:+.4f}" for column, share in largest if share)
    return f"{outcome}: {said}" if said else f"{outcome}: as the comparison person"


def _explained(table: Table, row: Row) -> int:
    """Which outcome is explained: the first; for a projection, that of the woman's age now."""
    if table.ages and float(row.values[table.ages[0]]) >= rates(table.info.id).older_from:
        return 1
    return 0


def columns(name: str, *, explain: bool) -> list[str]:
    """The columns that are written for the model ``name``."""
    outputs = [cell.name for cell in card(name).sheet.outputs]
    return ["id", *outputs, "reason", "note", *(["explain"] if explain else [])]


def written(value: Value) -> str:
    """A result as it is written: words as they are, whole numbers without a point."""
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def score_file(
    name: str,
    source: Path,
    target: Path,
    *,
    explain: bool = False,
    progress: Callable[[int], object] = lambda _: None,
) -> tuple[int, int]:
    """Score the CSV ``source`` into ``target``; gives (rows with a number, rows without).

    ``target`` appears only when it is whole. ``progress`` hears how many rows are done. Raises
    SheetError with one sentence that names column, row and reason; OSError where a file cannot
    be read or written.
    """
    heading = columns(name, explain=explain)
    answered = refused = 0
    handle, draft = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, heading, lineterminator="\n")
            writer.writeheader()
            for one in _rows(name, source, explain):
                row = one.row
                cells = {key: written(value) for key, value in one.answers.items()}
                cells |= {"id": row.id, "reason": "; ".join(row.reasons)}
                cells["note"] = "; ".join(row.notes)
                if explain:
                    cells["explain"] = one.explained
                writer.writerow(cells)
                answered, refused = answered + (not row.reasons), refused + bool(row.reasons)
                if (answered + refused) % 1000 == 0:
                    progress(answered + refused)
        if answered + refused == 0:
            raise SheetError(f"{source.name} has a header but 0 rows.")
        os.chmod(draft, 0o600)
        os.replace(draft, target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return answered, refused


def _rows(name: str, source: Path, explain: bool) -> Iterator[Scored]:
    try:
        with source.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            header(card(name), list(reader.fieldnames or ()))
            yield from score(name, ((reader.line_num, cells) for cells in reader), explain=explain)
    except UnicodeDecodeError as error:
        raise SheetError(f"{source.name} is not UTF-8 text (byte {error.start}).") from None
    except csv.Error as error:
        raise SheetError(f"{source.name} is not a CSV table: {error}.") from None
