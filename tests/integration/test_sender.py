"""The sender alone: urgent first, one at a time for each person, and nothing that was forbidden."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from house import FakeClock, FakePhone, HouseUnderTest
from running import NoMemories

from bot.domain.errors import ChannelError, OutcomeUnknown, RateLimited, Refused, ThreadGone
from bot.domain.message import Outgoing, PatientId, Receipt
from bot.domain.outbox import MessageClass, OutboxState, Parcel
from bot.domain.patient import PatientStatus, Purpose
from bot.ports import Clinic, Services
from bot.store.database import SqlStore
from bot.work import settle
from bot.work.limits import Limits
from bot.work.sender import Sender
from bot.work.settle import recover
from bot.work.waking import Waker

ALICE = PatientId("alice")


class SlowPhone(FakePhone):
    """Takes a moment for each message, and notices two at once to one person."""

    def __init__(self) -> None:
        super().__init__()
        self.talking: set[str] = set()
        self.gone: set[str | None] = set()  #: deleted topics

    async def send(self, outgoing: Outgoing) -> Receipt:
        assert outgoing.address not in self.talking
        self.talking.add(outgoing.address)
        await asyncio.sleep(0.01)
        self.talking.remove(outgoing.address)
        if outgoing.thread in self.gone:
            raise ThreadGone
        return await super().send(outgoing)


class Post:
    """An outbox, a phone, and a sender between them."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.clock, self.phone = store, FakeClock(), SlowPhone()
        self.services = Services(
            store=store, clock=self.clock, bells=Waker(), vault=store.vault,
            clinic=Clinic(name="Test clinic"), memories=NoMemories(),
            channels={"telegram": self.phone},
        )  # fmt: skip
        HouseUnderTest(self, self.clock, self.phone).patient("alice")  # type: ignore[arg-type]

    def put(self, text: str, kind: MessageClass, to: str = "alice", **more: object) -> None:
        parcel = Parcel(
            key=text, channel="telegram", bot="42", address=to, message_class=kind, text=text,
            patient_id=ALICE, not_before=self.clock(),
        )  # fmt: skip
        with self.store.unit_of_work() as work:
            assert work.outbox.add(replace(parcel, **more))  # type: ignore[arg-type]

    def claim(self) -> list[Parcel]:
        """What another worker takes into its hands now."""
        with self.store.unit_of_work() as work:
            return work.outbox.claim(
                self.clock(), timedelta(seconds=90), 10, channel="telegram", bot="42"
            )

    def counts(self) -> dict[str, int]:
        with self.store.reading() as rows:
            return rows.outbox.counts()

    @property
    def said(self) -> list[str]:
        return [outgoing.text for outgoing in self.phone.sent]

    @asynccontextmanager
    async def sending(self, limits: Limits | None = None) -> AsyncIterator[Waker]:
        """The sender runs until nothing is left to send just now."""
        stop, bells = asyncio.Event(), Waker()
        bells.attach()
        with ThreadPoolExecutor(2) as front:
            sender = Sender(
                self.phone, self.services, bells, front, limits or Limits(unlimited=True)
            )
            task = asyncio.create_task(sender.run(stop))
            yield bells
            for _ in range(300):
                counts = self.counts()
                if not (counts.get("new") or counts.get("sending")):
                    break
                await asyncio.sleep(0.01)
            stop.set()
            bells.ring("outbox")
            await task


@pytest.fixture
def post(store: SqlStore) -> Post:
    return Post(store)


async def test_the_urgent_goes_first_and_each_person_hears_one_at_a_time(post: Post) -> None:
    for number in range(5):
        post.put(f"check-in {number}", MessageClass.CHECK_IN)
    post.put("reply", MessageClass.REPLY)
    post.put("emergency", MessageClass.EMERGENCY)
    async with post.sending():
        pass
    assert post.said == ["emergency", "reply", *(f"check-in {n}" for n in range(5))]
    assert post.counts() == {"sent": 7}


async def test_what_stop_forbids_is_held_back_even_when_it_was_claimed(post: Post) -> None:
    post.put("check-in", MessageClass.CHECK_IN)
    post.put("reply", MessageClass.REPLY)
    with post.store.unit_of_work() as work:
        alice = work.patients.get(ALICE)
        assert alice is not None
        work.patients.save(replace(alice, status=PatientStatus.STOPPED))
    async with post.sending():
        pass
    assert post.said == ["reply"]
    assert post.counts() == {"denied": 1, "sent": 1}


async def test_a_withdrawn_consent_holds_back_what_it_allowed(post: Post) -> None:
    from bot.domain.patient import CONSENT_VERSION, Consent

    post.put("check-in", MessageClass.CHECK_IN)
    with post.store.unit_of_work() as work:
        work.patients.consent(
            [Consent(patient_id=ALICE, purpose=Purpose.REMINDERS, granted=False,
                     version=CONSENT_VERSION, at=post.clock())]
        )  # fmt: skip
    async with post.sending():
        pass
    assert post.counts() == {"denied": 1}


async def test_a_refusal_is_final_and_an_unknown_outcome_is_not_repeated(post: Post) -> None:
    post.phone.fails = [Refused(), OutcomeUnknown()]
    post.put("first", MessageClass.REPLY)
    post.put("second", MessageClass.REPLY)
    post.put("third", MessageClass.REPLY)
    async with post.sending():
        pass
    assert post.said == ["third"]
    assert post.counts() == {"failed": 1, "unknown": 1, "sent": 1}


async def test_an_emergency_of_unknown_outcome_is_said_again_with_a_note(post: Post) -> None:
    post.phone.fails = [OutcomeUnknown()]
    post.put("emergency", MessageClass.EMERGENCY)
    async with post.sending():
        pass
    [again] = post.said
    assert again.endswith("emergency") and "again" in again


async def test_a_limited_message_waits_and_comes_once(post: Post) -> None:
    post.phone.fails = [RateLimited(timedelta(seconds=30), whole_bot=False)]
    post.put("reply", MessageClass.REPLY)
    async with post.sending():
        await asyncio.sleep(0.3)
        post.clock.advance(seconds=31)
    assert post.said == ["reply"]


def test_waiting_ones_turn_uses_up_no_try(post: Post) -> None:
    post.put("dose", MessageClass.CLINICAL)
    for _ in range(12):
        [parcel] = post.claim()
        limited = RateLimited(timedelta(seconds=1), whole_bot=True)
        settle.failed(parcel, limited, post.services)
        post.clock.advance(seconds=2)
    [parcel] = post.claim()
    settle.failed(parcel, ChannelError("no network"), post.services)
    assert post.counts() == {"new": 1}


async def test_two_cards_for_a_deleted_topic_make_one_new_topic(post: Post) -> None:
    from bot.domain.care_team import CareGroup

    post.phone.gone = {"7"}
    with post.store.unit_of_work() as work:
        work.care_team.add_group(CareGroup(channel="telegram", bot="42", address="-1", topics=True))
        work.care_team.set_topic("telegram", "-1", ALICE, "7")
    for name in ("card one", "card two"):
        post.put(name, MessageClass.EMERGENCY, "-1", thread="7")
    async with post.sending():
        pass
    assert len(post.phone.topics) == 1
    assert {outgoing.thread for outgoing in post.phone.sent} == {"101"}


async def test_a_stale_message_is_dropped_and_not_sent_late(post: Post) -> None:
    post.put("check-in", MessageClass.CHECK_IN, useless_after=post.clock() + timedelta(hours=6))
    post.clock.advance(hours=7)
    async with post.sending():
        pass
    assert post.said == []
    assert post.counts() == {"expired": 1}


async def test_a_clock_that_jumps_while_a_message_is_on_the_wire_stops_nothing(post: Post) -> None:
    class Jumping(SlowPhone):
        async def send(self, outgoing: Outgoing) -> Receipt:
            if outgoing.text == "first" and not post.phone.sent:
                post.clock.advance(hours=1)
                recover(post.services)  # another beat sees a lease that ran out long ago
                post.phone.sent.append(outgoing)
                raise RateLimited(timedelta(seconds=1), whole_bot=False)
            return await super().send(outgoing)

    post.phone.__class__ = Jumping
    post.put("first", MessageClass.CHECK_IN)
    post.put("second", MessageClass.CHECK_IN, "charlie")
    async with post.sending():
        pass
    assert post.counts() == {"unknown": 1, "sent": 1}


async def test_what_another_worker_has_sent_stays_sent_however_late_one_looks(post: Post) -> None:
    post.put("reply", MessageClass.REPLY, useless_after=post.clock() + timedelta(hours=1))
    [held] = post.claim()
    async with post.sending():  # a worker that claims it too, and is quicker
        post.clock.advance(minutes=2)
    post.clock.advance(hours=2)
    assert settle.before(held, post.services, timedelta(seconds=90)) is None
    assert post.said == ["reply"]
    assert post.counts() == {"sent": 1}


async def test_stop_after_the_sending_does_not_unsay_it(post: Post) -> None:
    post.put("check-in", MessageClass.CHECK_IN)
    [held] = post.claim()
    async with post.sending():
        post.clock.advance(minutes=2)
    with post.store.unit_of_work() as work:
        alice = work.patients.get(ALICE)
        assert alice is not None
        work.patients.save(replace(alice, status=PatientStatus.STOPPED))
    assert settle.before(held, post.services, timedelta(seconds=90)) is None
    assert post.counts() == {"sent": 1}


def test_an_outcome_that_is_being_written_down_is_not_called_unknown(post: Post) -> None:
    if post.store.engine.dialect.name != "postgresql":
        pytest.skip("an embedded house is alone")
    post.put("emergency", MessageClass.EMERGENCY)
    [held] = post.claim()
    assert settle.before(held, post.services, timedelta(seconds=90)) is not None
    post.clock.advance(minutes=2)
    with post.store.unit_of_work() as work:
        work.outbox.finish(held.id, OutboxState.SENT, post.clock(), external_id="1")
        with ThreadPoolExecutor(1) as beat:  # another worker's, before this is committed
            assert beat.submit(settle.recover, post.services).result(10) == 0
    assert post.counts() == {"sent": 1}


async def test_what_is_claimed_while_it_lands_is_not_kept_from_everybody(post: Post) -> None:
    """A group that moved: put off until now, so claimed again before its task has ended."""
    post.put("reply", MessageClass.REPLY)
    [parcel] = post.claim()
    with ThreadPoolExecutor(1) as front:
        bells = Waker()
        bells.attach()
        sender = Sender(post.phone, post.services, bells, front, Limits(unlimited=True))
        landing = asyncio.create_task(asyncio.sleep(0.05), name=parcel.address)
        sender._flying[parcel.id] = landing
        landing.add_done_callback(lambda _: sender._landed(parcel.id))
        with post.store.unit_of_work() as work:
            work.outbox.later(parcel.id, post.clock())
        stop = asyncio.Event()
        running = asyncio.create_task(sender.run(stop))
        for _ in range(100):
            await asyncio.sleep(0.01)
            if post.said:
                break
        stop.set()
        await running
    assert post.said == ["reply"]


async def test_the_sender_knows_when_what_waits_for_its_moment_may_go(post: Post) -> None:
    now = post.clock()
    for seconds in (40, 0.3, 0.2):
        moment = now + timedelta(seconds=seconds)
        post.put(f"in {seconds} s", MessageClass.CHECK_IN, not_before=moment)
    until, ours = now + timedelta(seconds=0.5), {"channel": "telegram", "bot": "42"}
    with post.store.reading() as rows:
        assert rows.outbox.next(now, until, **ours) == now + timedelta(seconds=0.2)
        assert rows.outbox.next(until, until + timedelta(seconds=0.5), **ours) is None
        assert rows.outbox.next(now, until, channel="telegram", bot="another") is None


async def test_ordinary_words_wake_no_other_channel_and_none_that_may_say_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look for each of them while they wait for the limit was a tenth of a crowd's work."""
    looks: list[float] = []
    seen = Sender._claim_now

    def counted(self: Sender, limit: int) -> tuple[list[Parcel], float]:
        looks.append(time.monotonic())
        return seen(self, limit)

    monkeypatch.setattr(Sender, "_claim_now", counted)
    limits = Limits()
    for number in range(24):  # all that may go at once
        limits.take(f"other {number}", time.monotonic())
    limits.pause("", 1.0, whole_bot=True, now=time.monotonic())
    for number in range(3):
        post.put(f"reply {number}", MessageClass.REPLY, f"chat {number}")
    async with post.sending(limits) as bells:
        await asyncio.sleep(0.1)
        for bell in ["outbox/web"] * 20 + ["outbox/telegram"] * 20:
            bells.ring(bell)
            await asyncio.sleep(0.002)
        assert len(looks) == 1 and not post.said
        bells.ring("outbox")  # an emergency is looked for at once
        await asyncio.sleep(0.1)
        assert len(looks) == 2
        await asyncio.sleep(1.5)
    assert sorted(post.said) == ["reply 0", "reply 1", "reply 2"]


async def test_an_answer_wakes_its_channel_at_once_where_there_is_room(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.work.sender._LONGEST", 60.0)
    async with post.sending() as bells:
        await asyncio.sleep(0.1)
        post.put("reply", MessageClass.REPLY)
        bells.ring("outbox/telegram")
        for _ in range(1000):
            if post.said:
                break
            await asyncio.sleep(0.01)
        assert post.said == ["reply"]


def test_what_is_put_in_the_post_says_whom_it_wakes(post: Post) -> None:
    with post.store.unit_of_work() as work:
        parcel = Parcel(
            key="one", channel="telegram", bot="42", address="alice",
            message_class=MessageClass.REPLY, text="words", not_before=post.clock(),
        )  # fmt: skip
        work.outbox.add(parcel)
        assert work.outbox.wakes == {"outbox/telegram"}
        work.outbox.add_all([replace(parcel, key="page", channel="email", escalation_id="e1")])
        assert work.outbox.wakes == {"outbox/telegram", "outbox"}
