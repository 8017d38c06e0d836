"""Every published example of every model, and what must hold for all of them."""

import csv
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import risk
from risk import derive, loader, points, rates, reader, scoring
from risk.table import Table

OURS = Path(__file__).parent / "data" / "risk"
# The facts the tables were made from, where they lie beside the repository: nothing may be
# fitted to our own copies of the examples.
FACTS = Path(risk.__file__).parents[2] / "shared" / "facts" / "risk"
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
MODELS = [info.id for info in risk.catalogue()]
TOLERANCES = ("tolerance", "tolerance_pct")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def score(name: str, *people: dict[str, str]) -> list[scoring.Scored]:
    return list(scoring.score(name, enumerate(people, start=2)))


def example(name: str, **changes: str) -> dict[str, str]:
    return rows(OURS / f"{name}.csv")[0] | changes


def examples(folder: Path, ending: str) -> Iterator[tuple[str, dict[str, str]]]:
    for name in MODELS:
        path = folder / f"{name}{ending}.csv"
        if path.exists():
            for row in rows(path):
                yield name, row


def expected(name: str, row: dict[str, str]) -> dict[str, str]:
    found = {}
    for cell in scoring.card(name).sheet.outputs:
        column = "expected" if cell.name == "value" else f"expected_{cell.name}"
        found[cell.name] = row.get(column, row.get(cell.name, ""))
    return {column: value for column, value in found.items() if value}


def check(name: str, row: dict[str, str]) -> None:
    (found,) = score(name, row)
    assert found.row.reasons == []
    tolerance = next((float(row[column]) for column in TOLERANCES if row.get(column)), 0.0)
    wanted = expected(name, row)
    assert wanted
    for column, value in wanted.items():
        got = found.answers[column]
        if isinstance(got, str):
            assert got == value, column
        else:
            slack = 1e-9 if column.startswith("RR_") else tolerance
            assert float(got) == pytest.approx(float(value), abs=slack + 1e-12), column


def name_of(value: object) -> str:
    return value["id"] if isinstance(value, dict) else ""


@pytest.mark.parametrize(("name", "row"), list(examples(OURS, "")), ids=name_of)
def test_a_published_example_comes_out_within_its_tolerance(name, row):
    check(name, row)


@pytest.mark.skipif(not FACTS.is_dir(), reason="the facts do not lie beside the repository")
@pytest.mark.parametrize(("name", "row"), list(examples(FACTS, "_vectors")), ids=name_of)
def test_an_example_of_the_facts_themselves_comes_out_too(name, row):
    check(name, row)


def test_every_model_has_published_examples():
    assert {name for name, _ in examples(OURS, "")} == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_every_table_says_where_it_comes_from_and_that_nobody_has_signed_it(name):
    info = scoring.card(name).info
    for text in (info.citation, info.licence, info.population, info.checked, info.version):
        assert len(text) > 4
    assert "draft" in info.evidence
    assert info.reviewed_on is None and info.reviewer is None


def test_no_instrument_is_shipped_that_asks_for_a_licence():
    held_back = ("qrisk", "qdiabetes", "frax", "stop_bang", "epds", "pam", "act", "cat", "audit")
    assert not {stem for stem in MODELS if stem.startswith(held_back)} - {"audit_c"}
    names = " ".join(scoring.card(name).info.name.lower() for name in MODELS)
    assert "qrisk" not in names


def bounds() -> Iterator[tuple[str, str, str, float, float]]:
    """Model, column, and a value below and above what it accepts, of every plain number."""
    for name in MODELS:
        whole = scoring.card(name)
        first = example(name)
        variant = (first.get(whole.sheet.variant) or whole.info.variants[0]).lower()
        years = int(first.get(whole.sheet.horizon) or whole.info.horizons[0])
        card = scoring._needs(whole)(variant, years)
        kept = {spec.name: spec for spec in card.inputs}
        for column in whole.sheet.columns:
            spec = kept.get(column.inputs[0])
            if column.form == "plain" and spec is not None and spec.kind == "number":
                assert spec.low is not None and spec.high is not None
                yield name, column.name, spec.name, spec.low, spec.high


@pytest.mark.parametrize(("name", "column", "spec", "low", "high"), list(bounds()))
def test_nothing_is_clamped_at_either_end(name, column, spec, low, high):
    below, above = low - 1, high + 1
    for value in (below, above, 1e9, -1e9):
        if value in scoring.card(name).spec(spec).codes:
            continue
        (found,) = score(name, example(name, **{column: repr(value)}))
        assert found.answers == {}
        assert any(spec in reason for reason in found.row.reasons)


# Only heart failure uses the body mass index; a man is not asked about diabetes in pregnancy.
# After a no to the second question of the Columbia screener the next three are skipped.
NOT_NEEDED = {
    ("prevent_2023", "bmi"),
    ("ada_cdc_prediabetes", "gdm"),
    *(("cssrs_screener", name) for name in ("q3", "q4", "q5")),
}


@pytest.mark.parametrize("name", MODELS)
def test_an_empty_cell_gives_a_reason_and_no_number(name):
    sheet = scoring.card(name).sheet
    first = example(name)
    for column in sheet.columns:
        if not first[column.name] or (name, column.name) in NOT_NEEDED:
            continue
        (found,) = score(name, {**first, column.name: ""})
        assert found.answers == {}, column.name
        assert found.row.reasons


def test_a_missing_body_mass_index_costs_only_heart_failure():
    (found,) = score("prevent_2023", example("prevent_2023", bmi=""))
    assert set(found.answers) == {"total_cvd", "ascvd", "chd", "stroke"}
    assert found.row.notes == ["heart_failure needs bmi"]


@pytest.mark.parametrize(
    ("name", "changes", "word"),
    [
        ("prevent_2023", {"horizon": "20"}, "horizon must be one of 10, 30"),
        ("prevent_2023", {"model": "best"}, "model must be one of"),
        ("prevent_2023", {"sbp": "201"}, "sbp 201 is outside 90 to 200 mmHg"),
        ("prevent_2023", {"age": "29"}, "age 29 is outside 30 to 79"),
        ("prevent_2023", {"model": "sdi", "sdi_decile": "4.5"}, "sdi must be a whole number"),
        ("prevent_2023", {"dm": "2"}, "dm must be 0 or 1"),
        ("prevent_2023", {"sbp": "nan"}, "sbp is not a finite number"),
        ("score2", {"age": "70"}, "age 70 is outside 40 to below 70 years"),
        ("score2", {"model": "score2_op", "age": "69"}, "age 69 is outside 70 to 89 years"),
        ("score2", {"diabetes": "1"}, "diabetes_other_model"),
        ("score2_diabetes", {"diabetes_age": "61"}, "diabetes_age must be at most age"),
        ("kfre", {"egfr": "60"}, "egfr 60 is outside above 0 to below 60"),
        ("kfre", {"uacr_mgg": "0"}, "uacr 0 is outside above 0"),
        ("kfre", {"n_vars": "8"}, "albumin is missing"),
        ("gail_bcrat", {"T2": "76"}, "T1 must be below T2"),
        ("gail_bcrat", {"hyp": "1"}, "hyp 1 cannot be with n_biop 0"),
        ("gail_bcrat", {"race": "12"}, "race must be one of"),
        ("news2", {"temp": "36.55"}, "temp must be in steps of 0.1"),
        ("phq9", {"items": "1 1 1 1 0 0 0 0"}, "items must hold 9 answers and holds 8"),
        ("phq9", {"items": "1 1 1 1 0 0 0 0 4"}, "item9 4 is outside 0 to 3"),
        ("qsofa_curb65_wells", {"inputs": '{"rr": 21, "sbp": 101}'}, "altered is missing"),
        ("qsofa_curb65_wells", {"inputs": '{"rr": 2, "x": 1}'}, "inputs holds the unknown x"),
    ],
)
def test_a_row_that_cannot_be_scored_says_why(name, changes, word):
    (found,) = score(name, example(name, **changes))
    assert found.answers == {}
    assert word in "; ".join(found.row.reasons)


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"horizon": "30", "age": "60"}, "30 to 59"), ({"sbp": "181"}, "urgent attention")],
)
def test_a_research_table_gets_the_number_with_a_warning_and_a_patient_gets_none(changes, word):
    (found,) = score("prevent_2023", example("prevent_2023", **changes))
    assert found.answers and word in found.row.notes[0]
    model = risk.load("prevent_2023", horizon=int(changes.get("horizon", "10")))
    said = {"age": (int(changes.get("age", "50")), "years"), "sex": ("female", "")}
    said["sbp"] = (float(changes.get("sbp", "120")), "mmHg")
    with pytest.raises(risk.NotEligible):
        model.check(
            {key: risk.Input(value=value, unit=unit) for key, (value, unit) in said.items()},
            outcome="chd",
        )


def test_the_diabetes_form_of_score2_is_recalibrated_with_the_same_scales():
    plain, diabetes = loader.table("score2"), loader.table("score2_diabetes")
    for (variant, years, place), numbers in diabetes.baseline.items():
        assert variant == "base"
        assert plain.baseline["score2", years, place] == numbers
    assert len(diabetes.baseline) == 8


@pytest.mark.skipif(not FACTS.is_dir(), reason="the facts do not lie beside the repository")
def test_every_coefficient_of_prevent_is_the_one_of_the_facts():
    ours = loader.table("prevent_2023").coefficients
    theirs = rows(FACTS / "prevent_2023_coefficients.csv")
    assert sum(len(betas) for betas in ours.values()) == len(theirs) == 2670
    for row in theirs:
        key = (row["model"], int(row["horizon_years"]), row["sex"], row["outcome"])
        assert ours[key][row["term"]] == float(row["beta"])


def inside(table: Table, data: st.DataObject) -> dict[str, risk.Input]:
    """A person inside every range of ``table``."""
    made: dict[str, risk.Input] = {}
    for spec in table.inputs:
        if spec.role == "source":
            continue
        if spec.kind == "yes_no":
            answer = (
                "no" if spec.role == "eligibility" else data.draw(st.sampled_from(["yes", "no"]))
            )
            if spec.name == "type_2_diabetes":
                answer = "yes"
            made[spec.name] = risk.Input(value=answer)
        elif spec.kind == "choice":
            made[spec.name] = risk.Input(value=data.draw(st.sampled_from(spec.choices)))
        else:
            assert spec.low is not None and spec.high is not None
            edge = 1e-3 * (spec.high - spec.low)
            high = 180.0 if spec.name == "sbp" else spec.high - edge
            whole = st.integers(int(spec.low), int(spec.high))
            value = data.draw(whole if spec.step else st.floats(spec.low + edge, high))
            made[spec.name] = risk.Input(value=value, unit=spec.unit)
    return made


KINDS = [
    (info.id, variant, years)
    for info in risk.models()
    for variant in info.variants
    for years in info.horizons
]


@settings(max_examples=15, deadline=None)
@given(st.data())
@pytest.mark.parametrize(("name", "variant", "years"), KINDS)
def test_whoever_is_eligible_gets_a_probability_and_shares_that_add_up(name, variant, years, data):
    model = risk.load(name, variant=variant, horizon=years)
    made = inside(model.table, data)
    if "diabetes" in made and variant in ("score2", "asia_pacific"):
        made["diabetes"] = risk.Input(value="no")
    if "diabetes_age" in made:
        made["diabetes_age"] = risk.Input(value=30, unit="years")
    outcome = model.info.outcomes[0].name
    try:
        found = model.assess(made, outcome=outcome, patient_id="alice", now=NOW)
    except risk.NotEligible as error:
        assert error.code in ("age", "age_30_years")
        return
    assert 0 <= found.prediction.probability <= 1
    table = model.table
    person = found.comparison_probability
    link = math.log(person / (1 - person)) if table.link == "logistic" else (
        math.log(-math.log1p(-person)) if 0 < person < 1 else math.nan
    )  # fmt: skip
    total = math.fsum(driver.contribution for driver in found.drivers)
    if math.isfinite(link) and 1e-9 < person < 0.999999:
        assert found.linear_predictor - link == pytest.approx(total, abs=1e-5)


def person(name: str, variant: str, years: int, **values: tuple[float | str, str]) -> float:
    model = risk.load(name, variant=variant, horizon=years)
    made = {key: risk.Input(value=value, unit=unit) for key, (value, unit) in values.items()}
    outcome = model.info.outcomes[0].name
    return model.assess(made, outcome=outcome, patient_id="alice", now=NOW).prediction.probability


KIDNEY = {
    "age": (60, "years"), "sex": ("male", ""), "dialysis_or_transplant": ("no", ""),
    "region": ("north_america", ""), "uacr": (300, "mg/g"), "egfr": (30, "mL/min/1.73m2"),
}  # fmt: skip


@given(st.floats(6, 58), st.floats(0.1, 1))
@settings(max_examples=30, deadline=None)
def test_a_weaker_kidney_never_lowers_the_risk_of_failure(egfr, less):
    strong, weak = (
        person("kfre", "4", 5, **{**KIDNEY, "egfr": (value, "mL/min/1.73m2")})
        for value in (egfr, egfr - less)
    )
    assert weak > strong


def test_albumin_in_either_unit_gives_the_same_risk():
    metric = person("kfre", "4", 5, **{**KIDNEY, "uacr": (300 / 8.84, "mg/mmol")})
    assert metric == pytest.approx(person("kfre", "4", 5, **KIDNEY), rel=1e-12)


def test_long_term_sugar_in_either_unit_gives_the_same_risk():
    base = {
        "age": (60, "years"), "sex": ("female", ""), "region": ("low", ""), "tc": (5.5, "mmol/L"),
        "hdl": (1.3, "mmol/L"), "sbp": (140, "mmHg"), "smoker": ("no", ""),
        "diabetes_age": (50, "years"), "egfr": (60, "mL/min/1.73m2"), "known_cvd": ("no", ""),
        "type_2_diabetes": ("yes", ""), "severe_organ_damage": ("no", ""),
    }  # fmt: skip
    metric = person("score2_diabetes", "base", 10, **base, hba1c=(70, "mmol/mol"))
    percent = 70 / 10.929 + 2.15
    assert person("score2_diabetes", "base", 10, **base, hba1c=(percent, "%")) == pytest.approx(
        metric, rel=1e-9
    )
    assert metric == pytest.approx(0.098, abs=6e-4)


def test_a_woman_is_not_asked_what_only_mens_equation_uses():
    model = risk.load("china_par")
    about = {"sex": risk.Input(value="female"), "age": risk.Input(value=60, unit="years")}
    missing = model.missing(about, outcome="ascvd")
    assert "waist" in missing and not {"urban", "family_history"} & set(missing)


def test_the_full_model_does_without_what_it_has_a_term_for():
    model = risk.load("prevent_2023", variant="full")
    assert not {"hba1c", "uacr", "sdi"} & set(model.missing({}, outcome="chd"))


def answers(name: str, **values: float | str) -> dict[str, risk.Input]:
    card = points.table(name)
    return {key: risk.Input(value=value, unit=card.spec(key).unit) for key, value in values.items()}


@given(st.lists(st.integers(0, 3), min_size=8, max_size=8), st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_any_answer_to_the_ninth_question_opens_the_self_harm_path(others, ninth):
    items = [*others, ninth]
    found = risk.score("phq9", answers("phq9", **{f"item{n}": v for n, v in enumerate(items, 1)}))
    assert (found.priority, found.path) == ("P0", "self_harm")
    assert found.total == sum(items)


def test_a_quiet_questionnaire_raises_nobody():
    found = risk.score("phq9", answers("phq9", **{f"item{n}": 0 for n in range(1, 10)}))
    assert (found.priority, found.path, found.category) == ("", "", "minimal")
    assert "Pfizer" in found.attribution


def test_skipped_questions_count_as_no_only_after_a_no_to_the_second():
    asked = {"q1": "yes", "q2": "no", "q6_life": "no", "q6_3mo": "no"}
    assert (
        risk.score("cssrs_screener", answers("cssrs_screener", **asked)).answers["value"] == "low"
    )
    with pytest.raises(risk.MissingInputs, match="q3, q4, q5"):
        risk.score("cssrs_screener", answers("cssrs_screener", **asked | {"q2": "yes"}))


def test_a_bedside_score_never_speaks_to_the_patient():
    for name in ("news2", "qsofa_curb65_wells", "has_bled", "cssrs_screener"):
        assert scoring.card(name).info.audience == "clinician"
    calm = {"rr": 16, "spo2": 98, "sbp": 120, "pulse": 70, "temp": 37.0}
    words = {"on_o2": "no", "alert": "yes", "scale2": "no", "pregnant": "no", "under_16": "no"}
    found = risk.score("news2", answers("news2", **calm, **words))
    assert (found.total, found.priority, found.for_patient) == (0, "", False)
    worse = risk.score("news2", answers("news2", **calm, **words | {"alert": "no"}))
    assert (worse.answers["band"], worse.priority) == ("low-medium", "P1")


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [("findrisc", 0, 26), ("ada_cdc_prediabetes", 0, 10), ("ncdrs_china", 0, 51),
     ("cha2ds2_vasc", 0, 9), ("has_bled", 0, 9), ("audit_c", 0, 12), ("gad7", 0, 21)],
)  # fmt: skip
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_total_stays_on_its_published_scale(name, lowest, highest, data):
    made = {}
    for spec in points.table(name).inputs:
        if spec.role == "eligibility":
            made[spec.name] = "yes" if spec.name == "atrial_fibrillation" else "no"
        elif spec.kind == "number":
            top = min(spec.high or 0, 180.0) if spec.name == "sbp" else spec.high
            made[spec.name] = data.draw(
                st.integers(int(spec.low or 0), int(top or 0))
                if spec.step == 1 else st.floats(spec.low, top)
            )  # fmt: skip
        else:
            made[spec.name] = data.draw(st.sampled_from(spec.choices or ("yes", "no")))
    found = risk.score(name, answers(name, **made))
    assert lowest <= found.total <= highest


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("news2", '"total >= 7"', '"totals >= 7"', "no condition on a known value"),
        ("findrisc", "{ value = 2, ge = 45 }", "{ value = 2, ge = 95 }", "must rise"),
        ("findrisc", 'of = "age"', 'of = "years"', "of must be one of"),
        ("phq9", 'priority = "P0"', 'priority = "soon"', "priority must be one of"),
        ("kfre", "s0 = 0.975", "sO = 0.975", "baseline lacks s0 for 4 2"),
        ("pce_2013", 'where = { sex = "male", race = "black" }',
         'where = { sex = "female", race = "white" }', "is given twice"),
        ("gail_bcrat", 'other = "white_average"', 'other = "average"', "lacks rates for other"),
        ("ckd_epi_2021", "kappa = 0.9", 'kappa = "0.9"', "male.kappa must be a number"),
    ],
)  # fmt: skip
def test_a_broken_file_is_named_with_its_field(tmp_path, monkeypatch, name, old, new, words):
    for source in reader.FOLDER.iterdir():
        (tmp_path / source.name).write_bytes(source.read_bytes())
    file = tmp_path / f"{name}.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    for module in (reader, loader, rates):
        monkeypatch.setattr(module, "FOLDER", tmp_path)
    read = {
        "gail_bcrat": rates.rates, "ckd_epi_2021": derive.equation,
        **dict.fromkeys(("kfre", "pce_2013"), loader.table),
    }.get(name, points.table)  # fmt: skip
    with pytest.raises(ValueError) as caught:
        read.__wrapped__(name)
    assert f"{name}.toml" in str(caught.value) and words in str(caught.value)
