"""A code makes somebody a patient's carer; the patient is asked what they may hear."""

from __future__ import annotations

from datetime import datetime

from bot.conversation.carer_words import choice
from bot.domain.carer import Carer
from bot.domain.escalation import AuditEvent
from bot.domain.message import Incoming, PatientId
from bot.domain.outbox import MessageClass
from bot.domain.patient import PatientStatus
from bot.ports import UnitOfWork
from bot.post import short_id, to_patient
from prompts import say


def link(
    work: UnitOfWork,
    incoming: Incoming,
    patient_id: PatientId,
    language: str,
    now: datetime,
) -> str:
    """A carer has opened the link: ask the patient; gives the words for the carer.

    Nothing is shared yet, not even the patient's name, nor whether they can be asked: the words are
    the same where the patient has stopped all messages.
    """
    patient = work.patients.get(patient_id)
    if patient is None or patient.status in (PatientStatus.ERASED, PatientStatus.DECEASED):
        return say("enrol.bad_code", language)
    if work.carers.at(incoming.channel, incoming.bot, incoming.address) is not None:
        return say("carer.taken", language)
    carer = Carer(
        id=short_id("carer", patient_id, incoming.channel, incoming.bot, incoming.address, now),
        patient_id=patient_id,
        channel=incoming.channel,
        bot=incoming.bot,
        address=incoming.address,
        name=" ".join(incoming.sender_name.split())[:60],
        language=language,
        added_at=now,
    )
    work.carers.add(carer)
    event = AuditEvent(
        at=now, actor=carer.id, type="carer.linked", subject=carer.id, patient_id=patient_id
    )
    work.audit.add(event)
    to_patient(
        work,
        patient,
        choice(carer, patient.language, first=True),
        key=f"{carer.id}/ask",
        message_class=MessageClass.ADMIN,
        now=now,
    )
    return say("carer.linked", language)
