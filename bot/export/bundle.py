"""Gather what the rows hold about one patient into one FHIR R4 Bundle."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bot.domain.message import PatientId
from bot.domain.patient import Purpose
from bot.export import resources as fhir
from bot.export import trail
from bot.export.carers import carer
from bot.export.cases import case
from bot.export.facts import fact
from bot.fhir import urn
from bot.ports import Reading

_ALL = 1_000_000  #: rows of one kind: more than anybody has
_BEGIN, _END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Resource = dict[str, Any]


def bundle(rows: Reading, patient_id: PatientId) -> dict[str, Any]:
    """A Bundle of type collection. Raises KeyError for an unknown patient, KeyMissing if erased."""
    entries = [
        {"fullUrl": urn(one["resourceType"], one.pop("_ours")), "resource": one}
        for one in _resources(rows, patient_id)
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _resources(rows: Reading, patient_id: PatientId) -> Iterator[Resource]:
    patient = rows.patients.get(patient_id)
    if patient is None:
        raise KeyError(patient_id)
    subject = {"reference": urn("Patient", patient.id)}
    yield fhir.patient(patient, rows.patients.contacts(patient_id))
    yield from (fhir.consent(patient, purpose, subject) for purpose in Purpose)
    yield from (fhir.entry(one, subject) for one in rows.clinical.of(patient_id, ended=True))
    yield from (carer(one, subject) for one in rows.carers.of(patient_id, ended=True))
    observations = rows.record.observations(patient_id, limit=_ALL)
    yield from (fhir.observation(one, subject) for one in observations)
    yield from (fact(one, subject) for one in rows.facts.of(patient_id, everything=True))
    yield from (fhir.memory(one, subject) for one in rows.record.memories(patient_id))
    yield from (fhir.assessment(one, subject) for one in rows.record.assessments(patient_id))
    for message in rows.conversation.latest(patient_id, _ALL):
        yield fhir.message(message, subject)
        file = rows.conversation.file(message.id) if message.kind in fhir.WITH_FILES else None
        if file is not None and file[1] is not None:
            yield fhir.media(message, file[0], file[1], subject)
    yield from (fhir.schedule(one, subject) for one in rows.checkins.schedules(patient_id))
    checkins = rows.checkins.between(patient_id, _BEGIN, _END)
    yield from (fhir.checkin(one, subject) for one in checkins)
    yield from (fhir.matter(one, subject) for one in rows.escalations.of_patient(patient_id))
    mine = rows.cases.of(patient_id)
    yield from (case(one, number, patient.id, subject) for number, one in enumerate(mine))
    names = trail.names(rows, patient_id, patient.language)
    for number, event in enumerate(trail.seen(rows, patient_id)):
        yield fhir.audit(event, number, names.get(event.actor, event.actor), subject)
