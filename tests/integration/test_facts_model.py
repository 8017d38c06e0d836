"""A language model over HTTP proposes facts and months in short; code checks every word of it."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from house import HouseUnderTest
from scripted_llm import Reply, ScriptedLLM, broken, refused, says

from bot.conversation.propose import propose
from bot.conversation.summarise import summarise
from bot.domain.message import PatientId
from bot.domain.patient import CONSENT_VERSION, Consent, Purpose
from bot.llm.langchain import LangChainModel
from bot.llm.private import Private
from memory import Fact

ALICE = PatientId("alice")


def listed(*facts: dict[str, str]) -> Reply:
    return says(
        "Here it is:\n```json\n" + json.dumps({"facts": facts}, ensure_ascii=False) + "\n```"
    )


async def read_by_model(
    house: HouseUnderTest, said: str, *replies: Reply, who: str = "alice"
) -> tuple[list[Fact], list[Any]]:
    """What the house keeps after a model has read one message, and what the model was asked."""
    await house.say(said, who)
    async with ScriptedLLM(script=list(replies)) as llm:
        model = LangChainModel("openai:scripted", base_url=llm.base_url, timeout=10)
        services = dataclasses.replace(house.services, chat_model=Private(model))
        await propose(services)
        asked = list(llm.asked)
        await model.close()
    with house.services.store.reading() as rows:
        return rows.facts.of(PatientId(who), everything=True), asked


async def test_a_quoted_proposal_is_kept_unconfirmed_until_the_patient_says_yes(house) -> None:
    said = "Warburton's linctus 10 ml is what the chemist has me swallowing at night"
    quote = "Warburton's linctus 10 ml"
    facts, asked = await read_by_model(
        house, said,
        listed({"kind": "MedicationStatement", "quote": quote, "about": "Warburton's linctus",
                "dose": "10 ml", "times": "three times an hour"}),
    )  # fmt: skip
    [fact] = [f for f in facts if f.said_by == "inferred"]
    assert (fact.status, fact.verification) == ("current", "unconfirmed")
    assert fact.values == {"name": "Warburton's linctus", "dose": "10 ml"}
    assert said in asked[0].messages[1]["content"]
    assert "not confirmed" in await house.say("what do you know about me?")
    assert "right" in await house.tap("is right")
    with house.services.store.reading() as rows:
        sure = {f.id: f.verification for f in rows.facts.of(ALICE)}
    assert sure[fact.id] == "certain"


@pytest.mark.parametrize(
    ("said", "proposed"),
    [
        ("I had soup for lunch",
         {"kind": "AllergyIntolerance", "quote": "allergic to soup", "about": "soup"}),
        ("I had soup for lunch",
         {"kind": "AllergyIntolerance", "quote": "I had soup", "about": "penicillin"}),
        ("my sister cannot go near penicillin",
         {"kind": "AllergyIntolerance", "quote": "cannot go near penicillin",
          "about": "penicillin"}),
        ("would penicillin make me ill?",
         {"kind": "AllergyIntolerance", "quote": "penicillin make me ill", "about": "penicillin"}),
        ("penicillin has never done me any harm",
         {"kind": "AllergyIntolerance", "quote": "penicillin has never done",
          "about": "penicillin"}),
        ("they feared it was lupus but it was ruled out",
         {"kind": "Condition", "quote": "it was lupus", "about": "lupus"}),
        ("I had soup for lunch", {"kind": "Secret", "quote": "I had soup", "about": "soup"}),
    ],
)  # fmt: skip
async def test_what_the_message_does_not_state_is_dropped(house, said, proposed) -> None:
    facts, asked = await read_by_model(house, said, listed(proposed))
    assert len(asked) == 1
    assert [f for f in facts if f.said_by == "inferred"] == []


async def test_a_chinese_message_gives_a_chinese_proposal(house) -> None:
    house.patient("wang", language="zh", country="CN", timezone="Asia/Shanghai")
    facts, _ = await read_by_model(
        house, "昨晚起每顿饭后来两丸乌鸡白凤丸",
        listed({"kind": "MedicationStatement", "quote": "来两丸乌鸡白凤丸", "about": "乌鸡白凤丸",
                "dose": "两丸"}),
        who="wang",
    )  # fmt: skip
    [fact] = [f for f in facts if f.said_by == "inferred"]
    assert fact.text == "在用乌鸡白凤丸 两丸"


async def test_what_is_known_by_rule_is_not_proposed_again(house) -> None:
    facts, _ = await read_by_model(
        house, "I am allergic to latex",
        listed({"kind": "AllergyIntolerance", "quote": "allergic to latex", "about": "latex"}),
    )  # fmt: skip
    assert [f.said_by for f in facts] == ["patient"]


@pytest.mark.parametrize("reply", [says("I cannot do that."), says('{"facts": "none"}'),
                                   says('{"facts": [1, null, {"kind": 3}]}')])  # fmt: skip
async def test_an_unreadable_answer_keeps_nothing_and_is_not_asked_again(house, reply) -> None:
    facts, _ = await read_by_model(house, "I had soup", reply)
    assert facts == []
    async with ScriptedLLM() as llm:
        model = LangChainModel("openai:scripted", base_url=llm.base_url, timeout=10)
        await propose(dataclasses.replace(house.services, chat_model=Private(model)))
        assert llm.asked == []
        await model.close()


async def test_a_message_waits_while_the_model_is_out_of_order(house) -> None:
    await read_by_model(house, "I had soup", refused(), refused(), broken())
    _, asked = await read_by_model(house, "hello", listed(), listed())
    assert len(asked) == 2


async def test_without_consent_and_after_a_red_flag_no_word_is_sent(house) -> None:
    _, asked = await read_by_model(house, "I have crushing chest pain")
    assert asked == []
    with house.services.store.unit_of_work() as work:
        work.patients.consent(
            [Consent(patient_id=ALICE, purpose=Purpose.LANGUAGE_MODEL, granted=False,
                     version=CONSENT_VERSION, at=house.clock())]
        )  # fmt: skip
    _, asked = await read_by_model(house, "I had soup")
    assert asked == []


async def test_what_was_only_understood_gives_way_to_what_is_said(house) -> None:
    await read_by_model(
        house, "zorbicillin and I do not get on, my tongue went huge",
        listed({"kind": "AllergyIntolerance", "quote": "my tongue went huge",
                "about": "tongue went huge"}),
        listed(),
    )  # fmt: skip
    with house.services.store.unit_of_work() as work:
        work.facts.add(
            [Fact(id="guess", patient_id=ALICE, kind="AllergyIntolerance", said_by="inferred",
                  text="Allergic to zorbicillin", values={"substance": "zorbicillin"},
                  verification="unconfirmed", recorded_at=house.clock())]
        )  # fmt: skip
    await house.say("I am allergic to zorbicillin")
    with house.services.store.reading() as rows:
        held = [(f.said_by, f.verification) for f in rows.facts.of(ALICE)
                if f.about == "zorbicillin"]  # fmt: skip
    assert held == [("patient", "certain")]


async def a_long_month(house: HouseUnderTest) -> None:
    house.clock.advance(hours=1)
    said = ["I take metformin 500 mg", "my knee hurts on the stairs", "the garden looks nice"]
    for number in range(30):
        text = said[number] if number < 3 else f"we had a quiet day number {number} at home"
        await house.say(text)
        house.clock.advance(minutes=5)


async def test_a_long_history_is_summed_up_in_the_patients_own_words(house) -> None:
    await a_long_month(house)
    assert await summarise(house.services) == 1
    with house.services.store.reading() as rows:
        [month] = rows.summaries.of(ALICE)
        said = {m.source: m.text for m in rows.record.memories(ALICE)}
    assert (month.method, month.period) == ("extractive", "2026-01")
    assert "I take metformin 500 mg" in [s.text for s in month.sentences]
    assert len(month.sentences) <= 6
    assert all(s.text in said[s.sources[0]] for s in month.sentences)
    assert await summarise(house.services) == 0
    await house.say("forget what I told you about my knee")
    with house.services.store.reading() as rows:
        [month] = rows.summaries.of(ALICE)
    assert not any("knee" in s.text for s in month.sentences)


@pytest.mark.parametrize(
    ("draft", "taken"),
    [
        (
            "Says that the knee hurts on the stairs. [2]\nSays that metformin 500 mg is taken. [1]",
            True,
        ),
        ("Says that the knee hurts on the stairs.", False),
        ("Says that the knee hurts. [99]", False),
        ("Says that metformin 850 mg is taken. [1]", False),
        ("She has diabetes and should double the dose of metformin. [1]", False),
    ],
)
async def test_a_models_month_counts_only_with_sources_and_after_review(
    house, draft: str, taken: bool
) -> None:
    await a_long_month(house)
    async with ScriptedLLM(script=[says(draft)]) as llm:
        model = LangChainModel("openai:scripted", base_url=llm.base_url, timeout=10)
        await summarise(dataclasses.replace(house.services, chat_model=Private(model)))
        await model.close()
    with house.services.store.reading() as rows:
        [month] = rows.summaries.of(ALICE)
    assert (month.method == "openai:scripted") is taken
    assert month.sentences
    assert not any("850" in s.text or "double" in s.text for s in month.sentences)
