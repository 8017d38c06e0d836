"""People without an invitation, nurses' groups, and the codes that make somebody known."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import safety
from bot.conversation import carer_link
from bot.conversation.enrol import welcome
from bot.conversation.known import looks_chinese
from bot.conversation.taps import at_team_door, team_tap
from bot.domain.care_team import CareGroup
from bot.domain.escalation import AuditEvent
from bot.domain.message import Incoming, Kind, PatientId
from bot.domain.outbox import MessageClass, Parcel
from bot.domain.patient import Contact, Dialogue, PatientStatus
from bot.ports import Services, UnitOfWork, Waiting
from bot.post import short_id
from prompts import say
from safety import PatientFacts, Tier

_SEEN = "enrol.code_for_one"  #: others have read it: it is used up
_CODE, _WORDS = 22, 200  #: letters of a code; words of a group's message that are looked at
_CODES = ("start", "link")  #: commands with a code behind them
_SILENT = (Kind.BLOCKED, Kind.UNBLOCKED, Kind.EDITED)


def answer_stranger(
    work: UnitOfWork, row: Waiting, incoming: Incoming, services: Services, now: datetime
) -> None:
    """Everything that does not come from a patient's own chat; ends the row."""
    language = "zh" if _reads_chinese(incoming) else "en"
    if incoming.kind is Kind.TAP:
        team_tap(work, incoming, services, now)
    elif incoming.kind is Kind.GROUP_MOVED:
        work.care_team.move_group(incoming.channel, incoming.bot, incoming.address, incoming.data)
        work.outbox.readdress(incoming.channel, incoming.bot, incoming.address, incoming.data)
    elif incoming.kind is Kind.COMMAND and incoming.data in _CODES and incoming.text:
        _redeem(work, incoming, language, services, now)
    elif not incoming.private and incoming.text:
        _void(work, incoming, language, services, now)
    elif incoming.private and (words := _to_a_stranger(incoming, language, services, now)):
        _say(work, incoming, words, now)
    work.inbox.done(row.id)


def _to_a_stranger(incoming: Incoming, language: str, services: Services, now: datetime) -> str:
    facts = PatientFacts(language="zh" if language == "zh" else "en")
    verdict = safety.screen(incoming.text, patient=facts, now=now)
    if incoming.text and verdict.tier.is_at_least(Tier.P1):
        # No record and no consent: nobody is paged, and nothing else is claimed.
        return safety.first_message(
            verdict, patient=facts, nurse_status=say("enrol.stranger_emergency", language)
        )
    if incoming.kind in _SILENT:
        return ""
    if incoming.kind is Kind.COMMAND and incoming.data in _CODES and incoming.text:
        return say("enrol.bad_code", language)
    return say("enrol.stranger", language, clinic=services.clinic.name)


def _redeem(
    work: UnitOfWork, incoming: Incoming, language: str, services: Services, now: datetime
) -> None:
    code = incoming.text.strip()
    found = work.invitations.find(code, now)
    if found and (unfit := _unfit(work, incoming, services, *found)):
        if unfit == _SEEN:
            work.invitations.redeem(code, now)
            _note(work, "exposed", found[1], now)
        _say(work, incoming, say(unfit, language), now)  # a group's stays good where it belongs
        return
    found = work.invitations.redeem(code, now)
    if found is None:
        if incoming.private:  # what stands behind /start may be a cry for help instead of a code
            _say(work, incoming, _to_a_stranger(incoming, language, services, now), now)
        return
    purpose, subject = found
    _open(work, incoming, purpose, subject, language, services, now)
    _note(work, purpose, subject, now)


def _void(
    work: UnitOfWork, incoming: Incoming, language: str, services: Services, now: datetime
) -> None:
    """A link for one person that somebody posts in a group opens nothing for whoever reads it."""
    for word in re.split(r"[\s=]+", incoming.text)[:_WORDS]:
        found = work.invitations.find(word, now) if len(word) == _CODE else None
        if found and found[0] != "group":
            _redeem(work, replace(incoming, text=word), language, services, now)


def _note(work: UnitOfWork, what: str, subject: str, now: datetime) -> None:
    work.audit.add(AuditEvent(at=now, actor="bot", type=f"invitation.{what}", subject=subject))


def _unfit(
    work: UnitOfWork, incoming: Incoming, services: Services, purpose: str, subject: str
) -> str:
    """Why this code can open nothing here, as words of the catalogue; "": it can."""
    if purpose == "group":
        return "enrol.code_for_group" if incoming.private else ""
    if not incoming.private:
        return _SEEN
    if purpose == "member":
        member = work.care_team.get(subject)
        fits = member is not None and member.active and at_team_door(incoming, services)
        return "" if fits else "enrol.bad_code"
    patient = work.patients.get(PatientId(subject))
    gone = patient is None or patient.status in (PatientStatus.ERASED, PatientStatus.DECEASED)
    return "enrol.bad_code" if gone else ""


def _open(
    work: UnitOfWork,
    incoming: Incoming,
    purpose: str,
    subject: str,
    language: str,
    services: Services,
    now: datetime,
) -> None:
    if purpose == "patient":
        _enrol(work, incoming, PatientId(subject), services, now)
    elif purpose == "carer":
        words = carer_link.link(work, incoming, PatientId(subject), language, now)
        _say(work, incoming, words, now)
    elif purpose == "member":
        member = work.care_team.get(subject)
        if member is not None:
            work.care_team.save(replace(member, telegram_id=incoming.sender))
            _say(work, incoming, say("care.member_linked", member.language, who=member.name), now)
    elif purpose == "group":
        group = CareGroup(
            channel=incoming.channel,
            bot=incoming.bot,
            address=incoming.address,
            title=incoming.sender_name,
            topics=incoming.thread is not None,
            language=subject if subject in ("en", "zh") else "en",
        )
        work.care_team.add_group(group)
        words = say("care.group_linked", group.language, clinic=services.clinic.name)
        _say(work, incoming, words, now)


def _enrol(
    work: UnitOfWork,
    incoming: Incoming,
    patient_id: PatientId,
    services: Services,
    now: datetime,
) -> None:
    patient = work.patients.get(patient_id)
    if patient is None:
        return
    if _reads_chinese(incoming) and not patient.name:
        patient = replace(patient, language="zh")
        work.patients.save(patient)
    contact = Contact(
        channel=incoming.channel,
        bot=incoming.bot,
        address=incoming.address,
        patient_id=patient.id,
    )
    work.patients.add_contact(contact)
    topic, draft = welcome(patient, services.clinic)
    work.patients.save_dialogue(Dialogue(patient_id=patient.id, topic=topic))
    work.outbox.add(
        Parcel(
            key=short_id("welcome", incoming.channel, incoming.bot, incoming.external_id),
            channel=incoming.channel,
            bot=incoming.bot,
            address=incoming.address,
            patient_id=patient.id,
            message_class=MessageClass.REPLY,
            text=draft.text,
            buttons=draft.buttons,
            not_before=now,
        )
    )


def _say(work: UnitOfWork, incoming: Incoming, text: str, now: datetime) -> None:
    """A line to somebody who is not a patient; the words are the catalogue's alone."""
    work.outbox.add(
        Parcel(
            key=short_id("stranger", incoming.channel, incoming.bot, incoming.external_id),
            channel=incoming.channel,
            bot=incoming.bot,
            address=incoming.address,
            thread=incoming.thread,
            message_class=MessageClass.REPLY,
            text=text,
            not_before=now,
        )
    )


def _reads_chinese(incoming: Incoming) -> bool:
    return incoming.language_hint.startswith("zh") or looks_chinese(incoming.text)
