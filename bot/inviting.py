"""Who is let in: one-time links for patients, carers, nurses and their groups."""

from __future__ import annotations

import secrets
from datetime import timedelta

from bot.bootstrap import House
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.patient import Patient, PatientStatus

INVITED_FOR = timedelta(days=7)


def enrol(house: House, language: str, name: str, member_id: str) -> str:
    """A new patient; returns the one-time link (without Telegram: the code) for the chat."""
    now = house.services.clock()
    patient_id = PatientId(secrets.token_hex(16))
    code = secrets.token_urlsafe(16)  # 128 bits; only its hash is kept
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
        work.invitations.add(
            code, purpose="patient", subject=patient_id, expires_at=now + INVITED_FOR
        )
        work.audit.add(
            AuditEvent(
                at=now,
                actor=member_id,
                type="patient.invited",
                subject=patient_id,
                patient_id=patient_id,
            )
        )
    return link(house, code)


def invite(house: House, purpose: str, subject: str) -> str:
    """A one-time link: for a nurse ("member", id), a nurses' group ("group", language), or a
    patient or their carer ("patient", "carer", the patient's id)."""
    code = secrets.token_urlsafe(16)
    now = house.services.clock()
    with house.store.unit_of_work() as work:
        work.invitations.add(code, purpose=purpose, subject=subject, expires_at=now + INVITED_FOR)
    return link(house, code, group=purpose == "group")


def carer_link(house: House, patient_id: PatientId, member_id: str) -> str:
    """A one-time link for a carer of this patient, who is asked what they may hear."""
    made = invite(house, "carer", patient_id)
    with house.store.unit_of_work() as work:
        work.audit.add(
            AuditEvent(
                at=house.services.clock(),
                actor=member_id,
                type="carer.invited",
                subject=patient_id,
                patient_id=patient_id,
            )
        )
    return made


def link(house: House, code: str, *, group: bool = False) -> str:
    """What the invited person opens, or the code where no bot's name is known yet."""
    username = getattr(house.telegram, "username", "")
    if not username:
        return code
    return f"https://t.me/{username}?{'startgroup' if group else 'start'}={code}"
