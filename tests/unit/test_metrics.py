"""What readings mean: each band fires, its neighbour does not, and words only raise."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from safety.metric_rules import rules
from safety.metrics import EarlierReading, judge
from safety.readings import read_vitals
from safety.verdict import Finding, PatientFacts, Tier

_SAFETY = Path(__file__).parents[2] / "safety"
ALICE = PatientFacts(age_years=62)


def _judge(
    text: str,
    patient: PatientFacts = ALICE,
    *,
    flags: frozenset[str] = frozenset(),
    earlier: tuple[EarlierReading, ...] = (),
) -> tuple[Finding, ...]:
    readings = read_vitals(text, language="zh" if re.search("[一-龥]", text) else "en")
    return judge(readings, patient=patient, flags=flags, earlier=earlier, text=text)


def _tiers(findings: tuple[Finding, ...]) -> dict[str, str]:
    return {finding.flag: finding.tier.name for finding in findings}


def _earlier(
    code: str, value: float, days_ago: float, diastolic: float | None = None
) -> EarlierReading:
    return EarlierReading(code=code, value=value, diastolic=diastolic, days_ago=days_ago)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("185/125 and my chest hurts", {"bp_emergency": "P0"}),
        ("血压185/125，胸口疼", {"bp_emergency": "P0"}),
        ("185/125", {"bp_severe_no_symptom": "P1"}),
        ("血压185/125，没有胸痛、头晕", {"bp_severe_no_symptom": "P1"}),
        ("BP 185/125, no chest pain or blurred vision", {"bp_severe_no_symptom": "P1"}),
        ("低压120", {"bp_severe_no_symptom": "P1"}),
        ("165/90 and a bit later 168/92", {"bp_high_24h": "P2"}),
        ("179/99", {}),
        ("BP 85/50 and so dizzy", {"low_bp_symptoms": "P0"}),
        ("BP 85/50", {"low_bp_symptoms": "P1"}),
        ("132/84", {}),
        ("sugar 2.4 and I feel confused", {"hypoglycaemia_severe": "P0"}),
        ("血糖2.4", {"hypoglycaemia_low": "P1"}),
        ("sugar 53", {"hypoglycaemia_low": "P1"}),
        ("血糖3.5", {"hypo_mild_24h": "P2"}),
        ("血糖6.5", {}),
        ("血糖21，一直吐", {"dka": "P0"}),
        ("glucose 22 mmol/L, ketones 1.6", {"dka": "P0"}),
        ("meter says HI and I'm so thirsty", {"hhs": "P0"}),
        ("血糖仪显示HI", {"hyperglycaemia_no_symptom": "P1"}),
        ("glucose 19 mmol/L", {}),
        ("ketones 3.1", {"dka": "P0"}),
        ("血酮1.8", {"dka": "P1"}),
        ("血酮1.8，昏昏沉沉", {"dka": "P0"}),
        ("ketones 0.7", {"glucose_moderate_24h": "P2"}),
        ("ketones 0.3", {}),
        ("spo2 91", {"low_spo2": "P0"}),
        ("血氧94", {"low_spo2": "P1"}),
        ("血氧97", {}),
        ("temp 39.2", {"sepsis_adult": "P2"}),
        ("temp 38.4 for 5 days", {"sepsis_adult": "P2"}),
        ("temp 38.4", {}),
        ("temp 104F and confused", {"heat_stroke": "P0"}),
        ("体温34.5，迷迷糊糊", {"hypothermia": "P0"}),
        ("心率135", {"palpitations_red": "P0"}),
        ("pulse 115 and nearly fainted, faint again", {"palpitations_red": "P0"}),
        ("pulse 115", {}),
        ("pulse 38", {"fainting_red": "P1"}),
        ("pulse 38 and dizzy", {"fainting_red": "P0"}),
        ("呼吸26次/分", {"breathing_severe": "P0"}),
        ("respiratory rate 22", {"breathing_severe": "P1"}),
        ("respiratory rate 16", {}),
        ("peak flow 45% of my best", {"asthma_severe": "P0"}),
        ("peak flow 60% of my best", {"asthma_severe": "P1"}),
        ("potassium 6.6", {"dialysis_missed": "P0"}),
        ("血钾6.1", {"dialysis_missed": "P1"}),
        ("血钾4.2", {}),
        ("INR 6 and a nosebleed", {"anticoagulant_bleed": "P0"}),
        ("INR 6", {"anticoagulant_bleed": "P1"}),
        ("INR 2.5", {}),
    ],
)
def test_a_reading_raises_what_its_band_says(text: str, expected: dict[str, str]) -> None:
    assert _tiers(_judge(text)) == expected


def test_a_single_severe_pressure_asks_for_a_second_measurement() -> None:
    [finding] = _judge("BP 185/125")
    assert "repeat_after_5_minutes" in finding.cues
    assert (finding.start, finding.end, finding.source) == (3, 10, "metric")


def test_a_symptom_seen_as_a_red_flag_counts_like_its_words() -> None:
    assert _tiers(_judge("185/125", flags=frozenset({"stroke_signs"}))) == {"bp_emergency": "P0"}


@pytest.mark.parametrize(("text", "tier"), [("162/100", "P0"), ("150/92", "P1"), ("136/88", None)])
@pytest.mark.parametrize("patient", [PatientFacts(pregnant=True), PatientFacts(postpartum_weeks=3)])
def test_pregnancy_and_the_weeks_after_birth_have_lower_limits(
    text: str, tier: str | None, patient: PatientFacts
) -> None:
    assert _tiers(_judge(text, patient)).get("pre_eclampsia") == tier


def test_ten_weeks_after_birth_the_usual_limits_hold() -> None:
    assert _judge("150/92", PatientFacts(postpartum_weeks=10)) == ()


def test_fever_after_birth_is_an_emergency() -> None:
    assert _tiers(_judge("temp 38.2", PatientFacts(postpartum_weeks=2))) == {
        "postpartum_sepsis": "P0"
    }


def test_a_lower_oxygen_target_on_file_is_respected() -> None:
    copd = PatientFacts(age_years=70, conditions=frozenset({"COPD"}))
    assert _judge("spo2 90", copd) == ()
    assert _tiers(_judge("spo2 87", copd)) == {"low_spo2": "P0"}
    assert _tiers(_judge("spo2 90 and breathless", copd)) == {"low_spo2": "P0"}


@pytest.mark.parametrize(
    "text", ["my 2 month old has temp 38.2", "两个月的宝宝发烧，体温38.2", "temp 38.2"]
)
def test_a_baby_with_fever_is_an_emergency_by_record_or_by_words(text: str) -> None:
    patient = PatientFacts(age_years=0.15) if text == "temp 38.2" else ALICE
    assert _tiers(_judge(text, patient))["infant_fever_under3m"] == "P0"


def test_a_child_with_high_sugar_and_thirst_and_no_known_diabetes_is_an_emergency() -> None:
    text = "血糖12，特别渴，尿多"
    assert _tiers(_judge(text, PatientFacts(age_years=9))) == {"child_new_diabetes": "P0"}
    known = PatientFacts(age_years=9, conditions=frozenset({"type 1 diabetes"}))
    assert _judge(text, known) == ()
    assert _judge(text, ALICE) == ()


def test_fever_during_cancer_treatment_has_its_own_limits() -> None:
    chemo = PatientFacts(age_years=50, medicines=frozenset({"Docetaxel"}))
    assert _tiers(_judge("temp 38.0", chemo)) == {"neutropenic_fever": "P0"}
    assert _tiers(_judge("temp 37.6", chemo)) == {"neutropenic_fever": "P1"}
    assert _judge("temp 37.6") == ()


def test_ketones_on_an_sglt2_medicine_while_unwell_are_urgent() -> None:
    patient = PatientFacts(medicines=frozenset({"empagliflozin 10 mg"}))
    assert _tiers(_judge("ketones 0.8 and I feel awful", patient)) == {"sglt2_ketoacidosis": "P1"}
    assert _tiers(_judge("酮体0.8，不舒服", PatientFacts(medicines=frozenset({"恩格列净"})))) == {
        "sglt2_ketoacidosis": "P1"
    }


def test_weight_gain_counts_only_in_heart_failure() -> None:
    before = (_earlier("weight", 70.5, 2),)
    failing = PatientFacts(age_years=70, conditions=frozenset({"heart_failure"}))
    assert _tiers(_judge("weight 73 kg", failing, earlier=before)) == {"heart_failure_weight": "P1"}
    assert _tiers(_judge("weight 73 kg and short of breath", failing, earlier=before)) == {
        "heart_failure_acute": "P0"
    }
    assert _judge("weight 72 kg", failing, earlier=before) == ()
    assert _judge("weight 73 kg", failing, earlier=(_earlier("weight", 70.5, 9),)) == ()
    assert _judge("weight 73 kg", earlier=before) == ()


def test_a_gain_of_many_kilos_is_asked_about_first() -> None:
    failing = PatientFacts(conditions=frozenset({"心力衰竭"}))
    [finding] = _judge("weight 90 kg", failing, earlier=(_earlier("weight", 70.0, 1),))
    assert finding.asked


def test_repeated_readings_raise_what_a_single_one_does_not() -> None:
    assert _judge("162/95") == ()
    yesterday = (_earlier("blood_pressure", 165, 1, 92),)
    assert _tiers(_judge("162/95", earlier=yesterday)) == {"bp_high_24h": "P2"}
    assert _judge("162/95", earlier=(_earlier("blood_pressure", 165, 20, 92),)) == ()
    sugar = (_earlier("glucose", 16.0, 0.5),)
    assert _tiers(_judge("血糖16.2", earlier=sugar)) == {"hyperglycaemia_no_symptom": "P1"}


def test_a_pressure_that_is_always_low_and_without_symptoms_is_left_alone() -> None:
    usual = tuple(_earlier("blood_pressure", 86, day, 55) for day in (1, 3, 5))
    assert _judge("BP 87/56", earlier=usual) == ()
    assert _tiers(_judge("BP 87/56 and faint", earlier=usual)) == {"low_bp_symptoms": "P0"}


def test_a_value_that_fits_two_units_is_judged_as_the_more_dangerous_and_asked() -> None:
    findings = _judge("血糖38，浑身没力气")
    assert _tiers(findings) == {"hhs": "P0"}
    assert all(finding.asked for finding in findings)


def test_an_implausible_value_is_asked_and_never_an_emergency() -> None:
    [finding] = _judge("spo2 9")
    assert finding.asked and finding.tier is Tier.P1 and "implausible" in finding.cues


def test_another_persons_reading_is_asked_about_not_dropped() -> None:
    [finding] = _judge("my husband's blood pressure is 190/125")
    assert finding.asked


def test_more_words_never_make_a_reading_less_urgent() -> None:
    calm, family = _judge("185/125"), _judge("185/125 but my family says it is nothing")
    assert family[0].tier.is_at_least(calm[0].tier)


def test_every_flag_of_a_rule_has_words_for_the_patient() -> None:
    spoken: dict[str, dict[str, object]] = {}
    for path in (_SAFETY / "red_flags").glob("*.toml"):
        spoken |= tomllib.loads(path.read_text("utf-8")).get("flag", {})
    for flag in rules().flags:
        message = spoken[flag]["first_message"]
        assert isinstance(message, dict) and message["en"] and message["zh"], flag


def test_every_rule_names_known_sources() -> None:
    known = set(tomllib.loads((_SAFETY / "red_flags" / "sources.toml").read_text("utf-8")))
    named = {s for group in rules().by_code.values() for rule in group for s in rule.source}
    assert named <= known


def test_symptoms_name_only_flags_that_exist() -> None:
    existing = set()
    for path in (_SAFETY / "red_flags").glob("*.toml"):
        existing |= set(tomllib.loads(path.read_text("utf-8")).get("flag", {}))
    adult = {
        "chest_pain_acs", "breathing_severe", "stroke_signs", "thunderclap_headache",
        "acute_confusion", "vision_sudden", "fainting_red", "sepsis_adult", "bleeding_severe",
    }  # fmt: skip
    named = {flag for symptom in rules().symptoms.values() for flag in symptom.flags}
    assert adult <= named & existing
