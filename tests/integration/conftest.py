"""The same store tests on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import postgres_url
from sqlalchemy import make_url, text

from bot.store.crypto import KeyVault
from bot.store.database import SqlStore, open_engine
from bot.store.migrate import migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """An empty, migrated database with its vault."""
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path / 'test.db'}")
        return
    url = postgres_url()
    if not url:
        if os.environ.get("CI"):
            pytest.fail("CI has no PostgreSQL; .ci/run should have started one")
        pytest.skip("no PostgreSQL: set ANKANG_TEST_DATABASE_URL or start one on 127.0.0.1:5432")
    name = f"ankang_test_{secrets.token_hex(6)}"
    admin = open_engine(url)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield from _opened(make_url(url).set(database=name).render_as_string(hide_password=False))
    finally:
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def _opened(url: str) -> Iterator[SqlStore]:
    engine = open_engine(url)
    migrate(engine)
    yield SqlStore(engine, KeyVault(bytes(range(32)), engine))
    engine.dispose()
