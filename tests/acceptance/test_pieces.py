"""An emergency in pieces, behind a command, or as half a yes is heard like any other."""

from __future__ import annotations

import pytest
from house import HouseUnderTest


async def _says(house: HouseUnderTest, who: str, *pieces: str, seconds: int = 8) -> list[str]:
    answers = []
    for piece in pieces:
        answers.append(await house.say(piece, who))
        house.clock.advance(seconds=seconds)
    return answers


@pytest.mark.parametrize(
    ("language", "number", "pieces", "reason"),
    [
        ("en", "999", ("my chest", "hurts"), "chest_pain_acs"),
        ("en", "999", ("no", "good morning", "my chest is", "hurting"), "chest_pain_acs"),
        ("en", "999", ("I took", "all my pills"), "suicide_imminent"),
        ("en", "116 123", ("I want to", "kill", "myself"), "suicide_ideation_active"),
        ("zh", "116 123", ("我不想", "活了"), "suicide_ideation_active"),
    ],
)
async def test_an_emergency_in_pieces_is_heard_with_the_piece_that_makes_it_one(
    house: HouseUnderTest, language: str, number: str, pieces: tuple[str, ...], reason: str
) -> None:
    house.patient("dora", language=language)
    answers = await _says(house, "dora", *pieces)
    assert number in answers[-1]
    assert not any(number in answer for answer in answers[:-1])
    [matter] = house.escalations()
    assert (matter.tier, matter.reason) == ("P0", reason)
    assert all(piece in matter.evidence["words"] for piece in pieces[-2:])


async def test_it_is_told_once_and_the_next_piece_is_no_new_emergency(
    house: HouseUnderTest,
) -> None:
    answers = await _says(house, "alice", "my chest", "hurts", "a lot", "since lunch")
    assert [("999" in answer) for answer in answers[:2]] == [False, True]
    first_words = answers[1].splitlines()[0]
    assert not any(first_words in answer for answer in answers[2:])
    assert len(house.escalations()) == 1


@pytest.mark.parametrize(
    "pieces",
    [
        ("blood pressure", "130/80", "thanks"),
        ("no", "chest pain is what I fear", "not what I have"),
    ],
)
async def test_pieces_never_say_less_than_each_by_itself(
    house: HouseUnderTest, pieces: tuple[str, ...]
) -> None:
    alone = []
    for number, piece in enumerate(pieces):
        house.patient(f"alone{number}")
        await house.say(piece, f"alone{number}")
        alone.append({m.reason for m in house.escalations() if m.patient_id == f"alone{number}"})
    house.patient("dora")
    await _says(house, "dora", *pieces)
    assert {m.reason for m in house.escalations() if m.patient_id == "dora"} == set().union(*alone)


async def test_words_of_an_hour_ago_are_no_piece_of_these(house: HouseUnderTest) -> None:
    await _says(house, "alice", "my chest", "hurts", seconds=3600)
    assert house.escalations() == []


@pytest.mark.parametrize("command", ["help", "nurse", "export", "unheard_of", "stop"])
async def test_an_emergency_behind_a_command_comes_before_the_command(
    house: HouseUnderTest, command: str
) -> None:
    answer = await house.say("I can't breathe", kind="command", data=command)
    assert "Call 999 now" in answer.partition("\n")[0]
    [matter] = house.escalations()
    assert (matter.tier, matter.reason) == ("P0", "breathing_severe")
    assert ("I have stopped" in answer) == (command == "stop")


async def test_a_message_of_an_unknown_kind_with_words_is_read(house: HouseUnderTest) -> None:
    assert "999" in await house.say("crushing chest pain", kind="unknown")
    assert "cannot read this kind" in await house.say("", kind="unknown")


async def test_a_doubt_behind_a_command_is_asked(house: HouseUnderTest) -> None:
    assert "right now?" in await house.say(
        "I had chest pain last week", kind="command", data="help"
    )


@pytest.mark.parametrize(
    ("language", "first", "answer"),
    [
        ("en", "I had chest pain last week", "sort of"),
        ("en", "I had chest pain last week", "yes, a bit"),
        ("en", "I had chest pain last week", "my wife does"),
        ("en", "I had chest pain last week", "it comes and goes"),
        ("en", "I had chest pain last week", "Still does."),
        ("zh", "上周胸痛过", "有点"),
        ("zh", "上周胸痛过", "嗯嗯"),
        ("zh", "上周胸痛过", "我老伴有"),
        ("zh", "上周胸痛过", "还在疼"),
    ],
)
async def test_half_a_yes_to_is_it_happening_now_is_a_yes(
    house: HouseUnderTest, language: str, first: str, answer: str
) -> None:
    house.patient("dora", language=language)
    await house.say(first, "dora")
    assert "999" in await house.say(answer, "dora")
    assert house.escalations()[0].tier == "P0"


@pytest.mark.parametrize(
    ("language", "first", "answer", "again", "own_words"),
    [
        ("en", "I had chest pain last week", "not sure", "once more", "in your own words"),
        ("en", "I had chest pain last week", "earlier today", "once more", "in your own words"),
        ("zh", "上周胸痛过", "一个小时前有", "再问您一次", "用自己的话"),
        ("zh", "上周胸痛过", "不太确定", "再问您一次", "用自己的话"),
    ],
)
async def test_neither_yes_nor_no_is_asked_once_more_and_a_person_looks_today(
    house: HouseUnderTest, language: str, first: str, answer: str, again: str, own_words: str
) -> None:
    house.patient("dora", language=language)
    await house.say(first, "dora")
    told = await house.say(answer, "dora")
    assert again in told and "999" in told
    assert {m.tier for m in house.escalations()} == {"P1", "P2"}
    assert own_words in await house.say(answer, "dora")  # twice is enough
    assert {m.tier for m in house.escalations()} == {"P1", "P2"}


@pytest.mark.parametrize(
    "answer",
    ["what was my blood pressure?", "132/84", "my daughter is coming tomorrow", "it stopped"],
)
async def test_other_words_are_no_yes(house: HouseUnderTest, answer: str) -> None:
    await house.say("I had chest pain last week")
    await house.say(answer)
    assert [m.tier for m in house.escalations()] == ["P2"]


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "edited", "text": "I can't breathe"},
        {"kind": "command", "data": "start", "text": "help I can't breathe"},
        {"kind": "command", "data": "help", "text": "I can't breathe"},
        {"kind": "photo", "text": "I can't breathe"},
    ],
)
async def test_a_strangers_emergency_is_heard_however_it_comes(
    house: HouseUnderTest, said: dict[str, str]
) -> None:
    told = await house.say(**said, who="eve")
    assert "Sit upright" in told and "cannot reach a nurse for you" in told
    assert await house.say("hello, who are you", "eve", kind="edited") == ""
