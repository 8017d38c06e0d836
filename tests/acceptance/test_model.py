"""With a language model the house talks better, and still never says what it must not."""

from __future__ import annotations

import dataclasses

import pytest
from house import HouseUnderTest

from bot.domain.errors import ModelError
from bot.llm.private import Private


class ScriptedModel:
    """A ChatModel that says what the test wrote and keeps what it was told."""

    name = "scripted"

    def __init__(self, *replies: str) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[str, str]] = []

    async def reply(self, system: str, user: str) -> str:
        self.asked.append((system, user))
        if not self.replies:
            raise ModelError
        return self.replies.pop(0)


def with_model(house: HouseUnderTest, *replies: str) -> ScriptedModel:
    model = ScriptedModel(*replies)
    services = dataclasses.replace(house.services, chat_model=Private(model))
    house.house = dataclasses.replace(house.house, services=services)
    return model


async def test_a_free_question_is_answered_from_the_record(house):
    model = with_model(house, "Your last reading was 132/84 mmHg.")
    await house.say("132/84")
    assert await house.say("was that an ordinary number for me, would you say?") == (
        "Your last reading was 132/84 mmHg."
    )
    [(system, user)] = model.asked
    assert "132/84 mmHg" in system
    assert "was that an ordinary number" in user


async def test_the_name_stays_at_home_and_comes_back_in_the_answer(house):
    house.patient("grace", name="Grace Okafor")
    model = with_model(house, "Hello [NAME_1], rest a little.")
    answer = await house.say("This is Grace Okafor, tell me something about the rain", "grace")
    assert "Okafor" not in "".join(model.asked[0])
    assert "Hello Grace Okafor" in answer


@pytest.mark.parametrize(
    ("draft", "rule"),
    [
        ("You could double your dose tonight.", "dose_change"),
        ("That sounds like you have diabetes.", "diagnosis"),
        ("Your pressure is 171 today.", "ungrounded_number"),
        ("Don't worry, it is nothing.", "false_reassurance"),
    ],
)
async def test_a_draft_that_breaks_a_rule_is_withheld_and_shown_to_the_nurse(house, draft, rule):
    with_model(house, draft)
    answer = await house.say("and what would you do with such an afternoon?")
    assert draft not in answer
    assert "nurses' list" in answer
    [escalation] = house.escalations()
    assert escalation.reason == "withheld"
    assert rule in escalation.evidence["rules"]
    assert escalation.evidence["draft"] == draft


async def test_a_failing_model_leaves_approved_words_and_no_silence(house):
    with_model(house)
    assert "nurses' list" in await house.say("and what would you do with such an afternoon?")


async def test_an_emergency_never_reaches_the_model(house):
    model = with_model(house, "Have some tea.")
    assert "999" in await house.say("I can't breathe")
    assert model.asked == []


async def test_without_consent_no_word_goes_to_a_model(house):
    from bot.domain.patient import CONSENT_VERSION, Consent, PatientId, Purpose

    model = with_model(house, "Hello.")
    with house.house.store.unit_of_work() as work:
        work.patients.consent(
            [
                Consent(
                    patient_id=PatientId("alice"),
                    purpose=Purpose.LANGUAGE_MODEL,
                    granted=False,
                    version=CONSENT_VERSION,
                    at=house.clock(),
                )
            ]
        )
    await house.say("and what would you do with such an afternoon?")
    assert model.asked == []


async def test_an_answer_in_the_wrong_language_is_withheld(house):
    house.patient("wei", language="zh", country="CN", timezone="Asia/Shanghai")
    with_model(house, "You should rest and drink some water, and then tell me more.")
    assert "护士" in await house.say("我今天该怎么安排呢", "wei")
