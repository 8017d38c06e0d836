"""Earlier cases on both databases: who gets into them, what is in them, and how they go again."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cases_house import CODED, NOW, finished, matter, nurse, patient
from house import FakeClock
from running import NoMemories
from sqlalchemy import inspect, select, text

from bot import export
from bot.domain.errors import KeyMissing
from bot.domain.message import PatientId
from bot.domain.patient import CONSENT_VERSION, Consent, Purpose
from bot.erasing import erase
from bot.escalations import accept, cases
from bot.ports import Clinic, Services
from bot.retention import apply, due
from bot.store import tables
from bot.store.database import SqlStore
from bot.store.migrate import migrate, newest, version
from bot.store.tombstones import TombstoneFile
from bot.work.waking import Waker

ALICE = PatientId("alice")


def services(store: SqlStore, *, on: bool = True) -> Services:
    return Services(
        store=store, clock=FakeClock(NOW), bells=Waker(), vault=store.vault,
        clinic=Clinic(name="Test clinic", similar_cases=on),
        memories=NoMemories(),  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.fixture
def house(store: SqlStore) -> Services:
    return services(store)


def count(house: Services) -> int:
    with house.store.reading() as rows:
        return rows.cases.count()


def shown(house: Services, matter_id: str) -> int:
    found = cases.similar(house, matter_id, nurse(house))
    assert found is not None
    return sum(one.count for one in found.hits)


def trail(house: Services, subject: str) -> list[str]:
    with house.store.reading() as rows:
        return [event.type for event in rows.audit.of(subject)]


def others(house: Services, how_many: int, **more: Any) -> None:
    for number in range(how_many):
        patient(house, f"other{number}", **more)
        finished(house, f"other{number}")


def test_a_finished_matter_is_kept_in_codes(house: Services) -> None:
    patient(house, "alice", conditions=("AF", "CKD"), medicines=("warfarin", "my blue pill"))
    done = finished(house, "alice")
    with house.store.reading() as rows:
        [case] = rows.cases.of(ALICE)
    assert (case.about, case.age_band, case.sex, case.level, case.tier, case.outcome, case.took,
            case.month) == ("dizziness", "65-74", "female", "days", "P2", "reached_advised",
                            "under_4", "2026-11")  # fmt: skip
    assert set(case.conditions) == {"atrial_fibrillation", "chronic_kidney_disease"}
    assert case.medicines and "warfarin" not in case.medicines  # its class, not itself
    assert "case.kept" in trail(house, done)


def test_nobody_gets_in_by_default(store: SqlStore) -> None:
    off = services(store, on=False)
    patient(off, "alice")
    finished(off, "alice")
    assert count(off) == 0
    assert cases.similar(off, "matter-alice-1", nurse(off)) is None


def test_without_a_yes_nothing_is_kept(house: Services) -> None:
    patient(house, "alice", agrees=False)
    finished(house, "alice")
    assert count(house) == 0


@pytest.mark.parametrize(
    "of_matter",
    [
        {"private_topic": True},
        {"reason": "suicide_passive", "evidence": {}},
        {"evidence": {"coded": {**CODED, "child": True}}},
        {"reason": "chest_pain_acs",
         "evidence": {"findings": [{"flag": "chest_pain_acs", "cues": ["third_person"]}]}},
        {"reason": "checkin_missed", "evidence": {}},
        {"evidence": {}},
    ],
    ids=["private", "self-harm", "child", "somebody else", "no complaint", "no codes"],
)  # fmt: skip
def test_some_matters_are_never_cases(house: Services, of_matter: dict[str, Any]) -> None:
    patient(house, "alice")
    finished(house, "alice", **of_matter)
    assert count(house) == 0


@pytest.mark.parametrize("changes", [{"birth_date": None}, {"demo": True}])
def test_some_people_are_never_in_cases(house: Services, changes: dict[str, Any]) -> None:
    patient(house, "alice", **changes)
    finished(house, "alice")
    assert count(house) == 0


def test_a_red_flag_is_a_case_too(house: Services) -> None:
    patient(house, "alice")
    finished(house, "alice", reason="chest_pain_acs", tier="P0", evidence={"words": "pain"})
    with house.store.reading() as rows:
        [case] = rows.cases.of(ALICE)
    assert (case.about, case.red) == ("chest_pain_acs", ("chest_pain_acs",))


def test_no_free_text_lands_in_the_table(house: Services, store: SqlStore) -> None:
    """Canary words wherever a person can write, and the ids, days and numbers beside them."""
    canary = "CANARYword"
    patient(
        house, "alice-canary", name=canary, city=canary, conditions=(canary, "AF"),
        medicines=(f"{canary} 5 mg", "warfarin"),
    )  # fmt: skip
    coded = {**CODED, "complaints": ["dizziness", canary], "red": [canary], "level": canary,
             "symptoms": [canary], "extra": canary}  # fmt: skip
    evidence = {"words": canary, "coded": coded, "sbar": {"en": [[canary, canary]]},
                "findings": [{"flag": canary, "cues": [canary]}]}  # fmt: skip
    done = matter(house, "alice-canary", evidence=evidence, completed_by="m-other")
    accept.complete(house, done, nurse(house), canary, f"note {canary}")
    with store.reading() as rows:
        [row] = rows.connection.execute(select(tables.coded_case)).mappings()
        codes = json.loads(store.vault.open("", row["sealed"]))
    kept = json.dumps(dict(row)) + json.dumps(codes)
    for word in (canary, "alice", "canary", done, "m-nurse", "1955", "warfarin", "5 mg"):
        assert word.lower() not in kept.lower(), word
    assert not re.search(r"\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}", kept)
    assert codes["outcome"] == "" and codes["level"] == ""


def test_doing_it_twice_is_once(house: Services) -> None:
    patient(house, "alice")
    done = finished(house, "alice")
    accept.complete(house, done, nurse(house), "false_alarm")
    assert count(house) == 1


# ---- who is shown
def test_below_five_other_patients_nothing_is_shown(house: Services) -> None:
    patient(house, "alice")
    mine = matter(house, "alice")
    others(house, 4)
    for number in range(2, 6):
        finished(house, "other0", number)  # many cases of one person are one person
        finished(house, "alice", number)  # and one's own do not count
    assert shown(house, mine) == 0
    patient(house, "other4")
    finished(house, "other4")
    assert shown(house, mine) == 9


def test_who_looked_is_in_the_trail(house: Services) -> None:
    patient(house, "alice")
    mine = matter(house, "alice")
    others(house, 5)
    cases.similar(house, mine, nurse(house, "m-dana"))
    with house.store.reading() as rows:
        [event] = [e for e in rows.audit.of(mine) if e.type == "viewed.similar_cases"]
    assert (event.actor, event.patient_id, event.detail) == ("m-dana", ALICE, {"shown": 5})


def test_a_condition_that_few_have_is_not_named(house: Services) -> None:
    patient(house, "alice", conditions=("AF", "gout"))
    mine = matter(house, "alice")
    others(house, 5, conditions=("AF",))
    patient(house, "rare", conditions=("AF", "gout"))
    finished(house, "rare")
    found = cases.similar(house, mine, nurse(house))
    assert found is not None and [hit.count for hit in found.hits] == [6]
    assert all(hit.case.conditions == ("atrial_fibrillation",) for hit in found.hits)
    assert all("gout" not in str(hit) for hit in found.hits)


# ---- how they go again
def test_erasing_a_patient_removes_their_cases_and_nobody_elses(
    house: Services, tmp_path: Any
) -> None:
    patient(house, "alice")
    finished(house, "alice")
    others(house, 1)
    receipt = erase(house, TombstoneFile(tmp_path / "erased.jsonl"), ALICE)
    assert receipt.removed["coded_case"] == 1
    assert count(house) == 1
    with house.store.reading() as rows, pytest.raises(KeyMissing):
        rows.cases.of(ALICE)  # with the key went the only way to say whose they were


def test_a_no_deletes_them_and_is_noted(house: Services) -> None:
    patient(house, "alice")
    finished(house, "alice")
    others(house, 1)
    no = Consent(patient_id=ALICE, purpose=Purpose.SIMILAR_CASES, granted=False,
                 version=CONSENT_VERSION, at=NOW)  # fmt: skip
    with house.store.unit_of_work() as work:
        work.patients.consent([no])
        cases.withdrawn(work, [no], NOW)
    assert count(house) == 1
    assert "cases.deleted" in trail(house, ALICE)


def test_an_export_lists_them(house: Services) -> None:
    patient(house, "alice", conditions=("AF",))
    finished(house, "alice")
    with house.store.reading() as rows:
        bundle = export.bundle(rows, ALICE)
        page = export.page(rows, ALICE, clinic="Test", now=NOW)
    [basic] = [one["resource"] for one in bundle["entry"]
               if one["resource"]["resourceType"] == "Basic"]  # fmt: skip
    assert "2026-11" in basic["text"]["div"] and "65–74 years" in basic["text"]["div"]
    assert "trial fibrillation" in page and "kept as cases in codes" in page


def test_old_cases_go_by_their_month(house: Services) -> None:
    patient(house, "alice")
    finished(house, "alice")
    house.clock.advance(days=1825)  # type: ignore[attr-defined]
    assert due(house)["coded_case"] == 0
    house.clock.advance(days=31)  # type: ignore[attr-defined]
    assert due(house)["coded_case"] == 1
    gone = apply(house, "a")
    assert gone is not None and gone["coded_case"] == 1


def test_a_database_of_the_version_before_gets_the_table(store: SqlStore) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("DROP TABLE coded_case"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    migrate(store.engine)
    assert version(store.engine) == newest()
    assert inspect(store.engine).has_table("coded_case")
