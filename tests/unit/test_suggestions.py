"""What a record gives to talk over: each rule fires, and its neighbour does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.message import PatientId
from bot.domain.observation import Observation
from bot.suggestions import Line, Record, check, rules, suggest
from bot.suggestions.rules import FILE
from prompts import LANGUAGES, say

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
NOBODY = Record(language="en")
DIABETES = {"type_2_diabetes": "type 2 diabetes"}
PRESSURE = {"hypertension": "high blood pressure"}


def seen(code: str, days_ago: float, value: float, unit: str = "", **more: float) -> Observation:
    return Observation(
        id=f"{code}-{days_ago}", patient_id=PatientId("alice"), code=code, value=value, unit=unit,
        at=NOW - timedelta(days=days_ago), **more,
    )  # fmt: skip


def pressures(upper: float, lower: float, days: Sequence[float]) -> tuple[Observation, ...]:
    return tuple(seen("blood_pressure", day, upper, "mmHg", diastolic=lower) for day in days)


def noted(words: str, days_ago: float) -> tuple[Line, ...]:
    return (Line(words=words, at=NOW - timedelta(days=days_ago)),)


def found(record: Record) -> set[str]:
    return {one.rule for one in suggest(record, NOW)}


HIGH = pressures(142, 84, range(1, 10))
FLU = "flu_vaccine_age_gb"
ALICE = replace(NOBODY, country="GB", sex="female", age=66)
CASES = {  # rule → (a record that calls for it, neighbours that do not)
    "hba1c_due": (
        replace(NOBODY, conditions=DIABETES, observations=(seen("hba1c", 200, 6.8, "%"),)),
        [
            replace(NOBODY, conditions=DIABETES, observations=(seen("hba1c", 100, 6.8, "%"),)),
            replace(NOBODY, conditions=DIABETES, notes=noted("HbA1c done at the hospital", 20)),
            replace(NOBODY, conditions=PRESSURE),
        ],
    ),
    "retina_due": (
        replace(NOBODY, conditions=DIABETES),
        [replace(NOBODY, conditions={"gestational_diabetes": "gestational diabetes"})],
    ),
    "home_pressure_high": (
        replace(NOBODY, age=62, conditions=PRESSURE, observations=HIGH),
        [
            replace(NOBODY, age=62, conditions=PRESSURE, observations=HIGH[:7]),  # too few
            replace(NOBODY, age=62, conditions=PRESSURE,
                    observations=pressures(142, 84, [1 + n / 50 for n in range(9)])),  # one day
            replace(NOBODY, age=62, conditions=PRESSURE,
                    observations=pressures(134, 84, range(1, 10))),
            replace(NOBODY, age=62, conditions=PRESSURE,
                    observations=pressures(150, 95, range(30, 40))),  # long ago
            replace(NOBODY, age=62, conditions=PRESSURE, observations=HIGH, pregnant=True),
            replace(NOBODY, age=82, conditions=PRESSURE, observations=HIGH),
            replace(NOBODY, conditions=PRESSURE, observations=HIGH),  # age not known
        ],
    ),
    "home_pressure_high_80": (
        replace(NOBODY, age=82, conditions=PRESSURE,
                observations=pressures(150, 80, range(1, 10))),
        [replace(NOBODY, age=82, conditions=PRESSURE, observations=HIGH)],
    ),
    "hba1c_high": (
        replace(NOBODY, age=60, conditions=DIABETES,
                observations=(seen("hba1c", 10, 8.1, "%"), seen("hba1c", 150, 7.9, "%"))),
        [replace(NOBODY, age=60, conditions=DIABETES,
                 observations=(seen("hba1c", 10, 8.1, "%"),))],
    ),
    "medicine_monitoring": (
        replace(NOBODY, medicines={"warfarin": "Warfarin"},
                observations=(seen("inr", 90, 2.4),)),
        [
            replace(NOBODY, medicines={"warfarin": "Warfarin"},
                    observations=(seen("inr", 20, 2.4),)),
            replace(NOBODY, medicines={"paracetamol": "paracetamol"}),
        ],
    ),
    FLU: (
        ALICE,
        [
            replace(ALICE, notes=noted("Flu jab given at the pharmacy", 40)),
            replace(ALICE, age=64), replace(ALICE, country="US"), replace(ALICE, age=None),
        ],
    ),
    "cervical_screening_gb": (
        replace(ALICE, age=40),
        [
            replace(ALICE, age=40, sex="male"), replace(ALICE, age=40, sex=""),
            replace(ALICE, age=24), replace(ALICE, age=40, pregnant=True),
            replace(ALICE, age=40, notes=noted("hysterectomy in 2024", 600)),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_fires_for_whom_it_is_meant(rule: str) -> None:
    assert rule in found(CASES[rule][0])


@pytest.mark.parametrize(
    ("rule", "neighbour"),
    [(rule, one) for rule, (_, neighbours) in CASES.items() for one in neighbours],
)
def test_a_rule_leaves_the_neighbour_alone(rule: str, neighbour: Record) -> None:
    assert rule not in found(neighbour)


def test_an_empty_record_gives_nothing() -> None:
    assert suggest(NOBODY, NOW) == []


def test_the_lines_of_the_record_say_why() -> None:
    record = replace(NOBODY, age=62, conditions=PRESSURE, observations=HIGH)
    [one] = [s for s in suggest(record, NOW) if s.rule == "home_pressure_high"]
    condition, mean = one.why[-2:]
    assert condition.what == "high blood pressure"
    assert (mean.value, mean.count) == ("142/84 mmHg", 9)


def test_a_medicine_names_only_the_tests_that_are_missing() -> None:
    record = replace(
        NOBODY, medicines={"ramipril": "Ramipril"}, observations=(seen("potassium", 30, 4.4),)
    )
    [one] = suggest(record, NOW)
    assert (one.subject, one.tests) == ("ramipril", ("egfr",))


def test_an_old_note_of_a_vaccination_does_not_count_for_ever() -> None:
    assert FLU in found(replace(ALICE, notes=noted("flu jab", 400)))
    assert "pneumococcal_vaccine_gb" not in found(
        replace(ALICE, notes=noted("pneumococcal vaccine", 3000))
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_its_words_and_its_source(language: str) -> None:
    assert check() == len(rules())
    for rule in rules().values():
        words = say(f"suggestions.{rule.words}", language, what=rule.title[language],
                    medicine="x", tests=["y"])  # fmt: skip
        assert words and rule.title[language] and rule.sources
        assert language == "en" or "您" in words


def test_a_rule_with_an_unknown_test_stops_the_start(tmp_path: Path) -> None:
    broken = tmp_path / "rules.toml"
    broken.write_text(FILE.read_text("utf-8").replace('test = "egfr"', 'test = "egffr"'), "utf-8")
    with pytest.raises(ValueError, match="kidney_function_diabetes_due: nothing is called egffr"):
        rules(broken)
