"""The index of memories follows the rows: after a crash, a lost folder, a new model, a lost key."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from conftest import open_with
from house import MONDAY, FakeClock, HouseUnderTest, make
from small_memory import Hashed

from bot.config import Settings
from bot.domain.message import PatientId
from bot.domain.patient import Patient, PatientStatus
from bot.ports import AGAIN, NO_KEY
from bot.work.index import Indexer
from memory import Memory

ALICE, CHARLIE = PatientId("alice"), PatientId("charlie")


class Renamed(Hashed):
    """The same encoder under another name: to the rows, another model."""

    name = "hashed-64-v2"


def opened(settings: Settings, encoder: Any | None = None) -> HouseUnderTest:
    return make(settings, FakeClock(), partial(open_with, encoder or Hashed()))


@pytest.fixture
def house(settings: Settings) -> Iterator[HouseUnderTest]:
    settings.data.mkdir()
    under_test = opened(settings)
    for who in ("alice", "charlie"):
        under_test.patient(who)
        told(under_test, who, f"my knee hurts, says {who}", f"I take metformin, says {who}")
    yield under_test
    closed(under_test)


def told(house: HouseUnderTest, who: str, *texts: str, first: int = 0) -> None:
    with house.house.store.unit_of_work() as work:
        work.record.remember(
            Memory(id=f"{who}-{n}", patient_id=who, text=text, recorded_at=MONDAY)
            for n, text in enumerate(texts, first)
        )


def closed(house: HouseUnderTest) -> None:
    house.house.memories.close()
    house.house.store.engine.dispose()


def indexed(house: HouseUnderTest) -> int:
    """Work until nothing waits; how many steps did something."""
    hand, steps = Indexer(house.services), 0
    while hand.step():
        steps += 1
    return steps


def models(house: HouseUnderTest) -> dict[str, int]:
    with house.house.store.reading() as rows:
        return dict(rows.index.models())


def found(house: HouseUnderTest, who: str = "alice") -> list[str]:
    """What the index alone gives, without help from the rows."""
    return [one.memory.text for one in house.services.memories.recall(who, "knee", now=MONDAY)]


def test_each_row_says_which_model_encoded_it(house: HouseUnderTest) -> None:
    assert models(house) == {"": 4}
    indexed(house)
    assert models(house) == {"hashed-64": 4}
    assert len(found(house)) == 2


def test_a_crash_between_the_vector_and_the_row_is_made_up(house: HouseUnderTest) -> None:
    with house.house.store.reading() as rows:
        some = rows.index.new(16).memories
    house.services.memories.remember(some)  # and here the process dies
    indexed(house)
    assert models(house) == {"hashed-64": 4}
    assert len(house.services.memories.real().list("alice")) == 2


def test_a_lost_folder_is_made_again_and_meanwhile_the_rows_answer(
    house: HouseUnderTest, settings: Settings
) -> None:
    indexed(house)
    closed(house)
    shutil.rmtree(settings.data / "memory")
    again = opened(settings)
    hand = Indexer(again.services)
    hand.compare()
    with again.house.store.reading() as rows:
        from_rows = rows.record.unindexed_of(ALICE)
    assert len(from_rows) == 2  # recall ranks them along until the index has them
    indexed(again)
    assert [text for text in found(again) if "knee" in text]
    assert models(again) == {"hashed-64": 4}
    closed(again)


def test_a_corrupt_folder_is_made_again(house: HouseUnderTest, settings: Settings) -> None:
    indexed(house)
    closed(house)
    file = settings.data / "memory" / "chroma" / "chroma.sqlite3"
    content = bytearray(file.read_bytes())
    for place in range(4096 * 2, len(content), 4096):
        content[place : place + 200] = b"\xff" * 200
    file.write_bytes(content)
    again = opened(settings)
    indexed(again)
    assert len(found(again)) == 2
    assert found(again, "charlie")[0].endswith("says charlie")
    closed(again)


def test_a_page_that_was_lost_comes_back_and_nobody_elses_is_touched(house: HouseUnderTest) -> None:
    indexed(house)
    house.services.memories.forget_patient("alice")  # the disk lost it; the rows have it
    hand = Indexer(house.services)
    assert hand.step() == 2
    assert hand.step() == 0
    assert len(found(house)) == 2


def test_what_was_forgotten_while_it_was_indexed_does_not_come_back(house: HouseUnderTest) -> None:
    memories = house.services.memories.real()
    remember = memories.remember

    def forgotten_meanwhile(some: Any) -> None:
        remember(some)
        memories.remember = remember
        with house.house.store.unit_of_work() as work:
            work.record.forget(ALICE, ["alice-0"])

    memories.remember = forgotten_meanwhile
    indexed(house)
    assert found(house) == ["I take metformin, says alice"]


def test_a_vector_without_a_row_is_taken_away(house: HouseUnderTest) -> None:
    indexed(house)
    with house.house.store.unit_of_work() as work:
        work.record.forget(ALICE, ["alice-0"])  # a crash before the index heard of it
        work.record.forget(CHARLIE, ["charlie-0", "charlie-1"])
    indexed(house)
    assert found(house) == ["I take metformin, says alice"]
    assert house.services.memories.real().list("charlie") == []
    assert house.services.memories.real().count() == 1


def test_a_new_model_waits_for_the_command_and_goes_on_where_it_was_stopped(
    house: HouseUnderTest, settings: Settings
) -> None:
    indexed(house)
    closed(house)
    renamed = opened(settings, Renamed())
    indexed(renamed)
    assert models(renamed) == {"hashed-64": 4}  # by words alone until somebody asks for it
    assert any("knee" in text for text in found(renamed))
    with renamed.house.store.unit_of_work() as work:
        assert work.index.refresh("hashed-64-v2") == 4
    Indexer(renamed.services).step()
    assert models(renamed) == {AGAIN: 2, "hashed-64-v2": 2}
    closed(renamed)  # stopped half way
    later = opened(settings, Renamed())
    indexed(later)
    assert models(later) == {"hashed-64-v2": 4}
    with later.house.store.unit_of_work() as work:
        assert work.index.refresh("hashed-64-v2") == 0
    closed(later)


def test_what_arrives_during_a_rebuild_is_indexed_too(house: HouseUnderTest) -> None:
    indexed(house)
    with house.house.store.unit_of_work() as work:
        work.index.refresh()
    memories = house.services.memories.real()
    replace = memories.replace

    def meanwhile(owner: str, some: Any) -> None:
        memories.replace = replace
        told(house, owner, "a new knee", first=7)
        memories.remember(
            [Memory(id=f"{owner}-7", patient_id=owner, text="a new knee", recorded_at=MONDAY)]
        )
        with house.house.store.unit_of_work() as work:
            work.index.encoded([f"{owner}-7"], "hashed-64", MONDAY)
        replace(owner, some)

    memories.replace = meanwhile
    indexed(house)
    assert sorted(len(memories.list(who)) for who in ("alice", "charlie")) == [2, 3]
    assert models(house) == {"hashed-64": 5}


def test_a_missing_key_is_named_and_holds_up_nobody(
    house: HouseUnderTest, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with house.house.store.unit_of_work() as work:
        kept = work.connection.exec_driver_sql(
            "SELECT wrapped FROM patient_key WHERE patient_id = 'alice'"
        ).scalar_one()
        work.connection.exec_driver_sql("DELETE FROM patient_key WHERE patient_id = 'alice'")
    house.house.store.vault.drop("alice")
    indexed(house)
    assert "patient alice: no key opens the memories" in caplog.text
    assert "charlie" not in caplog.text
    assert models(house) == {NO_KEY: 2, "hashed-64": 2}
    assert len(found(house, "charlie")) == 2
    with house.house.store.unit_of_work() as work:
        assert work.index.without_key() == [ALICE]
        work.connection.exec_driver_sql(
            "INSERT INTO patient_key (patient_id, wrapped) VALUES ('alice', ?)", (kept,)
        )
    indexed(house)  # the next start finds the key again
    assert models(house) == {"hashed-64": 4}


def test_the_rows_of_the_index_on_both_databases(store: Any) -> None:
    for who in (ALICE, CHARLIE):
        with store.unit_of_work() as work:
            work.patients.add(Patient(id=who, status=PatientStatus.ACTIVE, created_at=MONDAY))
            work.record.remember(
                Memory(id=f"{who}-{n}", patient_id=who, text="tea", recorded_at=MONDAY)
                for n in range(2)
            )
    with store.unit_of_work() as work:
        ids = [memory.id for memory in work.index.new(10).memories]
        assert work.index.encoded([*ids, "gone"], "m1", MONDAY) == set(ids)
        assert work.index.counts() == {ALICE: 2, CHARLIE: 2}
        assert not work.index.new(10)
        assert work.index.refresh("m1") == 0
        assert work.index.lost([ALICE]) == 2
        assert work.index.counts() == {CHARLIE: 2}
        assert [m.id for m in work.index.again().memories] == ["alice-0", "alice-1"]
        assert work.index.encoded(["alice-0"], "m2", MONDAY) == {"alice-0"}
        assert work.index.late(ALICE, ["alice-0"]) == 1
        assert work.index.models() == {"": 1, "m1": 2, "m2": 1}
        assert work.index.refresh_of([CHARLIE]) == 2
        work.index.keyless([CHARLIE])
        assert work.index.without_key() == [CHARLIE]
