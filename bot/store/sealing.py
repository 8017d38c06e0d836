"""Small tools the rows share: sealed JSON, and insert-unless-known in two dialects."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Table, literal_column
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
    if not rows:
        return 0
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    inserted = 0
    for row in rows:
        statement = dialect.insert(table).values(row).on_conflict_do_nothing()
        # RETURNING counts on both drivers; psycopg's rowcount of an insert says -1 here.
        inserted += len(connection.execute(statement.returning(literal_column("1"))).all())
    return inserted


def put(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert the row, or replace the one with its primary key."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    keys = [column.name for column in table.primary_key]
    statement = dialect.insert(table).values(row)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=keys, set_={k: v for k, v in row.items() if k not in keys}
        )
    )
