"""Rooms 2 and 3: read a kept update, screen it, and escalate before anything else happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import safety
from bot.conversation.judged import limits_in, note_verdict, note_words
from bot.conversation.screening import WORDS, screened
from bot.conversation.strangers import answer_stranger
from bot.conversation.taps import is_team_tap
from bot.domain.message import Direction, Incoming, Kind, Message, PatientId
from bot.domain.outbox import Draft, MessageClass
from bot.domain.patient import Contact, Patient, Purpose
from bot.escalations.after_emergency import answer_call, is_call_tap
from bot.escalations.begin import begin_for
from bot.escalations.climb import climb_one
from bot.escalations.status import nurse_status
from bot.ports import Services, UnitOfWork, Waiting
from bot.post import short_id, to_patient
from safety import PatientFacts, Tier, Verdict

LEASE = timedelta(seconds=30)
BATCH = 50


def claim(services: Services) -> list[Waiting]:
    """Take what waits at the door, in order; ``hear`` each of them within the lease."""
    now = services.clock()
    with services.store.claiming() as work:
        return work.inbox.claim_new(now, LEASE, BATCH)


def read(row: Waiting, services: Services) -> Incoming:
    """What the update says. Raises ValueError when nobody can read it."""
    channel = services.channels.get(row.update.channel)
    if channel is None:
        raise ValueError(f"no channel {row.update.channel}")
    return channel.parse(row.update)


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


def hear(row: Waiting, services: Services) -> None:
    """Read and screen one update: keep it, escalate it, or end it, in one transaction."""
    now = services.clock()
    try:
        incoming = read(row, services)
    except ValueError:
        with services.store.unit_of_work() as work:
            work.inbox.set_aside(row.id, "cannot be read")
        services.bells.ring("console")
        return
    with services.store.unit_of_work() as work:
        contact = work.patients.contact_at(incoming.channel, incoming.bot, incoming.address)
        patient = work.patients.get(contact.patient_id) if contact else None
        if contact is None or patient is None or not incoming.private or is_team_tap(incoming):
            answer_stranger(work, row, incoming, services, now)
            services.bells.ring("outbox")
        else:
            _hear(work, row, incoming, patient, contact, services, now)
    services.bells.ring("turns")


def _hear(
    work: UnitOfWork,
    row: Waiting,
    incoming: Incoming,
    patient: Patient,
    contact: Contact,
    services: Services,
    now: datetime,
) -> None:
    """Keep the message; for an emergency commit the escalation and the first words with it."""
    if not contact.reachable and incoming.kind is not Kind.BLOCKED:
        # Who writes can be reached. Whether the bot may begin is another matter: see /start.
        work.patients.reachable(contact.channel, contact.bot, contact.address, True)
    message = message_of(incoming, patient.id)
    if is_call_tap(incoming):  # at once, never behind a slow turn
        answer_call(work, patient, incoming, services, now)
        work.inbox.done(row.id)
        return
    seen = screened(work, incoming, patient, message.id, now)
    verdict = seen.verdict
    allowed = Purpose.CARE_MESSAGES in patient.consents
    if verdict.findings or (incoming.kind in WORDS and allowed):
        work.conversation.add(message)  # before consent only what a person must see is kept
    if incoming.attachment is not None and allowed:
        work.conversation.attach(
            message, incoming.attachment, channel=incoming.channel, bot=incoming.bot
        )
    if verdict.findings or (incoming.kind in WORDS and incoming.text and allowed):
        note_verdict(work, verdict, message, seen.facts, seen.readings, now)
    if seen.words:  # said in pieces: the nurse reads them together, as they were judged
        message = replace(message, text=seen.words)
    escalate(work, verdict, message, patient, contact, services, now, facts=seen.facts)
    work.inbox.screened(row.id, patient.id, f"patient:{patient.id}")


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
        # An emergency that is only asked about waits on the nurses' list, never in silence.
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
    )
    services.bells.ring("outbox", "console")
