"""Open SQLite or PostgreSQL, each set up so that a commit means kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from bot.domain.errors import SettingsError, StoreError
from bot.store.crypto import KeyVault
from bot.store.unit_of_work import SqlUnitOfWork


def open_engine(url: str) -> Engine:
    """An engine for ``sqlite:///…`` or ``postgresql+psycopg://…``. Raises SettingsError."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingsError("ANKANG_DATABASE_URL: not a database URL") from error
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        return create_engine(
            parsed, pool_size=20, max_overflow=20, pool_pre_ping=True, hide_parameters=True
        )
    if kind != "sqlite":
        raise SettingsError(f"ANKANG_DATABASE_URL: {kind} is not supported; sqlite or postgresql")
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed,
        pool_size=16,
        max_overflow=16,
        hide_parameters=True,  # no value of a row in an error, and so none in a log
        connect_args={"check_same_thread": False, "timeout": 30},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "secure_delete=ON",  # an erased row is overwritten, not only unlinked
        "temp_store=MEMORY",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


class SqlStore:
    """The rows of the house in one database."""

    def __init__(self, engine: Engine, vault: KeyVault) -> None:
        self.engine = engine
        self.vault = vault
        self._is_sqlite = engine.dialect.name == "sqlite"
        # SQLite has one writer at a time; a queue in our own process waits without sleeping.
        self._writer: AbstractContextManager[Any] = Lock() if self._is_sqlite else nullcontext()

    @contextmanager
    def unit_of_work(self) -> Iterator[SqlUnitOfWork]:
        """A writing transaction; commits when its block ends. Raises StoreError."""
        with self._writer, self._transaction("BEGIN IMMEDIATE") as work:
            yield work

    def forget_the_journal(self) -> None:
        """After an erasure: the files must not keep what was deleted, the key above all.

        SQLite's journal is emptied; nobody is waited for: what a reader still needs goes with the
        next erasure or the end. PostgreSQL writes the small table of keys anew, since it leaves
        deleted rows where they were; its own journal keeps them until it is recycled.
        """
        if self._is_sqlite:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        at_once = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        with at_once.connect() as connection:
            connection.exec_driver_sql("VACUUM FULL patient_key")

    @contextmanager
    def reading(self) -> Iterator[SqlUnitOfWork]:
        """A snapshot to read from. Raises StoreError."""
        with self._transaction("BEGIN") as work:
            yield work

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[SqlUnitOfWork]:
        try:
            with self.engine.connect() as connection, connection.begin():
                if self._is_sqlite:
                    connection.exec_driver_sql(begin)
                yield SqlUnitOfWork(connection, self.vault)
        except (OperationalError, DBAPIError) as error:
            raise StoreError(
                f"the database does not answer: {type(error.orig).__name__}"
            ) from error
