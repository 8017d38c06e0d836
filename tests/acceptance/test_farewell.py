"""A patient has died: nothing goes out any more, and whoever writes gets kind words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from house import HouseUnderTest

from bot.checkins.ask import ask
from bot.checkins.miss import miss
from bot.checkins.plan import plan
from bot.console_actions import console_actions
from bot.domain.outbox import Draft, MessageClass
from bot.escalations.after_emergency import ask_calls
from bot.post import to_patient

CAST = {"en": {"name": "Alice"}, "zh": {"name": "梅", "language": "zh", "country": "CN"}}


def mark(house: HouseUnderTest, who: str = "alice") -> None:
    console_actions(house.house).mark_deceased(who, "bob")  # type: ignore[arg-type]


async def test_what_was_due_and_what_waited_is_never_sent(house):
    await house.say("check in at 10:00")
    house.clock.now = datetime(2026, 1, 5, 23, 0, tzinfo=UTC)
    with house.house.store.unit_of_work() as work:
        patient = work.patients.get("alice")
        tip = Draft(text="A tip for your sleep.", approved=True)
        to_patient(
            work, patient, tip, key="tip", message_class=MessageClass.EDUCATION, now=house.clock()
        )
    before = len(house.phone.sent)
    mark(house)
    for _ in range(48):
        house.clock.advance(hours=1)
        for beat in (plan, ask, miss):
            beat(house.services)
        await house.settle()
    assert house.told("alice", before) == []
    assert house.escalations() == []


async def test_nobody_asks_a_family_whether_they_were_able_to_call(house):
    await house.say("I have crushing chest pain and cannot breathe")
    before = len(house.phone.sent)
    mark(house)
    house.clock.advance(minutes=4)
    ask_calls(house.services)
    await house.settle()
    assert house.told("alice", before) == []


@pytest.mark.parametrize(
    ("language", "words", "kind"),
    [("en", "This is her daughter.", "sorry for your loss"), ("zh", "我是她女儿。", "请您节哀")],
)
async def test_the_family_gets_kind_words_and_a_person_is_told(house, language, words, kind):
    house.patient("mother", **CAST[language])
    mark(house, "mother")
    assert kind in await house.say(words, "mother")
    assert kind in await house.say("", "mother", kind="command", data="start")
    assert {e.reason for e in house.escalations()} == {"wrote_after_death"}
    with house.house.store.reading() as rows:
        assert rows.record.memories("mother") == []


async def test_an_emergency_of_whoever_writes_is_still_an_emergency(house):
    mark(house)
    answer = await house.say("I want to kill myself tonight")
    assert "999" in answer or "116 123" in answer
    assert "P0" in {e.tier for e in house.escalations()}


async def test_a_mistake_is_undone_and_the_next_question_comes(house):
    await house.say("check in at 10:00")
    mark(house)
    console_actions(house.house).unmark_deceased("alice", "bob")
    plan(house.services)
    house.clock.now = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
    ask(house.services)
    await house.settle()
    assert "How are you feeling" in house.told("alice")[-1]


async def test_a_patient_who_had_said_stop_stays_stopped_after_a_mistake(house):
    await house.say("stop")
    mark(house)
    console_actions(house.house).unmark_deceased("alice", "bob")
    with house.house.store.reading() as rows:
        assert rows.patients.get("alice").status.value == "stopped"
