"""Small tools the rows share: sealed JSON, and insert-unless-known in two dialects."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table, literal_column
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.crypto import KeyVault


def seal_json(vault: KeyVault, owner: str, value: dict[str, Any]) -> str:
    """``value`` as JSON under the owner's key."""
    return vault.seal(owner, json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def open_json(vault: KeyVault, owner: str, sealed: str | None) -> dict[str, Any]:
    """The value that was sealed; empty where nothing was."""
    return json.loads(vault.open(owner, sealed)) if sealed else {}


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    """Insert the rows whose unique keys are not taken; returns how many were inserted."""
    return len(insert_new_of(connection, table, rows))


def insert_new_of(
    connection: Connection, table: Table, rows: list[dict[str, Any]], column: str = ""
) -> list[Any]:
    """Insert the rows whose unique keys are not taken; returns ``column`` of those inserted."""
    if not rows:
        return []
    statement = _insert_new(connection.dialect.name, table, column)
    inserted = connection.scalars(statement, rows[0] if len(rows) == 1 else rows)
    return list(inserted.all())


def put(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert the row, or replace the one with its primary key."""
    connection.execute(_put(connection.dialect.name, table, tuple(row)), row)


# Building a statement costs several times what SQLite needs to run it: each is built once.
@cache
def _insert_new(dialect: str, table: Table, column: str) -> Executable:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    # RETURNING counts on both drivers; psycopg's rowcount of an insert says -1 here.
    statement: Executable = insert.on_conflict_do_nothing().returning(
        table.c[column] if column else literal_column("1")
    )
    return statement


@cache
def _put(dialect: str, table: Table, columns: tuple[str, ...]) -> Executable:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    keys = [column.name for column in table.primary_key]
    statement: Executable = insert.on_conflict_do_update(
        index_elements=keys, set_={k: insert.excluded[k] for k in columns if k not in keys}
    )
    return statement
