"""An empty database of each kind, for measuring: SQLite in a folder, PostgreSQL on loopback."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url, text

from bot.store.database import open_engine

KINDS = ("sqlite", "postgresql")


def server() -> str:
    """The PostgreSQL to measure on: the setting, one that answers here, or ""."""
    if url := os.environ.get("ANKANG_TEST_DATABASE_URL"):
        return url
    try:
        socket.create_connection(("127.0.0.1", 5432), 1).close()
    except OSError:
        return ""
    return "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


@contextmanager
def empty(kind: str) -> Iterator[str]:
    """The URL of a new database; it is gone afterwards."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="ankang-bench-") as folder:
            yield f"sqlite:///{folder}/ankang.db"
        return
    name = f"ankang_bench_{secrets.token_hex(6)}"
    statement(f"CREATE DATABASE {name}")
    try:
        yield make_url(server()).set(database=name).render_as_string(hide_password=False)
    finally:
        statement(f"DROP DATABASE {name} WITH (FORCE)")


def statement(words: str, **values: object) -> None:
    """One statement outside every transaction, on the server itself."""
    admin = open_engine(server())
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(words), values)
    admin.dispose()
