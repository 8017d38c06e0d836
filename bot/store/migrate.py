"""Bring the tables to this version; several processes may start at once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from bot.domain.errors import StoreError

_LOCK = 7_204_551  # any number, the same in every process: PostgreSQL's advisory lock


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate(engine: Engine) -> str:
    """Run what has not run yet; returns the version reached. Raises StoreError."""
    try:
        _upgrade(engine)
    except DBAPIError as error:
        said = str(error.orig).partition("\n")[0]
        raise StoreError(f"the database cannot be opened: {said}") from error
    return version(engine)


def _upgrade(engine: Engine) -> None:
    config = _config()
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def version(engine: Engine) -> str:
    """The version of the tables as they are; empty before the first migration."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def newest() -> str:
    """The version this code expects."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def known() -> frozenset[str]:
    """Every version this code can bring further."""
    return frozenset(
        one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()
    )
