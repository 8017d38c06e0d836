"""Copy the rows of a house into one SQLite file, and back; sealed words stay sealed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from bot.domain.errors import StoreError
from bot.store.migrate import known, migrate, version
from bot.store.tables import metadata

_AT_ONCE = 500  #: rows copied in one statement


def back_up(engine: Engine, to: Path) -> int:
    """Write a consistent copy of every row to ``to``, while the house runs; returns its bytes.

    SQLite is copied page by page by its own backup interface, PostgreSQL row by row in one
    snapshot. The file has mode 0600 and appears under its name only when it is whole. Raises
    StoreError or OSError.
    """
    part = to.with_name(to.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if engine.dialect.name == "sqlite":
            _copy_pages(Path(str(engine.url.database)), part)
        else:
            _copy_rows_out(engine, part)
        check(part)
        _sync(part)
        part.replace(to)
        _sync(to.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return to.stat().st_size


def check(file: Path) -> None:
    """Raise StoreError where this is no whole backup that this version can read."""
    if not file.is_file():
        raise StoreError(f"{file}: there is no such file", permanent=True)
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            [said] = connection.execute("PRAGMA integrity_check(1)").fetchone()
            [reached] = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise StoreError(f"{file}: not a backup of this house ({error})", permanent=True) from error
    if said != "ok":
        raise StoreError(f"{file}: damaged ({said})", permanent=True)
    if reached not in known():
        raise StoreError(f"{file}: made by a newer version ({reached})", permanent=True)


def opened(file: Path) -> Engine:
    """The backup, to read from."""
    return create_engine(f"sqlite:///file:{file.resolve()}?mode=ro&uri=true", hide_parameters=True)


def put_in_place(backup: Path, database: Path) -> None:
    """Make ``database`` a copy of the backup, whole or not at all. Nobody may have it open."""
    part = database.with_name(database.name + ".part")
    part.unlink(missing_ok=True)
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _copy_pages(backup, part)
    _sync(part)
    for journal in ("-wal", "-shm"):
        database.with_name(database.name + journal).unlink(missing_ok=True)
    part.replace(database)
    _sync(database.parent)


def copy_rows_in(backup: Path, engine: Engine) -> None:
    """Insert every row of a backup into an empty database of this version. Raises StoreError."""
    source = opened(backup)
    try:
        with source.connect() as reading, engine.begin() as writing:
            for table in metadata.sorted_tables:
                if writing.execute(select(text("1")).select_from(table).limit(1)).first():
                    raise StoreError(
                        f"the database is not empty ({table.name}): restore into an empty one",
                        permanent=True,
                    )
            _copy_rows(reading, writing)
            if writing.dialect.name == "postgresql":
                _count_on(writing)
    except DBAPIError as error:
        raise StoreError(f"the rows cannot be copied: {type(error.orig).__name__}") from error
    finally:
        source.dispose()


def _copy_pages(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")


def _copy_rows_out(engine: Engine, to: Path) -> None:
    target = create_engine(f"sqlite:///{to.resolve()}", hide_parameters=True)
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        migrate(target)
        if version(target) != version(engine):
            raise StoreError("the database is not at this version: ./ankang migrate")
        with snapshot.connect() as reading, target.begin() as writing:
            _copy_rows(reading, writing)
    except DBAPIError as error:
        raise StoreError(f"the rows cannot be copied: {type(error.orig).__name__}") from error
    finally:
        target.dispose()


def _copy_rows(reading: Connection, writing: Connection) -> None:
    for table in metadata.sorted_tables:
        rows = reading.execution_options(yield_per=_AT_ONCE).execute(select(table))
        for some in rows.partitions():
            writing.execute(insert(table), [dict(row._mapping) for row in some])


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL's counters go on after the rows that were put in with their numbers."""
    for table in metadata.sorted_tables:
        for column in table.primary_key:
            if column.autoincrement is True:
                last = connection.scalar(select(func.max(column)))
                if last is not None:
                    counter = func.pg_get_serial_sequence(table.name, column.name)
                    connection.execute(select(func.setval(counter, last)))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def some_keys(backup: Path) -> list[str]:
    """A few patients who have a key in a backup."""
    with closing(sqlite3.connect(f"file:{backup}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT patient_id FROM patient_key LIMIT 3")
        return [patient_id for (patient_id,) in rows]
