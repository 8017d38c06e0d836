"""Pictures, voice and files: kept for the nurse, and answered honestly."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.message import Kind
from bot.domain.outbox import Draft
from bot.domain.turn import Concern, Turn
from bot.ports import Services
from bot.whom_to_call import number_to_call
from prompts import say

_KINDS = {Kind.PHOTO: "photo", Kind.VOICE: "voice", Kind.FILE: "file", Kind.UNKNOWN: "unknown"}


def files(turn: Turn, services: Services) -> Turn:
    """Say what can and cannot be done with it; a caption goes on to the other rooms."""
    kind = _KINDS.get(turn.incoming.kind)
    if kind is None or (turn.incoming.kind is Kind.UNKNOWN and turn.screened.findings):
        return turn
    if turn.incoming.kind is Kind.UNKNOWN:
        return turn.say(Draft(text=say("files.unknown", turn.language), approved=True))
    concern = Concern(reason="file_received", tier="P3")
    words = say(f"files.{kind}", turn.language, number=number_to_call(turn.patient))
    draft = Draft(text=words, approved=True)
    told = replace(turn, drafts=(*turn.drafts, draft), concerns=(*turn.concerns, concern))
    return told if turn.text.strip() else replace(told, handled=True)
