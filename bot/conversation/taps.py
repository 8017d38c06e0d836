"""A nurse taps a card: the same use cases as in the console, for known members only."""

from __future__ import annotations

from datetime import datetime

from bot.domain import canary
from bot.domain.escalation import AuditEvent, Escalation, EscalationState
from bot.domain.message import Incoming, Kind
from bot.domain.outbox import MessageClass, Parcel
from bot.escalations.accept import NAME, accept_in, complete_in, contact_in
from bot.ports import Services, UnitOfWork
from bot.post import short_id
from prompts import say


def is_team_tap(incoming: Incoming) -> bool:
    """A button of a card; a nurse may be somebody's patient, in the very same chat."""
    return incoming.kind is Kind.TAP and incoming.data.startswith("e:")


#: Where a sender's id is what a member was linked by; elsewhere anybody may bear the same id.
_DOORS = ("telegram", canary.CHANNEL)


def at_team_door(incoming: Incoming, services: Services) -> bool:
    """It came through the bot that nurses are linked at, or from the canary's own desk."""
    door = services.channels.get(incoming.channel)
    return incoming.channel in _DOORS and door is not None and incoming.bot == door.bot


def team_tap(work: UnitOfWork, incoming: Incoming, services: Services, now: datetime) -> None:
    """Do what the button says, if this person may; a second tap changes nothing."""
    kind, _, rest = incoming.data.partition(":")
    escalation_id, _, step = rest.partition(":")
    known = at_team_door(incoming, services)
    member = work.care_team.by_telegram(incoming.sender) if known else None
    if member is None or not member.active:
        work.audit.add(
            AuditEvent(
                at=now, actor="unknown", type="tap.refused", subject=escalation_id[:40] or "-"
            )
        )
        _answer(work, incoming, say("care.tap_stranger", "en"), now)
        return
    escalation = work.escalations.get(escalation_id) if kind == "e" else None
    if escalation is None or step not in ("accept", "contact", "complete"):
        _answer(work, incoming, say("care.tap_gone", member.language), now)
        return
    if step == "accept":
        new = accept_in(work, escalation, member, services, now)
        words = _accepted(new, member.name, member.language)
    elif step == "contact":
        contact_in(work, escalation, member, "", services, now)
        words = say("care.tap_contact", member.language)
    else:
        new = complete_in(work, escalation, member, "telegram", "", services, now)
        done = new.state is EscalationState.COMPLETED
        words = say("care.tap_completed" if done else "care.tap_second_person", member.language)
    _answer(work, incoming, words, now)


def _accepted(escalation: Escalation, name: str, language: str) -> str:
    if escalation.state is EscalationState.COMPLETED:
        return say("care.tap_completed", language)
    if escalation.accepted_by == name[:NAME]:
        return say("care.tap_accepted", language)
    return say("care.tap_taken", language, who=escalation.accepted_by)


def _answer(work: UnitOfWork, incoming: Incoming, text: str, now: datetime) -> None:
    """A private line to the person who tapped: the tap itself was answered at the door."""
    work.outbox.add(
        Parcel(
            key=short_id("tap", incoming.channel, incoming.bot, incoming.external_id),
            channel=incoming.channel,
            bot=incoming.bot,
            address=incoming.sender,
            message_class=MessageClass.REPLY,
            text=text,
            silent=True,
            not_before=now,
        )
    )
