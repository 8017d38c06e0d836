"""Room 7, the gate: every word to a patient is reviewed here and becomes a row."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import safety
from bot.domain.message import Direction, Message
from bot.domain.outbox import USEFUL_FOR, Draft, MessageClass, OutboxState, Parcel
from bot.domain.patient import Contact, Patient, PatientStatus, Purpose
from bot.domain.quiet import allowed_from
from bot.domain.slots import moment
from bot.ports import UnitOfWork
from prompts import say

_log = logging.getLogger(__name__)

#: What a person must have agreed to before the bot writes of its own accord.
_NEEDS = {
    MessageClass.CHECK_IN: Purpose.REMINDERS,
    MessageClass.CLINICAL: Purpose.REMINDERS,
    MessageClass.EDUCATION: Purpose.CARE_MESSAGES,
    MessageClass.ADMIN: Purpose.CARE_MESSAGES,
}
#: No ordinary text twice to the same person inside this time: the guard against every loop.
_SAME_WORDS = timedelta(hours=1)
#: More ordinary messages than this a day are a nuisance, whatever caused them.
_A_DAY = 6
#: Replies and emergencies answer a person who wrote; STOP does not silence them.
_ANSWERS = (MessageClass.EMERGENCY, MessageClass.REPLY)


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What became of a draft."""

    message: Message | None  #: None: it was not put in the post
    blocked: tuple[str, ...] = ()  #: rules of the review that the draft broke


def short_id(*parts: object) -> str:
    """An id derived from what it stands for: the same parts always give the same 24 characters."""
    return hashlib.sha256("/".join(str(part) for part in parts).encode()).hexdigest()[:24]


def review(
    draft: Draft,
    patient: Patient,
    *,
    tier: safety.Tier | None = None,
    nurse_status_true: bool = False,
) -> tuple[str, ...]:
    """The rules that ``draft`` breaks; empty: it may be said."""
    context = safety.ReviewContext(
        language="zh" if patient.language == "zh" else "en",
        allowed_numbers=draft.numbers,
        patient_names=frozenset({patient.name} - {""}),
        approved=draft.approved,
        flagged_tier=tier,
        nurse_status_true=nurse_status_true,
    )
    verdict = safety.review(draft.text, context)
    broken = dict.fromkeys(reason.rule for reason in verdict.reasons)
    if draft.bilingual:
        broken.pop("wrong_language", None)
    return tuple(broken)


def preferred(contacts: Sequence[Contact]) -> Contact | None:
    """Where to write first: a chat that can be reached, the phone before the demo page."""
    reachable = [contact for contact in contacts if contact.reachable]
    return min(reachable, key=lambda c: (c.channel != "telegram", c.channel), default=None)


def may_write(patient: Patient, message_class: MessageClass) -> bool:
    """STOP, pause and consent: may the bot write this class of message to this person?"""
    if message_class in _ANSWERS:
        return patient.status is not PatientStatus.ERASED
    return patient.may_be_written_to and _NEEDS[message_class] in patient.consents


def to_patient(
    work: UnitOfWork,
    patient: Patient,
    draft: Draft,
    *,
    key: str,
    message_class: MessageClass,
    now: datetime,
    contact: Contact | None = None,
    author: str = "bot",
    tier: safety.Tier | None = None,
    nurse_status_true: bool = False,
    chosen_hour: bool = False,
) -> Posted:
    """Review ``draft`` and put it in the post once for ``key``.

    A bot's draft that breaks a rule is replaced by approved words and its rules are returned; a
    person's is not sent at all, so that the person can reword it. ``chosen_hour``: the patient
    chose this time of day, so quiet hours do not hold it.
    """
    if not may_write(patient, message_class):
        return Posted(message=None)
    contact = contact or preferred(work.patients.contacts(patient.id))
    if contact is None:
        return Posted(message=None)
    broken = review(draft, patient, tier=tier, nurse_status_true=nurse_status_true)
    if broken and author != "bot":
        return Posted(message=None, blocked=broken)
    if broken and draft.approved and message_class is MessageClass.EMERGENCY:
        # The fixed words with the number to call are worth more than any rule they may touch.
        _log.error("approved emergency words break %s: mend the words or the rule", broken)
        broken = ()
    if broken:
        draft = replace(draft, text=say("answer.withheld", patient.language), picture=None)
    message = Message(
        id=key,
        patient_id=patient.id,
        direction=Direction.OUTBOUND,
        author=author,
        text=draft.text,
        at=now,
    )
    allowed = _manners(work, patient, draft, message_class, now, chosen_hour=chosen_hour)
    if allowed is None:
        return Posted(message=None)
    useful = USEFUL_FOR[message_class]
    parcel = Parcel(
        key=key,
        channel=contact.channel,
        bot=contact.bot,
        address=contact.address,
        patient_id=patient.id,
        message_class=message_class,
        text=draft.text,
        buttons=draft.buttons,
        picture=draft.picture,
        message_id=key,
        created_at=now,
        not_before=allowed,
        useless_after=allowed + useful if useful else None,
        state=OutboxState.HELD if allowed > now else OutboxState.NEW,
    )
    if work.outbox.add(parcel):
        work.conversation.add(message)
    return Posted(message=message, blocked=broken)


def _manners(
    work: UnitOfWork,
    patient: Patient,
    draft: Draft,
    message_class: MessageClass,
    now: datetime,
    *,
    chosen_hour: bool,
) -> datetime | None:
    """When an ordinary message of the bot's own accord may go; None: enough has been said.

    Clinical words, emergencies and answers are exempt.
    """
    if message_class < MessageClass.CHECK_IN:
        return now
    if work.outbox.said_since(patient.id, draft.text, now - _SAME_WORDS):
        return None
    midnight = moment(now.astimezone(patient.zone).date(), "00:00", patient.zone)
    if work.outbox.begun_since(patient.id, midnight) >= _A_DAY:
        return None
    return now if chosen_hour else allowed_from(patient, now)
