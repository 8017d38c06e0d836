"""Rows leave when their class says so, on both databases, and nothing else does."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from conftest import open_with
from house import MONDAY, FakeClock, HouseUnderTest, make
from running import NoMemories
from small_memory import Hashed

from bot import retention
from bot.config import Settings
from bot.domain.errors import SettingsError
from bot.domain.message import Direction, Kind, Message, PatientId, Update
from bot.domain.observation import Observation
from bot.domain.outbox import MessageClass, OutboxState, Parcel
from bot.domain.patient import Patient, PatientStatus
from bot.ports import Clinic, Services
from bot.store.database import SqlStore
from bot.store.rows_retention import TABLES
from bot.store.tables import metadata
from bot.work.index import Indexer
from bot.work.waking import Waker
from memory import Memory

ALICE = PatientId("alice")
RULES = Path(retention.__file__).with_name("retention.toml")


def services(store: SqlStore, clock: FakeClock) -> Services:
    return Services(
        store=store, clock=clock, bells=Waker(), vault=store.vault,
        clinic=Clinic(name="Test clinic"), memories=NoMemories(),  # type: ignore[arg-type]
    )  # fmt: skip


def fill(store: SqlStore, name: str, days_ago: int) -> None:
    at = MONDAY - timedelta(days=days_ago)
    with store.unit_of_work() as work:
        if work.patients.status(ALICE) is None:
            work.patients.add(Patient(id=ALICE, status=PatientStatus.ACTIVE, created_at=at))
        work.conversation.add(
            Message(
                id=f"m-{name}", patient_id=ALICE, direction=Direction.INBOUND, author="patient",
                kind=Kind.TEXT, text="words", at=at,
            )
        )  # fmt: skip
        work.record.observe(
            [Observation(id=f"o-{name}", patient_id=ALICE, code="weight", value=70, unit="kg",
                         at=at)]
        )  # fmt: skip
        work.inbox.keep(
            [Update(channel="web", bot="", external_id=name, body="{}", received_at=at)]
        )
        work.invitations.add(name, purpose="patient", subject="alice", expires_at=at)


def kept(store: SqlStore) -> dict[str, int]:
    with store.reading() as rows:
        return {
            name: rows.connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
            for name in ("message", "observation", "inbox", "invitation")
        }


def own(tmp_path: Path, **days: int) -> str:
    """The house's file with other days, as a clinic would write it."""
    text = RULES.read_text("utf-8")
    for name, count in days.items():
        head, _, tail = text.partition(f"[class.{name}]")
        first, _, rest = tail.partition("days = ")
        text = f"{head}[class.{name}]{first}days = {count}{rest[len(rest.split(chr(10))[0]) :]}"
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    return str(path)


def test_the_record_of_care_is_kept_until_a_clinic_decides(store: SqlStore) -> None:
    fill(store, "old", 40 * 365)
    with store.unit_of_work() as work:
        row = work.inbox.claim_new(MONDAY, timedelta(seconds=1), 1)[0]
        work.inbox.done(row.id)
    house = services(store, FakeClock())
    assert retention.due(house)["inbox"] == 1
    assert retention.apply(house, "a") == {"inbox": 1, "invitation": 1}
    assert kept(store) == {"message": 1, "observation": 1, "inbox": 0, "invitation": 0}


def test_a_clinics_own_days_count_and_the_day_itself_is_kept(
    store: SqlStore, tmp_path: Path
) -> None:
    path = own(tmp_path, conversation=3650)
    fill(store, "old", 3651)
    fill(store, "new", 3649)
    house = services(store, FakeClock())
    assert retention.due(house, path)["message"] == 1
    gone = retention.apply(house, "a", path)
    assert gone is not None and gone["message"] == 1
    assert kept(store)["message"] == 1
    assert kept(store)["observation"] == 2  # its class was not changed
    with store.reading() as rows:
        assert rows.audit.of("house")[-1].detail == gone


def test_what_waits_is_never_too_old(store: SqlStore) -> None:
    fill(store, "old", 4000)
    retention.apply(services(store, FakeClock()), "a")
    assert kept(store)["inbox"] == 1


def test_one_process_applies_it_a_night(store: SqlStore) -> None:
    clock = FakeClock()
    assert retention.apply(services(store, clock), "a") == {}
    assert retention.apply(services(store, clock), "b") is None
    clock.advance(hours=24)
    assert retention.apply(services(store, clock), "b") == {}


def test_old_memories_leave_the_index_with_their_rows(settings: Settings, tmp_path: Path) -> None:
    settings.data.mkdir()
    house: HouseUnderTest = make(settings, FakeClock(), partial(open_with, Hashed()))
    house.patient("alice")
    with house.house.store.unit_of_work() as work:
        work.record.remember(
            Memory(id=f"a{days}", patient_id="alice", text=f"knee {days}",
                   recorded_at=MONDAY - timedelta(days=days))
            for days in (900, 10)
        )  # fmt: skip
    while Indexer(house.services).step():
        pass
    retention.apply(house.services, "a", own(tmp_path, memories=365))
    assert [m.text for m in house.services.memories.real().list("alice")] == ["knee 10"]
    house.house.memories.close()
    house.house.store.engine.dispose()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ('days = "30"', "days"),
        ("days = -1", "class.updates.days"),
        ('tables = ["patient_key"]', "patient_key"),
        ('tables = ["audit_event"]', "audit_event"),
    ],
)
def test_a_broken_file_stops_the_start_and_is_named(tmp_path: Path, broken: str, said: str) -> None:
    path = tmp_path / "own.toml"
    lines = RULES.read_text("utf-8").splitlines()
    field = broken.partition(" ")[0]
    at = next(i for i, line in enumerate(lines) if line.startswith(f"{field} ="))
    lines[at] = broken
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(SettingsError, match=said):
        retention.rules(str(path))


def test_the_file_says_that_nobody_signed_it_and_names_only_tables_that_may_go() -> None:
    given = retention.rules()
    assert not given.reviewed_on and not given.reviewer and "draft" in given.evidence
    named = {table for one in given.classes for table in one.tables}
    assert named == set(TABLES) == set(retention._TABLES)
    assert not named & {"audit_event", "audit_link", "patient_key", "patient", "erasure"}


def test_an_erasure_leaves_no_row_of_a_patient_that_the_receipt_does_not_name() -> None:
    from bot.store.erasure import ERASED, KEPT

    of_patients = {table.name for table in metadata.tables.values() if "patient_id" in table.c}
    gone, stays = {t.name for t in ERASED}, {t.name for t in KEPT}
    assert of_patients == gone | stays | {"patient_key", "erasure"}
    assert stays | {"patient"} == set(retention.rules().left)


def test_what_was_never_sent_leaves_as_well_and_what_waits_stays(store: SqlStore) -> None:
    with store.unit_of_work() as work:
        for state in (OutboxState.CLEARED, OutboxState.DENIED, OutboxState.ENOUGH, OutboxState.NEW):
            for days in (1, 900):
                at = MONDAY - timedelta(days=days)
                work.outbox.add(
                    Parcel(
                        key=f"{state.value}/{days}", channel="web", bot="", address="alice",
                        message_class=MessageClass.EDUCATION, text="words", created_at=at,
                        not_before=at, state=state,
                    )
                )  # fmt: skip
    with store.unit_of_work() as work:
        assert work.retention.delete("outbox", MONDAY - timedelta(days=400)) == 3
    with store.reading() as rows:
        assert rows.outbox.counts() == {"cleared": 1, "denied": 1, "enough": 1, "new": 2}
