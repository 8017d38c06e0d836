"""Open SQLite or PostgreSQL, each set up so that a commit means kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from bot.domain.errors import SettingsError, StoreError
from bot.store.crypto import KeyVault
from bot.store.one_writer import OneWriter
from bot.store.straight import frame
from bot.store.unit_of_work import SqlUnitOfWork

_WRITERS = 2  #: one thinks while PostgreSQL works for the other; more only wait for one another


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
    return _open_sqlite(parsed, synchronous="FULL", pool_size=16)


def _open_sqlite(url: URL, *, synchronous: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=16,
        pool_reset_on_return=None,  # every use has ended its own transaction
        hide_parameters=True,  # no value of a row in an error, and so none in a log
        connect_args={"check_same_thread": False, "timeout": 30},
    )
    event.listen(engine, "connect", partial(_prepare_sqlite, synchronous))
    return engine


def _prepare_sqlite(synchronous: str, connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode=WAL",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "secure_delete=ON",  # an erased row is overwritten, not only unlinked
        "temp_store=MEMORY",
        "cache_size=-2000",  # KiB a connection: what falls out is still in the system's own cache
    ):
        connection.execute(f"PRAGMA {pragma}")


class SqlStore:
    """The rows of the house in one database."""

    def __init__(self, engine: Engine, vault: KeyVault) -> None:
        self.engine = engine
        self.vault = vault
        self._is_sqlite = engine.dialect.name == "sqlite"
        self.writers = 1 if self._is_sqlite else _WRITERS
        self._writer: OneWriter | None = None
        #: told, once it is committed, which bells wake those who carry what was put in the outbox
        self.posted: Callable[..., None] = _nobody
        if self._is_sqlite:
            hasty = _open_sqlite(engine.url, synchronous="NORMAL", pool_size=1)
            # Whoever closes the one closes the other.
            event.listen(engine, "engine_disposed", lambda _: hasty.dispose())
            self._writer = OneWriter(engine, hasty)

    @contextmanager
    def unit_of_work(self) -> Iterator[SqlUnitOfWork]:
        """A writing transaction; on the disk when its block has ended well. Raises StoreError."""
        with _our_errors(), self._writing(durable=True) as connection:
            work = SqlUnitOfWork(connection, self.vault.within(connection))
            yield work
        # Not sooner: a sender that is woken before the commit finds nothing and sleeps on.
        if work.wakes:
            self.posted(*work.wakes)

    @contextmanager
    def claiming(self) -> Iterator[SqlUnitOfWork]:
        """A writing transaction that a power cut may undo, as a lease is undone when it runs out.

        Others see it as soon as it is committed, and it outlives this process. Raises StoreError.
        """
        with _our_errors(), self._writing(durable=False) as connection:
            yield SqlUnitOfWork(connection, self.vault.within(connection))

    @contextmanager
    def _writing(self, *, durable: bool) -> Iterator[Connection]:
        if self._writer is not None:
            with self._writer.writing(durable=durable) as connection:
                yield connection
            return
        with self.engine.begin() as connection:
            if not durable:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
            yield connection

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
        with _our_errors(), self.engine.begin() as connection:
            if self._is_sqlite:
                frame(connection, "BEGIN")
            yield SqlUnitOfWork(connection, self.vault)


def _nobody(*_bells: str) -> None:
    """Until somebody listens."""


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StoreError(f"the database does not answer: {type(error.orig).__name__}") from error
