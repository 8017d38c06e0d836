"""Who is let in: one-time links for patients, carers, nurses and their groups."""

from __future__ import annotations

import secrets
from datetime import timedelta

from bot.bootstrap import House
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.patient import Patient, PatientStatus
from bot.ports import UnitOfWork

INVITED_FOR = timedelta(days=7)


def enrol(house: House, language: str, name: str, member_id: str) -> str:
    """A new patient; returns the one-time link (without Telegram: the code) for the chat."""
    now = house.services.clock()
    patient_id = PatientId(secrets.token_hex(16))
    with house.store.unit_of_work() as work:
        work.patients.add(
            Patient(
                id=patient_id,
                status=PatientStatus.ENROLLED,
                language=language if language in ("en", "zh") else "en",
                name=name.strip()[:60],
                created_at=now,
            )
        )
        code = _invited(house, work, "patient", patient_id)
        _audit(house, work, "patient.invited", patient_id, member_id)
    return link(house, code)


def invite(house: House, purpose: str, subject: str) -> str:
    """A one-time link: for a nurse ("member", id), a nurses' group ("group", language), or a
    patient ("patient", the patient's id)."""
    with house.store.unit_of_work() as work:
        code = _invited(house, work, purpose, subject)
    return link(house, code, group=purpose == "group")


def carer_link(house: House, patient_id: PatientId, member_id: str) -> str:
    """A one-time link for a carer of this patient, who is asked what they may hear."""
    with house.store.unit_of_work() as work:
        code = _invited(house, work, "carer", patient_id)
        _audit(house, work, "carer.invited", patient_id, member_id)
    return link(house, code)


def _invited(house: House, work: UnitOfWork, purpose: str, subject: str) -> str:
    """A new code of 128 bits; only its hash is kept."""
    code = secrets.token_urlsafe(16)
    until = house.services.clock() + INVITED_FOR
    work.invitations.add(code, purpose=purpose, subject=subject, expires_at=until)
    return code


def _audit(
    house: House, work: UnitOfWork, type_: str, patient_id: PatientId, member_id: str
) -> None:
    work.audit.add(
        AuditEvent(
            at=house.services.clock(),
            actor=member_id,
            type=type_,
            subject=patient_id,
            patient_id=patient_id,
        )
    )


def link(house: House, code: str, *, group: bool = False) -> str:
    """What the invited person opens, or the code where no bot's name is known yet."""
    username = getattr(house.telegram, "username", "")
    if not username:
        return code
    return f"https://t.me/{username}?{'startgroup' if group else 'start'}={code}"
