"""Rows are the truth: kept once, claimed once, sealed, in order, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, inspect, text
from sqlalchemy.exc import DBAPIError

from bot.domain.checkin import CheckIn, CheckInState, Schedule
from bot.domain.errors import KeyMissing, StoreError
from bot.domain.escalation import AuditEvent, Escalation, EscalationState
from bot.domain.message import Direction, Message, PatientId, Update
from bot.domain.observation import Observation
from bot.domain.outbox import MessageClass, OutboxState, Parcel
from bot.domain.patient import (
    CONSENT_VERSION,
    Consent,
    Contact,
    Dialogue,
    Patient,
    PatientStatus,
    Purpose,
)
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.database import SqlStore, open_engine
from bot.store.migrate import migrate, newest, version
from memory import Memory

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
LEASE = timedelta(seconds=30)
ALICE, CHARLIE = PatientId("alice"), PatientId("charlie")


def add_patient(store: SqlStore, patient_id: PatientId = ALICE) -> Patient:
    patient = Patient(
        id=patient_id,
        status=PatientStatus.ACTIVE,
        name="Alice Canary",
        birth_date=date(1961, 4, 12),
        created_at=NOW,
    )
    with store.unit_of_work() as work:
        work.patients.add(patient)
    return patient


def update(number: int, chat: str = "a") -> Update:
    return Update(
        channel="telegram",
        bot="1",
        external_id=str(number),
        body=f"canary-{number}",
        received_at=NOW,
        order_key=chat,
    )


def parcel(key: str, **changes: object) -> Parcel:
    base = Parcel(
        key=key,
        channel="telegram",
        bot="1",
        address="a",
        message_class=MessageClass.REPLY,
        text="hello",
        not_before=NOW,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_a_redelivered_update_is_kept_once(store):
    with store.unit_of_work() as work:
        assert work.inbox.keep([update(1), update(2)]) == 2
    with store.unit_of_work() as work:
        assert work.inbox.keep([update(2), update(3)]) == 1
        assert [row.update.body for row in work.inbox.claim_new(NOW, LEASE, 10)] == [
            "canary-1",
            "canary-2",
            "canary-3",
        ]


def test_a_claimed_update_comes_back_only_after_its_lease(store):
    with store.unit_of_work() as work:
        work.inbox.keep([update(1)])
        assert len(work.inbox.claim_new(NOW, LEASE, 10)) == 1
    with store.unit_of_work() as work:
        assert work.inbox.claim_new(NOW + LEASE / 2, LEASE, 10) == []
        [again] = work.inbox.claim_new(NOW + LEASE, LEASE, 10)
        assert again.attempts == 2


def test_one_patient_has_one_turn_at_a_time_and_a_flood_starves_nobody(store):
    with store.unit_of_work() as work:
        work.inbox.keep([update(n, "flood") for n in range(50)] + [update(99, "quiet")])
        for row in work.inbox.claim_new(NOW, LEASE, 100):
            work.inbox.screened(row.id, None, row.update.order_key)
    with store.unit_of_work() as work:
        first = work.inbox.claim_turns(NOW, LEASE, 10)
        assert [row.update.external_id for row in first] == ["0", "99"]
        assert work.inbox.claim_turns(NOW, LEASE, 10) == []
        work.inbox.done(first[0].id)
        assert [r.update.external_id for r in work.inbox.claim_turns(NOW, LEASE, 10)] == ["1"]


def test_a_message_still_unread_holds_back_the_later_ones_of_its_chat(store):
    with store.unit_of_work() as work:
        work.inbox.keep([update(1), update(2)])
        rows = work.inbox.claim_new(NOW, LEASE, 10)
        work.inbox.screened(rows[1].id, None, rows[1].update.order_key)
        assert work.inbox.claim_turns(NOW, LEASE, 10) == []


def test_many_workers_never_claim_the_same_row(store):
    with store.unit_of_work() as work:
        work.inbox.keep([update(n, f"chat{n}") for n in range(200)])
    seen: list[int] = []
    lock = threading.Lock()

    def claim() -> None:
        for _ in range(30):
            with store.unit_of_work() as work:
                rows = work.inbox.claim_new(NOW, LEASE, 7)
            with lock:
                seen.extend(row.id for row in rows)

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == len(set(seen)) == 200


def test_an_error_inside_a_unit_of_work_leaves_nothing_behind(store):
    with pytest.raises(RuntimeError), store.unit_of_work() as work:
        work.inbox.keep([update(1)])
        raise RuntimeError
    with store.reading() as rows:
        assert rows.inbox.counts() == {}


def test_a_patient_is_read_back_as_written_and_lies_sealed(store):
    patient = add_patient(store)
    with store.unit_of_work() as work:
        work.patients.consent(
            [
                Consent(
                    patient_id=ALICE,
                    purpose=Purpose.REMINDERS,
                    granted=granted,
                    version=CONSENT_VERSION,
                    at=NOW,
                )
                for granted in (True, False, True)
            ]
        )
        work.patients.save_dialogue(Dialogue(patient_id=ALICE, topic={"said": "canary"}))
    with store.reading() as rows:
        assert rows.patients.get(ALICE) == replace(patient, consents=frozenset({Purpose.REMINDERS}))
        assert rows.patients.dialogue(ALICE).topic == {"said": "canary"}
    with store.engine.connect() as connection:
        for table in ("patient", "dialogue"):
            [row] = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert "anary" not in str(row)


def test_what_was_sealed_for_one_patient_opens_for_no_other(store):
    add_patient(store, ALICE)
    add_patient(store, CHARLIE)
    sealed = store.vault.seal(ALICE, "private")
    assert store.vault.open(ALICE, sealed) == "private"
    with pytest.raises(KeyMissing):
        store.vault.open(CHARLIE, sealed)


def test_another_master_key_names_the_patient_it_cannot_read(store):
    add_patient(store)
    sealed = store.vault.seal(ALICE, "private")
    stranger = KeyVault(bytes(32), store.engine)
    with pytest.raises(KeyMissing, match="alice"):
        stranger.open(ALICE, sealed)


def test_erasing_leaves_a_tombstone_and_no_key(store):
    add_patient(store)
    with store.unit_of_work() as work:
        work.conversation.add(message("m1", "canary"))
        work.patients.add_contact(
            Contact(channel="telegram", bot="1", address="a", patient_id=ALICE)
        )
    with store.unit_of_work() as work:
        receipt = work.patients.erase(ALICE, NOW).removed
    assert receipt["message"] == 1
    assert receipt["patient_key"] == 1
    with store.reading() as rows:
        gone = rows.patients.get(ALICE)
        assert gone is not None and gone.status is PatientStatus.ERASED and gone.name == ""
        assert rows.conversation.latest(ALICE, 10) == []
        assert rows.patients.contact_at("telegram", "1", "a") is None
    with pytest.raises(KeyMissing):
        store.vault.seal(ALICE, "again")


@pytest.fixture
def other(store):
    """Another process of the same house, with the same keys in its memory."""
    engine = open_engine(store.engine.url.render_as_string(hide_password=False))
    yield SqlStore(engine, KeyVault(bytes(range(32)), engine))
    engine.dispose()


def test_nothing_is_sealed_with_a_key_that_another_process_has_destroyed(store, other):
    add_patient(store)
    assert store.vault.open(ALICE, other.vault.seal(ALICE, "both have it")) == "both have it"
    with other.unit_of_work() as work:
        work.patients.erase(ALICE, NOW)
    with pytest.raises(KeyMissing), store.unit_of_work() as work:
        work.conversation.add(message("m1", "canary"))
    with pytest.raises(KeyMissing), store.unit_of_work() as work:
        work.outbox.add(parcel("p1", patient_id=ALICE))
    with store.reading() as rows:
        assert rows.conversation.latest(ALICE, 10) == []
        assert rows.outbox.counts() == {}


def test_one_destroyed_key_keeps_nobody_else_in_a_batch_from_being_written_to(store, other):
    add_patient(store)
    add_patient(store, CHARLIE)
    with other.unit_of_work() as work:
        work.patients.erase(ALICE, NOW)
    with store.unit_of_work() as work:
        assert set(work.patients.some([ALICE, CHARLIE])) == {CHARLIE}
        work.outbox.add(parcel("p1", patient_id=CHARLIE))


def test_an_erasure_waits_for_what_is_being_written_and_takes_it_too(store, other):
    add_patient(store)
    written, erased = threading.Event(), threading.Event()

    def erase() -> None:
        written.wait(10)
        with other.unit_of_work() as work:
            work.patients.erase(ALICE, NOW)
        erased.set()

    thread = threading.Thread(target=erase)
    thread.start()
    with store.unit_of_work() as work:
        work.conversation.add(message("m1", "canary"))
        written.set()
        assert not erased.wait(0.5)
    thread.join(30)
    assert erased.is_set()
    with store.reading() as rows:
        assert rows.conversation.latest(ALICE, 10) == []


def message(message_id: str, words: str) -> Message:
    return Message(
        id=message_id,
        patient_id=ALICE,
        direction=Direction.INBOUND,
        author="patient",
        text=words,
        at=NOW,
    )


def test_a_conversation_is_read_oldest_first_and_a_message_kept_once(store):
    add_patient(store)
    with store.unit_of_work() as work:
        for number in range(5):
            work.conversation.add(message(f"m{number}", f"words {number}"))
        work.conversation.add(message("m0", "other words"))
    with store.reading() as rows:
        assert [m.text for m in rows.conversation.latest(ALICE, 3)] == [
            "words 2",
            "words 3",
            "words 4",
        ]
        first = rows.conversation.get("m0")
        assert first is not None and first.text == "words 0"


def test_observations_come_newest_first_without_the_withdrawn(store):
    add_patient(store)
    with store.unit_of_work() as work:
        work.record.observe(
            Observation(
                id=f"o{n}",
                patient_id=ALICE,
                code="blood_pressure",
                value=130.0 + n,
                diastolic=80.0,
                unit="mmHg",
                at=NOW + timedelta(hours=n),
            )
            for n in range(3)
        )
        work.record.withdraw(ALICE, "o1")
    with store.reading() as rows:
        assert [o.value for o in rows.record.observations(ALICE)] == [132.0, 130.0]


def test_memories_are_numbered_within_their_patient(store):
    add_patient(store, ALICE)
    add_patient(store, CHARLIE)
    for patient_id in (ALICE, CHARLIE, ALICE):
        with store.unit_of_work() as work:
            before = len(work.record.memories(patient_id))
            work.record.remember(
                [
                    Memory(
                        id=f"{patient_id}/{before}",
                        patient_id=patient_id,
                        text="my knee hurts",
                        recorded_at=NOW,
                    )
                ]
            )
    with store.reading() as rows:
        assert [m.position for m in rows.record.memories(ALICE)] == [0, 1]
        assert [m.position for m in rows.record.memories(CHARLIE)] == [0]
        assert len(rows.index.new(10).memories) == 3


def test_a_checkin_slot_exists_once_and_is_changed_by_one_worker(store):
    add_patient(store)
    due = CheckIn(id="c1", schedule_id="s", patient_id=ALICE, slot="2026-01-05T09:00", due_at=NOW)
    with store.unit_of_work() as work:
        work.checkins.set_schedule(
            Schedule(id="s", patient_id=ALICE, kind="wellness", time="09:00")
        )
        assert work.checkins.materialise([due]) == 1
        assert work.checkins.materialise([replace(due, id="c2")]) == 0
    asked = replace(due, state=CheckInState.ASKED, asked_at=NOW)
    with store.unit_of_work() as work:
        assert work.checkins.change(due, asked)
        assert not work.checkins.change(due, asked)
        assert work.checkins.open_for(ALICE) == [asked]


def test_what_is_due_is_taken_patient_by_patient_and_nobodys_lost_key_holds_it_up(store):
    bob = PatientId("bob")
    for who in (ALICE, bob, CHARLIE):
        add_patient(store, who)
        with store.unit_of_work() as work:
            for number in range(2):
                name = f"{who}/{number}"
                schedule = Schedule(id=name, patient_id=who, kind="wellness")
                work.checkins.set_schedule(schedule)
                due = CheckIn(
                    id=name, schedule_id=name, patient_id=who, slot="2026-01-05T09:00",
                    due_at=NOW + timedelta(minutes=number),
                )  # fmt: skip
                work.checkins.materialise([due])
    with store.unit_of_work() as work:
        work.connection.execute(delete(t.patient_key).where(t.patient_key.c.patient_id == bob))
    later = NOW + timedelta(minutes=20)
    with store.unit_of_work() as work:
        [first, second] = work.checkins.take_due(later, 1)
        assert first.patient_id == second.patient_id != bob
        assert {one.patient_id for one in work.checkins.take_due(later, 9)} == {ALICE, CHARLIE}
        assert len(work.checkins.take_backlog(later, NOW, 9)) == 6  # to be set aside


def test_one_of_many_values_is_found_whatever_signs_it_holds(store):
    names = ['a"b', "a\\b", "a,b", "{a}", "NULL", "", "药", "a'b", " a "]
    add_patient(store)
    with store.unit_of_work() as work:
        for name in names:
            work.checkins.set_schedule(Schedule(id=name, patient_id=ALICE, kind="wellness"))
    with store.reading() as rows:
        assert set(rows.checkins.some(names)) == set(names)
        assert set(rows.checkins.some(names[:2])) == set(names[:2])
        assert rows.checkins.some([]) == {}


def test_a_parcel_needs_no_index_of_its_patient_alone(store):
    with store.engine.connect() as connection:
        of_outbox = inspect(connection).get_indexes("outbox")
    firsts = [index["column_names"][0] for index in of_outbox]
    assert firsts.count("patient_id") == 1


def test_an_escalation_is_kept_once_and_loses_no_race(store):
    add_patient(store)
    escalation = Escalation(
        id="e1",
        patient_id=ALICE,
        tier="P0",
        reason="chest_pain_acs",
        next_step_at=NOW,
        evidence={"words": "canary"},
        created_at=NOW,
    )
    with store.unit_of_work() as work:
        assert work.escalations.add(escalation)
        assert not work.escalations.add(escalation)
        assert work.escalations.due(NOW, 10) == [escalation]
    accepted = replace(escalation, state=EscalationState.ACCEPTED, accepted_by="Bob")
    with store.unit_of_work() as work:
        assert work.escalations.change(escalation, accepted)
        assert not work.escalations.change(escalation, accepted)
        assert work.escalations.get("e1") == accepted


@pytest.mark.parametrize("act", ["UPDATE audit_event SET actor='x'", "DELETE FROM audit_event"])
def test_the_database_refuses_to_change_the_trail(store, act):
    with store.unit_of_work() as work:
        work.audit.add(AuditEvent(at=NOW, actor="bot", type="test", subject="s"))
    with (
        pytest.raises(DBAPIError, match="never changed"),
        store.engine.connect() as connection,
        connection.begin(),
    ):
        connection.execute(text(act))


def test_the_outbox_sends_urgent_words_first_and_each_reason_once(store):
    with store.unit_of_work() as work:
        assert work.outbox.add(parcel("checkin", message_class=MessageClass.CHECK_IN))
        assert work.outbox.add(parcel("first", message_class=MessageClass.EMERGENCY))
        assert not work.outbox.add(parcel("first", text="other"))
        assert work.outbox.due(NOW, channel="telegram", bot="1")
        claimed = work.outbox.claim(NOW, LEASE, 10, channel="telegram", bot="1")
        assert [p.key for p in claimed] == ["first", "checkin"]
        assert not work.outbox.due(NOW, channel="telegram", bot="1")


def test_a_parcel_whose_sender_died_on_the_wire_is_known_as_such(store):
    with store.unit_of_work() as work:
        work.outbox.add(parcel("a"))
        [claimed] = work.outbox.claim(NOW, LEASE, 10, channel="telegram", bot="1")
        assert work.outbox.start(claimed.id, NOW + LEASE)
    with store.unit_of_work() as work:
        assert work.outbox.interrupted(NOW) == []
        assert [p.key for p in work.outbox.interrupted(NOW + LEASE)] == ["a"]
        assert work.outbox.claim(NOW + LEASE * 2, LEASE, 10, channel="telegram", bot="1") == []


def test_stop_denies_what_the_bot_would_say_by_itself_even_when_claimed(store):
    add_patient(store)
    with store.unit_of_work() as work:
        mine = {"patient_id": ALICE}
        work.outbox.add(parcel("ask", message_class=MessageClass.CHECK_IN, **mine))
        work.outbox.add(parcel("reply", **mine))
        work.outbox.add(
            parcel("page", message_class=MessageClass.CLINICAL, escalation_id="e", **mine)
        )
        claimed = work.outbox.claim(NOW, LEASE, 10, channel="telegram", bot="1")
        assert work.outbox.stop(ALICE) == 1
        assert [work.outbox.start(p.id, NOW + LEASE) for p in claimed] == [True, True, False]


def test_the_words_of_a_settled_parcel_are_gone(store):
    with store.unit_of_work() as work:
        work.outbox.add(parcel("a", text="canary"))
        [claimed] = work.outbox.claim(NOW, LEASE, 10, channel="telegram", bot="1")
        assert claimed.text == "canary"
        work.outbox.finish(claimed.id, OutboxState.SENT, NOW, external_id="77")
        assert work.outbox.external_id("a") == "77"
    with store.engine.connect() as connection:
        assert connection.scalar(text("SELECT sealed FROM outbox")) is None


def test_an_invitation_works_once_and_not_after_its_time(store):
    with store.unit_of_work() as work:
        work.invitations.add("code", purpose="patient", subject="x", expires_at=NOW + LEASE)
        work.invitations.add("late", purpose="patient", subject="y", expires_at=NOW)
        assert work.invitations.redeem("late", NOW) is None
        assert work.invitations.redeem("wrong", NOW) is None
        assert work.invitations.find("late", NOW) is None
        assert work.invitations.find("code", NOW) == ("patient", "x")  # uses nothing up
        assert work.invitations.redeem("code", NOW) == ("patient", "x")
        assert work.invitations.find("code", NOW) is None
        assert work.invitations.redeem("code", NOW) is None
    with store.engine.connect() as connection:
        assert "code" not in str(connection.execute(text("SELECT code_hash FROM invitation")).all())


def test_a_lease_has_one_holder_until_it_runs_out(store):
    with store.unit_of_work() as work:
        assert work.leases.take("poll", "one", NOW, LEASE)
        assert not work.leases.take("poll", "two", NOW, LEASE)
        assert work.leases.take("poll", "one", NOW, LEASE)
        assert work.leases.take("poll", "two", NOW + LEASE, LEASE)


def test_migrating_twice_changes_nothing(store):
    assert migrate(store.engine) == newest() == version(store.engine)


def test_a_database_that_is_away_is_one_clear_error(tmp_path):
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:9/none")
    store = SqlStore(engine, KeyVault(bytes(32), engine))
    with pytest.raises(StoreError, match="does not answer"), store.reading():
        pass
