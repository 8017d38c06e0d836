"""Courtesies, questions about the bot and feelings: a short warm line that promises nothing."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import commands
from bot.conversation.knowledge_turn import QUESTION
from bot.conversation.open_forms import reminder
from bot.conversation.small_talk_words import feeling_in, kind_of
from bot.domain.dates import day_in_words
from bot.domain.message import SAID, Kind
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.whom_to_call import number_to_call
from prompts import say


def small_talk(turn: Turn, services: Services) -> Turn:
    """Answer a courtesy with a courtesy; do not spend a model on it, nor a nurse."""
    if turn.incoming.kind not in SAID:
        return turn
    kind = kind_of(turn.text)
    if kind == "help":
        return commands.help_(turn, services)
    if not kind:
        return turn
    now = turn.now.astimezone(turn.patient.zone)
    words = say(
        f"small_talk.{kind}",
        turn.language,
        name=turn.patient.name,
        clinic=services.clinic.name,
        number=number_to_call(turn.patient),
        clock=f"{now:%H:%M}",
        day=day_in_words(turn.now, turn.patient.zone, turn.language),
        weekday=say(f"small_talk.weekday_{now.weekday()}", turn.language),
    )
    return _said(turn, words)


def feeling(turn: Turn, services: Services) -> Turn:
    """Words that want to be heard; what only a person may answer goes onto the nurses' list."""
    if turn.incoming.kind not in SAID or (found := feeling_in(turn.text)) is None:
        return turn
    if found.nurse:
        concern = Concern(reason="asked_for_nurse", tier="P3")
        turn = replace(turn, concerns=(*turn.concerns, concern))
    elif QUESTION.search(turn.text):
        return turn  # it asks for something else beside
    words = say(f"memory.{found.name}", turn.language, number=number_to_call(turn.patient))
    return _said(turn, words)


def nothing(turn: Turn, services: Services) -> Turn:
    """A button that has nothing to do any more, and a message without words."""
    if turn.incoming.kind is Kind.TAP:
        return turn.say(Draft(text=say("small_talk.old_button", turn.language), approved=True))
    return turn if turn.text.strip(".!。！,，~～ \n") else replace(turn, handled=True)


def _said(turn: Turn, words: str) -> Turn:
    again = reminder(turn)
    draft = Draft(text=words, approved=True)
    return turn.say(draft, again) if again else turn.say(draft)
