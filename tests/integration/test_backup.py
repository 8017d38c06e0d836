"""Backups of both databases: whole, sealed, put back, and never undoing an erasure or a STOP."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import postgres_url
from house import HouseUnderTest
from reopened import ALICE, CHARLIE, closed, opened
from sqlalchemy import make_url, text

from bot.config import Settings
from bot.domain.errors import SettingsError, StoreError
from bot.domain.message import PatientId
from bot.domain.outbox import MessageClass, OutboxState, Parcel
from bot.domain.patient import PatientStatus
from bot.erasing import erase, erase_again
from bot.restoring import restore
from bot.store.backup import back_up
from bot.store.database import SqlStore, open_engine
from bot.store.tombstones import NAME, TombstoneFile
from bot.work.index import Indexer

CANARY = "Quetzalcoatl"


@pytest.fixture
def house(settings: Settings) -> Iterator[HouseUnderTest]:
    settings.data.mkdir()
    under_test = opened(settings)
    under_test.patient("alice", name=CANARY)
    under_test.patient("charlie")
    under_test.nurse("bob")
    yield under_test
    closed(under_test)


def erased(house: HouseUnderTest, who: PatientId) -> None:
    erase(house.services, house.house.tombstones, who)


async def test_a_backup_taken_while_the_house_works_is_whole_and_sealed(
    house: HouseUnderTest, tmp_path: Path
) -> None:
    await house.say(f"my knee hurts since {CANARY}")
    file = tmp_path / "house.backup"
    with house.house.store.unit_of_work() as work:  # a write is under way
        said = work.connection.scalar(text("SELECT count(*) FROM message"))
        assert back_up(house.house.store.engine, file) == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0
    content = file.read_bytes()
    assert CANARY.encode() not in content
    key = (house.house.settings.data / "master.key").read_text().strip()
    assert key.encode() not in content and bytes.fromhex(key) not in content
    with sqlite3.connect(file) as copy:
        assert said >= 2  # the words and what was answered
        assert copy.execute("SELECT count(*) FROM message").fetchone() == (said,)


async def test_a_restored_house_remembers_and_answers(
    house: HouseUnderTest, settings: Settings, tmp_path: Path
) -> None:
    await house.say("my knee hurts when I climb the stairs")
    while Indexer(house.services).step():
        pass
    back_up(house.house.store.engine, tmp_path / "b")
    closed(house)
    key = (settings.data / "master.key").read_text()
    elsewhere = settings.model_copy(update={"data": tmp_path / "elsewhere"})
    elsewhere.data.mkdir()
    (elsewhere.data / "master.key").write_text(key)
    (elsewhere.data / "master.key").chmod(0o600)
    with pytest.raises(StoreError, match="nothing says who was erased"):
        restore(elsewhere, tmp_path / "b", tombstones=None)
    assert not (elsewhere.data / "ankang.db").exists()
    done = restore(elsewhere, tmp_path / "b", tombstones=None, without_tombstones=True)
    assert done.patients == 2
    again = opened(elsewhere)
    while Indexer(again.services).step():
        pass
    assert "stairs" in await again.say("what did I tell you about my knee?")
    closed(again)


def test_who_was_erased_after_the_backup_stays_erased(
    house: HouseUnderTest, settings: Settings, tmp_path: Path
) -> None:
    back_up(house.house.store.engine, tmp_path / "b")
    erased(house, ALICE)
    closed(house)
    done = restore(settings, tmp_path / "b", tombstones=None, replace=True)
    assert done.erased_again == [ALICE]
    again = opened(settings)
    with again.house.store.reading() as rows:
        assert rows.patients.status(ALICE) is PatientStatus.ERASED
        assert rows.patients.get(CHARLIE) is not None
        assert [e.type for e in rows.audit.of("alice")] == ["patient.erased"]
        assert rows.connection.exec_driver_sql(
            "SELECT count(*) FROM patient_key WHERE patient_id = 'alice'"
        ).scalar_one() == 0  # fmt: skip
    closed(again)


def test_a_list_kept_elsewhere_is_enough_when_the_disk_is_gone(
    house: HouseUnderTest, settings: Settings, tmp_path: Path
) -> None:
    back_up(house.house.store.engine, tmp_path / "b")
    erased(house, ALICE)
    saved = tmp_path / NAME
    saved.write_bytes((settings.data / NAME).read_bytes())
    closed(house)
    new = settings.model_copy(update={"data": tmp_path / "new"})
    new.data.mkdir()
    (new.data / "master.key").write_text((settings.data / "master.key").read_text())
    (new.data / "master.key").chmod(0o600)
    assert restore(new, tmp_path / "b", tombstones=saved).erased_again == [ALICE]


def test_a_database_put_back_by_other_means_is_cleared_at_the_next_start(
    house: HouseUnderTest, settings: Settings, tmp_path: Path
) -> None:
    back_up(house.house.store.engine, tmp_path / "b")
    erased(house, ALICE)
    closed(house)
    for journal in ("-wal", "-shm"):
        (settings.data / f"ankang.db{journal}").unlink(missing_ok=True)
    (settings.data / "ankang.db").write_bytes((tmp_path / "b").read_bytes())  # cp, or pg_restore
    again = opened(settings)
    with again.house.store.reading() as rows:
        assert rows.patients.status(ALICE) is PatientStatus.ERASED
    closed(again)


def test_a_crash_in_the_middle_of_an_erasure_is_made_up_at_the_next_start(
    house: HouseUnderTest, settings: Settings
) -> None:
    class Dies(Exception):
        pass

    def dies(_: str) -> int:
        raise Dies

    house.services.memories.real().forget_patient = dies
    with pytest.raises(Dies):
        erased(house, ALICE)
    closed(house)
    again = opened(settings)
    with again.house.store.reading() as rows:
        assert rows.patients.status(ALICE) is PatientStatus.ERASED
    closed(again)


def test_a_stop_said_after_the_backup_still_counts(
    house: HouseUnderTest, settings: Settings, tmp_path: Path
) -> None:
    back_up(house.house.store.engine, tmp_path / "b")
    with house.house.store.unit_of_work() as work:
        alice = work.patients.get(ALICE)
        assert alice is not None
        work.patients.save(replace(alice, status=PatientStatus.STOPPED))
    closed(house)
    done = restore(settings, tmp_path / "b", tombstones=None, replace=True)
    assert done.carried.done["stopped"] == ["alice"]
    again = opened(settings)
    with again.house.store.reading() as rows:
        restored = rows.patients.get(ALICE)
        assert restored is not None and not restored.may_be_written_to
    closed(again)


def test_what_may_have_been_sent_since_is_not_sent_again_but_emergencies_are(
    house: HouseUnderTest, settings: Settings, tmp_path: Path
) -> None:
    now = house.clock()
    with house.house.store.unit_of_work() as work:
        for key, its_class in (("a", MessageClass.CHECK_IN), ("b", MessageClass.EMERGENCY)):
            work.outbox.add(
                Parcel(
                    key=key, channel="telegram", bot="42", address="alice", patient_id=ALICE,
                    message_class=its_class, text="words", not_before=now,
                )
            )  # fmt: skip
    back_up(house.house.store.engine, tmp_path / "b")
    closed(house)
    assert restore(settings, tmp_path / "b", tombstones=None, replace=True).unsent == 1
    again = opened(settings)
    with again.house.store.unit_of_work() as work:
        parcels = work.outbox.claim(
            now + timedelta(minutes=1), timedelta(seconds=30), 9, channel="telegram", bot="42"
        )
        assert [parcel.key for parcel in parcels] == ["b"]
        assert work.outbox.counts()[OutboxState.UNKNOWN.value] == 1
    closed(again)


def test_nothing_is_touched_where_a_restore_is_refused(
    house: HouseUnderTest, settings: Settings, tmp_path: Path
) -> None:
    good, bad = tmp_path / "b", tmp_path / "bad"
    back_up(house.house.store.engine, good)
    closed(house)
    before = (settings.data / "ankang.db").read_bytes()
    bad.write_bytes(good.read_bytes()[:9000])
    refusals: list[tuple[Path, dict[str, Any], str]] = [
        (tmp_path / "none", {}, "no such file"),
        (bad, {"replace": True}, "bad"),
        (good, {}, "holds 2 patients: --replace"),
        (good, {"replace": True, "tombstones": tmp_path / "none"}, "no such file"),
    ]
    for file, options, said in refusals:
        with pytest.raises(StoreError, match=said):
            restore(settings, file, **{"tombstones": None, **options})
    (settings.data / "master.key").write_text("11" * 32)
    with pytest.raises(SettingsError, match="master key"):
        restore(settings, good, tombstones=None, replace=True)
    assert (settings.data / "ankang.db").read_bytes() == before


def test_a_line_that_cannot_be_read_stops_the_start_rather_than_forget_an_erasure(
    house: HouseUnderTest, settings: Settings
) -> None:
    erased(house, ALICE)
    closed(house)
    with (settings.data / NAME).open("a") as file:
        file.write('{"patient": "char')
    with pytest.raises(StoreError, match="line 2"):
        opened(settings)


@pytest.fixture
def empty_postgres() -> Iterator[str]:
    url = postgres_url()
    if not url:
        if os.environ.get("CI"):
            pytest.fail("CI has no PostgreSQL")
        pytest.skip("no PostgreSQL")
    name = f"ankang_test_{secrets.token_hex(6)}"
    admin = open_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(url).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


async def test_rows_move_from_sqlite_to_postgresql_and_back(
    house: HouseUnderTest, settings: Settings, tmp_path: Path, empty_postgres: str
) -> None:
    await house.say("my blood pressure is 131/84")
    back_up(house.house.store.engine, tmp_path / "b")
    erased(house, CHARLIE)
    closed(house)
    grown = settings.model_copy(update={"database_url": empty_postgres})
    assert restore(grown, tmp_path / "b", tombstones=None).erased_again == [CHARLIE]
    with pytest.raises(StoreError, match="not empty"):
        restore(grown, tmp_path / "b", tombstones=None)
    there = opened(grown)
    assert "135/85" in await there.say("my blood pressure is 135/85")  # the counters went on
    size = back_up(there.house.store.engine, tmp_path / "c")
    assert size > 0
    closed(there)
    back = settings.model_copy(update={"data": tmp_path / "back"})
    back.data.mkdir()
    for name in ("master.key", NAME):
        (back.data / name).write_text((settings.data / name).read_text())
        (back.data / name).chmod(0o600)
    assert restore(back, tmp_path / "c", tombstones=None).patients == 1
    again = opened(back)
    with again.house.store.reading() as rows:
        shown = [o.shown for o in rows.record.observations(ALICE)]
        assert shown == ["135/85 mmHg", "131/84 mmHg"]
        assert rows.audit.verify(again.clock() + timedelta(seconds=1)).broken is None
    closed(again)


def test_erasing_twice_is_erasing_once_on_both_databases(store: SqlStore, tmp_path: Path) -> None:
    from house import MONDAY

    from bot.domain.erasure import Tombstone
    from bot.domain.patient import Patient

    graves = TombstoneFile(tmp_path / NAME)
    with store.unit_of_work() as work:
        work.patients.add(Patient(id=ALICE, status=PatientStatus.ACTIVE, created_at=MONDAY))
    graves.add(Tombstone(patient_id=ALICE, at=MONDAY), Tombstone(patient_id=CHARLIE, at=MONDAY))
    graves.add(Tombstone(patient_id=ALICE, at=MONDAY + timedelta(days=1)))
    assert [one.at for one in graves.read()] == [MONDAY, MONDAY]
    assert erase_again(store, graves.read(), MONDAY) == [ALICE]
    assert erase_again(store, graves.read(), MONDAY) == []
    store.forget_the_journal()
    with store.reading() as rows:
        assert [one.patient_id for one in rows.patients.erased()] == [ALICE]
