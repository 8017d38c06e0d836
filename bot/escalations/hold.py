"""A person writes in the patient's chat: the bot is silent, and knows when it is back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.domain.outbox import Draft, MessageClass
from bot.escalations.accept import NotFound
from bot.ports import Services, UnitOfWork
from bot.post import review, short_id, to_patient
from prompts import say

_REPLY = "conversation.reply"


def hold(services: Services, patient_id: PatientId, member_id: str) -> None:
    """A person writes with the patient now: the bot falls silent and says so once."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        hold_in(work, patient_id, member_id, services, now)
    services.bells.ring("console")


def hold_in(
    work: UnitOfWork, patient_id: PatientId, member_id: str, services: Services, now: datetime
) -> None:
    """Hold in the caller's transaction."""
    dialogue = work.patients.dialogue(patient_id)
    member, patient = work.care_team.get(member_id), work.patients.get(patient_id)
    if member is None or patient is None:
        raise NotFound
    if dialogue.held_by == member_id:
        return
    work.patients.save_dialogue(replace(dialogue, held_by=member_id, held_since=now))
    if not dialogue.held_by:
        words = say("care.person_here", patient.language, who=member.name)
        to_patient(
            work,
            patient,
            Draft(text=words, approved=True),
            key=short_id("hold", patient_id, now.isoformat()),
            message_class=MessageClass.REPLY,
            now=now,
        )
    _note(work, "conversation.held", patient_id, member_id, now)


def release(services: Services, patient_id: PatientId, member_id: str) -> None:
    """The person hands the chat back; the patient is told that the bot is here again."""
    now = services.clock()
    with services.store.unit_of_work() as work:
        dialogue, patient = work.patients.dialogue(patient_id), work.patients.get(patient_id)
        if patient is None:
            raise NotFound
        if not dialogue.held_by:
            return
        work.patients.save_dialogue(replace(dialogue, held_by="", held_since=None))
        to_patient(
            work,
            patient,
            Draft(text=say("care.bot_is_back", patient.language), approved=True),
            key=short_id("release", patient_id, now.isoformat()),
            message_class=MessageClass.REPLY,
            now=now,
        )
        _note(work, "conversation.released", patient_id, member_id, now)
    services.bells.ring("console")


def reply(
    services: Services, patient_id: PatientId, member_id: str, text: str, token: str
) -> tuple[str, ...]:
    """A member's own words into the patient's chat, through the same review as the bot's.

    Returns the rules the words broke; empty when they were posted. ``token`` makes a double click
    one message.
    """
    now = services.clock()
    with services.store.unit_of_work() as work:
        member, patient = work.care_team.get(member_id), work.patients.get(patient_id)
        if member is None or patient is None:
            raise NotFound
        if not text.strip():
            return ("empty",)
        said = say("care.from_person", patient.language, who=member.name, text=text.strip())
        phone = services.clinic.team_phone
        if broken := review(
            Draft(text=said), patient, nurse_status_true=True, by_person=True, clinic_phone=phone
        ):  # nothing is sent: the patient is not told that somebody writes, and the bot goes on
            _note(work, _REPLY, patient_id, member_id, now, blocked=list(broken))
            return broken
        hold_in(work, patient_id, member_id, services, now)
        posted = to_patient(
            work,
            patient,
            Draft(text=said),
            key=short_id("nurse", patient_id, token),
            message_class=MessageClass.REPLY,
            now=now,
            author=member_id,
            nurse_status_true=True,
            clinic_phone=phone,
        )
        _note(work, _REPLY, patient_id, member_id, now, blocked=[])
    services.bells.ring("console")
    return () if posted.message is not None else ("unreachable",)


def _note(
    work: UnitOfWork,
    type_: str,
    patient_id: PatientId,
    member_id: str,
    now: datetime,
    **detail: object,
) -> None:
    work.audit.add(
        AuditEvent(
            at=now,
            actor=member_id,
            type=type_,
            subject=patient_id,
            patient_id=patient_id,
            detail=detail,
        )
    )
