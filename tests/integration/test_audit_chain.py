"""The chain over the trail: whole after anything that may happen, broken after anything else."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.domain.audit import Head
from bot.domain.errors import StoreError
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.patient import Patient, PatientStatus
from bot.store.database import SqlStore

NOW = datetime(2026, 1, 5, 9, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ALICE = PatientId("alice")


def happened(what: str, **detail: object) -> AuditEvent:
    return AuditEvent(at=NOW, actor="bot", type=what, subject="某事 1", detail=detail)


def fill(store: SqlStore, count: int = 5) -> None:
    with store.unit_of_work() as work:
        work.audit.add(*(happened("test", number=n, share=0.1 * n) for n in range(count)))
    with store.unit_of_work() as work:
        assert work.audit.link() == count


def chain(store: SqlStore, **options: Any) -> Any:
    with store.reading() as rows:
        return rows.audit.verify(LATER, **options)


def tamper(store: SqlStore, *statements: str) -> None:
    """What a person with the database's own keys could do: take the triggers away first."""
    with store.engine.connect() as connection, connection.begin():
        if store.engine.dialect.name == "sqlite":
            for table in ("audit_event", "audit_link"):
                for act in ("update", "delete", "replace"):
                    connection.execute(text(f"DROP TRIGGER {table}_no_{act}"))
        else:
            for table in ("audit_event", "audit_link"):
                connection.execute(text(f"DROP TRIGGER {table}_is_final ON {table}"))
        for statement in statements:
            connection.execute(text(statement))


def test_an_untouched_trail_is_whole(store: SqlStore) -> None:
    fill(store)
    found = chain(store)
    assert (found.events, found.broken) == (5, None)
    with store.reading() as rows:
        assert rows.audit.head() == found.head


def test_linking_again_adds_nothing(store: SqlStore) -> None:
    fill(store)
    with store.unit_of_work() as work:
        assert work.audit.link() == 0


@pytest.mark.parametrize(
    ("statement", "what", "event"),
    [
        ("UPDATE audit_event SET actor = 'mallory' WHERE seq = 3", "event changed", 3),
        ("UPDATE audit_event SET detail = '{}' WHERE seq = 2", "event changed", 2),
        ("DELETE FROM audit_event WHERE seq = 4", "event missing", 4),
        ("DELETE FROM audit_link WHERE n = 2", "link missing", 3),
        ("UPDATE audit_link SET prev_hash = hash WHERE n = 2", "links do not join", 2),
        ("DELETE FROM audit_link WHERE n = 5", "not linked", 5),
    ],
)
def test_whatever_is_changed_is_found(
    store: SqlStore, statement: str, what: str, event: int
) -> None:
    fill(store)
    tamper(store, statement)
    broken = chain(store).broken
    assert (broken.what, broken.event) == (what, event)


def test_a_trail_cut_off_at_the_end_is_found_with_a_head_noted_elsewhere(store: SqlStore) -> None:
    fill(store)
    noted = chain(store).head
    tamper(store, "DELETE FROM audit_link WHERE n > 3", "DELETE FROM audit_event WHERE seq > 3")
    assert chain(store).broken is None  # by itself it cannot know
    assert chain(store, expected=noted).broken.what == "cut off"


def test_a_trail_written_anew_is_found_with_a_head_noted_elsewhere(store: SqlStore) -> None:
    fill(store)
    assert chain(store, expected=Head(n=4, hash="f" * 64)).broken.what == "replaced"


@pytest.mark.parametrize("table", ["audit_event", "audit_link"])
@pytest.mark.parametrize("act", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_the_database_refuses_to_change_trail_and_chain(
    store: SqlStore, table: str, act: str
) -> None:
    fill(store)
    column = "actor" if table == "audit_event" else "hash"
    with (
        pytest.raises(DBAPIError, match="never changed"),
        store.engine.connect() as connection,
        connection.begin(),
    ):
        connection.execute(text(act.format(table, column)))


def test_sqlite_refuses_to_replace_an_event_by_inserting_it_again(store: SqlStore) -> None:
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE")
    fill(store)
    insert = (
        "INSERT OR REPLACE INTO audit_event (seq, at, actor, type, subject, detail) "
        "VALUES (3, '2026-01-01', 'mallory', 't', 's', '{}')"
    )
    with (
        pytest.raises(DBAPIError, match="never changed"),
        store.engine.connect() as connection,
        connection.begin(),
    ):
        connection.execute(text(insert))


def test_an_erased_patient_leaves_a_chain_that_verifies_and_no_evidence(store: SqlStore) -> None:
    with store.unit_of_work() as work:
        work.patients.add(Patient(id=ALICE, status=PatientStatus.ACTIVE, created_at=NOW))
    with store.unit_of_work() as work:
        detail = work.audit.seal(ALICE, "m1/screen", NOW, {"spans": [[0, 4]], "flag": "胸痛"})
        work.audit.add(AuditEvent(at=NOW, actor="bot", type="screen.judged", subject="m1",
                                  patient_id=ALICE, detail=detail))  # fmt: skip
        assert work.audit.evidence("m1/screen") == {"spans": [[0, 4]], "flag": "胸痛"}
    with store.unit_of_work() as work:
        work.audit.link()
    assert chain(store, evidence=True).digests == 1
    with store.unit_of_work() as work:
        work.patients.erase(ALICE, NOW)
    found = chain(store, evidence=True)
    assert (found.broken, found.events) == (None, 1)
    with store.reading() as rows:
        assert rows.audit.evidence("m1/screen") is None


def test_changed_evidence_is_found(store: SqlStore) -> None:
    with store.unit_of_work() as work:
        work.patients.add(Patient(id=ALICE, status=PatientStatus.ACTIVE, created_at=NOW))
    with store.unit_of_work() as work:
        work.audit.add(happened("screen.judged", **work.audit.seal(ALICE, "m1", NOW, {"a": 1})))
        other = work.audit.seal(ALICE, "m2", NOW, {"a": 2})
        assert other["digest"]
    with store.unit_of_work() as work:
        work.audit.link()
    with store.engine.connect() as connection, connection.begin():
        connection.execute(
            text("UPDATE evidence SET sealed = (SELECT sealed FROM evidence WHERE id = 'm2') "
                 "WHERE id = 'm1'")
        )  # fmt: skip
    assert chain(store).broken is None
    assert chain(store, evidence=True).broken.what == "evidence changed"


def test_an_event_that_commits_late_is_linked_all_the_same(store: SqlStore) -> None:
    if store.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer: none commits late")
    slow = store.engine.connect()
    opened = slow.begin()
    slow.execute(
        text("INSERT INTO audit_event (at, actor, type, subject, detail) "
             "VALUES (now(), 'slow', 't', 's', '{}')")
    )  # fmt: skip
    fill(store)  # later numbers, linked first
    opened.commit()
    slow.close()
    with store.unit_of_work() as work:
        assert work.audit.link() == 1
    assert chain(store).events == 6
    assert chain(store).broken is None


def test_many_writers_and_several_linkers_make_one_chain(store: SqlStore) -> None:
    failed: list[Exception] = []

    def write(name: int) -> None:
        try:
            for n in range(25):
                with store.unit_of_work() as work:
                    work.audit.add(happened("test", writer=name, number=n))
                if n % 5 == 0:
                    with store.unit_of_work() as work:
                        work.audit.link()
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with store.unit_of_work() as work:
        work.audit.link(everything=True)
    found = chain(store)
    assert (found.events, found.broken) == (150, None)
