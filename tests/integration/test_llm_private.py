"""What a model never learns, checked on the wire, and the whole stack when it fails."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from scripted_llm import Asked, Reply, ScriptedLLM, refused, says

import prompts
from bot.domain.errors import ModelError
from bot.llm.breaker import Breaker, WithBreaker
from bot.llm.langchain import LangChainModel
from bot.llm.private import Private

PHONE = "+49 151 23456789"


class Clock:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def llm():
    async with ScriptedLLM() as server:
        yield server


def stack(llm: ScriptedLLM, clock: Clock, timeout: float = 5.0) -> Private:
    """The model as bootstrap builds it."""
    model = LangChainModel("openai:scripted", base_url=llm.base_url, timeout=timeout)
    return Private(WithBreaker(model, Breaker(), clock))


def echo(asked: Asked) -> Reply:
    """A model that repeats the patient's message word by word."""
    return says("You wrote: " + asked.messages[-1]["content"])


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("Rosalind Kingfisher", f"I am Rosalind Kingfisher, ring {PHONE}. My knee hurts."),
        ("欧阳晓翠", "我是欧阳晓翠，电话13812345678，膝盖疼。"),
    ],
)
async def test_a_name_and_a_phone_stay_here_and_come_back_in_the_answer(llm, name, user):
    llm.answer = echo
    system = f"The notes: {name} likes gardening."
    draft = await stack(llm, Clock()).draft(system, user, names=[name])
    [asked] = llm.asked
    wire = asked.body.decode() + "".join(m["content"] for m in asked.messages)
    for secret in (name, *name.split(), "23456789", "151 234", "13812345678"):
        assert secret not in wire
    assert draft == f"You wrote: {user}"


async def test_one_person_is_the_same_stand_in_in_both_texts(llm):
    await stack(llm, Clock()).draft(
        "Told us before: Rosalind fell.", "Rosalind is dizzy", names=["Rosalind"]
    )
    system, user = (m["content"] for m in llm.asked[0].messages)
    stand_in = re.fullmatch(r"(.+) is dizzy", user)
    assert stand_in
    assert system == f"Told us before: {stand_in[1]} fell."


async def test_what_is_not_an_identifier_reaches_the_model_as_it_was_written(llm):
    system, user = "Reading: 132/84 mmHg on 2026-11-22.", "我的血压132/84，头晕。\nIs it my knee?"
    await stack(llm, Clock()).draft(system, user, names=[])
    assert [m["content"] for m in llm.asked[0].messages] == [system, user]


async def test_the_prompt_itself_passes_untouched(llm):
    system = prompts.render(
        "answer",
        language_name="English",
        facts=[],
        months=[],
        memories=[],
        readings=["132/84 mmHg on 2026-11-22"],
        today="Monday, 2026-11-23",
        clinic="Harbour Clinic",
    )
    await stack(llm, Clock()).draft(system, "hello", names=["Rosalind Kingfisher"])
    assert llm.asked[0].messages[0]["content"] == system


async def test_an_address_a_birth_date_and_a_record_number_stay_here_too(llm):
    llm.answer = echo
    user = "I live at 7 Elm Row, born 3 May 1951, file KX-4471."
    draft = await stack(llm, Clock()).draft(
        "",
        user,
        names=[],
        addresses=["7 Elm Row"],
        birth_dates=["3 May 1951"],
        identifiers=["KX-4471"],
    )
    for secret in (b"Elm Row", b"1951", b"4471"):
        assert secret not in llm.asked[0].body
    assert draft == f"You wrote: {user}"


async def test_a_failing_model_costs_three_turns_and_recovers_when_it_does(llm):
    clock = Clock()
    model = stack(llm, clock)
    llm.otherwise = refused(401)
    for _ in range(8):
        with pytest.raises(ModelError):
            await model.draft("", "hello", names=[])
    assert len(llm.asked) == 3
    llm.otherwise = says("I am back.")
    with pytest.raises(ModelError):
        await model.draft("", "hello", names=[])
    clock.now += timedelta(seconds=30)
    assert await model.draft("", "hello", names=[]) == "I am back."
    assert await model.draft("", "hello", names=[]) == "I am back."
