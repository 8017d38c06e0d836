"""Silence, doses and one's own record, in the words people use for them."""

from __future__ import annotations

import pytest

from bot.conversation.commands import SILENCE
from bot.conversation.dose_turn import asks_how_much
from bot.conversation.facts_turn import ALL


@pytest.mark.parametrize(
    "words",
    [
        "please stop messaging me", "don't send me anything any more", "stop texting me please",
        "leave me alone", "do not contact me again", "别再给我发消息了", "以后不用再联系我了",
        "不要再打扰我了", "请不要再发消息了",
    ],
)  # fmt: skip
def test_a_wish_for_silence_is_stop(words: str) -> None:
    assert SILENCE.search(words)


@pytest.mark.parametrize(
    "words",
    [
        "stop the medicine reminders", "please stop asking me about my weight",
        "don't send me the weekly summary", "stop sending me reminders about pills",
        "should I stop my medicine", "I want my ex to stop messaging me",
        "did you stop messaging my nurse?", "不要再问我血压了", "别再提醒我吃药",
        "他别再联系我了就好了",
    ],
)  # fmt: skip
def test_one_purpose_or_somebody_else_is_not_stop(words: str) -> None:
    assert not SILENCE.search(words)


@pytest.mark.parametrize(
    "words",
    [
        "今天血压高，氨氯地平能不能吃两片", "can I take two amlodipine today?",
        "how many metformin should I take", "二甲双胍一天吃几次？",
    ],
)  # fmt: skip
def test_how_much_of_a_medicine_is_a_question_about_a_dose(words: str) -> None:
    assert asks_how_much(words)


@pytest.mark.parametrize("words", ["can I take amlodipine with food?", "what is metformin?"])
def test_what_a_medicine_is_or_goes_with_is_not(words: str) -> None:
    assert not asks_how_much(words)


@pytest.mark.parametrize(
    "words",
    [
        "what allergies do you have for me?", "which medicines do you have on my list?",
        "我对什么过敏", "您记着我在吃什么药",
    ],
)  # fmt: skip
def test_ones_own_medicines_and_allergies_are_read_from_the_record(words: str) -> None:
    assert ALL.search(words)


@pytest.mark.parametrize(
    "words",
    ["what medicines lower blood pressure?", "which medicines should I avoid with grapefruit?"],
)
def test_medicines_in_general_are_not_the_record(words: str) -> None:
    assert not ALL.search(words)
