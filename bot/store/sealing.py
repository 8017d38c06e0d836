"""Small tools the rows share: sealed JSON, and insert-unless-known in two dialects."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Dialect,
    Executable,
    LargeBinary,
    Table,
    TextClause,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.crypto import KeyVault

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def seal_json(vault: KeyVault, owner: str, value: dict[str, Any]) -> str:
    """``value`` as JSON under the owner's key."""
    return vault.seal(owner, _encode(value))


def open_json(vault: KeyVault, owner: str, sealed: str | None) -> dict[str, Any]:
    """The value that was sealed; empty where nothing was."""
    return json.loads(vault.open(owner, sealed)) if sealed else {}


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    """Insert the rows whose unique keys are not taken; returns how many were inserted."""
    if not rows:
        return 0
    statement = _insert_new(connection.dialect.name, table)
    return len(connection.execute(statement, rows[0] if len(rows) == 1 else rows).all())


def insert_many(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """The same for hundreds of rows, uncounted, and in their order.

    PostgreSQL takes them as one value: one statement, and nothing for the driver to do for each.
    SQLite takes them one by one from a prepared statement, past what SQLAlchemy does for each.
    """
    if not rows:
        return
    if len(rows) < _MANY or _has_bytes(table, rows):
        connection.execute(insert_unless_kept(connection.dialect.name, table), rows)
        return
    if connection.dialect.name == "sqlite":
        words, as_kept = _insert_plain(connection.dialect, table, tuple(rows[0]))
        connection.exec_driver_sql(words, [as_kept(row) for row in rows])
        return
    statement = _insert_json(table, tuple(rows[0]))
    connection.execute(statement, {"rows": _encode_rows(rows)})


_MANY = 8


def _has_bytes(table: Table, rows: list[dict[str, Any]]) -> bool:
    binary = [name for name, column in table.c.items() if isinstance(column.type, LargeBinary)]
    return any(row.get(name) is not None for row in rows for name in binary)


def _moment(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not kept so")


_encode_rows = json.JSONEncoder(
    ensure_ascii=False,
    separators=(",", ":"),
    default=lru_cache(maxsize=64)(_moment),  # many rows share one moment
).encode


@cache
def _insert_json(table: Table, columns: tuple[str, ...]) -> TextClause:
    """One insert of a JSON list; what is missing in it has the table's own default."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    typed = ", ".join(
        f"{quote(name)} {table.c[name].type.compile(dialect=dialect)}" for name in columns
    )
    return text(
        f"INSERT INTO {quote(table.name)} ({names}) SELECT {names} "  # noqa: S608 - our own names
        f"FROM json_to_recordset(CAST(:rows AS json)) AS given({typed}) ON CONFLICT DO NOTHING"
    )


@cache
def _insert_plain(
    dialect: Dialect, table: Table, columns: tuple[str, ...]
) -> tuple[str, Callable[[dict[str, Any]], tuple[Any, ...]]]:
    """(the insert in SQLite's words, a row as its driver takes it)"""
    compiled = insert_unless_kept("sqlite", table).compile(dialect=dialect, column_keys=columns)
    order = compiled.positiontup
    typed = [(name, table.c[name].type.dialect_impl(dialect)) for name in order]
    processors = [(name, one.bind_processor(dialect)) for name, one in typed]

    def as_kept(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple([p(row[name]) if p else row[name] for name, p in processors])

    return str(compiled), as_kept


def put(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert the row, or replace the one with its primary key."""
    connection.execute(_put(connection.dialect.name, table, tuple(row)), row)


# Building a statement costs several times what SQLite needs to run it: each is built once.
@cache
def insert_unless_kept(dialect: str, table: Table) -> Any:
    """Insert what the unique keys leave room for, uncounted."""
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    return insert.on_conflict_do_nothing().inline()


@cache
def _insert_new(dialect: str, table: Table) -> Executable:
    # RETURNING counts on both drivers; psycopg's rowcount of an insert says -1 here.
    statement: Executable = insert_unless_kept(dialect, table).returning(literal_column("1"))
    return statement


@cache
def _put(dialect: str, table: Table, columns: tuple[str, ...]) -> Executable:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    keys = [column.name for column in table.primary_key]
    statement: Executable = insert.on_conflict_do_update(
        index_elements=keys, set_={k: insert.excluded[k] for k in columns if k not in keys}
    )
    return statement
