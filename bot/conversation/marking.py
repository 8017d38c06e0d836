"""Where the tagger sees a fact in what the patient wrote, before the rooms ask what is stated."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import open_forms
from bot.conversation.screening import WORDS
from bot.domain.turn import Turn
from bot.ports import Services

_LEAST = {"en": 8, "zh": 3}  #: characters below which no fact is told


def marked(turn: Turn, services: Services) -> Turn:
    """The turn with the tagger's marks; without them where nobody told anything."""
    text = turn.text.strip()
    if services.tagging is None or turn.incoming.kind not in WORDS:
        return turn
    if len(text) < _LEAST.get(turn.language, 0) or open_forms.answers_it(turn):
        return turn
    found = services.tagging.find(turn.text, turn.language)
    return turn if found is None else replace(turn, marked=tuple(found))
