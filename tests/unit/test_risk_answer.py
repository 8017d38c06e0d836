"""An answer in words: every number in it is the assessment's own, whatever the model."""

import itertools
import re
from datetime import UTC, datetime

import pytest

import prompts
import risk
from bot.conversation import risk_alerts, risk_answer
from bot.conversation.risk_answer import DETAILS

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
#: One person who answers everything, by concept; what a question offers is told in the first unit.
ANSWERS: dict[str, tuple[float | str, str]] = {
    "age": (58, "years"), "sex": ("female", ""), "sbp": (148, "mmHg"), "total_c": (6.1, "mmol/L"),
    "hdl_c": (1.1, "mmol/L"), "egfr": (52, "mL/min/1.73m2"), "weight": (95, "kg"),
    "height": (165, "cm"), "waist": (98, "cm"), "smoking": ("yes", ""), "bp_tx": ("yes", ""),
    "dm": ("no", ""), "statin": ("no", ""), "hba1c": (7.4, "%"), "diabetes_age": (50, "years"),
    "type_2_diabetes": ("yes", ""), "uacr": (30, "mg/mmol"), "region": ("low", ""),
    "smoking_ever": ("ex", ""), "family_diabetes_count": ("parent_or_sibling", ""),
    "family_diabetes_degree": ("first", ""), "high_glucose": ("yes", ""), "gdm": ("yes", ""),
    "bp_tx_ever": ("yes", ""), "htn": ("yes", ""), "north": ("yes", ""), "n_biop": (1, "biopsies"),
    "hyp": (1, "atypical hyperplasia"), "agemen": (12, "years"), "age1st": (98, "years"),
    "n_rels": (1, "relatives"), "race": ("chinese", ""), "T2": (63, "years"),
}  # fmt: skip


def assess(
    route: risk.Route, asked: str, **changes: tuple[float | str, str]
) -> risk.RiskAssessment:
    model = risk.open_model(route.model, variant=route.variant, horizon=route.horizon)
    said = {**ANSWERS, **changes}
    given = {}
    for spec in model.inputs:
        value, unit = said.get(risk.concept(route.model, spec.name), ("no", ""))
        if spec.kind == "choice" and value not in spec.choices:
            value = spec.choices[-1]
        if spec.name == "bmi" and not spec.outcomes:
            continue
        if (
            spec.name in said
            or risk.concept(route.model, spec.name) in said
            or spec.kind != "number"
        ):
            given[spec.name] = risk.Input(value=value, unit=unit)
    return model.assess(given, outcome=route.outcome, patient_id="alice", now=NOW)


def everyone() -> list[risk.RiskAssessment]:
    """Every model that a question can lead to, for a person at risk and for a healthier one."""
    healthy = {
        "sbp": (112, "mmHg"), "smoking": ("no", ""), "bp_tx": ("no", ""), "weight": (58, "kg"),
        "waist": (72, "cm"), "total_c": (4.6, "mmol/L"), "hdl_c": (1.7, "mmol/L"),
        "high_glucose": ("no", ""), "family_diabetes_degree": ("none", ""), "active": ("yes", ""),
        "active_daily": ("yes", ""), "veg": ("yes", ""), "n_biop": (0, "biopsies"),
        "n_rels": (0, "relatives"), "hyp": (99, "atypical hyperplasia"), "hba1c": (50, "mmol/mol"),
    }  # fmt: skip
    places = {"CN": 58, "GB": 58, "US": 58, "JP": 58}
    found = {}
    for asked, country, diabetes in itertools.product(risk.questions(), places, ("yes", "no")):
        for age in (58, 75):
            person = risk.Person(country=country, age=age, sex="female", diabetes=diabetes)
            for route in risk.routes(asked, person):
                key = (route.model, route.variant, route.outcome)
                if key in found or (diabetes == "yes" and route.model != "score2_diabetes"):
                    continue
                at = {"age": (float(age), "years"), "T2": (age + 5.0, "years")}
                found[key] = (assess(route, asked, **at), assess(route, asked, **{**healthy, **at}))
    return [one for pair in found.values() for one in pair]


EVERYONE = everyone()
BOTH = [pytest.param(one, id=f"{one.method} {one.prediction.outcome} {n % 2}")
        for n, one in enumerate(EVERYONE)]  # fmt: skip


def test_every_model_of_every_route_is_among_them():
    assert {one.method.split("/")[0] for one in EVERYONE} == {
        "prevent_2023", "score2", "score2_diabetes", "china_par", "findrisc", "ncdrs_china",
        "ada_cdc_prediabetes", "cambridge_diabetes", "kfre", "gail_bcrat",
    }  # fmt: skip


def texts(found: risk.RiskAssessment, language: str) -> list[str]:
    told = [risk_answer.answer(found, language, listed=False)]
    told += [risk_answer.details(what, found, language) for what in DETAILS]
    if found.prediction.probability is not None:
        told += risk_answer.picture_labels(found, language).values()
    return told


def called(found: risk.RiskAssessment, language: str) -> str:
    return prompts.say(f"risk.model_{found.method.split('/')[0]}", language)


def own_numbers(found: risk.RiskAssessment) -> set[float]:
    """Every number that an answer may hold, from the stored assessment alone."""
    shares = [found.prediction.probability, found.comparison_probability]
    shares += [one.probability for one in found.what_ifs]
    own: set[float] = {found.prediction.horizon_years, found.year}
    for share in shares:
        if share is not None:
            people = risk.natural(share)
            own |= {people.count, people.of, people.of - people.count, round(share * 100, 1)}
            own |= set() if people.count else {1}
    own |= {found.points} if found.points is not None else set()
    own |= {one.points for one in found.what_ifs if one.points is not None}
    own |= {driver.contribution for driver in found.drivers if found.points is not None}
    for one in found.inputs:
        own |= {value for value in (one.value, one.given) if not isinstance(value, str)}
    model, variant = found.method.split("/")[:2]
    for change in found.what_ifs:
        if not isinstance(change.value, str):
            spec = risk.open_model(model, variant=variant).spec(change.name)
            own |= {unit.back(change.value) for unit in spec.units}
    return own


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("found", BOTH)
def test_every_number_in_an_answer_is_the_assessments_own(found, language):
    own = own_numbers(found)
    for text in texts(found, language):
        bare = text.replace(called(found, language), "").replace(found.version, "")
        for name in ("1.73 m²", "2型", "type 2", "HbA1c"):
            bare = bare.replace(name, "")
        for said in re.findall(r"\d+(?:\.\d+)?", bare):
            assert any(abs(float(said) - number) <= 0.051 for number in own), (said, text)


@pytest.mark.parametrize("found", BOTH)
def test_both_languages_tell_the_same_numbers(found):
    def numbers(language: str) -> list[str]:
        text = "\n".join(texts(found, language)).replace(called(found, language), "")
        for name in ("2型", "type 2", "HbA1c"):
            text = text.replace(name, "")
        return sorted(re.findall(r"\d+(?:\.\d+)?", text))

    assert numbers("en") == numbers("zh")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("found", BOTH)
def test_an_answer_names_the_model_and_recommends_no_treatment(found, language):
    answer = risk_answer.answer(found, language, listed=False)
    assert called(found, language) in answer and found.version in answer and "/nurse" in answer
    assert prompts.say(f"risk.counted_{found.prediction.outcome}", language) in risk_answer.details(
        "limits", found, language
    )
    for text in texts(found, language):
        assert not re.search(r"you should|start taking|您应该|建议您服|加量|减量", text), text


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("found", BOTH)
def test_the_drivers_come_largest_first(found, language):
    told = risk_answer.details("drivers", found, language)
    lines = [line for line in told.splitlines() if line.startswith("•")]
    themes = [t for t in risk.themes(found) if abs(t.contribution) >= found.mention_from]
    assert len(lines) == len(themes)
    up = [theme.contribution for theme in themes if theme.contribution > 0]
    assert up == sorted(up, reverse=True)
    if found.points is not None:
        points = [float(re.findall(r"(\d+)(?: point|分)", line)[-1]) for line in lines]
        assert points == sorted(points, reverse=True)


@pytest.mark.parametrize("found", BOTH)
def test_a_change_is_only_shown_where_it_lowers_the_number(found):
    for one in found.what_ifs:
        if one.points is not None:
            assert one.points < found.points
        else:
            assert one.probability < found.prediction.probability


@pytest.mark.parametrize("found", BOTH)
def test_what_changes_is_what_the_model_itself_computes(found):
    """With 130 instead of 148, the number is that of a person with 130."""
    model_name, variant = found.method.split("/")[:2]
    model = risk.open_model(model_name, variant=variant)
    for change in found.what_ifs:
        given = {one.name: risk.Input(value=one.value, unit=one.unit) for one in found.inputs} | {
            change.name: risk.Input(value=change.value, unit=change.unit)
        }
        other = model.assess(given, outcome=found.prediction.outcome, patient_id="alice", now=NOW)
        own = (other.prediction.probability or 0.0, change.probability or 0.0)
        assert own[0] == pytest.approx(own[1], rel=1e-12)
        assert other.points == change.points


def test_a_larger_waist_is_never_offered_to_a_man_as_a_lever():
    route = risk.routes("ascvd", risk.Person(country="CN", age=58, sex="male"))[0]
    found = assess(route, "ascvd", sex=("male", ""))
    assert "waist" not in {one.name for one in found.what_ifs}
    assert {"sbp", "smoker", "tc"} <= {one.name for one in found.what_ifs}


def test_a_change_is_told_in_the_unit_the_person_uses():
    route = risk.routes("ascvd", risk.Person(country="US", age=58, sex="female"))[0]
    metric = risk_answer.details("changes", assess(route, "ascvd"), "en")
    assert "with a total cholesterol of 5 mmol/L" in metric
    american = assess(route, "ascvd", total_c=(236.0, "mg/dL"))
    assert "with a total cholesterol of 193.3 mg/dL" in risk_answer.details(
        "changes", american, "en"
    )


def test_a_listed_result_says_so_and_an_unlisted_one_does_not():
    for found, language in itertools.product(EVERYONE, ("en", "zh")):
        words = {"en": "care team's list", "zh": "待办清单"}[language]
        assert words in risk_answer.answer(found, language, listed=True)
        assert words not in risk_answer.answer(found, language, listed=False)


def test_high_results_reach_the_nurses_by_the_rules_of_the_file():
    by_method = {}
    for found in EVERYONE:
        by_method.setdefault(found.method, []).append(risk_alerts.tier(found))
    assert by_method["findrisc/base"] == ["P3", ""]
    assert by_method["score2/score2_op/10y"][0] == "P3"
    assert all(alert.tier in ("P1", "P2", "P3") for alert in risk_alerts.alerts())


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("found", [one for one in EVERYONE if one.prediction.probability])
def test_the_picture_is_a_picture_with_the_answers_words(found, language):
    labels = risk_answer.picture_labels(found, language)
    number = prompts.say("risk.picture_you", language, number="").strip()
    assert labels["you"].removeprefix(number).strip() in risk_answer.answer(
        found, language, listed=False
    )
