"""A patient has died: everything the bot would say stops, and no family is asked how it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.patient import Dialogue, Patient, PatientStatus
from bot.escalations.accept import NotFound
from bot.occurrences import plan_now
from bot.ports import Services, UnitOfWork

MARKED = "patient.deceased"
STOPPED = "patient.stopped"  #: by a turn, whatever the status was


def mark_deceased(services: Services, patient_id: PatientId, member_id: str) -> None:
    """No message leaves any more, whatever it is; what waits in the post is denied."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        patient = _known(work, patient_id, member_id)
        if patient.status is PatientStatus.DECEASED:
            return
        work.patients.save(replace(patient, status=PatientStatus.DECEASED))
        was = {"was": patient.status.value} | silence(work, patient_id)
        work.audit.add(_event(MARKED, patient_id, member_id, now, was))
    services.bells.ring("console")


def silence(work: UnitOfWork, patient_id: PatientId) -> dict[str, object]:
    """Nothing that waits is sent or asked any more; how much that was."""
    work.patients.save_dialogue(Dialogue(patient_id=patient_id))
    denied = work.outbox.silence(patient_id)
    cancelled = work.checkins.cancel_due(patient_id)
    work.checkins.cancel([asked.id for asked in work.checkins.open_for(patient_id)])
    return {"denied": denied, "cancelled": cancelled}


def unmark_deceased(services: Services, patient_id: PatientId, member_id: str) -> None:
    """It was marked by mistake: the patient stands where they stood before."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        patient = _known(work, patient_id, member_id)
        if patient.status is not PatientStatus.DECEASED:
            return
        patient = replace(patient, status=_stood(work, patient_id))
        work.patients.save(patient)
        if patient.status.planned:
            plan_now(work, work.checkins.schedules(patient_id), patient, now)
        detail: dict[str, object] = {"is": patient.status.value}
        work.audit.add(_event("patient.not_deceased", patient_id, member_id, now, detail))
    services.bells.ring("console")


def _stood(work: UnitOfWork, patient_id: PatientId) -> PatientStatus:
    """Where the patient stood before; a STOP that came since counts."""
    marked = work.watch.last(patient_id, MARKED)
    if marked is None:
        return PatientStatus.STOPPED
    was = PatientStatus(str(marked.detail["was"]))
    newest = work.watch.last(patient_id, MARKED, STOPPED)
    return PatientStatus.STOPPED if was.planned and newest != marked else was


def _known(work: UnitOfWork, patient_id: PatientId, member_id: str) -> Patient:
    patient = work.patients.get(patient_id)
    if patient is None or work.care_team.get(member_id) is None:
        raise NotFound
    return patient


def _event(
    kind: str, patient_id: PatientId, member_id: str, now: datetime, detail: dict[str, object]
) -> AuditEvent:
    return AuditEvent(
        at=now,
        actor=member_id,
        type=kind,
        subject=patient_id,
        patient_id=patient_id,
        detail=detail,
    )
