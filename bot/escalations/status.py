"""What is true about the nurse at this moment, in one sentence for the patient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.care_team import CareTeamMember, Role
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
    pager: bool = False,
) -> str:
    """Read off the escalation, where there is one, and off who is on shift; never a hope.

    ``phone``: the clinic's own line, named where nobody is there to write back. ``pager``: the
    duty pager is called too, so that somebody can be reached whoever is linked.
    """
    state = escalation.state if escalation else EscalationState.REQUESTED
    if escalation is not None and state in _TAKEN:
        return say("care.status_accepted", language, who=escalation.accepted_by)
    if tier in (Tier.P2, Tier.P3):
        return say("care.status_listed", language)  # nobody is called yet
    everybody = people(rows, now)
    here = [member for member in everybody if member.on_shift]
    leads = [m for m in everybody if m.role in (Role.SUPERVISOR, Role.ADMIN)]
    words = "care.status_trying" if here else "care.status_supervisor"
    if here and state is EscalationState.DELIVERED:
        words = "care.status_delivered"
    elif not here and not leads:
        words = "care.status_nobody"
    elif not (pager or rows.care_team.groups() or _linked(here or leads)):
        words = "care.status_unpaged"
    return say(words, language, phone=phone if tier is Tier.P0 else "")


def _linked(members: Sequence[CareTeamMember]) -> bool:
    """A page can be sent to one of them at least; on the list alone it calls nobody."""
    return any(member.telegram_id or member.email for member in members)
