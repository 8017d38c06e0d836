"""Put one rung's pages in the post: a card in each group, a note to each person called."""

from __future__ import annotations

from datetime import datetime

import safety
from bot.domain.care_team import CareTeamMember, Role
from bot.domain.escalation import Escalation, EscalationState
from bot.domain.message import Button
from bot.domain.outbox import MessageClass, Parcel
from bot.domain.patient import Patient
from bot.ports import Services, UnitOfWork
from prompts import UnknownWords, say

_CLASS = {"P0": MessageClass.EMERGENCY, "P1": MessageClass.CLINICAL}


def initials(patient: Patient | None) -> str:
    """Enough to find the patient in the console, too little to name anybody in a group."""
    if patient is None or not patient.name:
        return "–"
    if patient.name.isascii():
        return "".join(f"{word[0].upper()}." for word in patient.name.split())
    return f"{patient.name[0]}*"


def topic(reason: str, language: str) -> str:
    """What the matter is called: an event of the house, or the name of a red flag."""
    try:
        return say(f"care.{reason}", language)
    except UnknownWords:
        return safety.flag_name(reason, language)


def card(escalation: Escalation, patient: Patient | None, language: str, clinic_url: str) -> str:
    """The words of a card: what, who, how it stands. No word the patient wrote, no full name."""
    named = (
        say("care.private_topic", language)
        if escalation.private_topic
        else topic(escalation.reason, language)
    )
    return say(
        "care.card",
        language,
        tier=say(f"care.tier_{escalation.tier}", language),
        topic=named,
        initials=initials(patient),
        number=escalation.id[:6],
        state=say(f"care.state_{escalation.state.value}", language, who=escalation.accepted_by),
        url=f"{clinic_url}/escalations/{escalation.id}",
    )


def buttons(escalation: Escalation, language: str) -> tuple[tuple[Button, ...], ...]:
    """What a nurse can do with the card as it stands."""
    steps = {
        EscalationState.REQUESTED: ("accept",),
        EscalationState.DELIVERED: ("accept",),
        EscalationState.ACCEPTED: ("contact", "complete"),
        EscalationState.CONTACT_MADE: ("complete",),
        EscalationState.COMPLETED: (),
    }[escalation.state]
    return tuple(
        (Button(label=say(f"care.button_{step}", language), data=f"e:{escalation.id}:{step}"),)
        for step in steps
    )


def page(
    work: UnitOfWork, escalation: Escalation, role: str, services: Services, now: datetime
) -> int:
    """Post the pages of a rung whose ``role`` is "on_shift", "team" or "supervisor"; how many."""
    patient = work.patients.get(escalation.patient_id) if escalation.patient_id else None
    posted = 0
    for group in work.care_team.groups():
        thread = None
        if group.topics and patient is not None:
            thread = work.care_team.topic(group.channel, group.address, patient.id)
        posted += work.outbox.add(
            Parcel(
                key=f"{escalation.id}/card/{group.address}/{escalation.step}",
                channel=group.channel,
                bot=group.bot,
                address=group.address,
                thread=thread,
                patient_id=escalation.patient_id,
                message_class=_CLASS.get(escalation.tier, MessageClass.ADMIN),
                text=_raised(escalation, role, group.language)
                + card(escalation, patient, group.language, services.clinic.console_url),
                buttons=buttons(escalation, group.language),
                escalation_id=escalation.id,
                silent=escalation.tier in ("P2", "P3"),
                not_before=now,
            )
        )
    telegram = services.channels.get("telegram")
    if telegram is None or escalation.tier in ("P2", "P3"):
        return posted
    for member in work.care_team.all():
        if member.telegram_id and _called(member, role):
            posted += work.outbox.add(
                Parcel(
                    key=f"{escalation.id}/page/{member.id}/{escalation.step}",
                    channel="telegram",
                    bot=telegram.bot,
                    address=member.telegram_id,
                    patient_id=escalation.patient_id,
                    message_class=_CLASS.get(escalation.tier, MessageClass.ADMIN),
                    text=card(escalation, patient, member.language, services.clinic.console_url),
                    buttons=buttons(escalation, member.language),
                    escalation_id=escalation.id,
                    not_before=now,
                )
            )
    return posted


def refresh_cards(
    work: UnitOfWork, escalation: Escalation, services: Services, now: datetime
) -> None:
    """Edit the newest card of each group to how the matter stands now."""
    patient = work.patients.get(escalation.patient_id) if escalation.patient_id else None
    for group in work.care_team.groups():
        steps = range(escalation.step, -1, -1)
        cards = (f"{escalation.id}/card/{group.address}/{step}" for step in steps)
        keys = (key for card in cards for key in (f"{card}/again", card))
        newest = next((key for key in keys if work.outbox.external_id(key)), None)
        if newest is None:
            continue
        work.outbox.add(
            Parcel(
                key=f"{newest}/{escalation.state.value}/{now.timestamp():.0f}",
                channel=group.channel,
                bot=group.bot,
                address=group.address,
                patient_id=escalation.patient_id,
                message_class=MessageClass.CLINICAL,
                text=card(escalation, patient, group.language, services.clinic.console_url),
                buttons=buttons(escalation, group.language),
                edit_of=newest,
                escalation_id=escalation.id,
                not_before=now,
            )
        )


def _called(member: CareTeamMember, role: str) -> bool:
    if role == "on_shift":
        return member.on_shift
    return role == "team" or member.on_shift or member.role in (Role.SUPERVISOR, Role.ADMIN)


def _raised(escalation: Escalation, role: str, language: str) -> str:
    if escalation.step == 0:
        return ""
    return say("care.still_nobody", language, role=say(f"care.role_{role}", language)) + "\n"
