"""Everything held about one patient, in the words of FHIR R4."""

from __future__ import annotations

from typing import Any

from bot.domain.clinical import EntryKind
from bot.domain.message import Direction, PatientId
from bot.domain.observation import Observation
from bot.domain.patient import Purpose
from bot.occurrences import rule_of
from bot.ports import Reading

_ENTRY = {
    EntryKind.CONDITION: "Condition",
    EntryKind.MEDICINE: "MedicationStatement",
    EntryKind.PREGNANT: "Condition",
    EntryKind.BIRTH: "Condition",
    EntryKind.LIMIT: "Goal",
}


def bundle(rows: Reading, patient_id: PatientId) -> dict[str, Any]:
    """A Bundle of type collection. Raises KeyError for an unknown patient, KeyMissing if erased."""
    patient = rows.patients.get(patient_id)
    if patient is None:
        raise KeyError(patient_id)
    subject = {"reference": f"Patient/{patient.id}"}
    resources: list[dict[str, Any]] = [
        {
            "resourceType": "Patient",
            "id": patient.id,
            "active": patient.may_be_written_to,
            "name": [{"text": patient.name}] if patient.name else [],
            "gender": patient.sex or "unknown",
            "birthDate": str(patient.birth_date) if patient.birth_date else None,
            "communication": [{"language": {"text": patient.language}, "preferred": True}],
            "address": [{"country": patient.country, "city": patient.city or None}],
        }
    ]
    resources += [
        _observation(o, subject) for o in rows.record.observations(patient_id, limit=100_000)
    ]
    resources += [
        {
            "resourceType": "Communication",
            "id": message.id,
            "status": "completed",
            "subject": subject,
            "sent": message.at.isoformat(),
            "sender": {"display": message.author},
            "payload": [{"contentString": message.text}],
            "category": [
                {"text": "inbound" if message.direction is Direction.INBOUND else "outbound"}
            ],
        }
        for message in rows.conversation.latest(patient_id, 100_000)
    ]
    resources += [
        {
            "resourceType": "RiskAssessment",
            "id": a.id,
            "status": "final",
            "subject": subject,
            "occurrenceDateTime": a.occurred_at.isoformat(),
            "method": {"text": f"{a.method} {a.version}"},
            "prediction": [
                {
                    "outcome": {"text": a.prediction.outcome},
                    "probabilityDecimal": a.prediction.probability,
                }
            ],
        }
        for a in rows.record.assessments(patient_id)
    ]
    resources += [
        {
            "resourceType": "Basic",
            "id": memory.id,
            "subject": subject,
            "created": memory.recorded_at.date().isoformat(),
            "code": {"text": f"memory of a {memory.kind}, said by {memory.said_by}"},
            "text": memory.text,
        }
        for memory in rows.record.memories(patient_id)
    ]
    resources += [
        {
            "resourceType": _ENTRY[entry.kind],
            "id": entry.id,
            "status": "inactive" if entry.ended_at else "active",
            "subject": subject,
            "code": {"text": f"{entry.kind.value}: {entry.name}"},
            "valueQuantity": None if entry.value is None else {"value": entry.value},
            "recordedDate": entry.set_at.isoformat(),
        }
        for entry in rows.clinical.of(patient_id, ended=True)
    ]
    resources += [
        {
            "resourceType": "Consent",
            "id": f"{patient.id}-{purpose.value}",
            "status": "active",
            "patient": subject,
            "category": [{"text": purpose.value}],
            "provision": {"type": "permit" if purpose in patient.consents else "deny"},
        }
        for purpose in Purpose
    ]
    resources += [
        {
            "resourceType": "CommunicationRequest",
            "id": schedule.id,
            "status": "active",
            "subject": subject,
            "category": [{"text": schedule.kind}],
            "payload": [{"contentString": schedule.what}] if schedule.what else [],
            "note": [{"text": rule_of(schedule).brief()}],
        }
        for schedule in rows.checkins.schedules(patient_id)
    ]
    resources += [
        {
            "resourceType": "Task",
            "id": e.id,
            "status": "completed" if e.completed_at else "in-progress",
            "intent": "order",
            "for": subject,
            "priority": e.tier,
            "code": {"text": e.reason},
            "authoredOn": e.created_at.isoformat(),
        }
        for e in rows.escalations.of_patient(patient_id)
    ]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": resource} for resource in resources],
    }


def _observation(o: Observation, subject: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {"valueQuantity": {"value": o.value, "unit": o.unit}}
    if o.diastolic is not None:
        values = {
            "component": [
                {"code": {"text": name}, "valueQuantity": {"value": value, "unit": o.unit}}
                for name, value in (("systolic", o.value), ("diastolic", o.diastolic))
            ]
        }
    return {
        "resourceType": "Observation",
        "id": o.id,
        "status": o.status.value,
        "code": {"text": o.code},
        "subject": subject,
        "effectiveDateTime": o.at.isoformat(),
        "note": [{"text": o.said}] if o.said else [],
        **values,
    }
