"""A restore never undoes a limit set since the backup, and says what a person must look at."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from carers import linked
from house import HouseUnderTest
from reopened import ALICE, CHARLIE, closed, opened

from bot.commands.restored import lines
from bot.config import Settings
from bot.domain.carer import Scope
from bot.domain.checkin import Schedule
from bot.domain.message import PatientId
from bot.domain.outbox import MessageClass
from bot.domain.patient import CONSENT_VERSION, Consent, PatientStatus, Pause, Purpose
from bot.escalations import farewell, team
from bot.post import may_write
from bot.restoring import Restored, restore
from bot.store.backup import back_up
from bot.store.unit_of_work import SqlUnitOfWork


@pytest.fixture
def house(settings: Settings) -> Iterator[HouseUnderTest]:
    settings.data.mkdir()
    under_test = opened(settings)
    under_test.patient("alice")
    under_test.patient("charlie")
    under_test.nurse("bob", password_hash="old")
    yield under_test
    closed(under_test)


@pytest.fixture
def backup(house: HouseUnderTest, tmp_path: Path) -> Path:
    """Taken an hour before whatever the test does."""
    with house.house.store.unit_of_work() as work:
        work.checkins.set_schedule(
            Schedule(id="warfarin", patient_id=ALICE, kind="medicine", time="08:00")
        )
    asyncio.run(linked(house))
    with house.house.store.unit_of_work() as work:
        [carer] = work.carers.of(ALICE)
        work.carers.change(replace(carer, scopes=frozenset({Scope.READINGS, Scope.RECORD})))
    back_up(house.house.store.engine, tmp_path / "b")
    house.clock.advance(hours=1)
    return tmp_path / "b"


def answered(house: HouseUnderTest, who: PatientId, purpose: Purpose, granted: bool) -> None:
    with house.house.store.unit_of_work() as work:
        work.patients.consent(
            [
                Consent(
                    patient_id=who, purpose=purpose, granted=granted,
                    version=CONSENT_VERSION, at=house.clock(),
                )
            ]
        )  # fmt: skip


def restored(house: HouseUnderTest, settings: Settings, file: Path) -> Restored:
    closed(house)
    return restore(settings, file, tombstones=None, replace=True)


@contextmanager
def again(settings: Settings) -> Iterator[tuple[HouseUnderTest, SqlUnitOfWork]]:
    house = opened(settings)
    with house.house.store.reading() as rows:
        yield house, rows
    closed(house)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_consent_withdrawn_since_stays_withdrawn(
    house: HouseUnderTest, settings: Settings, backup: Path, purpose: Purpose
) -> None:
    answered(house, ALICE, purpose, granted=False)
    done = restored(house, settings, backup)
    assert done.carried.done == {"withdrew": [f"alice: {purpose.value}"]}
    with again(settings) as (house, rows):
        alice, charlie = rows.patients.get(ALICE), rows.patients.get(CHARLIE)
        assert alice is not None and purpose not in alice.consents and len(alice.consents) == 4
        assert charlie is not None and charlie.consents == frozenset(Purpose)
        [carried] = [e for e in rows.audit.of("alice") if e.type == "restore.carried_over"]
        assert carried.detail == {"limits": [f"withdrew {purpose.value}"]}
        assert any(f"alice: {purpose.value}" in line for line in lines(done))


def test_who_left_the_care_messages_is_not_written_to(
    house: HouseUnderTest, settings: Settings, backup: Path
) -> None:
    answered(house, ALICE, Purpose.CARE_MESSAGES, granted=False)
    with house.house.store.unit_of_work() as work:
        alice = work.patients.get(ALICE)
        assert alice is not None
        work.patients.save(replace(alice, status=PatientStatus.ENROLLED))
    restored(house, settings, backup)
    with again(settings) as (house, rows):
        alice = rows.patients.get(ALICE)
        assert alice is not None and alice.status is PatientStatus.ENROLLED
        assert not may_write(alice, MessageClass.CLINICAL)


def test_a_consent_given_since_is_not_put_back_and_the_operator_is_told(
    house: HouseUnderTest, settings: Settings, tmp_path: Path
) -> None:
    answered(house, ALICE, Purpose.REMINDERS, granted=False)
    back_up(house.house.store.engine, tmp_path / "b")
    house.clock.advance(hours=1)
    answered(house, ALICE, Purpose.REMINDERS, granted=True)
    done = restored(house, settings, tmp_path / "b")
    assert done.carried.done == {} and done.carried.check == {"agreed": ["alice: reminders"]}
    assert any(line.startswith("CHECK") and "alice: reminders" in line for line in lines(done))
    with again(settings) as (house, rows):
        alice = rows.patients.get(ALICE)
        assert alice is not None and Purpose.REMINDERS not in alice.consents


def test_who_has_died_since_is_not_reminded_and_a_mistaken_mark_can_be_taken_back(
    house: HouseUnderTest, settings: Settings, backup: Path
) -> None:
    farewell.mark_deceased(house.services, ALICE, "bob")
    done = restored(house, settings, backup)
    assert done.carried.done == {"deceased": ["alice"]}
    with again(settings) as (house, rows):
        assert rows.patients.status(ALICE) is PatientStatus.DECEASED
        farewell.unmark_deceased(house.services, ALICE, "bob")
        with house.house.store.reading() as later:
            assert later.patients.status(ALICE) is PatientStatus.ACTIVE


def test_a_mark_of_death_taken_back_since_is_for_a_person_to_see(
    house: HouseUnderTest, settings: Settings, tmp_path: Path
) -> None:
    farewell.mark_deceased(house.services, ALICE, "bob")
    back_up(house.house.store.engine, tmp_path / "b")
    farewell.unmark_deceased(house.services, ALICE, "bob")
    done = restored(house, settings, tmp_path / "b")
    assert done.carried.check == {"not_deceased": ["alice"]}


def test_a_carer_who_was_ended_or_limited_since_hears_no_more(
    house: HouseUnderTest, settings: Settings, backup: Path
) -> None:
    asyncio.run(linked(house, "dave", "charlie"))  # linked since: not put back
    with house.house.store.unit_of_work() as work:
        [carer] = work.carers.of(ALICE)
        work.carers.change(replace(carer, scopes=frozenset({Scope.READINGS, Scope.REMINDERS})))
    done = restored(house, settings, backup)
    assert done.carried.done == {"carers": [f"alice: {carer.id}"]}
    with again(settings) as (house, rows):
        assert [one.scopes for one in rows.carers.of(ALICE)] == [frozenset({Scope.READINGS})]
        assert rows.carers.of(CHARLIE) == []
        with house.house.store.unit_of_work() as work:
            work.carers.change(replace(carer, ended_at=house.clock()))
        restored(house, settings, backup)
    with again(settings) as (house, rows):
        assert rows.carers.of(ALICE) == []


def test_a_reminder_ended_since_stays_ended(
    house: HouseUnderTest, settings: Settings, backup: Path
) -> None:
    with house.house.store.unit_of_work() as work:
        [schedule] = work.checkins.schedules(ALICE)
        work.checkins.set_schedule(replace(schedule, active=False))
        work.checkins.set_schedule(replace(schedule, id="aspirin"))
    done = restored(house, settings, backup)
    assert done.carried.done == {"schedules": ["alice: warfarin"]}
    assert done.carried.check == {"schedules": ["alice"]}  # set since, and gone
    with again(settings) as (house, rows):
        assert rows.checkins.schedules(ALICE) == []


def test_a_pause_begun_since_goes_on_and_one_that_is_over_does_not_come_back(
    house: HouseUnderTest, settings: Settings, backup: Path
) -> None:
    until = house.house.services.clock() + timedelta(days=36_500)  # restored by the real clock
    for who, end in ((ALICE, until), (CHARLIE, house.clock())):
        with house.house.store.unit_of_work() as work:
            patient = work.patients.get(who)
            assert patient is not None
            work.patients.save(
                replace(patient, status=PatientStatus.PAUSED, pause=Pause.ALL, paused_until=end)
            )
    done = restored(house, settings, backup)
    assert done.carried.done == {"paused": ["alice"]}
    with again(settings) as (house, rows):
        alice = rows.patients.get(ALICE)
        assert alice is not None and (alice.pause, alice.paused_until) == (Pause.ALL, until)
        assert rows.patients.status(CHARLIE) is PatientStatus.ACTIVE


def test_who_left_the_team_since_stays_out_and_an_old_password_stays_old(
    house: HouseUnderTest, settings: Settings, tmp_path: Path
) -> None:
    house.nurse("eve", password_hash="leaked")
    back_up(house.house.store.engine, tmp_path / "b")
    house.nurse("new")
    team.change(house.services, "bob", {"active": False}, "operator")
    team.change(house.services, "eve", {"password_hash": "new"}, "operator")
    done = restored(house, settings, tmp_path / "b")
    assert done.carried.done == {
        "members": ["bob: active, telegram_id", "eve: password_hash"]
    }  # fmt: skip
    assert done.carried.check == {"joined": ["new"]}
    with again(settings) as (house, rows):
        bob, eve = rows.care_team.by_username("bob"), rows.care_team.by_username("eve")
        assert bob is not None and not bob.active and bob.telegram_id == ""
        assert eve is not None and eve.active and eve.password_hash == "new"
        assert [e.type for e in rows.audit.of("bob")] == ["member.changed"]


def test_an_older_database_limits_nothing(
    house: HouseUnderTest, settings: Settings, tmp_path: Path
) -> None:
    answered(house, ALICE, Purpose.REMINDERS, granted=False)
    farewell.mark_deceased(house.services, CHARLIE, "bob")
    back_up(house.house.store.engine, tmp_path / "older")
    house.clock.advance(hours=1)
    answered(house, ALICE, Purpose.REMINDERS, granted=True)
    farewell.unmark_deceased(house.services, CHARLIE, "bob")
    back_up(house.house.store.engine, tmp_path / "b")
    closed(house)
    for journal in ("-wal", "-shm"):
        (settings.data / f"ankang.db{journal}").unlink(missing_ok=True)
    (settings.data / "ankang.db").write_bytes((tmp_path / "older").read_bytes())
    done = restore(settings, tmp_path / "b", tombstones=None, replace=True)
    assert not done.carried.newer and done.carried.done == {}
    with again(settings) as (house, rows):
        alice = rows.patients.get(ALICE)
        assert alice is not None and Purpose.REMINDERS in alice.consents
        assert rows.patients.status(CHARLIE) is PatientStatus.ACTIVE


def test_without_a_newer_database_the_report_says_what_to_check(
    house: HouseUnderTest, settings: Settings, backup: Path, tmp_path: Path
) -> None:
    closed(house)
    new = settings.model_copy(update={"data": tmp_path / "new"})
    new.data.mkdir()
    (new.data / "master.key").write_text((settings.data / "master.key").read_text())
    (new.data / "master.key").chmod(0o600)
    done = restore(new, backup, tombstones=None, without_tombstones=True)
    said = "\n".join(lines(done))
    assert "CHECK BEFORE YOU START: no newer database was at hand" in said
    for what in ("2026-01-05", "STOP", "consent", "died", "carers", "--disable", "medicines"):
        assert what in said
    assert "Alice" not in said


def test_a_damaged_database_is_put_aside_and_what_it_still_tells_counts(
    house: HouseUnderTest, settings: Settings, backup: Path
) -> None:
    farewell.mark_deceased(house.services, ALICE, "bob")
    answered(house, CHARLIE, Purpose.NURSES, granted=False)
    closed(house)
    with sqlite3.connect(settings.data / "ankang.db") as damaged:
        damaged.execute("DROP TABLE consent")
    done = restore(settings, backup, tombstones=None, replace=True)
    assert done.carried.done == {"deceased": ["alice"]}
    assert done.carried.check == {"unread": ["consent"]}
    (settings.data / "ankang.db").write_bytes(b"no database at all " * 999)
    done = restore(settings, backup, tombstones=None, without_tombstones=True)
    assert done.replaced is not None and done.replaced.read_bytes().startswith(b"no database")
    assert not done.carried.newer and done.carried.check == {"unread": ["the file"]}
