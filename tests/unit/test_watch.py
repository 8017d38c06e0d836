"""The watch: what lies still is found and told once; the canary is heard, and pages nobody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from house import HouseUnderTest

from bot.channels.canary import CanaryPhone
from bot.checkins.plan import plan
from bot.conversation.answer import LEASE, answer
from bot.conversation.listen import claim, hear
from bot.conversation.receive import receive
from bot.domain import canary as bird
from bot.domain.care_team import CareGroup, Role
from bot.domain.checkin import CheckIn, Schedule
from bot.domain.escalation import EscalationState
from bot.domain.message import Outgoing, PatientId
from bot.domain.outbox import MessageClass, OutboxState, Parcel
from bot.escalations.accept import complete
from bot.escalations.after_emergency import ask_calls
from bot.escalations.climb import climb
from bot.work import canary, settle
from bot.work.watch import HOUSE, UNWELL, WELL, Watch, audit

EVERY = timedelta(minutes=15)


def kinds(house: HouseUnderTest, every: timedelta | None = None) -> dict[str, int]:
    return {one.kind: one.count for one in audit(house.services, every)}


def put_in_the_post(
    house: HouseUnderTest, message_class: MessageClass = MessageClass.REPLY
) -> None:
    """A parcel for a channel that no sender serves."""
    with house.house.store.unit_of_work() as work:
        work.outbox.add(
            Parcel(
                key=f"k/{message_class}",
                channel="nowhere",
                bot="x",
                address="y",
                text="words",
                message_class=message_class,
                not_before=house.clock(),
            )
        )


def schedule_a_question(house: HouseUnderTest) -> None:
    """A check-in for Alice that is due now; nobody's beat asks it."""
    alice = PatientId("alice")
    with house.house.store.unit_of_work() as work:
        work.checkins.set_schedule(
            Schedule(id="s", patient_id=alice, kind="wellness", time="09:00")
        )
        due = house.clock()
        checkin = CheckIn(
            id="c", schedule_id="s", patient_id=alice, slot="2026-01-05T09:00", due_at=due
        )
        assert work.checkins.materialise([checkin]) == 1


async def test_a_house_at_work_is_well(house: HouseUnderTest) -> None:
    await house.say("I can't breathe")
    house.clock.advance(minutes=2)
    climb(house.services)
    await house.settle()
    assert kinds(house) == {}
    assert len(house.escalations()) == 1


async def test_every_kind_of_row_that_lies_still_is_found(house: HouseUnderTest) -> None:
    await house.say("I can't breathe")
    put_in_the_post(house)
    schedule_a_question(house)
    house.clock.advance(minutes=2)
    assert kinds(house) == {}  # they have their two minutes
    house.arrives("charlie", text="hello")
    house.clock.advance(minutes=2, seconds=1)  # the rung of the second minute is over two late
    assert kinds(house) == {"escalation": 1, "check_in": 1, "outbox": 1, "inbox": 1}


async def test_questions_that_nobody_plans_are_found_before_one_is_lost(
    house: HouseUnderTest,
) -> None:
    with house.house.store.unit_of_work() as work:
        for who in ("alice", "charlie"):
            schedule = Schedule(id=who, patient_id=PatientId(who), kind="wellness", time="09:00")
            work.checkins.set_schedule(schedule)
    await house.say("stop", "charlie")
    plan(house.services)
    house.clock.advance(hours=35)
    assert "schedule" not in kinds(house)
    house.clock.advance(hours=2)
    assert kinds(house)["schedule"] == 1  # nothing is planned for who said stop
    plan(house.services)
    assert "schedule" not in kinds(house)


async def test_a_question_after_an_emergency_that_nobody_asks_is_found(
    house: HouseUnderTest,
) -> None:
    await house.say("I can't breathe")
    house.clock.advance(minutes=5, seconds=1)
    climb(house.services)
    assert kinds(house)["call_question"] == 1
    ask_calls(house.services)
    assert "call_question" not in kinds(house)


async def test_an_incident_that_grows_after_somebody_closed_it_calls_again(
    house: HouseUnderTest,
) -> None:
    house.nurse("ada", role=Role.ADMIN, on_shift=False)
    put_in_the_post(house)
    house.clock.advance(minutes=3)
    audit(house.services)
    [first] = house.escalations()
    complete(house.services, first.id, "ada", "seen")
    audit(house.services)
    assert len(house.escalations()) == 1
    house.arrives("charlie", text="hello")
    house.clock.advance(minutes=2)
    audit(house.services)
    assert len(house.escalations()) == 2


async def test_an_alert_whose_next_step_was_lost_is_found(house: HouseUnderTest) -> None:
    await house.say("I can't breathe")
    with house.house.store.unit_of_work() as work:
        [was] = work.escalations.open(PatientId("alice"))
        work.escalations.change(was, replace(was, next_step_at=None))
    assert kinds(house) == {"escalation": 1}


async def test_an_emergency_that_is_tried_again_and_again_is_still_late(
    house: HouseUnderTest,
) -> None:
    put_in_the_post(house)
    put_in_the_post(house, MessageClass.EMERGENCY)
    with house.house.store.unit_of_work() as work:
        later = house.clock() + timedelta(minutes=9)
        for parcel in work.outbox.claim(house.clock(), LEASE, 9, channel="nowhere", bot="x"):
            work.outbox.later(parcel.id, later)
    house.clock.advance(minutes=3)
    assert kinds(house) == {"outbox": 1}


async def test_an_incident_calls_the_operator_once_and_ends_by_itself(
    house: HouseUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    house.nurse("ada", role=Role.ADMIN, on_shift=False)
    put_in_the_post(house)
    house.clock.advance(minutes=3)
    for _ in range(5):
        with caplog.at_level(logging.ERROR):
            assert kinds(house) == {"outbox": 1}
        climb(house.services)
        await house.settle()
        house.clock.advance(minutes=1)
    [told] = house.escalations()
    assert (told.tier, told.reason, told.patient_id) == ("P1", "house_unwell", None)
    assert told.evidence["watch"]["outbox"]["count"] == 1
    assert "1 outbox late: 1" in caplog.text
    assert "words" not in caplog.text
    [card] = house.told("nurse-ada")
    assert card.startswith("P1 same day · The system itself needs a look")
    assert house.told("nurse-bob") == []
    with house.house.store.unit_of_work() as work:
        [parcel] = work.outbox.claim(house.clock(), LEASE, 9, channel="nowhere", bot="x")
        work.outbox.finish(parcel.id, OutboxState.FAILED, house.clock())
    assert kinds(house) == {}
    with house.house.store.reading() as rows:
        last = rows.watch.last(HOUSE, UNWELL, WELL)
    assert last is not None
    assert last.type == WELL


async def test_an_incident_that_grows_is_written_down_and_calls_nobody_again(
    house: HouseUnderTest,
) -> None:
    put_in_the_post(house)
    house.clock.advance(minutes=3)
    audit(house.services)
    house.arrives("charlie", text="hello")
    house.clock.advance(minutes=2)
    climb(house.services)
    audit(house.services)
    with house.house.store.reading() as rows:
        last = rows.watch.last(HOUSE, UNWELL, WELL)
        events = rows.audit.of(HOUSE)
    assert last is not None
    assert set(last.detail["findings"]) == {"outbox", "inbox"}  # type: ignore[call-overload]
    assert len(events) == 2
    assert len(house.escalations()) == 1


@dataclass
class Aviary:
    """A house with its canary, driven step by step through the real door and the real post."""

    house: HouseUnderTest
    deaf: bool = False  #: the desk hears nothing

    def __post_init__(self) -> None:
        services = self.house.services
        keep = lambda updates: receive(updates, services)  # noqa: E731
        self.phone = CanaryPhone(keep, self.house.clock)
        services.channels[bird.CHANNEL] = self.phone

    async def go_round(self) -> None:
        """Read, answer and send for everybody until nothing is left."""
        services = self.house.services
        for _ in range(10):
            for row in claim(services):
                hear(row, services)
            with self.house.house.store.unit_of_work() as work:
                turns = work.inbox.claim_turns(services.clock(), LEASE, 50)
            for row in turns:
                await answer(row, services)
            with self.house.house.store.unit_of_work() as work:
                parcels = work.outbox.claim(
                    services.clock(), LEASE, 50, channel=bird.CHANNEL, bot=bird.CHANNEL
                )
            for parcel in parcels:
                if settle.before(parcel, services, LEASE) is None:
                    continue
                if self.deaf and parcel.address == bird.DESK:
                    continue
                words = Outgoing(address=parcel.address, text=parcel.text, buttons=parcel.buttons)
                receipt = await self.phone.send(words)
                settle.sent(parcel, OutboxState.SENT, receipt.message_id, services)
        await self.house.settle()

    def last(self) -> Any:
        with self.house.house.store.reading() as rows:
            return rows.watch.last(bird.PATIENT, canary.SENT, canary.PASSED, canary.FAILED)

    def matters(self) -> list[Any]:
        with self.house.house.store.reading() as rows:
            return rows.escalations.open(bird.PATIENT)


@pytest.fixture
def aviary(house: HouseUnderTest) -> Aviary:
    with house.house.store.unit_of_work() as work:
        work.care_team.add_group(CareGroup(channel="telegram", bot="42", address="-100"))
    return Aviary(house)


async def test_the_canary_is_heard_accepted_and_closed_and_pages_no_human(aviary: Aviary) -> None:
    house = aviary.house
    canary.sing(house.services, EVERY)
    await aviary.go_round()
    [matter] = aviary.matters()
    assert (matter.tier, matter.state) == ("P0", EscalationState.ACCEPTED)
    house.clock.advance(seconds=5)
    canary.sing(house.services, EVERY)
    await aviary.go_round()
    assert aviary.last().type == canary.PASSED
    assert aviary.matters() == []
    assert house.phone.sent == []
    assert house.escalations() == []  # nor is it on anybody's list
    with house.house.store.reading() as rows:
        assert rows.escalations.open() == []
        assert canary.well(rows, house.clock(), EVERY)


async def test_the_canary_sings_again_only_when_it_is_time(aviary: Aviary) -> None:
    house = aviary.house
    for _ in range(3):
        canary.sing(house.services, EVERY)
        await aviary.go_round()
        house.clock.advance(seconds=5)
    first = aviary.last()
    house.clock.advance(minutes=15)
    canary.sing(house.services, EVERY)
    assert first.type == canary.PASSED
    assert aviary.last().type == canary.SENT
    assert aviary.last().detail["probe"] != first.detail["probe"]


async def test_a_canary_nobody_hears_calls_the_operator_and_closes_what_it_opened(
    aviary: Aviary,
) -> None:
    house = aviary.house
    aviary.deaf = True
    canary.sing(house.services, EVERY)
    await aviary.go_round()
    house.clock.advance(minutes=2, seconds=1)
    climb(house.services)
    await aviary.go_round()
    canary.sing(house.services, EVERY)
    assert aviary.last().type == canary.FAILED
    assert aviary.matters() == []
    assert "canary" in kinds(house, EVERY)
    [told] = house.escalations()
    assert told.reason == "house_unwell"
    with house.house.store.reading() as rows:
        assert not canary.well(rows, house.clock(), EVERY)


async def test_without_the_words_on_the_phone_an_acceptance_is_not_enough(aviary: Aviary) -> None:
    house = aviary.house
    canary.sing(house.services, EVERY)
    for row in claim(house.services):
        hear(row, house.services)
    [matter] = aviary.matters()
    with house.house.store.unit_of_work() as work:
        accepted = replace(
            matter, state=EscalationState.ACCEPTED, accepted_at=house.clock(), accepted_by="Canary"
        )
        work.escalations.change(matter, accepted)
    house.clock.advance(minutes=2, seconds=1)
    canary.sing(house.services, EVERY)
    assert aviary.last().type == canary.FAILED
    assert aviary.last().detail["told"] is False


async def test_the_canary_is_nobody_who_could_be_called(aviary: Aviary) -> None:
    canary.sing(aviary.house.services, EVERY)
    await aviary.go_round()
    await aviary.house.say("I can't breathe")
    assert all(outgoing.address != bird.DESK for outgoing in aviary.house.phone.sent)
    [matter] = aviary.house.escalations()
    assert matter.ladder["on_shift"] == ["bob"]


@asynccontextmanager
async def heartbeat(status: int = 200) -> AsyncIterator[tuple[str, list[str]]]:
    """A service that waits for our call."""
    heard: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[0])
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/beat", heard


async def test_the_heartbeat_falls_silent_while_something_lies_still(
    house: HouseUnderTest,
) -> None:
    async with heartbeat() as (url, heard):
        watch = Watch(house.services, holder="a", heartbeat_url=url)
        await watch.beat()  # a house that has just opened
        assert heard == []
        await watch.beat()
        assert heard == ["GET /beat HTTP/1.1"]
        put_in_the_post(house)
        house.clock.advance(minutes=3)
        await watch.beat()
        assert len(heard) == 1


async def test_the_heartbeat_waits_for_a_canary_that_is_on(aviary: Aviary) -> None:
    house = aviary.house
    async with heartbeat() as (url, heard):
        watch = Watch(house.services, holder="a", heartbeat_url=url, canary_every=EVERY)
        await watch.beat()
        await watch.beat()
        assert heard == []
        await watch.sing()
        await aviary.go_round()
        await watch.sing()
        await watch.beat()
        assert len(heard) == 1
        house.clock.advance(hours=1)  # the bird has fallen silent
        await watch.beat()
        assert len(heard) == 1


async def test_one_process_of_several_keeps_the_watch(house: HouseUnderTest) -> None:
    async with heartbeat() as (url, heard):
        watches = [Watch(house.services, holder=h, heartbeat_url=url) for h in ("a", "b")]
        for _ in range(2):
            for watch in watches:
                await watch.beat()
        assert len(heard) == 1
        house.clock.advance(minutes=2)  # "a" has died: its lease runs out
        await watches[1].beat()
        assert len(heard) == 2


async def test_a_heartbeat_that_is_not_taken_troubles_nobody(house: HouseUnderTest) -> None:
    async with heartbeat(500) as (url, heard):
        watch = Watch(house.services, holder="a", heartbeat_url=url)
        await watch.beat()
        await watch.beat()
        assert len(heard) == 1
    house.clock.advance(minutes=1)
    await watch.beat()  # nobody there at all
    assert house.escalations() == []
