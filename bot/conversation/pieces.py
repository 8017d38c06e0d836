"""Words sent in pieces, "my chest" "hurts" "a lot": what they say together is screened as well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import safety
from bot.conversation.known import looks_chinese
from bot.domain.message import SAID, Incoming, Message
from safety import PatientFacts, Verdict

#: A piece is no longer than this, comes no later after the one before, and few make a whole.
_LETTERS, _WITHIN = 60, timedelta(minutes=3)
BEFORE = 3  #: messages looked back at
_ANSWER = re.compile(r"(?:no|nope|yes|没有|没|是|是的|有)\W*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """The pieces before and with the newest, as one text each."""

    before: str = ""
    text: str = ""


def is_piece(incoming: Incoming) -> bool:
    """Words short enough to be a part of a whole."""
    return incoming.kind in SAID and len(incoming.text) <= _LETTERS


def whole_of(said: Sequence[Message], incoming: Incoming) -> Whole:
    """What this message says together with the short ones right before it; empty: it is alone.

    ``said``: the ``BEFORE`` messages of the same author before this one, the last one last.
    """
    if not is_piece(incoming):
        return Whole()
    pieces, at = [incoming.text], incoming.sent_at
    for message in reversed(said):
        if _ANSWER.fullmatch(message.text.strip()):
            break  # "no", to what was asked before, denies nothing that follows it
        if len(message.text) > _LETTERS or at - message.at > _WITHIN:
            break
        pieces.insert(0, message.text)
        at = message.at
    return Whole(before=_joined(pieces[:-1]), text=_joined(pieces)) if len(pieces) > 1 else Whole()


def with_whole(alone: Verdict, whole: Whole, facts: PatientFacts) -> Verdict:
    """``alone`` and what only the pieces together say; never less than ``alone``."""
    if not whole.text:
        return alone
    together = safety.screen(whole.text, patient=facts)
    if not together.findings:
        return alone
    # A finding that the pieces before had by themselves was answered when they came.
    apart = (*safety.screen(whole.before, patient=facts).findings, *alone.findings)
    fresh = [
        finding
        for finding in together.findings
        if finding.start < len(whole.before) < finding.end
        and not any(f.flag == finding.flag and f.rank[:2] <= finding.rank[:2] for f in apart)
    ]
    if not fresh:
        return alone
    better = {finding.flag for finding in fresh}
    kept = [finding for finding in alone.findings if finding.flag not in better]
    findings = sorted((*fresh, *kept), key=lambda finding: finding.rank)
    return replace(alone, findings=tuple(findings), rule_version=together.rule_version)


def _joined(pieces: Sequence[str]) -> str:
    text = ""
    for piece in (one.strip() for one in pieces):
        chinese = looks_chinese(text[-1:]) and looks_chinese(piece[:1])
        text += piece if chinese or not text else f" {piece}"
    return text
