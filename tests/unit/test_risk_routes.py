"""Which model answers whom, and what a form does when another one fits better."""

import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest

import risk
from bot.conversation import risk_form as form
from bot.conversation.risk_form import Form
from risk.routes import _table

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ANSWERS = {
    "known_cvd": "no", "pregnant": "no", "severe_ckd": "no", "familial_hypercholesterolaemia": "no",
    "sbp": "140", "dm": "no", "smoking": "no", "total_c": "5.5 mmol/L", "hdl_c": "1.3 mmol/L",
    "bp_tx": "no", "statin": "no", "egfr": "eGFR 80", "waist": "95 cm", "north": "yes",
    "urban": "yes", "family_cvd": "no", "type_2_diabetes": "yes", "severe_organ_damage": "no",
    "diabetes_age": "50", "hba1c": "7.1 %", "weight": "80 kg", "height": "170 cm",
    "active_daily": "yes", "veg": "no", "bp_tx_ever": "no", "high_glucose": "no",
    "family_diabetes_degree": "Nobody", "family_diabetes": "no", "gdm": "no", "htn": "yes",
    "family_diabetes_parent_sibling": "yes", "active": "no", "asian": "no", "steroids": "no",
    "family_diabetes_count": "Nobody", "smoking_ever": "I used to", "uacr": "30 mg/mmol",
    "dialysis_or_transplant": "no", "known_breast_cancer": "no", "brca_mutation": "no",
    "chest_radiation": "no", "n_biop": "0", "hyp": "0", "agemen": "13",
    "age1st": "I have had no children", "n_rels": "1", "race": "Chinese", "age": "58",
}  # fmt: skip
ZH = {
    "Nobody": "没有人", "I used to": "以前抽过", "I have had no children": "没生过孩子",
    "Chinese": "华人", "yes": "是", "no": "否",
}  # fmt: skip


def known(age: float = 58, sex: str = "male", **more: risk.Input) -> dict[str, risk.Input]:
    return {
        "age": risk.Input(value=age, unit="years", as_of=NOW, source="Patient/a"),
        "sex": risk.Input(value=sex, as_of=NOW, source="Patient/a"),
        **more,
    }


def finished(state: Form, language: str = "en", **answers: str) -> tuple[Form, list[str]]:
    """The form after every question, each answered as its concept says, through restarts."""
    asked = []
    said = {**ANSWERS, **answers}
    while (ask := form.next_question(state, language)) is not None:
        concept = risk.concept(state.model, ask.name)
        asked.append(concept)
        state = Form.from_dict(json.loads(json.dumps(state.to_dict())))
        words = said[concept]
        state, problem = form.take(
            state, ZH.get(words, words) if language == "zh" else words, language, NOW
        )
        assert problem is None, (concept, problem)
    return state, asked


@pytest.mark.parametrize(
    ("asked", "country", "age", "sex", "diabetes", "model"),
    [
        ("stroke", "US", 58, "male", "", "prevent_2023/base"),
        ("stroke", "CN", 58, "male", "", "china_par/base"),
        ("chd", "GB", 58, "male", "no", "score2/score2"),
        ("chd", "DE", 72, "female", "no", "score2/score2_op"),
        ("chd", "DE", 72, "female", "yes", "score2/score2_op"),
        ("ascvd", "FR", 58, "female", "yes", "score2_diabetes/base"),
        ("chd", "JP", 58, "male", "no", "score2/asia_pacific"),
        ("chd", "JP", 58, "male", "yes", "prevent_2023/base"),
        ("chd", "CN", 76, "male", "no", "prevent_2023/base"),
        ("total_cvd", "", 58, "male", "", "prevent_2023/base"),
        ("heart_failure", "GB", 58, "male", "", "prevent_2023/base"),
        ("diabetes", "CN", 58, "male", "no", "ncdrs_china/base"),
        ("diabetes", "US", 58, "male", "no", "ada_cdc_prediabetes/base"),
        ("diabetes", "GB", 58, "male", "no", "findrisc/base"),
        ("kidney_failure", "US", 58, "male", "", "kfre/4"),
        ("breast_cancer", "US", 58, "female", "", "gail_bcrat/base"),
    ],
)
def test_country_age_sex_and_diabetes_choose_the_model(asked, country, age, sex, diabetes, model):
    person = risk.Person(country=country, age=age, sex=sex, diabetes=diabetes)
    first = risk.routes(asked, person)[0]
    assert f"{first.model}/{first.variant}" == model


@pytest.mark.parametrize(
    ("country", "region"), [("GB", "low"), ("DE", "moderate"), ("PL", "high"), ("BG", "very_high")]
)
def test_the_country_gives_the_region_and_nobody_is_asked_for_it(country, region):
    state = form.begin("chd", known(), NOW, country=country)
    assert state.inputs["region"].value == region
    assert state.inputs["region"].source == "country"


def test_kidney_failure_is_worked_out_by_the_continent():
    places = {"US": "north_america", "CA": "north_america", "CN": "non_north_america"}
    for country, region in places.items():
        state = form.begin("kidney_failure", known(), NOW, country=country)
        assert state.inputs["region"].value == region


def test_no_man_gets_a_number_for_breast_cancer():
    state = form.begin("breast_cancer", known(sex="male"), NOW, country="US")
    assert state.ended is not None and state.ended.code == "no_model"


def test_nobody_is_in_two_regions_of_one_group():
    for group in _table().groups.values():
        assert len(group) == len(set(group))
    assert not set(_table().groups["europe"]) & set(_table().groups["asia_pacific"])


def test_a_clinicians_score_is_no_answer_to_a_patient():
    patients = {route.model for asked in risk.questions() for country in ("US", "CN", "GB")
                for route in risk.routes(asked, risk.Person(country=country))}  # fmt: skip
    clinicians = {info.id for info in risk.catalogue() if info.audience == "clinician"}
    assert {
        "news2",
        "qsofa_curb65_wells",
        "has_bled",
        "cha2ds2_vasc",
        "cssrs_screener",
    } <= clinicians
    assert not patients & clinicians
    assert risk.for_clinician("af_stroke") == "cha2ds2_vasc"
    assert risk.routes("af_stroke", risk.Person()) == ()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("asked", "country", "sex"),
    [(asked, country, sex) for asked, country, sex in itertools.product(
        ("stroke", "heart_failure", "diabetes", "kidney_failure", "breast_cancer"),
        ("US", "CN", "GB", "JP"), ("female", "male"))
     if (asked, sex) != ("breast_cancer", "male")],
)  # fmt: skip
def test_every_form_can_be_finished_in_words_and_gives_an_assessment(asked, country, sex, language):
    kidneys = {"egfr": "eGFR 40"} if asked == "kidney_failure" else {}
    state, asked_for = finished(
        form.begin(asked, known(sex=sex), NOW, country=country), language, **kidneys
    )
    found = form.finish(state, "alice", NOW)
    assert isinstance(found, risk.RiskAssessment), found
    assert found.asked == asked
    assert len(asked_for) == len(set(asked_for))


def test_the_same_answers_give_the_same_number_in_both_languages():
    for country in ("US", "CN", "GB"):
        both = [
            form.finish(finished(form.begin("stroke", known(), NOW, country=country), language)[0],
                        "alice", NOW)
            for language in ("en", "zh")
        ]  # fmt: skip
        assert both[0] == both[1]


def test_diabetes_leads_to_the_model_made_for_it_and_keeps_the_answers():
    state = form.begin("chd", known(), NOW, country="GB")
    assert state.model == "score2"
    state, asked = finished(state, dm="yes", type_2_diabetes="yes")
    assert state.model == "score2_diabetes"
    assert asked.count("known_cvd") == 1 and "hba1c" in asked
    assert isinstance(form.finish(state, "alice", NOW), risk.RiskAssessment)


def test_another_kind_of_diabetes_leads_on_to_a_model_that_takes_it():
    diabetic = {"dm": risk.Input(value="yes", as_of=NOW, source="patient")}
    state = form.begin("chd", known(**diabetic), NOW, country="GB")
    assert state.model == "score2_diabetes"
    state, _ = finished(state, type_2_diabetes="no")
    assert state.model == "prevent_2023" and state.inputs["dm"].value == "yes"


def test_not_knowing_the_long_term_sugar_leads_to_a_model_that_does_without():
    diabetic = {"dm": risk.Input(value="yes", as_of=NOW, source="patient")}
    state = form.begin("chd", known(**diabetic), NOW, country="GB")
    state, _ = finished(state, hba1c="I don't know")
    assert state.model == "prevent_2023"
    assert isinstance(form.finish(state, "alice", NOW), risk.RiskAssessment)


def test_not_knowing_the_waist_leads_to_a_score_without_one():
    state, _ = finished(form.begin("diabetes", known(), NOW, country="GB"), waist="I don't know")
    assert state.model == "cambridge_diabetes"
    state, _ = finished(form.begin("diabetes", known(), NOW, country="AU"), waist="不知道")
    assert state.model == "ada_cdc_prediabetes"


@pytest.mark.parametrize("country", ["US", "CN", "GB", "JP"])
def test_no_model_does_without_cholesterol_so_the_nurse_does(country):
    state, _ = finished(form.begin("chd", known(), NOW, country=country), total_c="I don't know")
    assert state.ended is not None and state.ended.code == "unknown"
    text = form.explain(state.ended, "en", state, number="999")
    assert "lipid panel" in text and "/nurse" in text


def test_a_known_heart_attack_ends_every_model_with_the_reason():
    state, _ = finished(form.begin("chd", known(), NOW, country="CN"), known_cvd="yes")
    assert state.ended is not None and state.ended.code == "known_cvd"


@pytest.mark.parametrize("disease", ["severe_ckd", "familial_hypercholesterolaemia", "known_cvd"])
def test_a_disease_that_makes_every_estimate_wrong_leads_to_no_other_model(disease):
    state, _ = finished(form.begin("chd", known(), NOW, country="GB"), **{disease: "yes"})
    assert state.ended is not None and state.ended.code == disease


def test_whoever_has_diabetes_is_not_asked_how_likely_it_is():
    diabetic = {"dm": risk.Input(value="yes", as_of=NOW - timedelta(days=900), source="x")}
    state = form.begin("diabetes", known(**diabetic), NOW, country="CN")
    assert state.ended is not None and state.ended.code == "known_diabetes"


def test_healthy_kidneys_get_no_number_from_an_equation_for_sick_ones():
    state = form.begin("kidney_failure", known(), NOW, country="US")
    state, _ = form.take(state, "no", "en", NOW)
    state, problem = form.take(state, "eGFR 95", "en", NOW)
    assert problem is not None and problem.code is form.ProblemCode.OUT_OF_RANGE
    state, _ = form.take(state, "risk:egfr:confirm", "en", NOW)
    assert state.ended is not None and state.ended.code == "out_of_range"


def test_an_age_said_in_the_form_chooses_the_model_for_it():
    state = form.begin("chd", {"sex": known()["sex"]}, NOW, country="DE")
    state, _ = form.take(state, "74", "en", NOW)
    assert (state.model, state.variant) == ("score2", "score2_op")


def reading(value: float, days: float) -> risk.Input:
    at = NOW - timedelta(days=days)
    return risk.Input(value=value, unit="mmHg", as_of=at, source=f"Observation/{value:g}")


def test_pressures_are_averaged_where_the_method_says_so_and_only_there():
    readings = [reading(150, 1), reading(144, 2), reading(138, 3), reading(190, 4)]
    more = {"sbp": readings[0]}
    chinese = form.begin("chd", known(**more), NOW, country="CN", series={"sbp": readings})
    assert chinese.inputs["sbp"].value == 144
    assert chinese.inputs["sbp"].source == "Observation/150, Observation/144, Observation/138"
    assert "mean of your last 3 readings" in form.introduction(chinese, "en")
    assert "最近3次的平均" in form.introduction(chinese, "zh")
    british = form.begin("chd", known(**more), NOW, country="GB", series={"sbp": readings})
    assert british.inputs["sbp"].value == 150


def test_readings_of_another_month_are_not_averaged():
    readings = [reading(150, 1), reading(120, 40)]
    state = form.begin("chd", known(sbp=readings[0]), NOW, country="CN", series={"sbp": readings})
    assert state.inputs["sbp"].value == 150


def test_the_introduction_says_when_two_outcomes_are_counted_together():
    british = form.introduction(form.begin("stroke", known(), NOW, country="GB"), "en")
    assert "a heart attack or a stroke" in british and "both together" in british
    american = form.introduction(form.begin("stroke", known(), NOW, country="US"), "en")
    assert "both together" not in american
