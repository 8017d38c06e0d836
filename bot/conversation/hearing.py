"""Room 3 once more: the classifier listens to what the rules let pass, and may only raise.

It has a turn's time, the rules have the door's: an emergency they know never waits for it.
"""

from __future__ import annotations

from dataclasses import replace

import safety
from bot.conversation import open_forms, self_harm
from bot.conversation.emergency import escalate
from bot.conversation.judged import note_verdict
from bot.conversation.known import facts_of
from bot.conversation.screening import WORDS
from bot.conversation.travel_words import only_a_place
from bot.domain.message import Kind
from bot.domain.turn import Turn
from bot.ports import Services


def listened(turn: Turn, services: Services) -> Turn:
    """The turn with the worse of two verdicts; what is new is escalated before it is answered."""
    if services.hearing is None or not turn.text.strip() or not _says(turn):
        return turn
    if open_forms.answers_it(turn):
        return turn  # "不抽" after "do you smoke?" means that, and nothing else
    language = "zh" if turn.patient.language == "zh" else "en"
    readings = safety.read_vitals(turn.text, language=language)
    may_ask = _may_ask(turn) and turn.emergency is None
    verdict = safety.listen(turn.screened, turn.text, services.hearing, readings, may_ask=may_ask)
    if verdict.findings == turn.screened.findings:
        return turn
    facts = facts_of(turn.patient, turn.now, turn.entries, turn.known)
    with services.store.unit_of_work() as work:
        work.conversation.add(turn.message)  # before consent only what a person must see is kept
        version = services.hearing.version
        note_verdict(work, verdict, turn.message, facts, readings, turn.now, model=version)
        escalate(
            work, verdict, turn.message, turn.patient, turn.contact, services, turn.now, facts=facts
        )
    services.bells.ring("console")
    return replace(turn, screened=verdict)


def _says(turn: Turn) -> bool:
    """Words of the patient's own; a single one behind a command is its argument or a code."""
    if turn.incoming.kind in (Kind.COMMAND, Kind.UNKNOWN):
        return len(turn.text.split()) > 1 or not turn.text.isascii()
    return turn.incoming.kind in WORDS


def _may_ask(turn: Turn) -> bool:
    """Not where danger is asked about already, nor for words for a machine or about a place."""
    if turn.dialogue.topic.get("name") == self_harm.NAME:
        return False
    return not (turn.once(safety.intercepts, turn.text) or only_a_place(turn.text))
