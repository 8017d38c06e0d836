"""Facts as FHIR R4 resources: an allergy is an AllergyIntolerance, a medicine a statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.fhir import fhir_id
from memory import Fact

Resource = dict[str, Any]
_HL7 = "http://terminology.hl7.org/CodeSystem"
_OTHERS = {"SocialHistory": "social-history", "Preference": "social-history"}


def fact(one: Fact, subject: Resource) -> Resource:
    """The resource of the fact's kind, with who said it and until when it held in a note."""
    made = _SHAPES.get(one.kind, _observation)(one, subject)
    kind = str(made.pop("_kind", one.kind))
    filled = {name: value for name, value in made.items() if value not in (None, "", [], {})}
    return {"resourceType": kind, "id": fhir_id(kind, one.id), "_ours": one.id, **filled}


def _allergy(one: Fact, subject: Resource) -> Resource:
    reaction = one.values.get("reaction")
    return {
        **_states(one, "allergyintolerance"),
        "code": {"text": one.values.get("substance") or one.text},
        "patient": subject,
        "recordedDate": _at(one.recorded_at),
        "reaction": [{"manifestation": [{"text": reaction}]}] if reaction else [],
        "note": _note(one),
    }


def _medicine(one: Fact, subject: Resource) -> Resource:
    dosage = " ".join(one.values[part] for part in ("dose", "times") if one.values.get(part))
    status = {"superseded": "stopped", "entered-in-error": "entered-in-error"}
    return {
        "status": status.get(one.status, "active" if one.verification == "certain" else "unknown"),
        "medicationCodeableConcept": {"text": one.values.get("name") or one.text},
        "subject": subject,
        "effectivePeriod": _period(one),
        "dateAsserted": _at(one.recorded_at),
        "dosage": [{"text": dosage}] if dosage else [],
        "note": _note(one),
    }


def _condition(one: Fact, subject: Resource) -> Resource:
    return {
        **_states(one, "condition"),
        "code": {"text": one.values.get("what") or one.text},
        "subject": subject,
        "onsetDateTime": _at(one.valid_from),
        "abatementDateTime": _at(one.valid_until),
        "recordedDate": _at(one.recorded_at),
        "note": _note(one),
    }


def _goal(one: Fact, subject: Resource) -> Resource:
    status = {"superseded": "cancelled", "entered-in-error": "entered-in-error"}
    return {
        "lifecycleStatus": status.get(one.status, "active"),
        "description": {"text": one.values.get("what") or one.text},
        "subject": subject,
        "startDate": one.recorded_at.date().isoformat(),
        "note": _note(one),
    }


def _family(one: Fact, subject: Resource) -> Resource:
    return {
        "status": "entered-in-error" if one.status == "entered-in-error" else "partial",
        "patient": subject,
        "date": _at(one.recorded_at),
        "relationship": {"text": one.text},
        "note": _note(one),
    }


def _person(one: Fact, subject: Resource) -> Resource:
    return {"active": one.status == "current", "patient": subject, "name": [{"text": one.text}]}


def _appointment(one: Fact, subject: Resource) -> Resource:
    return {
        "status": "entered-in-error" if one.status == "entered-in-error" else "proposed",
        "description": one.text,
        "created": _at(one.recorded_at),
        "participant": [{"actor": subject, "status": "needs-action"}],
    }


def _observation(one: Fact, subject: Resource) -> Resource:
    category = _OTHERS.get(one.kind, "survey")
    coding = {"system": f"{_HL7}/observation-category", "code": category}
    return {
        "_kind": "Observation",
        "status": "entered-in-error" if one.status == "entered-in-error" else "preliminary",
        "category": [{"coding": [coding]}],
        "code": {"text": one.kind},
        "subject": subject,
        "effectiveDateTime": _at(one.valid_from or one.recorded_at),
        "issued": _at(one.recorded_at),
        "valueString": one.text,
        "note": _note(one),
    }


_SHAPES = {
    "AllergyIntolerance": _allergy, "MedicationStatement": _medicine, "Condition": _condition,
    "Goal": _goal, "FamilyMemberHistory": _family, "RelatedPerson": _person,
    "Appointment": _appointment,
}  # fmt: skip


def _states(one: Fact, system: str) -> Resource:
    """clinicalStatus is not given for an error: FHIR forbids it."""
    wrong = one.status == "entered-in-error"
    sure = "entered-in-error" if wrong else "unconfirmed"
    system_of = (
        f"{_HL7}/{'condition-ver-status' if system == 'condition' else system + '-verification'}"
    )
    states = {"verificationStatus": {"coding": [{"system": system_of, "code": sure}]}}
    if not wrong:
        holds = "active" if one.status == "current" else "inactive"
        coding = {"system": f"{_HL7}/{system}-clinical", "code": holds}
        states["clinicalStatus"] = {"coding": [coding]}
    return states


def _period(one: Fact) -> Resource:
    period = {"start": _at(one.valid_from), "end": _at(one.valid_until)}
    return {name: value for name, value in period.items() if value}


def _note(one: Fact) -> list[Resource]:
    said = f"said by {one.said_by}, {one.verification}, {one.status}"
    until = f" since {_at(one.valid_until)}" if one.valid_until else ""
    return [{"text": f"{one.text} ({said}{until})"}]


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
