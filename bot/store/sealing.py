"""Small tools the rows share: sealed JSON, and insert-unless-known in two dialects."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    LargeBinary,
    Table,
    TextClause,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.crypto import KeyVault
from bot.store.straight import Straight

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
    if connection.dialect.name == "sqlite":
        return _straight(table).add(connection, rows)
    # Counted by what comes back: psycopg's rowcount of an insert says -1 here.
    statement = _insert_counted(connection.dialect.name, table)
    return len(connection.execute(statement, rows[0] if len(rows) == 1 else rows).all())


def insert_many(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """The same for hundreds of rows, uncounted, and in their order.

    PostgreSQL takes them as one value: one statement, and nothing for the driver to do for each.
    SQLite takes them one by one from a prepared statement, past what SQLAlchemy does for each.
    """
    if not rows:
        return
    dialect = connection.dialect.name
    if dialect == "sqlite":
        _straight(table).add(connection, rows)
    elif len(rows) < _MANY or _has_bytes(table, rows):
        statement = insert_unless_kept(dialect, table)
        connection.execute(statement, rows[0] if len(rows) == 1 else rows)
    else:
        connection.execute(_insert_json(table, tuple(rows[0])), {"rows": _encode_rows(rows)})


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
def _straight(table: Table) -> Straight:
    return Straight(insert_unless_kept("sqlite", table))


@cache
def _insert_counted(dialect: str, table: Table) -> Executable:
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
