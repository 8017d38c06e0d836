"""Questionnaires: official wording, every answer kept, and nothing worrying lost on the way."""

from datetime import UTC, datetime, timedelta

import pytest

import risk
from bot.conversation import questionnaire as q
from bot.plans import plans
from prompts import say

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ALL = sorted(q.lexicon().questionnaires)


def through_a_restart(state: q.State) -> q.State:
    return q.State.from_topic(state.to_topic())


def answered(name: str, *indices: int) -> q.State:
    state = q.begin(name, NOW, known={"sex": "female"})
    for index in indices:
        item = q.next_item(state)
        assert item is not None
        new = q.take(through_a_restart(state), f"qn:{name}:{item.name}:{index}", "en")
        assert new is not None
        state = new
    return state


@pytest.mark.parametrize("model", ["phq9", "gad7"])
def test_the_english_items_are_the_official_ones_word_for_word(model):
    for spec in risk.asked(model, "base"):
        assert say(f"questionnaire.{model}_{spec.name}", "en") == spec.text


def test_every_questionnaire_has_its_words_and_its_flag():
    assert q.check() == len(ALL) == 5


@pytest.mark.parametrize("name", ALL)
def test_all_answers_lead_to_the_score_of_the_table(name):
    lowest = len(q.begin(name, NOW, known={"sex": "female"}).prefilled)
    count = len(q.lexicon().questionnaires[name].items) - lowest
    state = answered(name, *([1] * count))
    assert q.next_item(state) is None
    assert q.result(state).total == count


@pytest.mark.parametrize(
    ("index", "flag"),
    [(0, ""), (1, "suicide_ideation_active"), (3, "suicide_ideation_active")],
)
def test_the_ninth_answer_opens_the_path_at_once(index, flag):
    state = answered("phq9", *([0] * 8), index)
    assert q.flag_of(state) == flag


def test_eight_high_answers_open_no_self_harm_path():
    assert q.flag_of(answered("phq9", *([3] * 8))) == ""


@pytest.mark.parametrize(
    ("said", "value"), [("Several days", 1), ("several days.", 1), ("好几天", 1), ("几乎每天", 3)]
)
def test_the_words_of_an_answer_are_taken_in_both_languages(said, value):
    state = q.take(q.begin("gad7", NOW, known={}), said, "en")
    assert state is not None and state.answers == {"item1": value}


@pytest.mark.parametrize(
    "said",
    [
        "2", "yes", "my knee hurts", "qn:gad7:item2:1", "qn:phq9:item1:1", "qn:gad7:item1:9",
        "qn:gad7:item1:x",
    ],
)  # fmt: skip
def test_nothing_else_is_taken_for_an_answer(said):
    assert q.take(q.begin("gad7", NOW, known={}), said, "en") is None


def test_the_last_answer_can_be_given_again_but_not_what_the_record_says():
    state = answered("audit_c", 2)
    assert q.back(state).answers == {"sex": "female"}
    assert q.back(q.back(state)).answers == {"sex": "female"}


def test_answers_about_two_weeks_are_not_finished_days_later():
    state = answered("phq9", 1, 1)
    assert q.fresh(state, NOW + timedelta(hours=20))
    assert not q.fresh(state, NOW + timedelta(days=2))


def test_a_short_form_hands_its_answers_to_the_long_one():
    short = answered("phq2", 2, 3)
    more = q.longer(short, q.result(short).total)
    assert more is not None and q.progress(more) == (1, 7)
    assert q.longer(answered("phq2", 1, 1), 2.0) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I want to do the mood questionnaire", "phq9"),
        ("做一下情绪量表", "phq9"),
        ("PHQ-9", "phq9"),
        ("我想做抑郁自评", "phq9"),
        ("please start the anxiety test", "gad7"),
        ("焦虑量表，我要做", "gad7"),
        ("fill in the alcohol questionnaire", "audit_c"),
        ("start questions", ""),
        ("开始问卷", ""),
    ],
)
def test_a_wish_in_plain_words_starts_it(text, name):
    assert q.wanted(text) == name


@pytest.mark.parametrize(
    "text",
    ["what is the mood questionnaire?", "what was my PHQ-9 score", "我的PHQ-9得分是多少",
     "remind me to do the PHQ-9 every Monday", "每周提醒我做情绪量表", "I feel low",
     "ask the nurse about the anxiety test", "我心情不好"],
)  # fmt: skip
def test_other_words_start_nothing(text):
    assert q.wanted(text) is None


def test_every_questionnaire_of_a_care_plan_is_one_that_can_be_begun():
    asked = [what for plan in plans().values() for item in plan.items
             if item.kind == "questionnaire" for what in item.what.values()]  # fmt: skip
    assert asked
    assert {q.named(what) for what in asked} <= set(ALL)
