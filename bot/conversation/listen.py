"""Rooms 2 and 3: read a kept update, screen it, and escalate before anything else happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.conversation.carers import hear as hear_carer
from bot.conversation.emergency import escalate, message_of
from bot.conversation.judged import note_verdict
from bot.conversation.screening import WORDS, screened
from bot.conversation.strangers import answer_stranger
from bot.conversation.taps import is_team_tap
from bot.domain.message import Incoming, Kind
from bot.domain.patient import Contact, Patient, Purpose
from bot.escalations.after_emergency import answer_call, is_call_tap
from bot.ports import Services, UnitOfWork, Waiting

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
        writer = work.patients.writer(incoming.channel, incoming.bot, incoming.address)
        carer = None
        if writer is None and incoming.private and not is_team_tap(incoming):
            carer = work.carers.at(incoming.channel, incoming.bot, incoming.address)
        if carer is not None:
            hear_carer(work, row, incoming, carer, services)
        elif writer is None or not incoming.private or is_team_tap(incoming):
            answer_stranger(work, row, incoming, services, now)
        else:
            contact, patient = writer
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
        answer_call(work, patient, contact, incoming, services, now)
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
