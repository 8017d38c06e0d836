"""Carers as rows, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import inspect, text

from bot.domain.carer import Carer, Scope
from bot.domain.message import PatientId
from bot.domain.patient import Patient, PatientStatus
from bot.store.database import SqlStore
from bot.store.migrate import migrate

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
ALICE, CHARLIE = PatientId("alice"), PatientId("charlie")
CAROL = Carer(
    id="c1", patient_id=ALICE, channel="telegram", bot="42", address="7", name="canary Carol",
    added_at=NOW,
)  # fmt: skip


def kept(store: SqlStore) -> None:
    with store.unit_of_work() as work:
        for who in (ALICE, CHARLIE):
            work.patients.add(Patient(id=who, status=PatientStatus.ACTIVE, created_at=NOW))
        assert work.carers.add(CAROL)
        assert not work.carers.add(CAROL)


def test_a_carer_is_kept_sealed_and_found_by_their_chat(store: SqlStore) -> None:
    kept(store)
    with store.reading() as rows:
        assert rows.carers.at("telegram", "42", "7") == CAROL
        assert rows.carers.at("telegram", "43", "7") is None
        assert rows.carers.of(CHARLIE) == []
    with store.engine.connect() as connection:
        [sealed] = connection.execute(text("SELECT sealed FROM carer")).scalars()
    assert "canary" not in sealed


def test_what_they_may_hear_changes_and_ends_once(store: SqlStore) -> None:
    kept(store)
    agreed = replace(CAROL, scopes=frozenset({Scope.READINGS, Scope.RECORD}))
    ended = replace(CAROL, ended_at=NOW)
    with store.unit_of_work() as work:
        work.carers.change(replace(agreed, patient_id=CHARLIE))  # somebody else's: nothing
        assert work.carers.of(ALICE) == [CAROL]
        work.carers.change(agreed)
        assert work.carers.of(ALICE) == [agreed]
        work.carers.change(ended)
        work.carers.change(agreed)  # too late
        assert work.carers.of(ALICE) == []
        assert work.carers.at("telegram", "42", "7") is None
        assert work.carers.of(ALICE, ended=True) == [ended]


def test_an_older_database_gets_the_table(store: SqlStore) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("DROP TABLE carer"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    migrate(store.engine)
    assert "carer" in inspect(store.engine).get_table_names()
