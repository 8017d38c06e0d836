"""The risk form: asked for in plain words, one question at a time, never a number of its own."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

import risk
from bot.conversation import risk_form as form
from bot.conversation import risk_read
from bot.conversation.risk_form import Form, ProblemCode

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
MODEL = risk.load("prevent_2023")


def known(**changes):
    """Alice: 62, with a blood pressure from three days ago."""
    record = {
        "sex": risk.Input(value="female", source="Patient/alice"),
        "age": risk.Input(value=62, unit="years", source="Patient/alice"),
        "sbp": risk.Input(
            value=148, unit="mmHg", as_of=NOW - timedelta(days=3), source="Observation/1"
        ),
    }
    record.update(changes)
    return {name: given for name, given in record.items() if given is not None}


def begin(asked, known, country="US", **more):
    return form.begin(asked, known, NOW, country=country, **more)


def through_a_restart(state):
    return Form.from_dict(json.loads(json.dumps(state.to_dict())))


def talk(state, *said, language="en"):
    problem = None
    for text in said:
        state, problem = form.take(through_a_restart(state), text, language, NOW)
    return state, problem


def at(name, outcome="chd", language="en"):
    """A form that waits for ``name``, all before it answered."""
    answers = {"known_cvd": "no", "bp_tx": "yes", "smoking": "no", "dm": "no", "statin": "no",
               "total_c": "5.2", "hdl_c": "1.2", "egfr": "eGFR 80", "weight": "70 kg"}  # fmt: skip
    state = begin(outcome, known())
    while (ask := form.next_question(state, language)) is not None and ask.name != name:
        state, problem = form.take(state, answers[ask.name], language, NOW)
        assert problem is None
    return state


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("What is my risk of a heart attack?", "chd"),
        ("what are the chances I get a stroke", "stroke"),
        ("chance of a stroke", "stroke"),
        ("heart failure risk", "heart_failure"),
        ("Am I likely to have a heart attack or a stroke?", "ascvd"),
        ("will i get heart disease", "total_cvd"),
        ("How likely am I to have a heart attack?", "chd"),
        ("my cardiovascular risk please", "total_cvd"),
        ("我会不会得心脏病", "total_cvd"),
        ("我中风的风险有多大", "stroke"),
        ("我心梗的几率高吗？", "chd"),
        ("我以后会得心衰吗", "heart_failure"),
        ("我得冠心病的可能性大不大", "chd"),
        ("中风的风险有多大", "stroke"),
        ("我会得糖尿病吗", "diabetes"),
        ("Am I at risk of diabetes?", "diabetes"),
        ("I am diabetic, what is my risk of a stroke?", "stroke"),
        ("我得了糖尿病，中风的风险大吗", "stroke"),
        ("will my kidneys fail", "kidney_failure"),
        ("我以后会不会要透析", "kidney_failure"),
        ("What is my chance of breast cancer?", "breast_cancer"),
        ("我得乳腺癌的几率多大", "breast_cancer"),
        ("I have atrial fibrillation, what is my stroke risk?", "af_stroke"),
        ("我有房颤，中风的可能性多大", "af_stroke"),
    ],
)
def test_a_personal_risk_question_names_its_outcome(text, outcome):
    assert form.wanted(text, "en") == outcome


@pytest.mark.parametrize(
    "text",
    [
        "what are the risk factors of stroke?",
        "How can I lower my risk of a heart attack?",
        "Does ibuprofen increase my risk of stroke?",
        "What is my mother's risk of a stroke?",
        "I think I am having a heart attack",
        "my father had a stroke",
        "what is my risk of falling?",
        "Is there a chance I am having a stroke right now?",
        "my chest hurts, could it be a heart attack",
        "what is a stroke?",
        "中风的危险因素有哪些",
        "怎么降低我心梗的风险",
        "我妈会不会得心脏病",
        "我现在是不是中风了",
        "我血压148",
        "我心脏病的药吃完了",
        "I have diabetes",
        "my mother had breast cancer",
        "how can I avoid dialysis?",
        "我有糖尿病",
        "怎么预防糖尿病",
        "",
    ],
)
def test_other_messages_start_no_form(text):
    assert form.wanted(text, "en") is None


def test_known_values_are_reused_with_their_age():
    state = begin("chd", known())
    assert state.reused == ("age", "sex", "sbp")
    text = form.introduction(state, "en")
    assert "148 mmHg, from 3 days ago" in text
    assert "8 short questions" in text
    assert "148 mmHg（3天前）" in form.introduction(state, "zh")


@pytest.mark.parametrize(
    "given",
    [
        risk.Input(value=148, unit="mmHg", as_of=NOW - timedelta(days=366)),
        risk.Input(value=148, unit="mmHg"),
        risk.Input(value=60, unit="mmHg", as_of=NOW),
        risk.Input(value=148, unit="kPa", as_of=NOW),
        risk.Input(value=195, unit="mmHg", as_of=NOW - timedelta(days=30)),
    ],
    ids=["old", "undated", "out of range", "wrong unit", "urgent then"],
)
def test_an_unusable_known_value_is_asked_for_again(given):
    state = begin("chd", known(sbp=given))
    assert "sbp" not in state.inputs
    assert state.ended is None


def test_a_diagnosis_does_not_age():
    old = NOW - timedelta(days=4000)
    state = begin("chd", known(dm=risk.Input(value="yes", as_of=old)))
    assert "dm" in state.inputs
    state = begin("chd", known(dm=risk.Input(value="no", as_of=old)))
    assert "dm" not in state.inputs


@pytest.mark.parametrize(
    ("waiting", "said", "name", "value", "unit"),
    [
        ("total_c", "5.2", "total_c", 5.2, "mmol/L"),
        ("total_c", "5.2 mmol/L", "total_c", 5.2, "mmol/L"),
        ("total_c", "5,2", "total_c", 5.2, "mmol/L"),
        ("total_c", "it's about 200 mg/dL", "total_c", 200, "mg/dL"),
        ("total_c", "总胆固醇大概５.２", "total_c", 5.2, "mmol/L"),
        ("total_c", "5.2毫摩尔每升", "total_c", 5.2, "mmol/L"),
        ("hdl_c", "HDL 50", "hdl_c", 50, "mg/dL"),
        ("egfr", "0.9", "creatinine", 0.9, "mg/dL"),
        ("egfr", "creatinine 80 µmol/l", "creatinine", 80, "umol/L"),
        ("egfr", "肌酐80微摩尔", "creatinine", 80, "umol/L"),
        ("egfr", "eGFR is 85", "egfr", 85, "mL/min/1.73m2"),
        ("weight", "体重140斤", "weight", 140, "jin"),
        ("weight", "154 lbs", "weight", 154, "lb"),
        ("height", "1米65", "height", 1.65, "m"),
        ("height", "5 ft 5", "height", 65, "in"),
        ("height", "5'5\"", "height", 65, "in"),
        ("height", "165", "height", 165, "cm"),
    ],
)
def test_numbers_are_read_as_people_write_them(waiting, said, name, value, unit):
    outcome = "heart_failure" if waiting in ("weight", "height") else "chd"
    state, problem = talk(at(waiting, outcome), said)
    assert problem is None
    given = state.inputs[name]
    assert (given.value, given.unit) == (pytest.approx(value), unit)


def test_a_pressure_pair_gives_its_upper_number():
    state = begin("chd", known(sbp=None))
    state, problem = talk(state, "no", "132/84")
    assert problem is None
    assert state.inputs["sbp"].value == 132


@pytest.mark.parametrize(
    ("said", "value"),
    [("yes", "yes"), ("Nope.", "no"), ("没有", "no"), ("是的", "yes"), ("yes, two a day", "yes"),
     ("No, I quit years ago", "no"), ("戒了", "no"), ("i don't", "no"), ("不抽", "no")],
)  # fmt: skip
def test_yes_and_no_are_understood(said, value):
    state, problem = talk(at("smoking"), said)
    assert problem is None
    assert state.inputs["smoking"].value == value


@pytest.mark.parametrize(
    ("waiting", "said"),
    [
        ("smoking", "my knee has hurt for 3 days"),
        ("smoking", "why do you ask?"),
        ("smoking", "no chest pain but my leg is swollen since this morning and it hurts"),
        ("smoking", "132/84"),
        ("total_c", "132/84"),
        ("total_c", "血糖6.5"),
        ("total_c", "HDL 1.2"),
        ("total_c", "weight 70.2 kg"),
        ("total_c", "what is cholesterol?"),
        ("total_c", "I took 2 tablets"),
        ("total_c", "yes"),
    ],
)
def test_something_else_is_left_for_the_bot_and_the_form_stays(waiting, said):
    before = at(waiting)
    after, problem = talk(before, said)
    assert problem == form.Problem(code=ProblemCode.NOT_AN_ANSWER)
    assert after == before


def test_a_bare_number_that_fits_two_units_is_asked_about():
    state, problem = talk(at("egfr"), "80")
    assert problem.code is ProblemCode.UNIT_NEEDED
    assert "80" in problem.text
    ask = form.next_question(state, "en")
    assert [data for _, data in ask.buttons] == [
        "risk:egfr:unit:mL/min/1.73m2", "risk:egfr:unit:umol/L", "risk:egfr:later"
    ]  # fmt: skip
    tapped, _ = talk(state, "risk:egfr:unit:umol/L")
    typed, _ = talk(state, "µmol/L")
    assert tapped.inputs["creatinine"].unit == typed.inputs["creatinine"].unit == "umol/L"


def test_a_unit_that_cannot_be_is_asked_about_again():
    before = at("egfr")
    after, problem = talk(before, "1.2 mmol/L")
    assert problem.code is ProblemCode.NOT_CLEAR
    assert problem.text
    assert after == before


def test_a_value_out_of_range_is_answered_with_the_range_and_can_be_corrected():
    state, problem = talk(at("total_c"), "12 mmol/L")
    assert problem.code is ProblemCode.OUT_OF_RANGE
    assert "12 mmol/L" in problem.text
    assert "3.4 to 8.2 mmol/L" in problem.text
    corrected, problem = talk(state, "5.2")
    assert problem is None
    assert corrected.inputs["total_c"].value == 5.2


@pytest.mark.parametrize("again", ["risk:total_c:confirm", "12 mmol/L", "yes"])
def test_a_true_value_out_of_range_gives_no_number(again):
    state, _ = talk(at("total_c"), "12 mmol/L", again)
    ended = form.finish(state, "alice", NOW)
    assert ended.code == "out_of_range"
    assert "12 mmol/L" in form.explain(ended, "en", state, number="999")
    assert form.next_question(state, "en") is None


def test_a_weight_beyond_the_model_says_which_index_it_makes():
    state, problem = talk(at("weight", "heart_failure"), "140 kg", "165 cm")
    assert problem.code is ProblemCode.OUT_OF_RANGE
    assert "body mass index 51.4" in problem.text
    state, _ = talk(state, "risk:height:confirm")
    assert form.finish(state, "alice", NOW).values["value"] == pytest.approx(51.4)


@pytest.mark.parametrize(("language", "words"), [("en", "lipid panel"), ("zh", "验一次血脂")])
@pytest.mark.parametrize("said", ["I don't know", "不知道", "risk:total_c:unknown", "not sure"])
def test_not_knowing_the_cholesterol_names_the_test_and_the_nurse(said, language, words):
    state, problem = talk(at("total_c"), said, language=language)
    assert problem is None
    text = form.explain(form.finish(state, "alice", NOW), language, state, number="999")
    assert words in text
    assert "/nurse" in text
    assert not re.search(r"\d", text)


@pytest.mark.parametrize("said", ["not now", "Cancel", "先不做了", "算了", "risk:total_c:later"])
def test_the_form_can_be_laid_aside(said):
    before = at("total_c")
    after, problem = talk(before, said)
    assert problem == form.Problem(code=ProblemCode.LATER)
    assert after == before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_word_of_the_form_is_one_that_stops_every_message(language):
    ask = form.next_question(at("total_c"), language)
    said = [form.introduction(at("total_c"), language), *(label for label, _ in ask.buttons)]
    for stop in ('"stop"', "停", "停止"):
        assert not any(stop in text for text in said)


def test_a_button_of_an_earlier_question_changes_nothing():
    before = at("dm")
    after, problem = talk(before, "risk:smoking:yes")
    assert problem.code is ProblemCode.STALE
    assert after == before


def test_a_button_fits_telegram_and_holds_no_value():
    for name in ("known_cvd", "total_c", "egfr"):
        for _, data in form.next_question(at(name), "zh").buttons:
            assert len(data.encode()) <= 64


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("changes", "said", "code"),
    [
        ({"age": risk.Input(value=28, unit="years")}, (), "age"),
        ({"age": risk.Input(value=80, unit="years")}, (), "age"),
        ({"known_cvd": risk.Input(value="yes", as_of=NOW)}, (), "known_cvd"),
        ({}, ("yes",), "known_cvd"),
        ({"age": risk.Input(value=35, unit="years")}, ("no", "yes"), "pregnant"),
        ({"sbp": None}, ("no", "195"), "sbp_urgent"),
    ],
)
def test_who_gets_no_number_gets_a_kind_reason(changes, said, code, language):
    state, _ = talk(begin("chd", known(**changes)), *said, language=language)
    ended = form.finish(state, "alice", NOW)
    assert ended.code == code
    assert ended.urgent == (code == "sbp_urgent")
    text = form.explain(ended, language, state, number="999")
    assert "%" not in text
    allowed = {"age": {"30", "79"}, "sbp_urgent": {"195", "999"}}.get(code, set())
    assert set(re.findall(r"\d+", text)) <= allowed


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_question_has_words_in_both_languages(language):
    for outcome in MODEL.info.outcomes:
        state = begin(outcome.name, {})
        asked = []
        answers = {"age": "45", "sex": "female", "pregnant": "no", "sbp": "130", "height": "165"}
        answers |= {"total_c": "5.2", "hdl_c": "1.2", "egfr": "eGFR 80", "weight": "70 kg"}
        while (ask := form.next_question(state, language)) is not None:
            asked.append(ask.name)
            state, problem = form.take(state, answers.get(ask.name, "no"), language, NOW)
            assert problem is None, (ask, problem)
        assert asked[:4] == ["age", "sex", "known_cvd", "pregnant"]
        assert isinstance(form.finish(state, "alice", NOW), risk.RiskAssessment)


def test_a_broken_word_file_is_named(tmp_path, monkeypatch):
    broken = tmp_path / "risk_form.toml"
    broken.write_text('[wanted]\ncue = ["("]\n', "utf-8")
    monkeypatch.setattr(risk_read, "_FILE", broken)
    with pytest.raises(ValueError, match=r"risk_form\.toml"):
        risk_read.lexicon.__wrapped__()


@pytest.mark.parametrize("said", ["不抽", "No.", "yes", "先不做了", "I don't know", "女"])
def test_a_plain_answer_is_the_whole_message(said):
    assert risk_read.whole(said)


@pytest.mark.parametrize(
    "said", ["no, but my chest hurts", "不抽，就是胸口疼", "抽搐", "no feeling"]
)
def test_anything_beside_a_plain_answer_is_listened_to(said):
    assert not risk_read.whole(said)
