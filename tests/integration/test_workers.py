"""Two and four workers on one database: each thing once, in order, and one leader at a time."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from house import MONDAY, FakeClock, FakePhone, HouseUnderTest
from running import NoMemories

from bot.checkins.ask import ask, ask_all
from bot.checkins.miss import miss
from bot.conversation.answer import LEASE, answer
from bot.conversation.listen import claim, hear
from bot.conversation.receive import receive
from bot.domain.checkin import CheckIn, Schedule
from bot.domain.message import PatientId, Update
from bot.domain.outbox import OutboxState
from bot.escalations.climb import climb
from bot.ports import Clinic, Services
from bot.store.database import SqlStore
from bot.work.loop import Loops, Uses
from bot.work.settle import recover
from bot.work.waking import Waker

WORKERS = pytest.mark.parametrize("workers", [2, 4])


class Shared:
    """One database and what several workers do on it at once."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.clock, self.phone = store, FakeClock(), FakePhone()
        self.services = Services(
            store=store, clock=self.clock, bells=Waker(), vault=store.vault,
            clinic=Clinic(name="Test clinic"), memories=NoMemories(),
            channels={"telegram": self.phone},
        )  # fmt: skip
        self.people = HouseUnderTest(self, self.clock, self.phone)  # type: ignore[arg-type]

    def all_at_once(self, workers: int, act: Callable[[], Any]) -> list[Any]:
        start = Barrier(workers)

        def one() -> Any:
            start.wait(10)
            return act()

        with ThreadPoolExecutor(workers) as pool:
            return [f.result(60) for f in [pool.submit(one) for _ in range(workers)]]


@pytest.fixture
def shared(store: SqlStore) -> Shared:
    return Shared(store)


def keep(shared: Shared, texts: list[tuple[str, str]]) -> None:
    """Updates in this order at the door, a few at a time."""
    updates = [
        Update(
            channel="telegram", bot="42", external_id=str(number), received_at=MONDAY,
            order_key=who,
            body=json.dumps({"kind": "text", "address": who, "sender": who, "text": text,
                             "message_id": str(number)}),
        )
        for number, (who, text) in enumerate(texts)
    ]  # fmt: skip
    for first in range(0, len(updates), 7):
        receive(updates[first : first + 7], shared.services)


def work_until_done(shared: Shared) -> None:
    """One worker: the real reading and answering, until nothing is left."""

    async def run() -> None:
        uses = Uses(claim=claim, hear=hear, answer=answer, give_up=lambda *_: None,
                    turn_lease=LEASE)  # fmt: skip
        loops = Loops(shared.services, uses, Waker(), None, at_once=5)  # type: ignore[arg-type]
        idle = 0
        while idle < 15:
            done = await loops._read() + await loops._start_turns()
            if loops._turns:
                await asyncio.wait(set(loops._turns))
            idle = 0 if done else idle + 1
            await asyncio.sleep(0 if done else 0.02)

    asyncio.run(run())


@WORKERS
def test_each_turn_is_answered_once_and_each_patient_in_order(shared: Shared, workers: int) -> None:
    who = [f"p{n}" for n in range(4)]
    for one in who:
        shared.people.patient(one)
    keep(shared, [(one, f"my weight is {50 + n} kg") for n in range(12) for one in who])
    shared.all_at_once(workers, lambda: work_until_done(shared))
    with shared.store.reading() as rows:
        assert rows.inbox.counts() == {"done": 48}
        for one in who:
            said = rows.conversation.latest(PatientId(one), 100)
            heard = [m.text for m in said if m.author == "patient"]
            told = [m.text for m in said if m.author == "bot"]
            assert heard == [f"my weight is {50 + n} kg" for n in range(12)]
            assert [f"{50 + n} kg" in text for n, text in enumerate(told)] == [True] * 12
            kept = [o.shown for o in rows.record.observations(PatientId(one))]
            assert Counter(kept) == Counter(f"{50 + n} kg" for n in range(12))


@WORKERS
def test_an_emergency_heard_by_many_workers_is_one_matter(shared: Shared, workers: int) -> None:
    shared.people.patient("alice")
    shared.people.nurse("bob")
    keep(shared, [("alice", "I have crushing chest pain")])
    shared.all_at_once(workers, lambda: work_until_done(shared))
    with shared.store.reading() as rows:
        assert [(e.reason, e.step) for e in rows.escalations.recent(10)] == [("chest_pain_acs", 1)]
        assert rows.outbox.pending("telegram", "42", "alice") == 1


@WORKERS
def test_many_workers_climb_one_rung_at_a_time(shared: Shared, workers: int) -> None:
    shared.people.patient("alice")
    shared.people.nurse("bob")
    keep(shared, [("alice", "I have crushing chest pain")])
    work_until_done(shared)
    for rungs in (2, 3):
        shared.clock.advance(hours=1)
        assert sum(shared.all_at_once(workers, lambda: climb(shared.services))) == 1
        with shared.store.reading() as rows:
            assert rows.escalations.recent(1)[0].step == rungs
            assert rows.outbox.pending("telegram", "42", "nurse-bob") == rungs


@WORKERS
def test_many_workers_ask_and_miss_once(shared: Shared, workers: int) -> None:
    checkins = []
    for number in range(10):
        who = PatientId(f"p{number}")
        shared.people.patient(who)
        checkins.append(
            CheckIn(id=f"w/{who}/1", schedule_id=f"w/{who}", patient_id=who,
                    slot="2026-01-05T09:00", due_at=MONDAY)
        )  # fmt: skip
        with shared.store.unit_of_work() as work:
            work.checkins.set_schedule(
                Schedule(id=f"w/{who}", patient_id=who, kind="wellness", time="09:00")
            )
            work.checkins.materialise(checkins[-1:])
    assert sum(shared.all_at_once(workers, lambda: ask(shared.services))) == 10
    with shared.store.reading() as rows:
        assert all(rows.checkins.open_for(c.patient_id) is not None for c in checkins)
        assert rows.outbox.counts() == {"new": 10}
    shared.clock.advance(hours=3, minutes=1)
    assert sum(shared.all_at_once(workers, lambda: miss(shared.services))) == 0  # nobody read it
    with shared.store.unit_of_work() as work:
        lease = timedelta(minutes=1)
        for one in work.outbox.claim(shared.clock(), lease, 10, channel="telegram", bot="42"):
            work.outbox.finish(one.id, OutboxState.SENT, shared.clock())
        assert work.outbox.counts() == {"sent": 10}
    assert sum(shared.all_at_once(workers, lambda: miss(shared.services))) == 10
    shared.clock.advance(hours=3, minutes=1)
    assert sum(shared.all_at_once(workers, lambda: miss(shared.services))) == 10
    with shared.store.reading() as rows:
        assert len(rows.escalations.recent(50)) == 10


def test_batches_at_work_at_once_say_nothing_twice_to_anybody(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.checkins.ask._BATCH", 3)  # the second of two alike falls into the next
    people = [shared.people.patient(f"p{number}").id for number in range(20)]
    with shared.store.unit_of_work() as work:
        for who in people:
            for which in "ab":
                schedule = Schedule(
                    id=f"{who}/{which}", patient_id=who, kind="medicine", time="09:00", what="iron"
                )
                work.checkins.set_schedule(schedule)
                work.checkins.materialise(
                    [
                        CheckIn(
                            id=f"{schedule.id}/1", schedule_id=schedule.id, patient_id=who,
                            kind="medicine", slot="2026-01-05T09:00", due_at=MONDAY,
                        )
                    ]
                )  # fmt: skip
    assert ask(shared.services) == 40
    with shared.store.unit_of_work() as work:
        lease = timedelta(minutes=1)
        parcels = work.outbox.claim(shared.clock(), lease, 100, channel="telegram", bot="42")
        asked = [len(work.checkins.open_for(PatientId(f"p{n}"))) for n in range(20)]
    said = Counter((one.patient_id, one.text) for one in parcels)
    assert asked == [2] * 20
    assert set(said.values()) == {1}
    assert len({who for who, _ in said}) == 20
    assert ask(shared.services) == 0


def twice_each(shared: Shared, people: int, kind: str = "medicine") -> list[PatientId]:
    """Patients who are asked two things in the same words at the same moment, by their ids."""
    whose = [shared.people.patient(f"p{number}").id for number in range(people)]
    with shared.store.unit_of_work() as work:
        for which in "ab":  # nobody's two stand beside one another
            for who in whose:
                schedule = Schedule(
                    id=f"{who}/{which}", patient_id=who, kind=kind, time="09:00", what="iron"
                )
                due = CheckIn(
                    id=f"{schedule.id}/1", schedule_id=schedule.id, patient_id=who, kind=kind,
                    slot="2026-01-05T09:00", due_at=MONDAY,
                )  # fmt: skip
                work.checkins.set_schedule(schedule)
                work.checkins.materialise([due])
    return whose


def messages(shared: Shared) -> Counter[PatientId | None]:
    """How many messages wait in the post for each patient."""
    with shared.store.claiming() as work:
        lease = timedelta(minutes=1)
        parcels = work.outbox.claim(shared.clock(), lease, 1000, channel="telegram", bot="42")
    return Counter(one.patient_id for one in parcels)


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_what_one_worker_is_asking_a_patient_no_other_asks_too(shared: Shared) -> None:
    whose = twice_each(shared, people=4)
    with shared.store.unit_of_work() as one_worker:  # the first has taken half and thinks
        taken = one_worker.checkins.take_due(shared.clock(), 2)
        assert {one.patient_id for one in taken} < set(whose)
        others = ask(shared.services)
        ask_all(one_worker, taken, shared.clock())
    assert (len(taken), others) == (4, 4)
    assert ask(shared.services) == 0
    assert messages(shared) == dict.fromkeys(whose, 1)
    with shared.store.reading() as rows:
        assert [len(rows.checkins.open_for(who)) for who in whose] == [2] * 4


@WORKERS
def test_many_workers_put_what_reads_the_same_into_one_message(
    shared: Shared, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.checkins.ask._BATCH", 5)
    whose = twice_each(shared, people=40)
    shared.all_at_once(workers, lambda: ask(shared.services))
    ask(shared.services)  # what each left to the others
    assert messages(shared) == dict.fromkeys(whose, 1)
    with shared.store.reading() as rows:
        assert [len(rows.checkins.open_for(who)) for who in whose] == [2] * 40


@WORKERS
def test_one_worker_at_a_time_leads_and_a_dead_ones_lease_is_taken_over(
    shared: Shared, workers: int
) -> None:
    names = iter([f"worker{n}" for n in range(workers * 3)])

    def take() -> str:
        holder = next(names)
        with shared.store.unit_of_work() as work:
            took = work.leases.take("poll/42", holder, shared.clock(), timedelta(seconds=60))
        return holder if took else ""

    [leader] = [name for name in shared.all_at_once(workers, take) if name]
    assert [name for name in shared.all_at_once(workers, take) if name] == []
    shared.clock.advance(seconds=61)
    [heir] = [name for name in shared.all_at_once(workers, take) if name]
    assert heir != leader


@WORKERS
def test_what_a_dead_sender_left_on_the_wire_is_found_once(shared: Shared, workers: int) -> None:
    shared.people.patient("alice")
    keep(shared, [("alice", "I have crushing chest pain")])
    work_until_done(shared)
    with shared.store.unit_of_work() as work:
        [parcel, *_] = work.outbox.claim(
            shared.clock(), timedelta(seconds=30), 10, channel="telegram", bot="42"
        )
        assert work.outbox.start(parcel.id, shared.clock() + timedelta(seconds=30))
    shared.clock.advance(seconds=31)
    shared.all_at_once(workers, lambda: recover(shared.services))
    with shared.store.reading() as rows:
        counts = rows.outbox.counts()
    assert counts["unknown"] == 1
    assert counts["new"] == 1
