"""The rows of the watch and of the call questions, the same on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import safety
from bot.domain import canary
from bot.domain.call import CallQuestion, CallState
from bot.domain.escalation import AuditEvent, Escalation
from bot.domain.message import PatientId, Update
from bot.domain.outbox import MessageClass, Parcel
from bot.domain.patient import Patient, PatientStatus
from bot.store.database import SqlStore
from bot.store.rows_watch import LATE

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ALICE = PatientId("alice")


def matter(name: str = "e", patient_id: PatientId | None = ALICE) -> Escalation:
    return Escalation(
        id=name, patient_id=patient_id, tier="P0", reason="r", next_step_at=NOW, created_at=NOW,
        ladder={**safety.ladder_for("P0").plain(), "on_shift": ["bob"]},
    )  # fmt: skip


def add_people(store: SqlStore) -> None:
    with store.unit_of_work() as work:
        for who in (ALICE, canary.PATIENT):
            work.patients.add(Patient(id=who, status=PatientStatus.ACTIVE, created_at=NOW))


def test_rows_that_lie_still_are_counted_by_kind_with_their_ids(store: SqlStore) -> None:
    add_people(store)
    with store.unit_of_work() as work:
        work.escalations.add(matter())
        work.escalations.add(matter("lost", None))
        work.inbox.keep([Update(channel="c", bot="b", external_id="1", body="{}", received_at=NOW)])
        for number in range(12):
            work.outbox.add(
                Parcel(
                    key=str(number),
                    channel="email",
                    bot="smtp",
                    address=f"{'x' * 200}@clinic.example",  # as long as an address may be
                    message_class=MessageClass.ADMIN,
                    text="t",
                    not_before=NOW,
                )
            )
    with store.reading() as rows:
        assert rows.watch.overdue(NOW + timedelta(seconds=30)) == []
        assert rows.watch.overdue(NOW + LATE)[0].kind == "inbox"
        found = {one.kind: one for one in rows.watch.overdue(NOW + LATE + timedelta(seconds=1))}
    assert {kind: one.count for kind, one in found.items()} == {
        "escalation": 2, "outbox": 12, "inbox": 1,
    }  # fmt: skip
    assert found["escalation"].ids == ("e", "lost")
    assert len(found["outbox"].ids) == 10


def test_the_ladder_comes_back_and_the_canarys_matters_are_on_nobodys_list(
    store: SqlStore,
) -> None:
    add_people(store)
    with store.unit_of_work() as work:
        for name, who in (("e", ALICE), ("c", canary.PATIENT), ("h", None)):
            work.escalations.add(matter(name, who))
    with store.reading() as rows:
        assert {e.id for e in rows.escalations.open()} == {"e", "h"}
        assert {e.id for e in rows.escalations.recent(9)} == {"e", "h"}
        assert [e.id for e in rows.escalations.open(canary.PATIENT)] == ["c"]
        assert {e.id for e in rows.escalations.due(NOW, 9)} == {"e", "c", "h"}
        assert rows.escalations.get("e") == matter()


def test_a_question_is_kept_once_and_moves_once(store: SqlStore) -> None:
    add_people(store)
    question = CallQuestion(id="e/call/3", escalation_id="e", patient_id=ALICE, next_at=NOW)
    asked = replace(
        question, state=CallState.ASKED, asked_at=NOW, next_at=NOW + timedelta(minutes=2)
    )
    with store.unit_of_work() as work:
        assert work.calls.add([question, replace(question, id="e/call/10")]) == 2
        assert work.calls.add([question]) == 0
        assert work.calls.change(question, asked)
        assert not work.calls.change(question, asked)
    with store.reading() as rows:
        assert [q.id for q in rows.calls.due(NOW, 9)] == ["e/call/10"]
        assert rows.calls.get("e/call/3") == asked
        assert rows.calls.asked_since(ALICE, NOW - timedelta(minutes=1))
        assert not rows.calls.asked_since(ALICE, NOW)


def test_the_newest_event_of_a_kind_is_found(store: SqlStore) -> None:
    with store.unit_of_work() as work:
        for number, kind in enumerate(("a", "b", "a", "c")):
            work.audit.add(
                AuditEvent(
                    at=NOW, actor="bot", type=kind, subject="house", detail={"number": number}
                )
            )
    with store.reading() as rows:
        last = rows.watch.last("house", "a", "b")
        assert last is not None
        assert last.detail == {"number": 2}
        assert rows.watch.last("house", "d") is None
