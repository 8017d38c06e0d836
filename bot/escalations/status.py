"""What is true about the nurse at this moment, in one sentence for the patient."""

from __future__ import annotations

from bot.domain.care_team import Role
from bot.domain.escalation import Escalation, EscalationState
from bot.escalations.chain import people
from bot.ports import Reading
from prompts import say
from safety import Tier

_TAKEN = (EscalationState.ACCEPTED, EscalationState.CONTACT_MADE)


def nurse_status(
    rows: Reading, language: str, *, tier: Tier = Tier.P0, escalation: Escalation | None = None
) -> str:
    """Read off the escalation, where there is one, and off who is on shift; never a hope."""
    state = escalation.state if escalation else EscalationState.REQUESTED
    if escalation is not None and state in _TAKEN:
        return say("care.status_accepted", language, who=escalation.accepted_by)
    if tier in (Tier.P2, Tier.P3):
        return say("care.status_listed", language)  # nobody is called yet
    everybody = people(rows)
    if not any(member.on_shift for member in everybody):
        leads = any(m.role in (Role.SUPERVISOR, Role.ADMIN) for m in everybody)
        return say("care.status_supervisor" if leads else "care.status_nobody", language)
    if state is EscalationState.DELIVERED:
        return say("care.status_delivered", language)
    return say("care.status_trying", language)
