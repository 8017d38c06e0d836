"""The risk room: published numbers, refusals instead of guesses, exact shares."""

import csv
import math
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import risk
from risk import loader, reader
from risk.draw import font_for

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
OUTCOMES = ("total_cvd", "ascvd", "heart_failure", "chd", "stroke")
UNITS = {
    "age": "years", "sbp": "mmHg", "total_c": "mg/dL", "hdl_c": "mg/dL", "bmi": "kg/m2",
    "egfr": "mL/min/1.73m2", "creatinine": "mg/dL", "weight": "kg", "height": "cm",
}  # fmt: skip
ALICE: Mapping[str, float | str] = {
    "sex": "female", "age": 50, "total_c": 200, "hdl_c": 45, "sbp": 160, "dm": "yes",
    "smoking": "no", "bmi": 35, "egfr": 90, "bp_tx": "yes", "statin": "no",
    "known_cvd": "no", "pregnant": "no",
}  # fmt: skip
MODEL = risk.load("prevent_2023")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def inputs(**changes: float | str | None) -> dict[str, risk.Input]:
    values = {name: value for name, value in {**ALICE, **changes}.items() if value is not None}
    return {
        name: risk.Input(value=value, unit=UNITS.get(name, "")) for name, value in values.items()
    }


def assess(outcome: str = "total_cvd", **changes: float | str | None) -> risk.RiskAssessment:
    return MODEL.assess(inputs(**changes), outcome=outcome, patient_id="alice", now=NOW)


VECTORS = [
    (row, outcome)
    for row in rows("prevent_2023_base_10y.csv")
    for outcome in OUTCOMES
    if row[f"expected_{outcome}"]
]


@pytest.mark.parametrize(("row", "outcome"), VECTORS, ids=lambda v: v if isinstance(v, str) else "")
def test_published_examples_come_out_within_their_tolerance(row, outcome):
    yes_no = {n: "yes" if row[n] == "1" else "no" for n in ("dm", "smoking", "bp_tx", "statin")}
    numbers = {n: float(row[n]) for n in ("age", "total_c", "hdl_c", "sbp", "bmi", "egfr")}
    found = assess(outcome, sex=row["sex"], **yes_no, **numbers).prediction.probability
    assert found == pytest.approx(float(row[f"expected_{outcome}"]), abs=float(row["tolerance"]))
    many = risk.assess_many(
        {n: [1.0 if v == "yes" else 0.0] for n, v in yes_no.items()}
        | {n: [v] for n, v in numbers.items()}
        | {"sex": [row["sex"]]}
    )
    assert many.of(outcome)[0] == pytest.approx(found, rel=1e-12)


def test_a_value_worked_out_by_hand():
    # Man of 55 (age term 0), HDL 1.3 mmol/L (0), non-HDL 3.5 mmol/L (0), 130 mmHg (upper term 0,
    # lower term 0), eGFR 90 (upper 0, lower 0), nothing else: only the constant -3.500655 is left.
    made = inputs(sex="male", age=55, sbp=130, dm="no", bp_tx="no", bmi=None)
    made["hdl_c"] = risk.Input(value=1.3, unit="mmol/L")
    made["total_c"] = risk.Input(value=4.8, unit="mmol/L")
    found = MODEL.assess(made, outcome="ascvd", patient_id="bob", now=NOW)
    assert found.linear_predictor == pytest.approx(-3.500655, abs=1e-9)
    assert found.prediction.probability == pytest.approx(0.0292936, abs=1e-7)


def test_importing_the_room_loads_no_heavy_library():
    code = "import sys, risk; risk.models(); print({'torch', 'matplotlib'} & set(sys.modules))"
    root = Path(risk.__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"


people = st.fixed_dictionaries(
    {
        "sex": st.sampled_from(["female", "male"]),
        "age": st.integers(30, 79),
        "total_c": st.floats(130, 320),
        "hdl_c": st.floats(20, 100),
        "bmi": st.floats(18.5, 39.9),
        "egfr": st.floats(15, 140),
        "bp_tx": st.just("no"),
        **{name: st.sampled_from(["yes", "no"]) for name in ("dm", "smoking", "statin")},
    }
)


@settings(max_examples=60, deadline=None)
@given(people, st.floats(110, 179), st.floats(0.5, 40), st.sampled_from(OUTCOMES))
def test_higher_pressure_never_lowers_the_risk(person, sbp, more, outcome):
    low = assess(outcome, **person, sbp=sbp)
    high = assess(outcome, **person, sbp=min(sbp + more, 180))
    assert high.prediction.probability > low.prediction.probability


@settings(max_examples=60, deadline=None)
@given(people, st.sampled_from(OUTCOMES))
def test_both_cholesterol_units_give_the_same_number(person, outcome):
    plain = inputs(**person)
    metric = dict(plain)
    for name in ("total_c", "hdl_c"):
        metric[name] = risk.Input(value=person[name] * 0.02586, unit="mmol/L")
    one, other = (
        MODEL.assess(each, outcome=outcome, patient_id="alice", now=NOW).linear_predictor
        for each in (plain, metric)
    )
    assert one == pytest.approx(other, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(people, st.floats(90, 180), st.sampled_from(OUTCOMES))
def test_shares_add_up_to_the_whole_difference(person, sbp, outcome):
    found = assess(outcome, **person, sbp=sbp)
    odds = found.comparison_probability / (1 - found.comparison_probability)
    total = math.fsum(driver.contribution for driver in found.drivers)
    assert found.linear_predictor - math.log(odds) == pytest.approx(total, abs=1e-9)
    sizes = [abs(driver.contribution) for driver in found.drivers]
    assert sizes == sorted(sizes, reverse=True)


def test_an_interaction_is_shared_between_its_two_inputs():
    found = assess("total_cvd", sbp=170, total_c=170, hdl_c=50, dm="no")
    shares = {driver.name: driver.contribution for driver in found.drivers}
    # Woman of 50: age term -0.5; upper pressure term goes from -1 (110) to 2 (170).
    pressure = 3 * (0.3600781 + 0.5 * 0.0946348)
    assert shares["sbp"] == pytest.approx(pressure - 0.0663612 * 3 / 2, abs=1e-9)
    assert shares["bp_tx"] == pytest.approx(0.3151672 - 0.0663612 * (2 - 1) / 2, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["total_c", "hdl_c", "sbp", "egfr", "bmi"]),
    st.booleans(),
    st.floats(0.01, 50),
)
def test_nothing_is_clamped(name, above, by):
    spec = MODEL.spec(name)
    value = spec.high + by if above else spec.low - by
    with pytest.raises((risk.OutOfRange, risk.NotEligible)):
        assess("heart_failure" if name == "bmi" else "total_cvd", **{name: value})


def test_a_range_is_told_in_the_unit_that_was_used():
    made = inputs() | {"total_c": risk.Input(value=9.0, unit="mmol/L")}
    with pytest.raises(risk.OutOfRange) as caught:
        MODEL.assess(made, outcome="chd", patient_id="alice", now=NOW)
    assert (caught.value.input, caught.value.unit) == ("total_c", "mmol/L")
    assert caught.value.value == pytest.approx(9.0)
    assert caught.value.high == pytest.approx(8.2752)


@pytest.mark.parametrize(
    ("changes", "code", "urgent"),
    [
        ({"age": 29}, "age", False),
        ({"age": 80}, "age", False),
        ({"known_cvd": "yes"}, "known_cvd", False),
        ({"pregnant": "yes"}, "pregnant", False),
        ({"sbp": 181}, "sbp_urgent", True),
        ({"sbp": 230, "known_cvd": "yes"}, "sbp_urgent", True),
    ],
)
def test_people_the_model_was_not_made_for_get_the_reason(changes, code, urgent):
    with pytest.raises(risk.NotEligible) as caught:
        assess("stroke", **changes)
    assert (caught.value.code, caught.value.urgent) == (code, urgent)


def test_missing_inputs_are_named_in_asking_order():
    with pytest.raises(risk.MissingInputs) as caught:
        assess("chd", sbp=None, total_c=None, egfr=None, known_cvd=None, bmi=None)
    assert caught.value.names == ("known_cvd", "sbp", "total_c", "egfr")


def test_heart_failure_asks_for_weight_and_never_for_cholesterol():
    with pytest.raises(risk.MissingInputs) as caught:
        assess("heart_failure", bmi=None, total_c=None, hdl_c=None, statin=None)
    assert caught.value.names == ("weight", "height")
    assert assess("heart_failure", bmi=None, weight=80, height=160).prediction.probability > 0


def test_men_and_older_women_are_not_asked_about_pregnancy():
    assert assess("chd", sex="male", pregnant=None)
    assert assess("chd", age=70, pregnant=None)
    with pytest.raises(risk.MissingInputs, match="pregnant"):
        assess("chd", age=40, pregnant=None)


@pytest.mark.parametrize(
    "bad",
    [
        {"sbp": risk.Input(value=140, unit="kPa")},
        {"total_c": risk.Input(value=200)},
        {"sbp": risk.Input(value=math.nan, unit="mmHg")},
        {"dm": risk.Input(value="maybe")},
        {"sex": risk.Input(value="")},
    ],
)
def test_a_wrong_unit_or_kind_is_refused(bad):
    with pytest.raises(risk.BadInput):
        MODEL.assess(inputs() | bad, outcome="chd", patient_id="alice", now=NOW)


@pytest.mark.parametrize("row", rows("ckd_epi_2021.csv"), ids=lambda row: row["id"])
def test_kidney_function_matches_the_published_values(row):
    found = risk.egfr(float(row["scr_mgdl"]), age=float(row["age"]), sex=row["sex"])
    assert found == pytest.approx(float(row["expected"]), abs=float(row["tolerance"]))
    assert math.floor(found + 0.5) == int(row["expected_integer"])


def test_creatinine_stands_in_for_egfr_and_is_said_so():
    made = inputs(egfr=None) | {
        "creatinine": risk.Input(value=80, unit="umol/L", source="Observation/9")
    }
    found = MODEL.assess(made, outcome="chd", patient_id="alice", now=NOW)
    used = {one.name: one for one in found.inputs}["egfr"]
    assert used.value == math.floor(risk.egfr(80 / 88.4, age=50, sex="female") + 0.5)
    assert used.derived_from == ("creatinine",)
    assert "Observation/9" in found.basis
    assert "estimated_input" in found.limits


def test_the_same_question_twice_has_the_same_id():
    assert assess("chd").id == assess("chd").id
    assert assess("chd").id != assess("stroke").id
    assert assess("chd").method == "prevent_2023/base/10y"


def test_a_crowd_has_gaps_where_a_person_cannot_be_assessed():
    people = {name: [value, value] for name, value in ALICE.items() if name in UNITS}
    people |= {"sex": ["female", "female"], **{n: [0, 0] for n in ("dm", "smoking", "statin")}}
    people |= {"bp_tx": [0, 1], "total_c": [np.nan, 200]}
    found = risk.assess_many(people)
    assert np.isnan(found.of("chd")).tolist() == [True, False]
    assert np.isnan(found.of("heart_failure")).tolist() == [False, False]


@pytest.mark.parametrize(
    ("probability", "count"), [(0.004, 0), (0.005, 1), (0.074, 7), (0.075, 8), (1.0, 100)]
)
def test_people_in_a_hundred_are_rounded_half_up(probability, count):
    assert risk.natural(probability).count == count


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('link = "logistic"', 'link = "magic"', "link must be one of logistic"),
        ("high = 79\n", "", "inputs[age].low and high must both be given"),
        ("of = { dm = 1.0 }", "of = { sugar = 1.0 }", "features[dm].of names the unknown sugar"),
        ("horizons = [10, 30]", "horizons = [10, 20]", "coefficients lack terms for"),
        ("id = ", "id ", "cannot be read"),
    ],
)
def test_a_broken_table_names_the_file_and_the_field(tmp_path, monkeypatch, old, new, words):
    for source in reader.FOLDER.iterdir():
        (tmp_path / source.name).write_bytes(source.read_bytes())
    file = tmp_path / "prevent_2023.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    monkeypatch.setattr(reader, "FOLDER", tmp_path)
    monkeypatch.setattr(loader, "FOLDER", tmp_path)
    with pytest.raises(ValueError) as caught:
        loader.table.__wrapped__("prevent_2023")
    assert "prevent_2023.toml" in str(caught.value)
    assert words in str(caught.value)


LABELS = {
    "en": {"title": "T", "you": "You: 5 in 100", "comparison": "Best: 1 in 100", "method": "M"},
    "zh": {
        "title": "心梗",
        "you": "您：每100人里约5人",
        "comparison": "理想：1人",
        "method": "版本",
    },
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_picture_is_a_png_and_always_the_same(language):
    found = assess("chd")
    first, second = (
        risk.picture(found, language=language, labels=LABELS[language]) for _ in range(2)
    )
    assert first.startswith(b"\x89PNG")
    assert first == second


def test_without_a_font_for_it_a_text_is_not_drawn_as_boxes():
    assert font_for("plain 5 in 100") is not None
    assert font_for("您", ("DejaVu Sans",)) is None
