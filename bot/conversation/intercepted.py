"""Requests that get fixed words before any model is asked; attempts at its strings are noted."""

from __future__ import annotations

from dataclasses import replace

import safety
from bot.conversation.dose_turn import asked_for_a_child
from bot.domain.clinical import EntryKind
from bot.domain.message import TYPED
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.whom_to_call import number_to_call
from prompts import say


def intercepted(turn: Turn, services: Services) -> Turn:
    """The fixed words of the first request that has some; what has none is only noted.

    Words that look like an attack are words like any other: nothing is refused for them.
    """
    if turn.incoming.kind not in TYPED or not turn.text:
        return turn
    found = turn.once(safety.intercepts, turn.text)
    turn = replace(turn, intercepted=tuple(one.id for one in found))
    told = next((one for one in found if one.reply), None)
    if told is None:
        return turn
    child = told.id == "dose_question" and asked_for_a_child(turn.text)
    reply = "intercepts.child_dose" if child else told.reply
    words = [say(reply, turn.language, number=number_to_call(turn.patient))]
    medicines = [e.name for e in turn.entries if e.kind is EntryKind.MEDICINE]
    if told.id == "dose_question" and medicines and not child:
        words.append(say("intercepts.on_file", turn.language, medicines=medicines))
    draft = Draft(text="\n".join(words), approved=True)
    if told.tier is None:
        return turn.say(draft)
    concern = Concern(reason=told.id, tier=told.tier.name)
    return turn.say(draft, concerns=(*turn.concerns, concern))
