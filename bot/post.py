"""Room 7, the gate: every word to a patient is reviewed here and becomes a row."""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import safety
from bot.domain.message import Direction, Message, PatientId
from bot.domain.outbox import USEFUL_FOR, Draft, MessageClass, OutboxState, Parcel, Said
from bot.domain.patient import Contact, Patient, PatientStatus, Pause, Purpose
from bot.domain.quiet import allowed_from
from bot.domain.slots import moment
from bot.ports import UnitOfWork
from bot.whom_to_call import number_to_call
from prompts import say

_judged: dict[bytes, tuple[str, ...]] = {}
_JUDGED = 20_000
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
#: Nor a clinical one inside this: "later" asks again after half an hour, a loop does at once.
_SAME_CLINICAL = timedelta(minutes=10)
#: More ordinary messages than this a day are a nuisance, whatever caused them.
_A_DAY = 6
#: Replies and emergencies answer a person who wrote; STOP does not silence them.
ANSWERS = (MessageClass.EMERGENCY, MessageClass.REPLY)


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What became of a draft."""

    message: Message | None  #: None: it was not put in the post
    blocked: tuple[str, ...] = ()  #: rules of the review that the draft broke
    held: bool = False  #: the same was said a moment ago, or enough today


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A draft, whom it is for, and why; see ``to_patient`` for the rest."""

    patient: Patient
    draft: Draft
    key: str
    message_class: MessageClass
    contact: Contact | None = None  #: the chat that is answered; None: nobody wrote just now
    author: str = "bot"
    tier: safety.Tier | None = None
    nurse_status_true: bool = False
    chosen_hour: bool = False
    clinic_phone: str = ""


def short_id(*parts: object) -> str:
    """An id derived from what it stands for: the same parts always give the same 24 characters."""
    return hashlib.sha256("/".join(str(part) for part in parts).encode()).hexdigest()[:24]


def review(
    draft: Draft,
    patient: Patient,
    *,
    tier: safety.Tier | None = None,
    nurse_status_true: bool = False,
    by_person: bool = False,
    clinic_phone: str = "",
) -> tuple[str, ...]:
    """The rules that ``draft`` breaks; empty: it may be said.

    ``clinic_phone``: the clinic's own line, which approved words and a nurse may name; it is
    nobody else's number.

    Approved words come again every day: the judgement on the same words about the same person is
    kept, by a digest, so that no words are. Where a model wrote a part, it is judged as a model's.
    """
    if clinic_phone and (draft.approved or by_person):
        draft = replace(draft, text=draft.text.replace(clinic_phone, "·" * len(clinic_phone)))
    if draft.drafted:
        part = replace(draft, text=draft.drafted, approved=False)
        return _read(part, patient, tier, nurse_status_true, by_person) or _read(
            draft, patient, tier, nurse_status_true, by_person
        )
    if not draft.approved:
        return _read(draft, patient, tier, nurse_status_true, by_person)
    same = (draft.text, draft.numbers, draft.bilingual, patient.language, patient.name)
    digest = hashlib.sha256(repr((same, tier, nurse_status_true)).encode()).digest()
    known = _judged.get(digest)
    if known is None:
        known = _read(draft, patient, tier, nurse_status_true, by_person)
        if len(_judged) >= _JUDGED:
            _judged.clear()
        _judged[digest] = known
    return known


def _read(
    draft: Draft,
    patient: Patient,
    tier: safety.Tier | None,
    nurse_status_true: bool,
    by_person: bool,
) -> tuple[str, ...]:
    context = safety.ReviewContext(
        language="zh" if patient.language == "zh" else "en",
        allowed_numbers=draft.numbers,
        patient_names=frozenset({patient.name} - {""}),
        approved=draft.approved,
        flagged_tier=tier,
        nurse_status_true=nurse_status_true,
        by_person=by_person,
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
    if message_class in ANSWERS:
        return patient.status is not PatientStatus.ERASED
    if patient.status is PatientStatus.PAUSED:
        welcome = message_class is MessageClass.CLINICAL and patient.pause is Pause.ORDINARY
    else:
        welcome = patient.may_be_written_to
    return welcome and _NEEDS[message_class] in patient.consents


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
    clinic_phone: str = "",
) -> Posted:
    """Review ``draft`` and put it in the post once for ``key``.

    A bot's draft that breaks a rule is replaced by approved words and its rules are returned; a
    person's is not sent at all, so that the person can reword it. ``chosen_hour``: the patient
    chose this time of day, so quiet hours do not hold it.
    """
    letter = Letter(
        patient=patient,
        draft=draft,
        key=key,
        message_class=message_class,
        contact=contact,
        author=author,
        tier=tier,
        nurse_status_true=nurse_status_true,
        chosen_hour=chosen_hour,
        clinic_phone=clinic_phone,
    )
    return to_patients(work, [letter], now)[0]


def to_patients(work: UnitOfWork, letters: Sequence[Letter], now: datetime) -> list[Posted]:
    """What ``to_patient`` does, for many letters with a few queries in all."""
    reached = {one.patient.id for one in letters if one.contact is None}
    contacts = work.patients.contacts_of(reached) if reached else {}
    guard = _Guard(work, letters, now)
    packed = [
        _pack(one, one.contact or preferred(contacts.get(one.patient.id, [])), guard, now)
        for one in letters
    ]
    parcels = [parcel for _, parcel, _ in packed if parcel is not None]
    work.outbox.add_all(parcels)
    work.conversation.add(*(message for _, _, message in packed if message is not None))
    return [posted for posted, _, _ in packed]


def _pack(
    letter: Letter, contact: Contact | None, guard: _Guard, now: datetime
) -> tuple[Posted, Parcel | None, Message | None]:
    """The gate: one letter as it may be sent, if it may be; and what a nurse sees of it."""
    patient, draft, message_class = letter.patient, letter.draft, letter.message_class
    if contact is None or not may_write(patient, message_class) or _to_the_bereaved(letter):
        return Posted(message=None), None, None
    broken = review(
        draft,
        patient,
        tier=letter.tier,
        nurse_status_true=letter.nurse_status_true,
        by_person=letter.author != "bot",
        clinic_phone=letter.clinic_phone,
    )
    if broken and letter.author != "bot":
        return Posted(message=None, blocked=broken), None, None
    if broken and draft.approved and message_class is MessageClass.EMERGENCY:
        # The fixed words with the number to call are worth more than any rule they may touch.
        _log.error("approved emergency words break %s: mend the words or the rule", broken)
        broken = ()
    if broken:
        words = say("answer.withheld", patient.language, number=number_to_call(patient))
        draft = replace(draft, text=words, picture=None)
    message = Message(
        id=letter.key,
        patient_id=patient.id,
        direction=Direction.OUTBOUND,
        author=letter.author,
        text=draft.text,
        at=now,
    )
    verdict = guard.verdict(letter, draft)
    if verdict is None:
        return Posted(message=None, held=True), None, None
    state, allowed, mark = verdict
    enough = state is OutboxState.ENOUGH
    useful = USEFUL_FOR[message_class]
    parcel = Parcel(
        key=letter.key,
        channel=contact.channel,
        bot=contact.bot,
        address=contact.address,
        patient_id=patient.id,
        message_class=message_class,
        text="" if enough else draft.text,
        buttons=() if enough else draft.buttons,
        picture=None if enough else draft.picture,
        mark="" if enough else mark,
        message_id=letter.key,
        created_at=now,
        not_before=allowed,
        useless_after=allowed + useful if useful else None,
        state=state,
    )
    if enough:
        return Posted(message=None, held=True), parcel, message
    return Posted(message=message, blocked=broken), parcel, message


def _to_the_bereaved(letter: Letter) -> bool:
    """Where a patient has died the house answers and a nurse may write; nothing else is said."""
    begun = letter.contact is None and letter.author == "bot"
    return begun and letter.patient.status is PatientStatus.DECEASED


class _Guard:
    """The manners of one batch: the same words and too many words are held back, also within it.

    Emergencies and answers are exempt; clinical words are held back only where they are the same,
    and for minutes.
    """

    def __init__(self, work: UnitOfWork, letters: Iterable[Letter], now: datetime) -> None:
        self._mark, self._now = work.outbox.mark, now
        ordinary = [one.patient for one in letters if one.message_class not in ANSWERS]
        zones = {patient.timezone: patient.zone for patient in ordinary}
        midnight = {
            name: moment(now.astimezone(zone).date(), "00:00", zone) for name, zone in zones.items()
        }
        self._midnight = {patient.id: midnight[patient.timezone] for patient in ordinary}
        self._said: defaultdict[PatientId, list[Said]] = defaultdict(list)
        if ordinary:
            since = min(*self._midnight.values(), now - _SAME_WORDS)
            known: Mapping[PatientId, list[Said]] = work.outbox.said_since(self._midnight, since)
            self._said.update(known)

    def verdict(self, letter: Letter, draft: Draft) -> tuple[OutboxState, datetime, str] | None:
        """(how it stands in the post, when it may go, the mark of its words); None: the same was
        said a moment ago.

        Beyond the day's ordinary messages a nurse sees as many again as kept back; more is a loop.
        """
        now, patient = self._now, letter.patient
        if letter.message_class in ANSWERS:
            return OutboxState.NEW, now, ""
        said, mark = self._said[patient.id], self._mark(patient.id, draft.text)
        clinical = letter.message_class is MessageClass.CLINICAL
        window = _SAME_CLINICAL if clinical else _SAME_WORDS
        if any(one.mark == mark and one.at >= now - window for one in said):
            return None
        midnight = self._midnight[patient.id]
        today = sum(one.ordinary and one.at >= midnight for one in said)
        if not clinical and today >= 2 * _A_DAY:
            return None
        said.append(Said(mark=mark, at=now, ordinary=not clinical))
        if not clinical and today >= _A_DAY:
            return OutboxState.ENOUGH, now, mark
        quiet = not clinical and not letter.chosen_hour
        allowed = allowed_from(patient, now) if quiet else now
        return OutboxState.HELD if allowed > now else OutboxState.NEW, allowed, mark
