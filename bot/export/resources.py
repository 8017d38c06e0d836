"""Our rows as FHIR R4 resources, one function a kind."""

from __future__ import annotations

import base64
from datetime import datetime
from html import escape
from typing import Any

from bot.domain.checkin import CheckIn, CheckInState, Schedule
from bot.domain.clinical import ClinicalEntry, EntryKind
from bot.domain.escalation import AuditEvent, Escalation, EscalationState
from bot.domain.message import TO_CARER, Attachment, Direction, Kind, Message
from bot.domain.observation import Observation
from bot.domain.patient import CONSENT_VERSION, Contact, Patient, Purpose
from bot.fhir import coded, fhir_id
from bot.fhir.codes import LOINC, UCUM, part
from bot.occurrences import rule_of
from memory import Memory
from risk import RiskAssessment

Resource = dict[str, Any]
WITH_FILES = (Kind.PHOTO, Kind.VOICE, Kind.FILE)
_HL7 = "http://terminology.hl7.org/CodeSystem"
_PRIORITY = {"P0": "stat", "P1": "asap", "P2": "urgent", "P3": "routine"}
_TASK = {
    EscalationState.REQUESTED: "requested",
    EscalationState.DELIVERED: "received",
    EscalationState.ACCEPTED: "accepted",
    EscalationState.CONTACT_MADE: "in-progress",
    EscalationState.COMPLETED: "completed",
}
_ASKED = {
    CheckInState.DUE: "requested",
    CheckInState.ASKED: "in-progress",
    CheckInState.ANSWERED: "completed",
    CheckInState.MISSED: "failed",
    CheckInState.CANCELLED: "cancelled",
}


def made(kind: str, ours: str, **fields: Any) -> Resource:
    """A resource without empty fields; ``_ours`` names it for the Bundle and is taken out there."""
    filled = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    return {"resourceType": kind, "id": fhir_id(kind, ours), "_ours": ours, **filled}


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def patient(one: Patient, contacts: list[Contact]) -> Resource:
    return made(
        "Patient",
        one.id,
        active=one.may_be_written_to,
        name=[{"text": one.name}] if one.name else [],
        gender=one.sex or "unknown",
        birthDate=one.birth_date.isoformat() if one.birth_date else None,
        communication=[
            {
                "language": {
                    "coding": [
                        {
                            "system": "urn:ietf:bcp:47",
                            "code": "zh-CN" if one.language == "zh" else one.language,
                        }
                    ]
                },
                "preferred": True,
            }
        ],
        address=[
            {k: v for k, v in (("country", one.country), ("city", one.city)) if v}
        ] if one.country or one.city else [],
        telecom=[{"system": "other", "value": f"{c.channel}: {c.address}"} for c in contacts],
    )  # fmt: skip


_QUESTIONS = f"questions of {CONSENT_VERSION}"


def consent(one: Patient, purpose: Purpose, subject: Resource) -> Resource:
    return made(
        "Consent",
        f"{one.id}/{purpose.value}",
        status="active" if purpose in one.consents else "inactive",
        scope={"coding": [{"system": f"{_HL7}/consentscope", "code": "patient-privacy"}]},
        category=[{"text": purpose.value}],
        patient=subject,
        policyRule={"text": "earlier questions" if purpose in one.outdated else _QUESTIONS},
        provision={"type": "permit" if purpose in one.consents else "deny"},
    )


def entry(one: ClinicalEntry, subject: Resource) -> Resource:
    """What the care team knows: conditions, medicines, limits, pregnancy."""
    over = one.ended_at is not None
    text = {"text": one.name}
    if one.kind is EntryKind.CONDITION:
        status = {"system": f"{_HL7}/condition-clinical", "code": "inactive" if over else "active"}
        return made(
            "Condition", one.id, clinicalStatus={"coding": [status]}, code=text, subject=subject,
            recordedDate=_at(one.set_at), abatementDateTime=_at(one.ended_at),
        )  # fmt: skip
    if one.kind is EntryKind.MEDICINE:
        return made(
            "MedicationStatement", one.id, status="stopped" if over else "active",
            medicationCodeableConcept=text, subject=subject, dateAsserted=_at(one.set_at),
        )  # fmt: skip
    if one.kind is EntryKind.LIMIT:
        value = f"{one.name}: {one.value:g}" if one.value is not None else one.name
        return made(
            "Goal", one.id, lifecycleStatus="completed" if over else "active",
            description={"text": value}, subject=subject, startDate=one.set_at.date().isoformat(),
        )  # fmt: skip
    return made(
        "Observation", one.id, status="final", code={"text": one.kind.value}, subject=subject,
        effectiveDateTime=_at(one.set_at), valueString=one.name,
    )  # fmt: skip


def observation(one: Observation, subject: Resource) -> Resource:
    known = coded(one.code)
    quantity: dict[str, Any] = {"value": one.value, "unit": one.unit or None}
    if known is not None and known.ucum:
        quantity |= {"system": UCUM, "code": known.ucum}
    quantity = {name: value for name, value in quantity.items() if value is not None}
    values: dict[str, Any] = {"valueQuantity": quantity}
    if one.diastolic is not None:
        values = {
            "component": [
                {
                    "code": {"coding": [{"system": LOINC, "code": part(name)}], "text": name},
                    "valueQuantity": {**quantity, "value": value},
                }
                for name, value in (("systolic", one.value), ("diastolic", one.diastolic))
            ]
        }
    return made(
        "Observation",
        one.id,
        status=one.status.value,
        code=known.concept(one.code) if known is not None else {"text": one.code},
        subject=subject,
        effectiveDateTime=_at(one.at),
        note=[{"text": one.said}] if one.said else [],
        **values,
    )


def memory(one: Memory, subject: Resource) -> Resource:
    """What is remembered; FHIR has no resource for it, so its words are the narrative."""
    return made(
        "Basic",
        one.id,
        code={"text": f"memory of a {one.kind}, {one.status}, said by {one.said_by}"},
        subject=subject,
        created=one.recorded_at.date().isoformat(),
        text={
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{escape(one.text)}</div>',
        },
    )


def assessment(one: RiskAssessment, subject: Resource) -> Resource:
    return made(
        "RiskAssessment",
        one.id,
        status="final",
        subject=subject,
        occurrenceDateTime=_at(one.occurred_at),
        method={"text": f"{one.method} {one.version}"},
        prediction=[
            {
                name: value
                for name, value in {
                    "outcome": {"text": one.prediction.outcome},
                    "probabilityDecimal": one.prediction.probability,
                    "qualitativeRisk": {"text": one.category} if one.category else None,
                    "rationale": one.citation,
                }.items()
                if value
            }
        ],
        note=[{"text": f"{one.points:g} points"}] if one.points is not None else None,
    )


def message(one: Message, subject: Resource) -> Resource:
    inbound, aside = one.direction is Direction.INBOUND, one.author == TO_CARER
    return made(
        "Communication",
        one.id,
        status="completed",
        subject=subject,
        sent=_at(one.at),
        sender=subject if one.author == "patient" else {"display": "bot" if aside else one.author},
        recipient=[{"display": "carer"}] if aside else None,
        payload=[{"contentString": one.text}] if one.text.strip() else [],
        category=[{"text": "inbound" if inbound else "outbound"}],
    )


def media(one: Message, file: Attachment, content: bytes, subject: Resource) -> Resource:
    return made(
        "Media",
        f"{one.id}/file",
        status="completed",
        subject=subject,
        createdDateTime=_at(one.at),
        content={
            "contentType": file.media_type,
            "data": base64.b64encode(content).decode(),
            **({"title": file.name} if file.name else {}),
        },
    )


def schedule(one: Schedule, subject: Resource) -> Resource:
    return made(
        "CommunicationRequest",
        one.id,
        status="active",
        subject=subject,
        category=[{"text": one.kind}],
        payload=[{"contentString": one.what}] if one.what else [],
        note=[{"text": rule_of(one).brief()}],
    )


def checkin(one: CheckIn, subject: Resource) -> Resource:
    return made(
        "Task",
        one.id,
        status=_ASKED[one.state],
        intent="plan",
        code={"text": f"check-in: {one.kind}"},
        **{"for": subject},
        authoredOn=_at(one.due_at),
        output=[{"type": {"text": "answer"}, "valueString": one.answer}] if one.answer else [],
    )


def matter(one: Escalation, subject: Resource) -> Resource:
    return made(
        "Task",
        one.id,
        status=_TASK[one.state],
        intent="order",
        priority=_PRIORITY.get(one.tier, "routine"),
        code={"text": one.reason},
        **{"for": subject},
        authoredOn=_at(one.created_at),
        note=[{"text": one.outcome}] if one.outcome else [],
    )


def audit(event: AuditEvent, number: int, who: str, subject: Resource) -> Resource:
    return made(
        "AuditEvent",
        f"{event.subject}/{number}",
        type={"system": f"{_HL7}/audit-event-type", "code": "rest", "display": event.type},
        recorded=_at(event.at),
        agent=[{"who": {"display": who}, "requestor": True}],
        source={"observer": {"display": "Ankang"}},
        entity=[{"what": subject}],
    )
