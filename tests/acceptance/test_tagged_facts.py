"""What the tagger marks reaches the record as something to confirm, and never more than that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from house import HouseUnderTest

from bot.domain.message import PatientId
from memory import Found


class Marks:
    """A tagger that sees one thing in one message, and nothing in any other."""

    def __init__(self, words: str, about: str, kind: str) -> None:
        self.words, self.about, self.kind = words, about, kind

    def find(self, text: str, language: str) -> Sequence[Found]:
        if text != self.words:
            return ()
        at = text.index(self.about)
        return (Found(kind=self.kind, start=at, end=at + len(self.about), share=0.99),)


def with_tagging(house: HouseUnderTest, tagging: Marks) -> HouseUnderTest:
    services = replace(house.services, tagging=tagging)
    return replace(house, house=replace(house.house, services=services))


@pytest.mark.parametrize(
    ("language", "words", "about", "said", "listed"),
    [
        (
            "en",
            "silly me, the cashew in the stew sent me to hospital again",
            "cashew",
            "Allergic to cashew",
            "not confirmed",
        ),
        ("zh", "昨天菜里那点腰果又把我送进医院了", "腰果", "对腰果过敏", "还没确认"),
    ],
)
async def test_what_was_told_in_passing_is_read_back_and_kept_unconfirmed(
    house: HouseUnderTest, language: str, words: str, about: str, said: str, listed: str
) -> None:
    house = with_tagging(house, Marks(words, about, "AllergyIntolerance"))
    house.patient("dora", language=language, country="CN" if language == "zh" else "GB")
    assert said in await house.say(words, "dora")
    with house.services.store.reading() as rows:
        [fact] = rows.facts.of(PatientId("dora"))
    assert (fact.text, fact.verification) == (said, "unconfirmed")
    ask = "What do you know about me?" if language == "en" else "你都知道我什么？"
    known = await house.say(ask, "dora")
    assert said in known
    assert listed in known


async def test_a_fact_inside_a_question_is_kept_and_the_question_is_not_answered_with_it(
    house: HouseUnderTest,
) -> None:
    words = "as a coeliac can I use the blue plasters on a horse"
    house = with_tagging(house, Marks(words, "coeliac", "Condition"))
    assert "I have noted" not in await house.say(words)
    with house.services.store.reading() as rows:
        [fact] = rows.facts.of(PatientId("alice"))
    assert fact.about == "coeliac"


async def test_an_unconfirmed_medicine_tips_no_dangerous_combination(
    house: HouseUnderTest,
) -> None:
    words = "my neighbour and I talked, the warfarin came up again this morning"
    house = with_tagging(house, Marks(words, "warfarin", "MedicationStatement"))
    await house.say(words)
    before = len(house.escalations())
    await house.say("I bumped my head on the cupboard, just a small bump")
    [*new] = house.escalations()[before:]
    assert all("warfarin" not in str(matter.evidence) for matter in new)


@pytest.mark.parametrize(
    ("language", "words", "read"),
    [
        ("en", "good morning, my blood pressure is 132/84 today", False),
        ("en", "BP 132/84, and I started ramipril", True),
        ("en", "shellfish", True),
        ("zh", "早上好，今天血压132/84", False),
        ("zh", "血压132/84，哮喘又犯了", True),
    ],
)
async def test_greetings_and_readings_are_not_searched_for_facts(
    house: HouseUnderTest, language: str, words: str, read: bool
) -> None:
    seen: list[str] = []

    class Listening(Marks):
        def find(self, text: str, language: str) -> Sequence[Found]:
            seen.append(text)
            return ()

    house = with_tagging(house, Listening("", "", "Condition"))
    house.patient("dora", language=language, country="CN" if language == "zh" else "GB")
    await house.say(words, "dora")
    assert seen == ([words] if read else [])
