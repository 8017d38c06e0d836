"""What a verdict calls for: the first words and pages at once, or a place on the nurses' list."""

from __future__ import annotations

from datetime import datetime

import safety
from bot.conversation.judged import limits_in, note_words
from bot.domain.message import Direction, Incoming, Message, PatientId
from bot.domain.outbox import Draft, MessageClass
from bot.domain.patient import Contact, Patient
from bot.escalations.begin import begin_for
from bot.escalations.climb import climb_one
from bot.escalations.status import nurse_status
from bot.ports import Services, UnitOfWork
from bot.post import short_id, to_patient
from safety import PatientFacts, Tier, Verdict


def message_id(incoming: Incoming) -> str:
    """Derived: a redelivered update is the same message."""
    return short_id("message", incoming.channel, incoming.bot, incoming.external_id)


def message_of(incoming: Incoming, patient_id: PatientId) -> Message:
    """What a patient said, as it is kept."""
    return Message(
        id=message_id(incoming),
        patient_id=patient_id,
        direction=Direction.INBOUND,
        author="patient",
        text=incoming.text,
        at=incoming.sent_at,
        kind=incoming.kind,
    )


def escalate(
    work: UnitOfWork,
    verdict: Verdict,
    message: Message,
    patient: Patient,
    contact: Contact,
    services: Services,
    now: datetime,
    *,
    facts: PatientFacts,
) -> None:
    """What the findings call for: the first words and pages at once, or a place on the list."""
    if verdict.tier is Tier.P0 and not verdict.asked:
        raise_emergency(work, verdict, message, patient, contact, services, now, facts=facts)
    elif verdict.findings:
        enlist(work, verdict, message, now, facts=facts)


def enlist(
    work: UnitOfWork, verdict: Verdict, message: Message, now: datetime, *, facts: PatientFacts
) -> None:
    """A place on the nurses' list: for an emergency that is only asked about, too."""
    tier = Tier.P2 if verdict.asked else verdict.tier
    begin_for(work, verdict, message, now, tier=tier, limits=limits_in(verdict, facts))


def raise_emergency(
    work: UnitOfWork,
    verdict: Verdict,
    message: Message,
    patient: Patient,
    contact: Contact,
    services: Services,
    now: datetime,
    *,
    facts: PatientFacts,
) -> None:
    """The escalation, its first pages and the fixed first words, in the caller's transaction."""
    words = begin_emergency(work, verdict, message, patient, services, now, facts=facts)
    to_patient(
        work,
        patient,
        Draft(text=words, approved=True),
        key=f"{message.id}/first",
        message_class=MessageClass.EMERGENCY,
        now=now,
        contact=contact,
        tier=Tier.P0,
        nurse_status_true=True,
        clinic_phone=services.clinic.team_phone,
    )
    services.bells.ring("console")


def begin_emergency(
    work: UnitOfWork,
    verdict: Verdict,
    message: Message,
    patient: Patient,
    services: Services,
    now: datetime,
    *,
    facts: PatientFacts,
) -> str:
    """The escalation and its first pages; gives the fixed first words for whoever wrote."""
    escalation = begin_for(
        work, verdict, message, now, tier=Tier.P0, limits=limits_in(verdict, facts)
    )
    if escalation.step == 0:
        climb_one(work, escalation, services, now)
    phone, pager = services.clinic.team_phone, "pager" in services.channels
    status = nurse_status(
        work, patient.language, now=now, phone=phone, escalation=escalation, pager=pager
    )
    words = safety.first_message(
        verdict, patient=facts, nurse_status=status, team_phone=services.clinic.team_phone
    )
    note_words(work, message, [words], now)
    return words
