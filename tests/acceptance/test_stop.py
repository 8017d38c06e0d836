"""STOP as people write it, what it ends, and what is not promised after it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.checkins.pauses import end_pauses
from bot.conversation.answer import LEASE
from bot.conversation.listen import claim, hear
from bot.conversation.post_turn import post_turn
from bot.conversation.prepare import prepare
from bot.conversation.route import route
from bot.domain.errors import Unreachable
from bot.domain.patient import PatientStatus
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
