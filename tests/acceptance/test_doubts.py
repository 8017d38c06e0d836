"""One question after a doubt about danger: which words answer it, when, and what stays listed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from house import HouseUnderTest

from bot.checkins.ask import ask
from bot.checkins.plan import plan
from bot.domain.checkin import Schedule
from bot.domain.escalation import OPEN
from bot.domain.message import PatientId
from bot.escalations.after_emergency import ask_calls
from bot.escalations.hold import hold
from prompts import say

ALICE = PatientId("alice")
DOUBT = {"en": "I had chest pain last week", "zh": "上周胸痛过"}
ASKED = {"en": "there right now", "zh": "现在"}
YES = {"en": "yes", "zh": "有"}


def tiers(house: HouseUnderTest) -> Sequence[str]:
    return [m.tier for m in house.escalations()]


def scheduled(house: HouseUnderTest, kind: str, time: str, what: str = "") -> None:
    schedule = Schedule(
        id=f"{kind}/alice", patient_id=ALICE, kind=kind, time=time, what=what,
        changed_at=house.clock(),
    )  # fmt: skip
    with house.house.store.unit_of_work() as work:
        work.checkins.set_schedule(schedule)


async def beat(house: HouseUnderTest, **delta: float) -> list[str]:
    """Let time pass and the bot speak of its own accord; what Alice was told meanwhile."""
    before = len(house.phone.sent)
    house.clock.advance(**delta)
    plan(house.services)
    ask(house.services)
    await house.settle()
    return house.told("alice", before)


async def tap_first(house: HouseUnderTest, answer: str) -> str:
    """Press the button of the first danger question, however long ago it was shown."""
    data = next(
        b.data for o in house.phone.sent for r in o.buttons for b in r
        if b.data.startswith("q:") and b.data.endswith(answer)
    )  # fmt: skip
    before = len(house.phone.sent)
    house.arrives(kind="tap", data=data, message_id="1")
    await house.settle()
    return "\n".join(house.told("alice", before))


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_yes_within_the_hours_is_an_emergency(house: HouseUnderTest, language: str) -> None:
    house.patient("dora", language=language)
    await house.say(DOUBT[language], "dora")
    house.clock.advance(minutes=100)
    assert "999" in await house.say(YES[language], "dora")
    assert tiers(house)[0] == "P0"


@pytest.mark.parametrize("answer", ["yes", "no", "not sure"])
async def test_a_yes_or_no_to_a_reminder_of_the_next_day_is_no_answer_about_danger(
    house: HouseUnderTest, answer: str
) -> None:
    scheduled(house, "medicine", "11:00", "take aspirin")
    await house.say(DOUBT["en"])
    [reminder] = await beat(house, days=1, hours=2)
    assert "take aspirin" in reminder
    told = await house.say(answer)
    assert say("flagged.once_more", "en") in told and ASKED["en"] in told
    assert "call 999 now" not in told and "glad to hear it" not in told
    assert tiers(house) == ["P2"]
    assert house.escalations()[0].state in OPEN  # the doubt itself stays with the nurses


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_after_days_of_silence_a_yes_is_asked_about_and_a_person_looks_today(
    house: HouseUnderTest, language: str
) -> None:
    house.patient("dora", language=language)
    await house.say(DOUBT[language], "dora")
    house.clock.advance(days=2)
    told = await house.say(YES[language], "dora")
    assert say("flagged.once_more", language) in told and "999" in told
    assert sorted(tiers(house)) == ["P1", "P2"]
    await house.say(YES[language], "dora")  # now it is the answer
    assert sorted(tiers(house)) == ["P0", "P1", "P2"]


async def test_a_yes_after_a_newer_question_within_the_hour_is_asked_about_at_once(
    house: HouseUnderTest,
) -> None:
    scheduled(house, "medicine", "09:30", "take aspirin")
    await house.say(DOUBT["en"])
    [reminder] = await beat(house, minutes=30)
    assert "take aspirin" in reminder
    assert ASKED["en"] in await house.say("yes")
    assert tiers(house) == ["P2"]
    assert "call 999 now" in await house.say("yes")
    assert tiers(house)[0] == "P0"


async def test_what_also_answers_the_newer_question_is_kept_for_it(house: HouseUnderTest) -> None:
    scheduled(house, "wellness", "09:30")
    await house.say(DOUBT["en"])
    [question] = await beat(house, minutes=30)
    assert "How are you feeling" in question
    told = await house.say("bad")
    assert say("checkin.noted_worse", "en") in told
    assert told.index(say("checkin.noted_worse", "en")) < told.index(ASKED["en"])
    assert {m.reason for m in house.escalations()} == {"chest_pain_acs", "feels_worse"}
    with house.house.store.reading() as rows:
        assert rows.checkins.open_for(ALICE) == []


async def test_the_button_of_the_question_counts_after_newer_words(house: HouseUnderTest) -> None:
    scheduled(house, "medicine", "09:30", "take aspirin")
    await house.say(DOUBT["en"])
    await beat(house, minutes=30)
    assert "call 999 now" in await tap_first(house, "yes_now")
    assert tiers(house)[0] == "P0"


@pytest.mark.parametrize("between", ["", "thanks", "Not now"])
async def test_yes_now_on_an_old_button_is_never_silent(
    house: HouseUnderTest, between: str
) -> None:
    await house.say(DOUBT["en"])
    if between == "Not now":
        await house.tap(between)
    elif between:
        await house.say(between)
    house.clock.advance(days=1)
    told = await tap_first(house, "yes_now")
    assert say("flagged.once_more", "en") in told and ASKED["en"] in told
    assert sorted(tiers(house)) == ["P1", "P2"]
    assert "call 999 now" in await house.tap("Yes, now")
    assert sorted(tiers(house)) == ["P0", "P1", "P2"]


async def test_yes_now_pressed_twice_is_one_emergency_and_no_second_question(
    house: HouseUnderTest,
) -> None:
    await house.say(DOUBT["en"])
    assert "call 999 now" in await tap_first(house, "yes_now")
    assert await tap_first(house, "yes_now") == ""
    assert sorted(tiers(house)) == ["P0", "P2"]


async def test_a_button_of_another_doubt_answers_its_own(house: HouseUnderTest) -> None:
    await house.say(DOUBT["en"])
    await house.say("I couldn't breathe last week")
    told = await tap_first(house, "yes_now")  # of the chest
    assert "pain or pressure in the chest" in told
    await house.tap("Yes, now")
    assert [m.reason for m in house.escalations() if m.tier == "P0"] == ["chest_pain_acs"]


async def test_with_a_nurse_in_the_chat_a_yes_is_hers(house: HouseUnderTest) -> None:
    await house.say(DOUBT["en"])
    house.clock.advance(minutes=1)
    hold(house.services, ALICE, "bob")
    await house.settle()
    told = await house.say("yes")
    assert ASKED["en"] not in told and "call 999 now" not in told
    assert tiers(house) == ["P2"]


async def test_while_an_emergency_is_open_a_yes_to_the_call_is_that(house: HouseUnderTest) -> None:
    await house.say("crushing chest pain")
    await house.say("I had a stroke years ago and my face drooped")
    house.clock.advance(minutes=15)
    ask_calls(house.services)
    await house.settle()
    assert say("watch.call_question", "en", number="999", status="")[:20] in house.told("alice")[-1]
    assert ASKED["en"] not in await house.say("no")
    [matter] = [m for m in house.escalations() if m.tier == "P0"]
    calls: Any = matter.evidence["calls"]
    assert calls[-1]["answer"] == "not_yet"


async def test_a_question_kept_by_an_older_version_is_asked_again(house: HouseUnderTest) -> None:
    await house.say(DOUBT["en"])
    with house.house.store.unit_of_work() as work:
        kept = work.patients.dialogue(ALICE)
        for key in ("since", "asked_in"):
            kept.topic.pop(key, None)
        work.patients.save_dialogue(kept)
    assert ASKED["en"] in await house.say("yes")
    assert "P0" not in tiers(house)


@pytest.mark.parametrize(("answer", "days"), [("not sure", 0), ("yes", 2)])
async def test_the_second_look_at_a_private_doubt_stays_private_and_takes_two(
    house: HouseUnderTest, answer: str, days: int
) -> None:
    await house.say("years ago I wanted to kill myself")
    house.clock.advance(days=days)
    await house.say(answer)
    assert sorted(tiers(house)) == ["P1", "P2"]
    assert all(m.private_topic and m.two_person for m in house.escalations())
