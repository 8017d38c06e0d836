"""A risk question from the first words to the record, as the house keeps it."""

from __future__ import annotations

import re

import pytest

import risk
from bot.conversation import risk_answer
from bot.post import short_id

SAID = ["no", "148/90", "yes", "yes", "no", "no", "6.1 mmol/L", "1.1 mmol/L", "eGFR 80"]


async def answered(house, who="patient", **changes):
    house.patient(who, name="", country="US", timezone="America/New_York", **changes)
    await house.say("what is my risk of a heart attack?", who)
    for words in SAID:
        said = await house.say(words, who)
    with house.house.store.reading() as rows:
        [made] = rows.record.assessments(who)
    return said, made


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_what_is_said_is_what_is_stored(house, language):
    said, made = await answered(house, language=language)
    assert said == risk_answer.answer(made, language, listed=False)
    assert made.asked == "chd" and made.citation and made.population and made.what_ifs
    assert house.phone.sent[-1].picture is not None
    assert {one.source for one in made.inputs} == {"patient", "Patient/patient"}


async def test_the_same_answers_are_the_same_number_in_both_languages(house):
    _, english = await answered(house, "first", language="en")
    _, chinese = await answered(house, "second", language="zh")
    assert english.prediction == chinese.prediction and english.drivers == chinese.drivers


async def test_the_grounds_come_from_the_stored_assessment_even_days_later(house):
    _, made = await answered(house)
    house.clock.advance(days=3)
    assert await house.tap("What drives it?", "patient") == risk_answer.details(
        "drivers", made, "en"
    )
    assert "no longer have" in await _tapped(house, "ra:drivers:nothing")


async def test_nobody_reads_anothers_grounds(house):
    _, made = await answered(house)
    said = await _tapped(house, f"ra:drivers:{short_id(made.id)}", "charlie")
    assert "no longer have" in said and not re.search(r"\d", said)


async def _tapped(house, data, who="patient"):
    before = len(house.phone.sent)
    house.arrives(who, kind="tap", data=data, sender=who, message_id="1")
    await house.settle()
    return "\n".join(house.told(who, before))


async def test_a_second_question_asks_only_what_is_new_or_old(house):
    await answered(house)
    said = await house.say("what is my risk of heart failure?", "patient")
    assert "From your record I use" in said and "2 short questions" in said
    house.clock.advance(days=400)
    said = await house.say("what is my risk of a stroke?", "patient")
    assert "upper number" not in said.split("From your record")[1].split("I have")[0]


async def test_a_high_result_is_on_the_nurses_list_and_says_so(house):
    house.patient("patient", country="CN", timezone="Asia/Shanghai", sex="male")
    await house.say("what is my risk of a stroke?", "patient")
    for words in ["no", "165", "yes", "yes", "yes", "6.9 mmol/L", "0.9 mmol/L", "100 cm", "yes"]:
        await house.say(words, "patient")
    await house.say("yes", "patient")
    said = await house.say("yes", "patient")
    assert "care team's list" in said
    [matter] = house.escalations()
    assert (matter.reason, matter.tier) == ("risk_high", "P3")
    with house.house.store.reading() as rows:
        [made] = rows.record.assessments("patient")
    assert matter.evidence["probability"] == round(made.prediction.probability, 4)
    assert matter.evidence["band"] == "high"


async def test_a_cholesterol_is_not_taken_for_a_blood_sugar_but_a_sugar_is(house):
    await answered(house)
    assert house.escalations() == []
    await house.say("sugar 2.1 mmol/L", "patient")
    assert [e.reason for e in house.escalations()] != []


async def test_chest_pain_inside_a_form_wins_and_the_form_can_go_on(house):
    house.patient("patient", country="US", timezone="America/New_York")
    await house.say("what is my risk of a stroke?", "patient")
    said = await house.say("I have crushing chest pain", "patient")
    assert "911" in said and "upper number" not in said
    assert [e.tier for e in house.escalations()] == ["P0"]
    assert "heart failure" in await house.say("go on", "patient")


def test_every_outcome_of_every_route_has_its_words():
    from prompts import say

    for language in ("en", "zh"):
        for asked in risk.questions():
            for country in ("US", "CN", "GB", "JP", ""):
                for route in risk.routes(asked, risk.Person(country=country)):
                    assert say(f"risk.outcome_{route.outcome}", language)
                    assert say(f"risk.counted_{route.outcome}", language)
