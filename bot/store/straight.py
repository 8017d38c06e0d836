"""The statements of every turn, straight to SQLite's driver: what SQLAlchemy works out is kept."""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Select
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.type_api import TypeEngine

_Convert = Callable[[Any], Any]
_Given = Mapping[str, Any]


def frame(connection: Connection, words: str) -> None:
    """BEGIN, SAVEPOINT and their like on SQLite, where we say them ourselves."""
    _run(connection, words, [])


class Straight:
    """One statement, built once; what is given at each run names its values.

    On SQLite its text, and how values go in and come out, are worked out by SQLAlchemy the first
    time; after that each run is a call of the driver, for a fraction of what the way there costs.
    On PostgreSQL every run goes through SQLAlchemy. Both raise its DBAPIError.
    """

    def __init__(self, statement: Select[Any] | UpdateBase) -> None:
        self.statement = statement
        self._worked: dict[tuple[str, ...], _Worked] = {}

    def all(self, connection: Connection, given: _Given) -> Sequence[Any]:
        """The rows, with their columns as attributes."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self.statement, given).all()
        worked = self._out(connection, given)
        return worked.read(_run(connection, worked.text, worked.values(given)).fetchall())

    def change(self, connection: Connection, given: _Given) -> int:
        """Run it; how many rows it changed."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self.statement, given).rowcount
        worked = self._out(connection, given)
        return _run(connection, worked.text, worked.values(given)).rowcount

    def add(self, connection: Connection, rows: Sequence[_Given]) -> int:
        """Run it for each of the rows, which name the same values, in their order.

        Returns how many rows it changed; PostgreSQL may not know.
        """
        if len(rows) == 1:
            return self.change(connection, rows[0])
        if connection.dialect.name != "sqlite":
            return connection.execute(self.statement, [dict(row) for row in rows]).rowcount
        worked = self._out(connection, rows[0])
        every = [worked.values(row) for row in rows]
        return _run(connection, worked.text, every, many=True).rowcount

    def _out(self, connection: Connection, given: _Given) -> _Worked:
        names = tuple(given)
        worked = self._worked.get(names)
        if worked is None:
            worked = self._worked[names] = _Worked(self.statement, connection.dialect, names)
        return worked


class _Worked:
    """A statement as SQLite's driver takes it."""

    def __init__(
        self, statement: Select[Any] | UpdateBase, dialect: Dialect, names: Sequence[str]
    ) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
        self.text: str = str(compiled)
        if "POSTCOMPILE" in self.text:
            raise ValueError(f"written out anew at each run, as IN is: {self.text}")
        fixed = compiled.params
        self._values: list[tuple[str | None, Any, _Convert | None]] = [
            (name, None, _into(compiled.binds[name].type, dialect))
            if name in names
            else (None, _fixed(compiled, name, fixed[name], dialect), None)
            for name in compiled.positiontup
        ]
        columns: list[Any] = list(statement.exported_columns)  # selected, or returned by a change
        self._row: Any = namedtuple("Row", [column.key for column in columns], rename=True)  # type: ignore[misc]
        self._out = [
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    def values(self, given: _Given) -> list[Any]:
        """What the driver binds, in its order."""
        return [
            fixed if name is None else given[name] if into is None else into(given[name])
            for name, fixed, into in self._values
        ]

    def read(self, rows: list[tuple[Any, ...]]) -> list[Any]:
        """The rows as they are meant."""
        if not self._row._fields:
            return rows
        return [self._row._make(self._converted(row)) for row in rows]

    def _converted(self, row: tuple[Any, ...]) -> list[Any]:
        values = list(row)
        for place, convert in self._out:
            values[place] = convert(values[place])
        return values


def _into(type_: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _fixed(compiled: Any, name: str, value: Any, dialect: Dialect) -> Any:
    """A value that stands in the statement itself."""
    bind = compiled.binds.get(name)
    into = _into(bind.type, dialect) if bind is not None else None
    return value if into is None else into(value)


def _run(
    connection: Connection, text: str, values: list[Any], *, many: bool = False
) -> sqlite3.Cursor:
    driver: Any = connection.connection.driver_connection
    try:
        cursor: sqlite3.Cursor = (driver.executemany if many else driver.execute)(text, values)
    except sqlite3.Error as error:
        # No value in the error, and so none in a log: see ``hide_parameters``.
        raise DBAPIError.instance(text, None, error, sqlite3.Error, hide_parameters=True) from error
    return cursor
