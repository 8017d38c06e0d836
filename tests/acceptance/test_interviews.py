"""The interview as the nurse meets it: listed before it is said, in SBAR, in her language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from house import HouseUnderTest

from bot.console import evidence
from bot.domain.clinical import ClinicalEntry, EntryKind
from bot.domain.escalation import OPEN
from bot.domain.message import PatientId
from safety import Heard

ASKED = "I get heartburn every evening, what can I do?"


async def finished(house: HouseUnderTest, *, severity: str = "Mild") -> str:
    said = ""
    for label in ("No", "No", "No", "days", "same", severity, "Yes", "No", "No", "No"):
        said = await house.tap(label, "p")
    return said


def someone(house: HouseUnderTest, **changes: object) -> None:
    house.patient("p", **{"birth_date": date(1985, 4, 12), "name": "", **changes})  # type: ignore[arg-type]


async def test_the_nurse_reads_sbar_in_both_languages_and_the_patient_no_possibility(house):
    someone(house)
    await house.say(ASKED, "p")
    [open_] = house.escalations()
    assert (open_.tier, open_.reason) == ("P3", "interview")  # before the first answer
    await finished(house)
    [matter] = house.escalations()
    assert matter.id == open_.id
    summary = evidence.read(matter).sbar
    english = dict(summary["en"])
    assert "heartburn" in english["Situation"] and ASKED in english["Situation"]
    assert "age 40" in english["Background"]
    assert "Warning signs denied" in english["Assessment (what was answered)"]
    assert "For: " in english["Possible 1"] and "Against: " in english["Possible 1"]
    assert "no diagnosis" in english["How to read this"]
    assert "self-care" in english["Recommendation"]
    assert any("烧心" in text for _, text in summary["zh"])
    heard = "\n".join(house.told("p")).casefold()
    names = [text.partition(".")[0].partition(" (")[0] for label, text in summary["en"]
             if label.startswith("Possible")]  # fmt: skip
    assert names and not [name for name in names if name.casefold() in heard]
    told = "\n".join(house.told("nurse-bob"))
    assert "heartburn" not in told


async def test_the_nurse_reads_the_patients_own_number_beside_the_word(house):
    someone(house)
    await house.say(ASKED, "p")
    for label in ("No", "No", "No", "days", "same"):
        await house.tap(label, "p")
    await house.say("a 7 I think", "p")
    for label in ("Mild", "No", "No", "No", "No"):
        await house.tap(label, "p")
    [matter] = house.escalations()
    summary = evidence.read(matter).sbar
    assert "7 out of 10 in the patient's own number" in dict(summary["en"])["Situation"]
    assert any("患者自评7分" in text for _, text in summary["zh"])
    assert matter.tier == "P3"  # the word decides; the number is for people


async def test_what_is_bad_is_a_matter_of_today_and_the_nurse_is_called_before_it_is_said(house):
    someone(house)
    await house.say(ASKED, "p")
    said = await finished(house, severity="Bad")
    assert "look at this today" in said and "trying to reach a nurse" in said
    assert sorted((e.tier, e.reason) for e in house.escalations()) == [
        ("P1", "interview"), ("P3", "interview"),
    ]  # fmt: skip
    [open_] = [e for e in house.escalations() if e.state in OPEN]  # one complaint, one matter
    assert open_.tier == "P1" and evidence.read(open_).sbar


async def test_the_record_makes_it_sooner_and_stands_in_the_background(house):
    someone(house)
    with house.house.store.unit_of_work() as work:
        work.clinical.add(
            ClinicalEntry(
                id="c1", patient_id=PatientId("p"), kind=EntryKind.CONDITION,
                name="kidney transplant", set_by="bob", set_at=house.clock(),
            )
        )  # fmt: skip
    await house.say(ASKED, "p")
    assert "look at this today" in await finished(house)
    summary = dict(evidence.read(house.escalations()[0]).sbar["en"])
    assert "kidney transplant" in summary["Background"]
    assert "weakened defences" in summary["Recommendation"]


async def test_while_a_person_holds_the_chat_no_interview_begins(house):
    someone(house)
    with house.house.store.unit_of_work() as work:
        dialogue = work.patients.dialogue(PatientId("p"))
        work.patients.save_dialogue(
            type(dialogue)(patient_id=PatientId("p"), held_by="bob", held_since=house.clock())
        )
    assert await house.say(ASKED, "p") == ""
    assert house.escalations() == []


async def test_an_interview_of_yesterday_is_not_answered_today(house):
    someone(house)
    await house.say(ASKED, "p")
    house.clock.advance(hours=30)
    assert "some time ago" in await house.tap("No", "p")
    assert "warning signs first" in await house.say(ASKED, "p")


class Hears:
    """A classifier that is somewhat worried by everything."""

    version = "test"

    def __init__(self, flag: str) -> None:
        self.heard = Heard(urgent=0.4, soon=0.0, flag=flag, flag_share=0.9, version="test")

    def hear(self, texts: Sequence[str]) -> list[Heard]:
        return [self.heard for _ in texts]


def with_hearing(house: HouseUnderTest, flag: str) -> HouseUnderTest:
    services = replace(house.services, hearing=Hears(flag))
    return replace(house, house=replace(house.house, services=services))


async def test_a_doubt_without_a_name_is_asked_by_the_red_flags_and_stays_listed(house):
    someone(house)
    listening = with_hearing(house, "none")
    said = await listening.say(ASKED, "p")
    assert "999" in said and "tightness in the chest" in said and "happening now" not in said
    assert sorted((e.tier, e.reason) for e in house.escalations()) == [
        ("P2", "unnamed_emergency"), ("P3", "interview"),
    ]  # fmt: skip
    said = await listening.tap("Yes", "p")
    assert "call 999 now" in said and house.escalations()[0].tier == "P0"


async def test_a_doubt_with_a_name_keeps_its_question_and_the_interview_is_offered_after(house):
    someone(house)
    listening = with_hearing(house, "stroke_signs")
    assert "warning signs first" not in await listening.say(ASKED, "p")
    assert "a few short questions" in await listening.tap("Not now", "p")
    assert "warning signs first" in await listening.tap("Ask me", "p")


async def test_a_doubt_about_self_harm_keeps_its_question_and_nothing_is_offered(house):
    someone(house)
    listening = with_hearing(house, "self_harm_current")
    assert "warning signs first" not in await listening.say(ASKED, "p")
    assert "a few short questions" not in await listening.tap("Not now", "p")


@pytest.mark.parametrize(
    ("language", "complaint", "yes", "first"),
    [
        ("en", "I have a headache", "yes please", "warning signs first"),
        ("zh", "肚子疼", "好的", "危险信号"),
        ("zh", "嗓子疼", "好", "危险信号"),
    ],
)
async def test_yes_in_words_to_the_offer_begins_the_questions(
    house, language, complaint, yes, first
):
    someone(house, language=language)
    offered = await house.say(complaint, "p")
    assert ("a few short questions" if language == "en" else "几个小问题") in offered
    assert first in await house.say(yes, "p")


async def test_a_yes_after_something_else_was_said_begins_nothing(house):
    someone(house)
    await house.say("I have a headache", "p")
    await house.say("thank you", "p")
    assert "warning signs" not in await house.say("yes", "p")
