"""An empty database of each kind, for measuring: SQLite in a folder, PostgreSQL on loopback."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


def memory() -> str | None:
    """A folder in memory, where there is one: what ends with its processes needs no disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@contextmanager
def empty(kind: str, *, within: str | None = None) -> Iterator[str]:
    """The URL of a new database, SQLite's in a folder ``within``; it is gone afterwards."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="ankang-bench-", dir=within) as folder:
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


class Cuts:
    """A server that others use too: only the connections to this database end."""

    up = True

    def __init__(self, url: str) -> None:
        self._database = make_url(url).database

    def crash(self) -> None:
        """All of them at once."""
        statement(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name",
            name=self._database,
        )
