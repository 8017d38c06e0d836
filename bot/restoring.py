"""Make the house what a backup says it was, but leave who was erased erased."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot import bootstrap
from bot.bootstrap import House
from bot.carrying_over import CarriedOver, carry_over, limit_members
from bot.config import Settings
from bot.domain.erasure import Tombstone
from bot.domain.errors import KeyMissing, SettingsError, StoreError
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.store import backup, limits
from bot.store.crypto import KeyVault, master_key
from bot.store.database import open_engine
from bot.store.limits import Limits
from bot.store.migrate import migrate
from bot.store.tombstones import NAME, TombstoneFile, together


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What the restore did beside putting the rows in their place."""

    patients: int
    erased_again: Sequence[PatientId]
    carried: CarriedOver
    unsent: int  #: parcels that may have been sent after the backup, and are not sent again
    replaced: Path | None  #: where the database that was there lies now


def restore(
    settings: Settings,
    file: Path,
    *,
    tombstones: Path | None,
    without_tombstones: bool = False,
    replace: bool = False,
) -> Restored:
    """Put a backup's rows in place and apply what is known to have happened since.

    Raises StoreError or SettingsError, before anything is changed, where the file is no backup,
    the master key is another one, a house runs, rows would be lost, or nothing says who was erased.
    """
    backup.check(file)
    _same_key(settings, file)
    with _nobody_else(settings):
        database = _sqlite_file(settings)
        held = _held(database)
        if held.standing and not replace:
            raise StoreError(
                f"{database} holds {len(held.standing)} patients: --replace puts it aside",
                permanent=True,
            )
        graves = _graves(settings, tombstones, without_tombstones, held)
        TombstoneFile(settings.data / NAME).add(*graves)
        aside = None
        if database is None:
            _fill(settings, file)
        else:
            aside = _put_aside(database) if held.standing or held.unread else None
            backup.put_in_place(file, database)
            shutil.rmtree(settings.data / "memory" / "chroma", ignore_errors=True)
        return _apply(settings, file, graves, held, aside)


def _fill(settings: Settings, file: Path) -> None:
    engine = open_engine(settings.store_url)
    try:
        migrate(engine)
        backup.copy_rows_in(file, engine)
    finally:
        engine.dispose()


def _apply(
    settings: Settings, file: Path, graves: list[Tombstone], held: Limits, aside: Path | None
) -> Restored:
    engine = backup.opened(file)
    with engine.connect() as connection:
        in_backup = set(
            connection.exec_driver_sql("SELECT id FROM patient WHERE status != 'erased'").scalars()
        )
    engine.dispose()
    house: House = bootstrap.build(settings)  # erases again whom the list names
    now = house.services.clock()
    again = [one.patient_id for one in graves if one.patient_id in in_backup]
    if settings.chroma_url:
        for patient_id in again:
            house.memories.forget_patient(patient_id)
        house.memories.close()
    with house.store.reading() as rows:
        old = limits.read(rows.connection)
    members = limit_members(house.services, old, held)
    with house.store.unit_of_work() as work:
        unsent = work.outbox.doubt(now)
        carried = carry_over(work, old, held, members, now)
        work.invitations.withdraw()
        work.care_team.close_sessions()
        work.index.lost()
        work.audit.add(
            AuditEvent(
                at=now,
                actor="operator",
                type="house.restored",
                subject="house",
                detail=_in_numbers(again, unsent, carried),
            )
        )
        patients = len(work.patients.all())
    house.store.engine.dispose()
    return Restored(
        patients=patients, erased_again=again, carried=carried, unsent=unsent, replaced=aside
    )


def _in_numbers(again: Sequence[PatientId], unsent: int, carried: CarriedOver) -> dict[str, object]:
    carried_over = {kind: len(ids) for kind, ids in carried.done.items()}
    return {
        "erased_again": len(again),
        "unsent": unsent,
        "newer_database": carried.newer,
        "carried_over": carried_over,
    }


def _same_key(settings: Settings, file: Path) -> None:
    engine = backup.opened(file)
    try:
        vault = KeyVault(master_key(settings.master_key.get_secret_value(), settings.data), engine)
        for patient_id in backup.some_keys(file):
            vault.seal(patient_id, "")
    except KeyMissing as error:
        raise SettingsError(
            "the master key is not the one of this backup: give ANKANG_MASTER_KEY, or put the old "
            f"master.key into {settings.data}"
        ) from error
    finally:
        engine.dispose()


def _graves(settings: Settings, given: Path | None, without: bool, held: Limits) -> list[Tombstone]:
    own = TombstoneFile(settings.data / NAME)
    if given is not None and not given.is_file():
        raise StoreError(f"{given}: there is no such file", permanent=True)
    if given is None and not own.path.exists() and not held.standing and not without:
        raise StoreError(
            f"nothing says who was erased since the backup: give --tombstones {NAME} (it lay in "
            "the data folder), or --without-tombstones if nobody was",
            permanent=True,
        )
    others = TombstoneFile(given).read() if given is not None else []
    return together(own.read(), others, held.erased)


@contextmanager
def _nobody_else(settings: Settings) -> Iterator[None]:
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.data / "running.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingsError(f"Ankang runs on {settings.data}: stop it first") from error
        yield


def _sqlite_file(settings: Settings) -> Path | None:
    engine = open_engine(settings.store_url)
    name = engine.url.database if engine.dialect.name == "sqlite" else None
    engine.dispose()
    return Path(name) if name else None


def _held(database: Path | None) -> Limits:
    """What the old database can still tell, damaged or not."""
    if database is None or not database.exists():
        return Limits()
    return limits.of_file(database)


def _put_aside(database: Path) -> Path:
    number, aside = 1, database.with_name(f"{database.name}.replaced")
    while aside.exists():
        number += 1
        aside = database.with_name(f"{database.name}.replaced-{number}")
    with suppress(sqlite3.Error), closing(sqlite3.connect(database)) as old:
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a damaged one goes as it is
    database.rename(aside)
    return aside
