"""The protocol after words of self-harm, as patients and nurses see it, in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from house import HouseUnderTest

from prompts import say
from safety import lexicon

SAID = {
    "en": "I want to end my life tonight, I have a plan",
    "zh": "我今晚就想结束自己的生命，都准备好了",
}
TOPIC = {
    "en": ("kill", "suicid", "die", "dead", "end my life", "ending your life", "self-harm", "hurt"),
    "zh": ("自杀", "轻生", "死", "结束生命", "自残", "自伤", "不想活"),
}


def patient(house: HouseUnderTest, language: str) -> str:
    country = {"en": "GB", "zh": "CN"}[language]
    house.patient("noor", language=language, country=country, name="")
    return "noor"


def matters(house: HouseUnderTest) -> list[Any]:
    return [e for e in house.escalations() if e.patient_id == "noor"]


async def answer(house: HouseUnderTest, language: str, *answers: str) -> list[str]:
    return [await house.tap(say(f"self_harm.{one}", language), "noor") for one in answers]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_fixed_words_come_first_then_one_question(
    house: HouseUnderTest, language: str
) -> None:
    patient(house, language)
    before = len(house.phone.sent)
    await house.say(SAID[language], "noor")
    first, opening, question = house.told("noor", before)
    line = {"en": "999", "zh": "120"}[language]
    assert line in first and {"en": "116 123", "zh": "12356"}[language] in first
    assert opening == say("self_harm.opening", language)
    assert question == say("self_harm.q1", language)
    assert [e.tier for e in matters(house)] == ["P0"]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_yes_to_intent_ends_the_questions_with_the_number(
    house: HouseUnderTest, language: str
) -> None:
    patient(house, language)
    await house.say(SAID[language], "noor")
    told = await answer(house, language, "yes", "yes", "no", "yes")
    assert told[0] == say("self_harm.q2", language)
    assert {"en": "999", "zh": "120"}[language] in told[-1]
    assert say("self_harm.q5", language) not in told[-1]
    [matter] = matters(house)
    assert matter.evidence["screen"] == {
        "answers": {"q1": "yes", "q2": "yes", "q3": "no", "q4": "yes"},
        "level": "high",
    }


async def test_no_thoughts_skips_to_what_was_done_and_nothing_is_closed(
    house: HouseUnderTest,
) -> None:
    patient(house, "en")
    await house.say(SAID["en"], "noor")
    told = await answer(house, "en", "no", "no", "no")
    assert told[1] == say("self_harm.q6_life", "en")
    assert told[2].startswith(say("self_harm.thanks", "en"))
    assert "999" in told[2]
    [matter] = matters(house)
    assert (matter.tier, matter.completed_at) == ("P0", None)


async def test_plain_yes_and_no_are_answers_and_other_words_are_heard(
    house: HouseUnderTest,
) -> None:
    patient(house, "zh")
    await house.say(SAID["zh"], "noor")
    assert await house.say("是的", "noor") == say("self_harm.q2", "zh")
    heard = await house.say("我妈不知道", "noor")
    assert heard.startswith(say("self_harm.heard", "zh"))
    assert heard.endswith(say("self_harm.q2", "zh"))


async def test_a_button_of_an_answered_question_changes_nothing(house: HouseUnderTest) -> None:
    patient(house, "en")
    await house.say(SAID["en"], "noor")
    old = house.phone.sent[-1]
    await answer(house, "en", "yes")
    house.arrives("noor", kind="tap", data=old.buttons[1][0].data, sender="noor", message_id="1")
    await house.settle()
    [matter] = matters(house)
    assert matter.evidence["screen"]["answers"] == {"q1": "yes"}


async def test_who_would_rather_not_say_is_not_pressed(house: HouseUnderTest) -> None:
    patient(house, "en")
    await house.say(SAID["en"], "noor")
    [told] = await answer(house, "en", "rather_not")
    assert told.startswith(say("self_harm.skipped", "en"))
    assert "999" in told
    assert "?" not in told.split("\n\n")[0]


async def test_thoughts_that_turn_out_to_be_a_plan_raise_the_matter(house: HouseUnderTest) -> None:
    patient(house, "en")
    await house.say("what's the point of living", "noor")
    assert {e.tier for e in matters(house)} == {"P1"}
    await answer(house, "en", "yes", "yes", "no", "no", "yes")
    assert {(e.tier, e.reason) for e in matters(house)} >= {("P0", "suicide_imminent")}


async def test_the_questions_wait_through_the_night_and_do_not_come_twice_a_day(
    house: HouseUnderTest,
) -> None:
    patient(house, "en")
    await house.say(SAID["en"], "noor")
    house.clock.advance(hours=8)
    assert await house.say("no", "noor") == say("self_harm.q2", "en")
    await answer(house, "en", "no", "no")
    again = await house.say("I want to kill myself", "noor")
    assert "999" in again
    assert say("self_harm.q1", "en") not in again


async def test_nothing_is_asked_while_a_person_writes_and_answers_still_count(
    house: HouseUnderTest,
) -> None:
    from bot.domain.message import PatientId
    from bot.escalations.hold import hold

    patient(house, "en")
    await house.say(SAID["en"], "noor")
    hold(house.services, PatientId("noor"), "bob")
    await house.settle()
    [told] = await answer(house, "en", "yes")
    assert told == ""
    [matter] = matters(house)
    assert matter.evidence["screen"]["answers"] == {"q1": "yes"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "my friend just told me she wants to kill herself"),
        ("zh", "我朋友说她想自杀，怎么办"),
    ],
)
async def test_who_helps_somebody_else_is_answered_as_the_helper(
    house: HouseUnderTest, language: str, words: str
) -> None:
    patient(house, language)
    heard = await house.say(words, "noor")
    assert {"en": "999", "zh": "120"}[language] in heard
    assert say("self_harm.q1", language) not in heard
    assert [e.reason for e in matters(house)] == ["suicide_third_party"]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_no_page_and_no_push_names_the_topic(house: HouseUnderTest, language: str) -> None:
    patient(house, language)
    house.nurse("carol", language=language)
    await house.say(SAID[language], "noor")
    await answer(house, language, "yes", "yes")
    for address in ("nurse-bob", "nurse-carol"):
        told = "\n".join(house.told(address)).lower()
        assert told
        assert not [word for words in TOPIC.values() for word in words if word in told]


async def test_only_two_people_close_it(house: HouseUnderTest) -> None:
    from bot.escalations.accept import accept, complete

    patient(house, "en")
    house.nurse("carol")
    await house.say(SAID["en"], "noor")
    await answer(house, "en", "no", "no", "no")
    [matter] = matters(house)
    accept(house.services, matter.id, "bob")
    complete(house.services, matter.id, "bob", "helped")
    complete(house.services, matter.id, "bob", "helped")
    assert matters(house)[0].completed_at is None
    complete(house.services, matter.id, "carol", "helped")
    assert matters(house)[0].completed_at is not None


async def test_not_now_after_a_doubt_is_no_reason_to_be_glad(house: HouseUnderTest) -> None:
    patient(house, "en")
    heard = await house.say("years ago I wanted to kill myself", "noor")
    assert "in danger right now" in heard or "ending your life now" in heard
    told = await house.tap("Not now", "noor")
    assert told == say("flagged.noted_not_now_people", "en", number="999")
    [matter] = matters(house)
    assert matter.two_person and matter.completed_at is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_first_words_of_private_matters_do_not_name_them(language: str) -> None:
    for flag in lexicon.load().flags.values():
        if flag.topic_private:
            text = flag.first_message[language].lower()
            named = [word for word in TOPIC[language] if word in text]
            assert not [w for w in named if w not in ("hurt",)], (flag.id, named)


METHODS = {
    "en": r"\b(pills?|tablets?|rope|hang\w*|jump\w*|knife|cut\w*|gun|overdose|bridge)\b",
    "zh": "药|绳|上吊|跳楼|刀|割|枪|煤气|桥",
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_question_of_the_protocol_names_a_method(language: str) -> None:
    for name in ("opening", "q1", "q2", "q3", "q4", "q5", "q6_life", "q6_3mo", "heard", "thanks"):
        text = say(f"self_harm.{name}", language)
        assert not re.search(METHODS[language], text, re.IGNORECASE), text


def test_a_question_with_buttons_asks_for_danger_with_yes() -> None:
    """ "Yes, now" raises and "not now" does not: no question may ask whether all is well."""
    wrong = ("can you", "can they", "are you safe", "is it safe", "when", "how", "about", "what")
    asked = {flag.id: flag.ask["en"].lower() for flag in lexicon.load().flags.values() if flag.ask}
    assert not {name: words for name, words in asked.items() if words.startswith(wrong)}


async def test_yes_now_after_a_doubt_stays_private_and_the_questions_follow(
    house: HouseUnderTest,
) -> None:
    patient(house, "en")
    await house.say("years ago I wanted to kill myself", "noor")
    before = len(house.phone.sent)
    await house.tap("Yes, now", "noor")
    told = house.told("noor", before)
    assert "999" in told[0]
    assert told[-1] == say("self_harm.q1", "en")
    raised = [e for e in matters(house) if e.tier == "P0"]
    assert raised and all(e.private_topic and e.two_person for e in raised)


@pytest.mark.parametrize(
    ("language", "words", "safe"),
    [("en", "my husband hits me when he is drunk", "SAFE"), ("zh", "我老公喝醉了就打我", "安全")],
)
async def test_who_is_beaten_says_when_it_is_safe_to_talk(
    house: HouseUnderTest, language: str, words: str, safe: str
) -> None:
    patient(house, language)
    assert safe in await house.say(words, "noor")
    told = await house.say(safe, "noor")
    assert told.startswith({"en": "Thank you.", "zh": "谢谢您。"}[language])
    assert [e.tier for e in matters(house) if e.reason == "safe_to_talk"] == ["P1"]
    assert await house.say(safe, "noor") != told
