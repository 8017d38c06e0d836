"""The words of a card: enough to act on, too little to name anybody."""

from __future__ import annotations

import json
from datetime import datetime

import safety
from bot.domain.escalation import CLIMBING, Escalation, EscalationState
from bot.domain.message import Button
from bot.domain.patient import Patient
from prompts import UnknownWords, say

_UNREACHED = CLIMBING | {EscalationState.ACCEPTED}


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
    lines = [
        say(
            "care.card_house" if _of_house(escalation) else "care.card",
            language,
            tier=say(f"care.tier_{escalation.tier}", language),
            topic=named,
            initials=initials(patient),
            number=escalation.id[:6],
            state=say(f"care.state_{escalation.state.value}", language, who=escalation.accepted_by),
            url=f"{clinic_url}/escalations/{escalation.id}",
        )
    ]
    answer = last_answer(escalation)
    if answer:
        lines.append(say(f"watch.card_{answer}", language))
    return "\n".join(lines)


def last_answer(escalation: Escalation) -> str:
    """What the patient last said to "have you been able to call?", "silent", or ""."""
    calls = escalation.evidence.get("calls")
    if not isinstance(calls, list) or not calls or escalation.state not in _UNREACHED:
        return ""
    return str(calls[-1].get("answer", ""))


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


def letter(escalation: Escalation, language: str, clinic_url: str) -> str:
    """The words of an e-mail: urgency, number and link. Mail passes through many hands."""
    return say(
        "watch.email",
        language,
        tier=say(f"care.tier_{escalation.tier}", language),
        number=escalation.id[:6],
        url=f"{clinic_url}/escalations/{escalation.id}",
    )


def signal(escalation: Escalation, clinic_url: str, now: datetime) -> str:
    """One line of JSON for the pager: ids and a link, no word about anybody."""
    page = {
        "page": f"{escalation.id}/{escalation.step}",
        "escalation": escalation.id,
        "tier": escalation.tier,
        "step": escalation.step,
        "at": now.isoformat(),
        "url": f"{clinic_url}/escalations/{escalation.id}",
    }
    return json.dumps(page, separators=(",", ":"))


def raised(escalation: Escalation, role: str, language: str) -> str:
    """The line above a card that is shown again because nobody has taken it."""
    if escalation.step == 0 or escalation.state not in CLIMBING:
        return ""
    return say("care.still_nobody", language, role=say(f"care.role_{role}", language)) + "\n"


def _of_house(escalation: Escalation) -> bool:
    return escalation.ladder.get("name") == safety.HOUSE
