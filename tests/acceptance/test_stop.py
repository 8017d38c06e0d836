"""STOP as people write it, what it ends, and what is not promised after it."""

from __future__ import annotations

import pytest

from bot.domain.patient import PatientStatus


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
