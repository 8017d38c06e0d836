"""The consent questions have changed: each patient is asked anew once, beside a calm answer."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.enrol import changed, question
from bot.domain.message import Kind
from bot.domain.outbox import Draft
from bot.domain.patient import CONSENT_VERSION
from bot.domain.turn import Turn
from bot.ports import Services
from prompts import say

ASKED = "consent.asked_anew"


def beside(turn: Turn, services: Services) -> Turn:
    """The first of the new questions behind what is answered now, once for a version.

    Not behind a worry, an open question or a person who writes: it can wait, and care goes on.
    """
    left = changed(turn.patient, services.clinic)
    if not left or not turn.drafts or turn.consents or not turn.patient.status.planned:
        return turn
    if turn.screened.findings or turn.emergency or turn.concerns or turn.stop:
        return turn
    if turn.dialogue.topic or turn.dialogue.held_by or not _calm(turn):
        return turn
    with services.store.reading() as rows:
        last = rows.watch.last(turn.patient_id, ASKED)
    if last is not None and last.detail.get("version") == CONSENT_VERSION:
        return turn
    why = Draft(text=say("enrol.ask_anew", turn.language), approved=True)
    drafts = (*turn.drafts, why, question(left[0], turn.patient))
    return replace(turn, drafts=drafts, asked_anew=True)


def _calm(turn: Turn) -> bool:
    """A reading, an answer or a command; whoever tells how they feel is not asked for consent."""
    if any(now.answer == "worse" for _, now in turn.answers):
        return False
    return bool(turn.observed or turn.answers) or turn.incoming.kind is Kind.COMMAND
