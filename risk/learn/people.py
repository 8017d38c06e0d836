"""The columns of a table with their kinds, and the people in it as numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from risk.learn.raw import Raw
from risk.learn.rules import how
from risk.sheet import SheetError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Roles:
    """What each special column is; all others are what a model may learn from."""

    target: str = ""  #: has it happened: two values, or a number with ``at_least``
    at_least: float | None = None  #: a number target counts from here on
    time: str = ""  #: how long a person was watched
    event: str = ""  #: whether it happened at ``time``
    person: str = ""  #: the id, where a person has several rows
    visit: str = ""  #: when the row was taken, on any one scale
    leave_out: tuple[str, ...] = ()
    words: tuple[str, ...] = ()  #: columns whose numbers are names of categories
    missing: tuple[str, ...] = ()  #: more marks for "not known", for example "-9"

    @property
    def special(self) -> frozenset[str]:
        """The columns that are not learned from."""
        named = (self.target, self.time, self.event, self.person, self.visit, *self.leave_out)
        return frozenset(name for name in named if name)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column that a model reads."""

    name: str
    kind: str  #: "number" or "words"
    levels: tuple[str, ...] = ()  #: of words, sorted
    low: float = 0.0  #: of numbers: the smallest learned from
    high: float = 0.0

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        if self.kind == "words":
            return {"name": self.name, "kind": self.kind, "levels": list(self.levels)}
        return {"name": self.name, "kind": self.kind, "low": self.low, "high": self.high}


@dataclass(frozen=True, kw_only=True)
class People:
    """Values float64 [rows, columns]: numbers, or places among the levels; NaN is not known.

    A person is one row, or with visits the rows ``starts[i]`` to ``starts[i + 1]``, oldest first.
    """

    columns: tuple[Column, ...]
    values: NDArray[np.float64]
    ids: tuple[str, ...]  #: one a person
    rows: tuple[int, ...]  #: the last row of each person in the table, from 0
    starts: NDArray[np.int64] | None = None
    when: NDArray[np.float64] | None = None  #: time of each visit since the person's last

    def __len__(self) -> int:
        return len(self.ids)

    def some(self, chosen: NDArray[np.int64]) -> People:
        """The people at these places."""
        import numpy as np

        ids = tuple(self.ids[i] for i in chosen)
        rows = tuple(self.rows[i] for i in chosen)
        if self.starts is None or self.when is None:
            return People(columns=self.columns, values=self.values[chosen], ids=ids, rows=rows)
        spans = [np.arange(self.starts[i], self.starts[i + 1]) for i in chosen]
        places = np.concatenate(spans) if spans else np.zeros(0, dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum([len(span) for span in spans])]).astype(np.int64)
        return People(
            columns=self.columns,
            values=self.values[places],
            ids=ids,
            rows=rows,
            starts=starts,
            when=self.when[places],
        )


def kinds(raw: Raw, roles: Roles) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """The columns to learn from, and a sentence for each that was left out.

    Raises SheetError for a word among numbers, and for a column of too many words.
    """
    for name in (*roles.special, *roles.words):
        raw.column(name)  # named and not there: said now
    found: list[Column] = []
    notes: list[str] = []
    for name in raw.names:
        if name in roles.special:
            continue
        cells = cells_of(raw, name, roles)
        said = [cell for cell in cells if cell]
        if len(set(said)) < 2:
            notes.append(f"{name} was left out: it says the same in every row, or nothing.")
        elif name.lower() in how("reading", "identifiers") and len(set(said)) == len(said):
            notes.append(f"{name} was left out: it names the rows.")
        else:
            found.append(_kind(raw, name, cells, name in roles.words))
    if not found:
        raise SheetError("There is no column to learn from.")
    return tuple(found), tuple(notes)


def cells_of(raw: Raw, name: str, roles: Roles) -> list[str]:
    """The cells under ``name``, with the table's own marks for "not known" emptied."""
    numbers = {number for mark in roles.missing if (number := as_number(mark)) is not None}
    return [
        "" if cell in roles.missing or (numbers and as_number(cell) in numbers) else cell
        for cell in raw.column(name)
    ]


def _kind(raw: Raw, name: str, cells: Sequence[str], words: bool) -> Column:
    numbers = [as_number(cell) for cell in cells if cell]
    good = [number for number in numbers if number is not None]
    if not words and len(good) >= how("reading", "least_numeric") * len(numbers):
        if len(good) < len(numbers):
            row = next(i for i, cell in enumerate(cells) if cell and as_number(cell) is None)
            raise raw.fail(row, name, f"{cells[row][:40]!r} is not a number")
        return Column(name=name, kind="number", low=min(good), high=max(good))
    levels = tuple(sorted({cell for cell in cells if cell}))
    if len(levels) > how("reading", "most_levels"):
        raise SheetError(
            f"The column {name} holds {len(levels)} different words, too many to learn from; "
            f"give --leave-out {name}."
        )
    return Column(name=name, kind="words", levels=levels)


def as_number(text: str) -> float | None:
    """The finite number that ``text`` is, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def encode(raw: Raw, columns: Sequence[Column], roles: Roles) -> NDArray[np.float64]:
    """Float64 [rows, columns]. A word that is not among the levels becomes -1.

    Raises SheetError for a missing column and for a word in a column of numbers.
    """
    import numpy as np

    values = np.full((len(raw.rows), len(columns)), np.nan)
    for place, column in enumerate(columns):
        known = {level: float(index) for index, level in enumerate(column.levels)}
        for row, cell in enumerate(cells_of(raw, column.name, roles)):
            if not cell:
                continue
            if column.kind == "words":
                values[row, place] = known.get(cell, -1.0)
                continue
            number = as_number(cell)
            if number is None:
                raise raw.fail(row, column.name, f"{cell[:40]!r} is not a number")
            values[row, place] = number
    return values


def people(raw: Raw, columns: Sequence[Column], roles: Roles, *, unique: bool = True) -> People:
    """The people of the table, each with all visits in order where ``roles.visit`` is given.

    ``unique``: the same id in two rows is an error where there are no visits.
    """
    import numpy as np

    values = encode(raw, columns, roles)
    if not roles.visit:
        ids = raw.column(roles.person) if roles.person else [str(line) for line in raw.lines]
        if unique and roles.person and len(set(ids)) < len(ids):
            row = next(i for i, one in enumerate(ids) if one in ids[:i])
            raise raw.fail(row, roles.person, f"{ids[row]!r} has several rows; give --visit COLUMN")
        places = tuple(range(len(ids)))
        return People(columns=tuple(columns), values=values, ids=tuple(ids), rows=places)
    if not roles.person:
        raise SheetError("--visit needs --id COLUMN: whose visit each row is.")
    moments, owners = _moments(raw, roles)
    order = sorted(range(len(owners)), key=lambda row: (owners[row], moments[row]))
    ids_, starts, rows = [], [0], []
    for place, row in enumerate(order):
        if place + 1 == len(order) or owners[order[place + 1]] != owners[row]:
            ids_.append(owners[row])
            starts.append(place + 1)
            rows.append(row)
    when = np.array([moments[row] for row in order])
    last = np.repeat(when[np.array(starts[1:]) - 1], np.diff(starts))
    return People(
        columns=tuple(columns),
        values=values[order],
        ids=tuple(ids_),
        rows=tuple(rows),
        starts=np.array(starts, dtype=np.int64),
        when=when - last,
    )


def _moments(raw: Raw, roles: Roles) -> tuple[list[float], list[str]]:
    owners = raw.column(roles.person)
    found: list[float] = []
    for row, cell in enumerate(raw.column(roles.visit)):
        moment = as_number(cell) if cell else None
        if moment is None:
            raise raw.fail(row, roles.visit, f"{cell[:40]!r} is not a time as a number")
        if not owners[row]:
            raise raw.fail(row, roles.person, "it does not say whose visit it is")
        found.append(moment)
    return found, owners
