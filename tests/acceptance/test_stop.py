"""STOP as people write it, what it ends, and what is not promised after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from house import HouseUnderTest

from bot.checkins.ask import ask
from bot.checkins.pauses import end_pauses
from bot.checkins.plan import plan
from bot.conversation.answer import LEASE
from bot.conversation.listen import claim, hear
from bot.conversation.post_turn import post_turn
from bot.conversation.prepare import prepare
from bot.conversation.route import route
from bot.domain.errors import Unreachable
from bot.domain.patient import PatientStatus
from bot.inviting import enrol
from bot.work import settle


@pytest.mark.parametrize(
    "words",
    [
        "please stop", "STOP now!", "stop stop stop", "stopp", "ST0P", "s t o p", "stop it",
        "Stop all messages please", "unsubscribe me", "opt out", "I don't want any more messages",
        "I want you to stop", "请停止", "停吧", "别烦我", "取消订阅", "我不想再收到消息了", "TD",
    ],
)  # fmt: skip
async def test_stop_is_understood_as_people_write_it(house, words):
    house.patient("dora", language="en" if words.isascii() else "zh")
    said = await house.say(words, "dora")
    assert "I have stopped" in said or "不会再主动" in said
    with house.house.store.reading() as rows:
        assert rows.patients.get("dora").status is PatientStatus.STOPPED


@pytest.mark.parametrize(
    "words",
    [
        "should I stop metformin?", "I want to stop smoking", "please stop the pain", "停药",
        "I do not want to live any more", "我不想活了", "血止不住，停不下来", "no more pain",
    ],
)  # fmt: skip
async def test_the_neighbours_of_stop_are_no_stop(house, words):
    await house.say(words)
    with house.house.store.reading() as rows:
        assert rows.patients.get("alice").status is PatientStatus.ACTIVE


@pytest.mark.parametrize(
    ("language", "wish", "told"),
    [
        ("en", "remind me to take metformin every day at 8am", "no reminder would reach you"),
        ("en", "check in at 8:30", "no reminder would reach you"),
        ("zh", "每天早上8点提醒我吃二甲双胍", "不会发给您"),
    ],
)
async def test_a_reminder_that_would_never_come_is_not_promised(house, language, wish, told):
    house.patient("dora", language=language)
    await house.say("STOP", "dora")
    assert told in await house.say(wish, "dora")
    with house.house.store.reading() as rows:
        assert rows.checkins.schedules("dora") == []
    await house.say("/start", "dora", kind="command", data="start")
    assert told not in await house.say(wish, "dora")


async def test_a_nurse_hears_that_the_medicine_reminders_stopped_with_everything(house):
    await house.say("remind me to take metformin every day at 8am")
    await house.say("yes")
    await house.say("please stop")
    [matter] = house.escalations()
    assert (matter.tier, matter.reason) == ("P3", "reminders_stopped")
    assert "metformin" in str(matter.evidence["what"])


def prepared(house, **body):
    """A turn of Alice's that is decided and not yet kept."""
    house.arrives("alice", **body)
    for update in claim(house.services):
        hear(update, house.services)
    with house.house.store.unit_of_work() as work:
        [row] = work.inbox.claim_turns(house.clock(), LEASE, 5)
    return route(prepare(row, house.services), house.services)


def refused(house):
    """The channel says that Alice has blocked the bot."""
    with house.house.store.unit_of_work() as work:
        [parcel] = work.outbox.claim(
            house.clock(), timedelta(seconds=30), 5, channel="telegram", bot="42"
        )
    settle.failed(parcel, Unreachable(), house.services)


def alice(house):
    with house.house.store.reading() as rows:
        return rows.patients.get("alice")


CHINESE = {"text": "", "kind": "command", "data": "language:zh"}


async def test_a_stop_that_came_during_a_turn_stands_beside_what_the_turn_changed(house):
    post_turn(prepared(house, text="my weight is 70 kg"), house.services)
    turn = prepared(house, **CHINESE)
    refused(house)
    post_turn(turn, house.services)
    assert (alice(house).status, alice(house).language) == (PatientStatus.STOPPED, "zh")


async def test_a_pause_does_not_undo_the_stop_that_came_during_its_turn(house):
    await house.say("pause for two days")
    post_turn(prepared(house, **CHINESE), house.services)
    turn = prepared(house, text="yes")
    assert turn.patient.status is PatientStatus.PAUSED
    refused(house)
    post_turn(turn, house.services)
    house.clock.advance(days=3)
    end_pauses(house.services)
    assert alice(house).status is PatientStatus.STOPPED


async def test_a_pause_that_ended_during_a_turn_does_not_come_back(house):
    await house.say("pause for two days")
    await house.say("yes")
    assert alice(house).status is PatientStatus.PAUSED
    house.clock.advance(days=3)
    turn = prepared(house, **CHINESE)
    end_pauses(house.services)
    post_turn(turn, house.services)
    now = alice(house)
    assert (now.status, now.pause, now.language) == (PatientStatus.ACTIVE, None, "zh")


async def test_a_turn_that_stops_or_starts_still_does(house):
    await house.say("STOP")
    assert alice(house).status is PatientStatus.STOPPED
    await house.say("/start", kind="command", data="start")
    assert alice(house).status is PatientStatus.ACTIVE


async def blocked_and_back(house: HouseUnderTest, who: str) -> str:
    """The chat is blocked, unblocked by the app's own button, and that button sends /start."""
    await house.say("", who, kind="blocked")
    await house.say("", who, kind="unblocked")
    return await house.say("", who, kind="command", data="start")


async def enrolling(house: HouseUnderTest, who: str) -> str:
    """An invited patient in the first question; gives the patient's id."""
    code = enrol(house.house, "en", "", "bob").rpartition("=")[2]
    await house.say(code, who, kind="command", data="start")
    with house.house.store.reading() as rows:
        return rows.patients.contact_at("telegram", "42", who).patient_id


def readings(house: HouseUnderTest, patient_id: str) -> int:
    with house.house.store.reading() as rows:
        return len(rows.record.observations(patient_id, limit=10))


async def test_who_said_no_to_everything_is_asked_again_after_a_block(house):
    await house.say("check in at 10:00")
    await house.say("", kind="command", data="consent")
    assert "I will not keep or answer anything" in await house.say("no")
    assert "Which language" in await blocked_and_back(house, "alice")
    await house.say("132/84")
    assert readings(house, "alice") == 0
    before = len(house.phone.sent)
    house.clock.now = datetime(2026, 1, 6, 10, 0, tzinfo=UTC)
    for beat in (plan, ask):
        beat(house.services)
    await house.settle()
    assert house.told("alice", before) == []


async def test_who_never_agreed_is_asked_after_stop_and_a_block(house):
    patient_id = await enrolling(house, "dora")
    assert "I have stopped" in await house.say("stop", "dora")
    assert "Which language" in await blocked_and_back(house, "dora")
    assert "132/84" not in await house.say("132/84", "dora")
    assert readings(house, patient_id) == 0


async def test_a_block_during_enrolment_leaves_its_question_open(house):
    await enrolling(house, "dora")
    assert "1 of 4" in await house.tap("English", "dora")
    await house.say("", "dora", kind="blocked")
    await house.say("", "dora", kind="unblocked")
    assert "2 of 4" in await house.say("yes", "dora")


async def test_a_stopped_patient_without_consent_is_asked_before_anything_resumes(house):
    """As rows of an earlier version may stand."""
    await enrolling(house, "dora")
    with house.house.store.unit_of_work() as work:
        [dora] = [p for p in work.patients.all() if p.status is PatientStatus.ENROLLED]
        work.patients.save(replace(dora, status=PatientStatus.STOPPED))
    assert "Which language" in await house.say("", "dora", kind="command", data="start")
    await house.say("132/84", "dora")
    assert readings(house, dora.id) == 0


async def test_who_had_agreed_comes_back_from_a_block_as_before(house):
    assert "Welcome back" in await blocked_and_back(house, "alice")
    assert "132/84" in await house.say("132/84")
