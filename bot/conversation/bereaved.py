"""Somebody writes from the chat of a patient who has died: kind words, and a person is told."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.commands import named
from bot.conversation.flagged import while_closed
from bot.domain.message import Kind
from bot.domain.outbox import Draft
from bot.domain.patient import PatientStatus
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.whom_to_call import number_to_call
from prompts import say

_QUIET = (Kind.BLOCKED, Kind.UNBLOCKED, Kind.GROUP_MOVED)


def bereaved(turn: Turn, services: Services) -> Turn:
    """Nothing goes on as before; only a worry of the person who writes has its own words."""
    if turn.patient.status is not PatientStatus.DECEASED:
        return turn
    if turn.incoming.kind is Kind.BLOCKED or named(turn) == "stop":
        turn = replace(turn, stop=True)  # should the mark be a mistake, this was the patient's wish
    if turn.incoming.kind in _QUIET or turn.dialogue.held_by:
        return replace(turn, handled=True)
    told = while_closed(turn, services)
    if told.handled:
        return told
    phone, number = services.clinic.team_phone, number_to_call(turn.patient)
    words = say("commands.bereaved", turn.language, phone=phone, number=number)
    concern = Concern(reason="wrote_after_death", tier="P2")
    return turn.say(Draft(text=words, approved=True), concerns=(concern,))
