"""What the classifier hears reaches the patient and the nurse like any emergency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from house import HouseUnderTest

from safety import Heard


class Says:
    """A classifier that thinks one thing of one message, and nothing of any other."""

    version = "test"

    def __init__(self, words: str, urgent: float, flag: str = "none", share: float = 0.0) -> None:
        self.words = words
        self.heard = Heard(urgent=urgent, soon=urgent, flag=flag, flag_share=share, version="test")

    def hear(self, texts: Sequence[str]) -> list[Heard]:
        nothing = Heard(urgent=0.0, soon=0.0, flag="none", flag_share=0.0)
        return [self.heard if self.words in text else nothing for text in texts]


class Deaf(Says):
    def hear(self, texts: Sequence[str]) -> list[Heard]:
        raise RuntimeError("the weights are gone")


def with_hearing(house: HouseUnderTest, hearing: Says) -> HouseUnderTest:
    services = replace(house.services, hearing=hearing)
    return replace(house, house=replace(house.house, services=services))


@pytest.mark.parametrize(
    ("language", "country", "words", "number"),
    [("en", "GB", "he is behaving in a funny way", "999"), ("zh", "CN", "他样子很怪", "120")],
)
async def test_an_emergency_only_the_classifier_hears_is_told_at_once_and_once(
    house: HouseUnderTest, language: str, country: str, words: str, number: str
) -> None:
    house = with_hearing(house, Says(words, 0.99))
    house.patient("dora", language=language, country=country)
    answer = await house.say(words, "dora")
    assert answer.count(number) >= 1
    [matter] = house.escalations()
    assert (matter.tier, matter.reason) == ("P0", "unnamed_emergency")
    assert matter.evidence["words"] == words
    assert matter.evidence["findings"][0]["from"] == "classifier"
    assert len(house.told("dora")) == 1
    await house.say("hello", "dora")
    assert len(house.escalations()) == 1


async def test_a_doubt_becomes_one_question_and_a_matter_on_the_list(house: HouseUnderTest) -> None:
    house = with_hearing(house, Says("funny", 0.58, "stroke_signs", 0.9))
    asked = await house.say("my arm is funny")
    assert "?" in asked and "999" in asked
    [matter] = house.escalations()
    assert (matter.tier, matter.reason) == ("P2", "stroke_signs")
    told = await house.tap("Yes, now")
    assert "999" in told
    assert house.escalations()[0].tier == "P0"


async def test_a_classifier_that_fails_brings_a_nurse_and_says_so(house: HouseUnderTest) -> None:
    house = with_hearing(house, Deaf("", 0.0))
    answer = await house.say("hello there")
    assert "a person should look at it" in answer
    [matter] = house.escalations()
    assert (matter.tier, matter.reason) == ("P1", "screen_error")


async def test_a_plain_answer_to_an_open_question_is_not_listened_to_for_danger(house):
    listening = with_hearing(house, Says("不抽", urgent=1.0))
    house.patient("patient", language="zh", country="US", timezone="America/New_York")
    await listening.say("我中风的风险有多大？", "patient")
    for words in ["没有", "150", "在吃"]:
        await listening.say(words, "patient")
    said = await listening.say("不抽", "patient")
    assert "糖尿病" in said and house.escalations() == []


async def test_more_than_a_plain_answer_is_listened_to(house):
    listening = with_hearing(house, Says("不抽", urgent=1.0))
    house.patient("patient", language="zh", country="US", timezone="America/New_York")
    await listening.say("我中风的风险有多大？", "patient")
    await listening.say("不抽，就是样子怪", "patient")
    assert [e.tier for e in house.escalations()] == ["P0"]
