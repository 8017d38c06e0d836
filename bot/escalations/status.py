"""What is true about the nurse at this moment, in one sentence for the patient."""

from __future__ import annotations

from datetime import datetime

from bot.domain.care_team import Role
from bot.domain.escalation import Escalation, EscalationState
from bot.escalations.chain import people
from bot.ports import Reading
from prompts import say
from safety import Tier

_TAKEN = (EscalationState.ACCEPTED, EscalationState.CONTACT_MADE)


def nurse_status(
    rows: Reading,
    language: str,
    *,
    now: datetime,
    phone: str = "",
    tier: Tier = Tier.P0,
    escalation: Escalation | None = None,
) -> str:
    """Read off the escalation, where there is one, and off who is on shift; never a hope.

    ``phone``: the clinic's own line, named where nobody is there to write back.
    """
    state = escalation.state if escalation else EscalationState.REQUESTED
    if escalation is not None and state in _TAKEN:
        return say("care.status_accepted", language, who=escalation.accepted_by)
    if tier in (Tier.P2, Tier.P3):
        return say("care.status_listed", language)  # nobody is called yet
    everybody = people(rows, now)
    if not any(member.on_shift for member in everybody):
        leads = any(m.role in (Role.SUPERVISOR, Role.ADMIN) for m in everybody)
        words = "care.status_supervisor" if leads else "care.status_nobody"
        return say(words, language, phone=phone if tier is Tier.P0 else "")
    if state is EscalationState.DELIVERED:
        return say("care.status_delivered", language)
    return say("care.status_trying", language)
