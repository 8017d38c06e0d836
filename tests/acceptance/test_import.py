"""A record from another system: taken whole, once, or refused with the path of every error."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from house import HouseUnderTest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.message import PatientId
from bot.domain.observation import ObservationStatus
from bot.domain.patient import PatientStatus
from bot.erasing import erase
from bot.export import bundle
from bot.intake import Kept, Refused, keep, read
from bot.inviting import invite

LOINC = "http://loinc.org"
WHO = {"reference": "Patient/p1"}


def coded(text: str) -> dict[str, Any]:
    return {"text": text}


def record(**changes: Any) -> dict[str, Any]:
    """What an EHR of a small hospital might send."""
    resources: list[dict[str, Any]] = [
        {"resourceType": "Patient", "id": "p1",
         "identifier": [{"system": "urn:hospital", "value": "4711"}],
         "name": [{"family": "Smith", "given": ["Ann", "B"]}], "gender": "female",
         "birthDate": "1961-04-12", "address": [{"country": "GB", "city": "Leeds"}],
         "communication": [{"language": {"coding": [{"code": "en-GB"}]}, "preferred": True}]},
        {"resourceType": "AllergyIntolerance", "id": "a1", "patient": WHO,
         "code": coded("penicillin"), "reaction": [{"manifestation": [coded("hives")]}]},
        {"resourceType": "AllergyIntolerance", "id": "a2", "patient": WHO, "code": coded("eggs"),
         "verificationStatus": {"coding": [{"code": "refuted"}]}},
        {"resourceType": "Condition", "id": "c1", "subject": WHO, "code": coded("heart failure")},
        {"resourceType": "Condition", "id": "c2", "subject": WHO, "code": coded("pneumonia"),
         "clinicalStatus": {"coding": [{"code": "resolved"}]}},
        {"resourceType": "Medication", "id": "m1", "code": coded("bisoprolol 2.5 mg tablets")},
        {"resourceType": "MedicationRequest", "id": "r1", "status": "active", "intent": "order",
         "subject": WHO, "medicationReference": {"reference": "Medication/m1"},
         "dosageInstruction": [{"text": "one in the morning"}]},
        {"resourceType": "MedicationStatement", "id": "s1", "status": "active", "subject": WHO,
         "medicationCodeableConcept": coded("vitamin D")},
        {"resourceType": "Observation", "id": "o1", "status": "final", "subject": WHO,
         "code": {"coding": [{"system": LOINC, "code": "85354-9"}]},
         "effectiveDateTime": "2025-12-01T08:30:00+00:00",
         "component": [
             {"code": {"coding": [{"system": LOINC, "code": "8480-6"}]},
              "valueQuantity": {"value": 131, "code": "mm[Hg]"}},
             {"code": {"coding": [{"system": LOINC, "code": "8462-4"}]},
              "valueQuantity": {"value": 84, "code": "mm[Hg]"}}]},
        {"resourceType": "Observation", "id": "o2", "status": "final", "subject": WHO,
         "code": {"coding": [{"system": LOINC, "code": "2339-0"}]},
         "effectiveDateTime": "2025-12-02", "valueQuantity": {"value": 118, "unit": "mg/dL"}},
        {"resourceType": "Observation", "id": "o3", "status": "final", "subject": WHO,
         "code": coded("Ferritin"), "effectiveDateTime": "2025-11-30",
         "valueQuantity": {"value": 80, "unit": "ug/L"}},
        {"resourceType": "Appointment", "id": "v1", "status": "booked",
         "description": "heart failure clinic", "start": "2026-02-03T14:00:00Z",
         "participant": [{"actor": WHO, "status": "accepted"}]},
        {"resourceType": "CarePlan", "id": "k1", "status": "active", "intent": "plan",
         "subject": WHO, "title": "Heart failure",
         "activity": [{"detail": {"status": "in-progress", "description": "weigh every day"}}]},
    ]  # fmt: skip
    for one in resources:
        one.update(changes.get(one["resourceType"] + one.get("id", ""), {}))
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in resources],
    }


def take(house: HouseUnderTest, what: dict[str, Any], language: str = "en") -> Kept:
    now = house.clock()
    intake = read(json.dumps(what).encode(), now=now)
    with house.house.store.unit_of_work() as work:
        return keep(work, intake, language=language, now=now)


def facts(house: HouseUnderTest, kept: Kept) -> list[str]:
    with house.house.store.reading() as rows:
        return [fact.text for fact in rows.facts.of(kept.patient_id)]


def test_everything_is_kept_with_where_it_came_from(house: HouseUnderTest) -> None:
    kept = take(house, record())
    assert facts(house, kept) == [
        "Allergic to penicillin (hives)",
        "Has heart failure",
        "Prescribed: bisoprolol 2.5 mg tablets: one in the morning",
        "Takes vitamin D",
        "Ferritin: 80 ug/L (30 Nov 2025)",
        "Appointment: heart failure clinic, 3 Feb 2026 14:00",
        "Care plan: Heart failure: weigh every day",
    ]
    with house.house.store.reading() as rows:
        patient = rows.patients.get(kept.patient_id)
        everything = rows.facts.of(kept.patient_id, everything=True)
        observed = rows.record.observations(kept.patient_id)
    assert patient is not None
    assert (patient.name, patient.sex, patient.city) == ("Ann B Smith", "female", "Leeds")
    assert (patient.language, patient.timezone) == ("en", "Europe/London")
    assert patient.status is PatientStatus.ENROLLED
    assert {fact.said_by for fact in everything} == {"import"}
    assert [f.text for f in everything if f.status == "superseded"] == ["Had pneumonia"]
    assert everything[0].values == {"substance": "penicillin", "reaction": "hives"}
    assert {o.status for o in observed} == {ObservationStatus.FINAL}
    assert [(o.shown, o.given) for o in observed] == [
        ("6.6 mmol/L", "118 mg/dL"), ("131/84 mmHg", "")
    ]  # fmt: skip


def test_the_same_bundle_again_changes_nothing(house: HouseUnderTest) -> None:
    first = take(house, record())
    before = facts(house, first)
    house.clock.advance(days=3)
    again = take(house, record())
    assert again.patient_id == first.patient_id
    assert (again.new_patient, again.statements, again.observations) == (False, 0, 0)
    assert facts(house, again) == before


def test_a_newer_bundle_replaces_what_changed_and_keeps_the_history(house: HouseUnderTest) -> None:
    kept = take(house, record())
    later = take(
        house,
        record(
            MedicationStatements1={"status": "stopped"},
            Observationo2={"valueQuantity": {"value": 6.2, "unit": "mmol/L"}},
        ),
    )
    assert (later.statements, later.superseded) == (1, 1)
    assert (later.observations, later.withdrawn) == (1, 1)
    assert "Takes vitamin D" not in facts(house, kept)
    with house.house.store.reading() as rows:
        history = [f for f in rows.facts.of(kept.patient_id, everything=True) if f.valid_until]
        assert [f.text for f in history] == [
            "Had pneumonia", "Takes vitamin D", "Took vitamin D in the past"
        ]  # fmt: skip
        assert history[1].replaced_by == history[2].id
        assert [o.shown for o in rows.record.observations(kept.patient_id, "glucose")] == [
            "6.2 mmol/L"
        ]


def test_a_chinese_record_is_told_in_chinese(house: HouseUnderTest) -> None:
    what = record()
    what["entry"] = [
        {"resource": {"resourceType": "Patient", "id": "p1", "name": [{"family": "李", "given":
            ["梅"]}], "address": [{"country": "CN"}],
            "communication": [{"language": {"coding": [{"code": "zh-CN"}]}}]}},
        {"resource": {"resourceType": "AllergyIntolerance", "id": "1", "patient": WHO,
            "code": coded("青霉素"), "reaction": [{"manifestation": [coded("皮疹")]}]}},
        {"resource": {"resourceType": "Appointment", "id": "2", "status": "booked",
            "start": "2026-02-03T01:30:00Z",
            "participant": [{"actor": WHO, "status": "accepted"}]}},
    ]  # fmt: skip
    kept = take(house, what)
    assert facts(house, kept) == ["对青霉素过敏（皮疹）", "预约：就诊，2026年2月3日 09:30"]
    with house.house.store.reading() as rows:
        patient = rows.patients.get(kept.patient_id)
    assert patient is not None and patient.name == "李梅" and patient.language == "zh"


async def test_the_link_leads_this_patient_in_and_only_to_this_record(
    house: HouseUnderTest,
) -> None:
    kept = take(house, record())
    assert not kept.linked
    code = invite(house.house, "patient", kept.patient_id).rpartition("=")[2]
    assert await house.say(code, "ann", kind="command", data="start") != ""
    assert take(house, record()).linked
    with house.house.store.reading() as rows:
        contact = rows.patients.contact_at("telegram", "42", "ann")
    assert contact is not None and contact.patient_id == kept.patient_id


def broken(change: Callable[[list[dict[str, Any]]], None]) -> dict[str, Any]:
    what = record()
    change([entry["resource"] for entry in what["entry"]])
    return what


def test_every_error_is_named_with_its_path_and_nothing_is_kept(house: HouseUnderTest) -> None:
    def change(resources: list[dict[str, Any]]) -> None:
        resources[0]["birthDate"] = "12/04/1961"
        resources[1]["patient"] = "Patient/p1"
        del resources[6]["status"]
        resources[8]["component"][0]["valueQuantity"]["value"] = "high"
        resources[9]["valueQuantity"]["value"] = 9999

    with pytest.raises(Refused) as refused:
        take(house, broken(change))
    told = "\n".join(refused.value.problems)
    for path in (
        "entry[0].resource.birthDate:", "entry[1].resource.patient:", "entry[6].resource.status:",
        "entry[8].resource.component[0].valueQuantity.value:",
        "entry[9].resource.valueQuantity.value:",
    ):  # fmt: skip
        assert path in told
    nobody_new(house)


def nobody_new(house: HouseUnderTest) -> None:
    with house.house.store.reading() as rows:
        assert {p.id for p in rows.patients.all()} == {"alice", "charlie"}
        for table in ("fact", "memory", "observation", "invitation"):
            count = rows.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            assert count == 0, table


SEMANTIC: list[tuple[Callable[[list[dict[str, Any]]], object], str]] = [
    (lambda r: r[3].update(subject={"reference": "Patient/p2"}),
     "entry[3].resource.subject.reference: Patient/p2 is not the patient of it"),
    (lambda r: r[3].pop("subject") and r[3].update(subject={"display": "Ann"}),
     "entry[3].resource.subject.reference: missing"),
    (lambda r: r[8]["component"][0]["valueQuantity"].update(value=1310),
     "entry[8].resource.component[0].valueQuantity.value: 1310 mmHg is outside 50 to 300"),
    (lambda r: r[8]["component"][0]["valueQuantity"].update(value=60),
     "entry[8].resource.component: the diastolic value is not below the systolic one"),
    (lambda r: r[9]["valueQuantity"].update(unit="stone"),
     "entry[9].resource.valueQuantity.unit: stone is not one of: mmol/L, mg/dL"),
    (lambda r: r[9].update(effectiveDateTime="2031-01-01"),
     "entry[9].resource.effectiveDateTime: 2031-01-01 is in the future"),
    (lambda r: r[6].pop("medicationReference") and
     r[6].update(medicationReference={"reference": "Medication/none"}),
     "entry[6].resource.medication: nothing says which medicine it is"),
    (lambda r: r[1].pop("id"), "entry[1].resource.id: missing, and no identifier either"),
    (lambda r: r[0].update(deceasedBoolean=True), "entry[0].resource.deceased: the person has"),
    (lambda r: r.append({}) or r[2].update(resourceType="Patient", id="p9") or (r[2].pop("patient")
     and [r[2].pop(k) for k in ("code", "verificationStatus")]),
     "entry: holds 2 patients; one Bundle is one person"),
    (lambda r: r[3].update(code={"coding": [{"system": "x", "code": "1"}]}),
     "entry[3].resource.code: neither a text nor a display says what it is"),
    (lambda r: r[11].update(participant=[{"status": "accepted"}]),
     "entry[11].resource.participant: the patient of this Bundle is not among them"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), SEMANTIC, ids=[said[:60] for _, said in SEMANTIC])
def test_what_is_valid_fhir_and_still_wrong_is_refused(
    house: HouseUnderTest, change: Callable[[list[dict[str, Any]]], object], said: str
) -> None:
    with pytest.raises(Refused) as refused:
        take(house, broken(lambda resources: change(resources) and None))
    assert any(problem.startswith(said) for problem in refused.value.problems), (
        refused.value.problems
    )
    nobody_new(house)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": [{"x": NaN}]}', "no number"),
        (b'{"resourceType": "Patient"}', "not a Bundle"),
        (b'{"resourceType": "Bundle", "type": "collection"}', "entry: missing"),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": [3]}', "entry[0]"),
        (b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "X"}}]}', "type"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_what_is_no_bundle_is_refused(house: HouseUnderTest, content: bytes, said: str) -> None:
    with pytest.raises(Refused) as refused:
        read(content, now=house.clock())
    assert said in " ".join(refused.value.problems)


@pytest.mark.parametrize("field", ["address", "name", "telecom"])
def test_a_null_says_no_more_than_leaving_it_out(house: HouseUnderTest, field: str) -> None:
    null, absent = record(), record()
    [patient] = [e["resource"] for e in null["entry"] if e["resource"]["resourceType"] == "Patient"]
    patient[field] = None
    for entry in absent["entry"]:
        if entry["resource"]["resourceType"] == "Patient":
            entry["resource"].pop(field, None)
    found, else_ = (
        read(json.dumps(one).encode(), now=house.clock()).person for one in (null, absent)
    )
    assert found == else_


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_bundle_is_refused_or_taken_and_never_crashes(
    house: HouseUnderTest, data: st.DataObject
) -> None:
    what: Any = copy.deepcopy(record())
    at: Any = what
    for _ in range(data.draw(st.integers(1, 6))):
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys)) if keys else None
        if key is None or not isinstance(at[key], dict | list):
            break
        at = at[key]
    keys = list(at) if isinstance(at, dict) else list(range(len(at)))
    if keys:
        key = data.draw(st.sampled_from(keys))
        at[key] = data.draw(
            st.sampled_from([None, "", "x" * 500, -1, 1e300, True, [], {}, [None], {"a": 1},
                             "0000-00-00", "9999-12-31T24:00:00Z", "\u202eabc"])
        )  # fmt: skip
    try:
        read(json.dumps(what).encode(), now=house.clock())
    except Refused as refused:
        assert refused.problems


def test_an_erased_patient_does_not_come_back_by_an_import(house: HouseUnderTest) -> None:
    kept = take(house, record())
    erase(house.services, house.house.tombstones, kept.patient_id)
    with pytest.raises(Refused, match="was erased here"):
        take(house, record())
    assert facts(house, kept) == []


async def test_our_own_export_can_be_taken_in_elsewhere(house: HouseUnderTest) -> None:
    await house.say("my blood pressure is 131/84")
    with house.house.store.unit_of_work() as work:
        [observation] = work.record.observations(PatientId("alice"))
    with house.house.store.reading() as rows:
        exported = bundle(rows, PatientId("alice"))
    for entry in exported["entry"]:
        if entry["resource"]["resourceType"] == "Observation":
            entry["resource"]["status"] = "final"  # a patient's own value is preliminary
    kept = take(house, exported)
    with house.house.store.reading() as rows:
        [value] = rows.record.observations(kept.patient_id)
    assert (value.shown, value.at) == (observation.shown, observation.at)
