"""Everybody's assessments for the watch over the models, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import risk
from bot.domain.message import PatientId
from bot.domain.patient import Patient, PatientStatus
from bot.store.database import SqlStore
from risk import Input

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
SAID = {
    "sex": "female", "age": 50.0, "total_c": 200.0, "hdl_c": 45.0, "sbp": 160.0, "egfr": 90.0,
    "bmi": 35.0, "dm": "yes", "smoking": "no", "bp_tx": "yes", "statin": "no", "known_cvd": "no",
    "pregnant": "no",
}  # fmt: skip
UNITS = {"age": "years", "total_c": "mg/dL", "hdl_c": "mg/dL", "sbp": "mmHg",
         "egfr": "mL/min/1.73m2", "bmi": "kg/m2"}  # fmt: skip


def assess(store: SqlStore, who: str, at: datetime) -> None:
    model = risk.load("prevent_2023")
    known = {spec.name for spec in model.inputs}
    inputs = {
        name: Input(value=value, unit=UNITS.get(name, ""))
        for name, value in SAID.items()
        if name in known
    }
    made = model.assess(inputs, outcome="total_cvd", patient_id=who, now=at)
    with store.unit_of_work() as work:
        work.record.assess(made)


def test_everybodys_assessments_come_oldest_first_and_without_the_erased(store: SqlStore) -> None:
    for who in ("alice", "charlie"):
        with store.unit_of_work() as work:
            work.patients.add(
                Patient(
                    id=PatientId(who), status=PatientStatus.ACTIVE, name=who,
                    birth_date=date(1961, 4, 12), created_at=NOW,
                )
            )  # fmt: skip
    assess(store, "charlie", NOW - timedelta(days=2))
    assess(store, "alice", NOW - timedelta(days=1))
    assess(store, "alice", NOW - timedelta(days=40))
    with store.reading() as rows:
        everything = rows.record.assessments_since(NOW - timedelta(days=365))
        recent = rows.record.assessments_since(NOW - timedelta(days=3))
    assert [one.patient_id for one in everything] == ["alice", "charlie", "alice"]
    assert [one.patient_id for one in recent] == ["charlie", "alice"]
    with store.unit_of_work() as work:
        work.patients.erase(PatientId("alice"), NOW)
    with store.reading() as rows:
        left = rows.record.assessments_since(NOW - timedelta(days=365))
    assert [one.patient_id for one in left] == ["charlie"]
