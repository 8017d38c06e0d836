"""The symptom interview: red flags first, an end by fixed rules, no diagnosis in any words."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

import safety
from bot.conversation import interview as iv
from bot.conversation.interview import Person, State
from bot.conversation.interview_data import LEVELS, can_ask, check, lexicon
from bot.conversation.interview_graph import possible, worth_asking
from bot.conversation.interview_start import asks, named
from prompts import say
from prompts.catalogue import _messages

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
STARTS = tomllib.loads((Path(__file__).parent / "data/interview_starts.toml").read_text("utf-8"))
WOMAN = Person(age=40, sex="female")
ALL = sorted(lexicon().complaints)


def begun(*complaints: str, **answers: str) -> State:
    return State(id="m1", complaints=complaints, answers=answers, begun_at=NOW)


def answered(state: State, person: Person, **given: str) -> State:
    """To the end: what is not given is "no", "same" and "mild"."""
    plain = {"onset": "days", "course": "same", "severity": "mild", **given}
    while step := iv.next_step(state, person, partial(worth_asking, person=person)):
        said = f"iv:{state.complaints[0]}:{step}:{plain.get(step, 'no')}"
        taken = iv.take(State.from_topic(replace(state, open=step).to_topic()), said)
        assert taken is not None, said
        state = taken
    return state


def test_every_complaint_has_its_words_its_flags_and_its_ends() -> None:
    assert check() == len(ALL) == len(STARTS) == 42


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(("at", "language"), [(0, "en"), (1, "zh")])
def test_a_complaint_begins_with_the_words_of_either_language(name, at, language) -> None:
    words = STARTS[name][at]
    assert asks(words)
    found = named(words, language, WOMAN)
    assert found is not None and found.complaints[0] == name


@pytest.mark.parametrize(
    "words",
    [
        "What should I do if I get a headache?",
        "My husband has back pain, what should I do?",
        "I had back pain last month, what should I do next time?",
        "I have no headache, what should I do today?",
        "My headache is gone, what should I do now?",
        "What should I eat to prevent constipation?",
        "How many patients have a cough?",
        "headache?",
        "headache film",
        "头痛片",
        "没有头痛",
        "要是头疼怎么办",
        "我老公咳嗽，怎么办",
        "我没有头疼，怎么办",
        "我以前老头疼，怎么办",
        "怎么预防便秘",
    ],
)
def test_a_neighbour_begins_nothing(words: str) -> None:
    assert named(words, "en", WOMAN) is None


def test_two_complaints_are_asked_together_and_both_their_red_flags() -> None:
    found = named("I have had a fever and a rash since yesterday, what should I do?", "en", WOMAN)
    assert found is not None and found.complaints == ("fever", "rash") and found.onset == "days"
    keys = [red.key for red in iv.reds(begun(*found.complaints), WOMAN)]
    assert "very_ill" in keys and "skin_peels" in keys and len(keys) == len(set(keys))


def test_two_times_in_the_words_are_asked_and_not_guessed() -> None:
    words = "I have had headaches for months and one since yesterday, what should I do?"
    found = named(words, "en", WOMAN)
    assert found is not None and found.onset == ""


@pytest.mark.parametrize("name", ALL)
def test_red_flags_come_first_then_how_it_goes_then_at_most_four_of_the_graph(name) -> None:
    state = answered(begun(name), WOMAN)
    kinds = [step.partition(":")[0] for step in state.answers]
    reds = len(iv.reds(state, WOMAN))
    assert reds >= 1
    assert kinds[: reds + 3] == ["red"] * reds + ["onset", "course", "severity"]
    assert len(kinds) - reds - 3 <= 4 and set(kinds[reds + 3 :]) <= {"more"}


@pytest.mark.parametrize("name", ALL)
def test_every_yes_to_a_red_flag_names_a_flag_of_the_screen(name) -> None:
    for red in iv.reds(begun(name), Person()):
        told = iv.alarm(begun(name, **{f"red:{red.key}": "yes"}))
        assert told == red and safety.stated(red.flag, cue="interview").tier.name in ("P0", "P1")


@pytest.mark.parametrize("name", ALL)
def test_nothing_ends_milder_than_the_complaint_allows_and_doubt_ends_today(name) -> None:
    complaint = lexicon().complaints[name]
    calm = answered(begun(name), WOMAN)
    assert LEVELS.index(iv.level(calm, WOMAN)) >= LEVELS.index(complaint.least)
    assert iv.level(answered(begun(name), WOMAN, severity="severe"), WOMAN) == "today"
    first = f"red:{iv.reds(calm, WOMAN)[0].key}"
    assert iv.level(answered(begun(name), WOMAN, **{first: "unsure"}), WOMAN) == "today"


@pytest.mark.parametrize(
    ("given", "person", "level"),
    [
        ({}, WOMAN, "care"),
        ({"course": "worse"}, WOMAN, "days"),
        ({"course": "worse", "severity": "moderate"}, WOMAN, "today"),
        ({"onset": "long"}, WOMAN, "days"),
        ({}, replace(WOMAN, pregnant=True), "today"),
        ({}, replace(WOMAN, conditions=("kidney transplant",)), "today"),
        ({}, replace(WOMAN, conditions=("2型糖尿病",)), "days"),
        ({}, replace(WOMAN, age=80), "days"),
    ],
)
def test_the_rules_say_how_soon(given, person, level) -> None:
    state = answered(begun("sore_throat"), person, **given)
    assert iv.level(state, person) == level


def test_a_man_is_not_asked_about_pregnancy_and_a_young_woman_not_about_arteritis() -> None:
    man = [red.key for red in iv.reds(begun("headache"), Person(age=30, sex="male"))]
    assert "pre_eclampsia" not in man and "jaw_sight" not in man
    unknown = [red.key for red in iv.reds(begun("headache"), Person())]
    assert {"pre_eclampsia", "jaw_sight"} <= set(unknown)


def test_an_old_interview_is_not_counted_together_with_new_answers() -> None:
    assert iv.fresh(begun("cough"), NOW + timedelta(hours=23))
    assert not iv.fresh(begun("cough"), NOW + timedelta(hours=25))


def test_a_button_of_another_question_is_no_answer() -> None:
    state = replace(begun("cough"), open="red:breath")
    assert iv.take(state, "iv:cough:red:chest:yes") is None
    assert iv.take(state, "iv:headache:red:breath:yes") is None
    assert iv.take(state, "iv:cough:red:breath:maybe") is None
    taken = iv.take(state, "说不准")
    assert taken is not None and taken.answers == {"red:breath": "unsure"}


def test_every_button_fits_into_what_a_channel_carries() -> None:
    asked = [key.removeprefix("has_") for key in _interview("en") if key.startswith("has_")]
    steps = [*(f"red:{key}" for key in lexicon().red), *(f"more:{s}" for s in asked), "severity"]
    longest = max(len(f"iv:{name}:{step}:moderate") for name in ALL for step in steps)
    assert longest <= 64


def test_what_is_asked_besides_has_words_and_is_no_red_flag_by_another_door() -> None:
    never = ("chest_pain", "coughing_blood", "vomiting_blood", "black_stools", "suicidal_thoughts",
             "self_harm", "confusion", "fainting", "facial_droop", "slurred_speech",
             "neck_stiffness", "one_leg_swelling", "sudden_vision_loss")  # fmt: skip
    assert not any(can_ask(symptom) for symptom in never)


def test_the_review_lets_every_word_through_and_none_states_a_diagnosis() -> None:
    values = {
        "ems": "999",
        "care": "",
        "net": "",
        "status": "",
        "phone": "",
        "symptom": "",
        "sorry": "",
        "number": "7",
    }
    for language in ("en", "zh"):
        for key in _interview(language):
            if key.startswith("sbar_"):
                continue  # for the nurse
            text = say(f"interview.{key}", language, **values)
            kept = safety.ReviewContext(language=language, approved=True)
            assert not safety.review(text, kept).reasons, (key, language)
            drafted = safety.review(text, safety.ReviewContext(language=language)).reasons
            assert "diagnosis" not in {reason.rule for reason in drafted}, (key, language)


@pytest.mark.parametrize("group", sorted({one.care for one in lexicon().complaints.values()}))
def test_every_end_says_when_to_get_help_at_once(group: str) -> None:
    for language, hospital in (("en", "emergency department"), ("zh", "急诊")):
        net = say(f"interview.net_{group}", language, ems="911")
        assert "911" in net or hospital in net
        for level in LEVELS:
            told = say(f"interview.end_{level}", language, care="", net=net, status="", phone="")
            assert net in told


def test_what_the_graph_thinks_follows_the_answers() -> None:
    state = begun("cough", **{"more:fever": "yes", "more:wheeze": "no"})
    found = possible(state, WOMAN)
    assert found and any(edge.end == "fever" for one in found for edge in one.supports)
    assert any(edge.end == "wheeze" for one in found for edge in one.against)


def _interview(language: str) -> list[str]:
    return [
        key.removeprefix("interview.")
        for key in _messages(language)
        if key.startswith("interview.")
    ]


@pytest.mark.parametrize(
    ("step", "said", "answer"),
    [
        ("onset", "since yesterday", "days"),
        ("onset", "about a week", "weeks"),
        ("onset", "三天了", "days"),
        ("onset", "today or yesterday", None),
        ("course", "about the same, I think", "same"),
        ("course", "not better", "same"),
        ("course", "getting worse", "worse"),
        ("course", "好一点了", "better"),
        ("course", "没好转", None),
        ("course", "一阵一阵的", "changing"),
        ("severity", "mild", "mild"),
        ("severity", "not too bad", "mild"),
        ("severity", "pretty bad", "severe"),
        ("severity", "不算厉害", "mild"),
        ("severity", "很厉害", "severe"),
        ("red:stroke", "说不好", "unsure"),
        ("red:stroke", "hard to say", "unsure"),
        ("red:stroke", "no but my arm is weak", None),
        ("red:stroke", "what do you mean, not sure?", None),
    ],
)
def test_an_answer_in_ones_own_words_is_taken_where_it_means_one_thing(step, said, answer) -> None:
    taken = iv.take(replace(begun("headache"), open=step), said)
    assert (taken.answers[step] if taken else None) == answer


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("5", "5"),
        ("7/10", "7"),
        ("7 out of 10", "7"),
        ("about a six I think", "6"),
        ("I'd say 10", "10"),
        ("0", "0"),
        ("七分", "7"),
        ("大概八分吧", "8"),
        ("10分", "10"),
        ("十分里七分", "7"),
        ("11", None),
        ("135/80", None),
        ("3/5", None),
        ("5 days", None),
        ("两天", None),
        ("十分难受", None),
        ("7 or 8", None),
    ],
)
def test_a_number_for_how_bad_it_is_stays_a_number_and_the_word_is_asked(said, number) -> None:
    taken = iv.take(replace(begun("headache", onset="days", course="same"), open="severity"), said)
    assert (State.from_topic(taken.to_topic()).number if taken else None) == number
    assert taken is None or "severity" not in taken.answers


def test_a_number_answers_no_other_question() -> None:
    assert iv.take(replace(begun("headache"), open="onset"), "5") is None
