"""Watching the models: people who changed, risks that did not come true as said, one matter."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from house import HouseUnderTest

import risk
from bot.domain.clinical import ClinicalEntry, EntryKind
from bot.domain.message import PatientId
from bot.work import risk_watch
from risk import Prediction, RiskAssessment, Used
from risk.learn.observed import Truth, shifts, truths


def assessed(
    who: str, at: datetime, *, sbp: float, probability: float = 0.1, outcome: str = "stroke"
) -> RiskAssessment:
    used = Used(
        name="sbp", value=sbp, unit="mmHg", given=sbp, given_unit="mmHg", as_of=at, source="x"
    )
    return RiskAssessment(
        id=f"{who}/{at.isoformat()}", patient_id=who, method="prevent_2023/base/10y", version="1",
        occurred_at=at, basis=("x",),
        prediction=Prediction(outcome=outcome, horizon_years=10, probability=probability),
        linear_predictor=-2.0, comparison_probability=0.05, comparison_source="x", drivers=(),
        inputs=(used,), limits=(), name="PREVENT", year=2023, counts=("stroke",),
    )  # fmt: skip


def crowd(now: datetime, moved: float) -> list[RiskAssessment]:
    """200 people a year ago, 100 of late whose pressure is ``moved`` higher."""
    old, late = now - timedelta(days=365), now - timedelta(days=10)
    first = [assessed(f"a{n}", old + timedelta(minutes=n), sbp=110 + n % 50) for n in range(200)]
    return first + [assessed(f"b{n}", late, sbp=110 + n % 50 + moved) for n in range(100)]


@pytest.mark.parametrize(("moved", "flagged"), [(0, False), (20, True)])
def test_people_who_changed_are_told_from_people_who_did_not(
    house: HouseUnderTest, moved: float, flagged: bool
) -> None:
    [shift] = shifts(crowd(house.clock(), moved), house.clock())
    assert (shift.name, shift.before, shift.lately) == ("sbp", 200, 100)
    assert shift.flagged is flagged


def test_a_few_people_prove_nothing(house: HouseUnderTest) -> None:
    assert shifts(crowd(house.clock(), 30)[:220], house.clock()) == []


def test_expected_events_grow_with_the_time_that_passed(house: HouseUnderTest) -> None:
    now = house.clock()
    ones = [
        assessed(f"p{n}", now - timedelta(days=1826), sbp=120, probability=0.19) for n in range(100)
    ]
    [truth] = truths(ones, {}, now)
    assert truth.expected == pytest.approx(10.0, abs=0.05)  # half of ten years: 1 - sqrt(0.81)
    assert truth.observed == 0 and truth.flagged  # ten expected, none seen


def test_only_a_condition_entered_after_the_answer_counts(house: HouseUnderTest) -> None:
    now = house.clock()
    ones = [assessed(f"p{n}", now - timedelta(days=400), sbp=120) for n in range(3)]
    conditions = {
        "p0": [("Ischaemic stroke", now - timedelta(days=100))],
        "p1": [("Stroke", now - timedelta(days=800))],
        "p2": [("脑梗死", now - timedelta(days=5)), ("diabetes", now)],
    }
    [truth] = truths(ones, conditions, now)
    assert (truth.people, truth.observed) == (3, 2)


def test_byars_interval_is_close_to_the_exact_one() -> None:
    truth = Truth(model="m", outcome="stroke", people=1, expected=10.0, observed=10)
    value, low, high = truth.ratio
    assert value == 1.0
    assert low == pytest.approx(0.4795, abs=0.005) and high == pytest.approx(1.839, abs=0.005)


def keep(house: HouseUnderTest, ones: list[RiskAssessment]) -> None:
    for who in {one.patient_id for one in ones}:
        house.patient(who)
    with house.house.store.unit_of_work() as work:
        for one in ones:
            work.record.assess(one)


def test_drift_calls_the_operator_once_and_the_report_names_nobody(
    house: HouseUnderTest, tmp_path: Path
) -> None:
    keep(house, crowd(house.clock(), 20))
    found = risk_watch.monthly(house.services, "me", tmp_path / "reports")
    assert found is not None
    assert found.findings[0].startswith("input drift: prevent_2023/base/10y, sbp: PSI")
    assert risk_watch.monthly(house.services, "me", tmp_path / "reports") is None  # this month
    house.clock.advance(days=31)
    assert risk_watch.monthly(house.services, "me", tmp_path / "reports") is not None
    matters = [e for e in house.escalations() if e.reason == risk_watch.REASON]
    assert [(one.patient_id, one.tier) for one in matters] == [(None, "P2")]
    page = (tmp_path / "reports" / "risk-2026-01.html").read_text("utf-8")
    assert "sbp" in page and "Alice" not in page and "a17" not in page
    assert (tmp_path / "reports" / "risk-2026-02.md").exists()


def test_outcomes_come_from_the_record_of_each_patient(house: HouseUnderTest) -> None:
    before = house.clock() - timedelta(days=3650)
    keep(house, [assessed(f"p{n}", before, sbp=120, probability=0.5) for n in range(12)])
    with house.house.store.unit_of_work() as work:
        work.clinical.add(
            ClinicalEntry(
                id="e1", patient_id=PatientId("p3"), kind=EntryKind.CONDITION, name="Stroke 2021",
                set_by="bob", set_at=before + timedelta(days=900),
            )
        )  # fmt: skip
    found = risk_watch.look(house.services)
    [truth] = found.truths
    assert (truth.people, truth.observed) == (12, 1)
    assert truth.expected == pytest.approx(6.0, abs=0.05)
    assert any(line.startswith("calibration drift") for line in found.findings)


def test_an_erased_patient_is_left_out(house: HouseUnderTest) -> None:
    keep(house, [assessed(f"p{n}", house.clock(), sbp=120) for n in range(3)])
    with house.house.store.unit_of_work() as work:
        work.patients.erase(PatientId("p1"), house.clock())
    assert risk_watch.look(house.services).assessments == 2


def test_the_room_names_the_outcomes_that_its_models_predict() -> None:
    from risk.learn.rules import happened

    predicted = {outcome.name for info in risk.models() for outcome in info.outcomes}
    assert {"stroke", "chd", "heart_failure", "total_cvd"} <= predicted
    assert all(happened(name) for name in ("stroke", "chd", "heart_failure", "total_cvd"))
