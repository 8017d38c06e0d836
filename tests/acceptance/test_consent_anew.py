"""The consent questions have new words: care goes on, and everybody is asked once, kindly."""

from __future__ import annotations

import pytest
from house import HouseUnderTest
from sqlalchemy import text

from bot.checkins.ask import ask
from bot.checkins.plan import plan
from bot.domain.checkin import Schedule
from bot.domain.message import PatientId
from bot.domain.patient import CARE, CONSENT_VERSION, Patient, PatientStatus, Purpose

ALICE = PatientId("alice")
ANEW = "the questions about what you allow have new words"


def older(house: HouseUnderTest, version: str = "2025-01") -> None:
    """Every answer was given to the words of another version."""
    with house.house.store.unit_of_work() as work:
        work.connection.execute(text("UPDATE consent SET version = :v"), {"v": version})


def alice(house: HouseUnderTest) -> Patient:
    with house.house.store.reading() as rows:
        found = rows.patients.get(ALICE)
        assert found == rows.patients.some([ALICE])[ALICE] == rows.patients.all()[0]
    assert found is not None
    return found


async def tapped(house: HouseUnderTest, data: str) -> str:
    """A button, also one that nobody would find on the screen any more."""
    return await house.say("", kind="tap", data=data, sender="alice", message_id="1")


def test_an_earlier_yes_goes_on_for_care_and_for_nothing_else(house: HouseUnderTest) -> None:
    older(house)
    assert alice(house).consents == CARE
    assert alice(house).outdated == frozenset(Purpose)


def test_an_earlier_no_stays_no(house: HouseUnderTest) -> None:
    with house.house.store.unit_of_work() as work:
        work.connection.execute(text("UPDATE consent SET granted = false WHERE purpose = 'nurses'"))
    older(house)
    assert Purpose.NURSES not in alice(house).consents


async def test_reminders_go_on_while_the_new_question_is_open(house: HouseUnderTest) -> None:
    older(house)
    with house.house.store.unit_of_work() as work:
        work.checkins.set_schedule(
            Schedule(id="m", patient_id=ALICE, kind="medicine", time="10:00", what="ramipril")
        )
    plan(house.services)
    house.clock.advance(hours=1)
    assert ask(house.services) == 1
    await house.settle()
    assert "ramipril" in house.told("alice")[-1]


async def test_the_next_message_is_answered_and_the_question_asked_once(
    house: HouseUnderTest,
) -> None:
    older(house)
    told = await house.say("my blood pressure is 131/84")
    assert "131/84" in told and ANEW in told and "1 of 4" in told
    assert ANEW not in await house.say("my blood pressure is 132/85")
    house.clock.advance(days=30)
    assert ANEW not in await house.say("my blood pressure is 133/86")
    with house.house.store.reading() as rows:
        asked = [e for e in rows.audit.of(ALICE) if e.type == "consent.asked_anew"]
    assert [(e.actor, e.detail) for e in asked] == [("bot", {"version": CONSENT_VERSION})]


async def test_the_buttons_answer_it_and_plain_words_never_do(house: HouseUnderTest) -> None:
    older(house)
    await house.say("my blood pressure is 131/84")
    await house.say("yes")
    assert alice(house).outdated == frozenset(Purpose)  # that was no answer to this
    for step in ("care_messages", "reminders", "nurses"):
        assert " of 4" in await tapped(house, f"n:{step}:yes")
    assert "saved your choices" in await tapped(house, "n:language_model:no")
    assert alice(house).consents == CARE
    assert alice(house).outdated == {Purpose.SIMILAR_CASES}  # not asked in this clinic
    assert "saved" not in await tapped(house, "n:language_model:yes")  # an old button
    assert alice(house).consents == CARE


async def test_no_to_the_first_ends_what_the_bot_does(house: HouseUnderTest) -> None:
    older(house)
    await house.say("my blood pressure is 131/84")
    assert "will not write again" in await tapped(house, "n:care_messages:no")
    assert alice(house).status is PatientStatus.ENROLLED
    assert Purpose.CARE_MESSAGES not in alice(house).consents


@pytest.mark.parametrize(
    "words", ["I have crushing pain in my chest", "stop", "I feel hopeless", "my dog died"]
)
async def test_it_waits_while_something_matters_more(house: HouseUnderTest, words: str) -> None:
    older(house)
    assert ANEW not in await house.say(words)
    assert ANEW not in await house.say("yes")
    if words.startswith("I have"):
        assert ANEW not in await house.say("my blood pressure is 131/84")  # nobody is there yet


@pytest.mark.parametrize(("answer", "asked"), [("Good", True), ("Worse", False)])
async def test_a_tap_under_a_question_is_a_calm_moment_unless_it_is_worse(
    house: HouseUnderTest, answer: str, asked: bool
) -> None:
    older(house)
    with house.house.store.unit_of_work() as work:
        work.checkins.set_schedule(
            Schedule(id="w", patient_id=ALICE, kind="wellness", time="10:00")
        )
    plan(house.services)
    house.clock.advance(hours=1)
    ask(house.services)
    await house.settle()
    assert (ANEW in await house.tap(answer)) is asked


async def test_in_chinese(house: HouseUnderTest) -> None:
    older(house)
    await house.say("/language:zh", kind="command", data="language:zh")
    told = "\n".join(house.told("alice"))
    assert "说法有改动" in told and "第 1 个，共 4 个" in told


async def test_who_answered_the_words_of_today_is_not_asked(house: HouseUnderTest) -> None:
    assert ANEW not in await house.say("my blood pressure is 131/84")
