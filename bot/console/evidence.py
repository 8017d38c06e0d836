"""Why an escalation was raised, cut into what a nurse reads at a glance."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.escalation import Escalation
from bot.domain.message import CARER

_TOLD = {
    "message",
    "words",
    "author",
    "findings",
    "readings",
    "notes",
    "sbar",
    "interview",
    "coded",
    "calls",
}


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of the words; ``flags`` name the findings that lie on it."""

    text: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Note:
    """What a member wrote down."""

    by: str
    at: str  #: ISO 8601
    text: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """What came of "Have you been able to call?"."""

    answer: str  #: of ``bot.domain.call.ANSWERS``, or "silent"
    at: str  #: ISO 8601


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything the escalation rests on; nothing that was kept is left out."""

    message: str
    words: str
    by_carer: bool  #: a carer wrote the words
    pieces: tuple[Piece, ...]
    flags: tuple[tuple[str, str, str, bool], ...]  #: (flag, tier, source, asked)
    cues: tuple[str, ...]
    readings: tuple[str, ...]
    notes: tuple[Note, ...]
    calls: tuple[Call, ...]
    sbar: dict[str, tuple[tuple[str, str], ...]]  #: an interview's summary, by language
    rest: tuple[tuple[str, str], ...]


def read(escalation: Escalation) -> Evidence:
    """The evidence of ``escalation``; a shape nobody foresaw is shown, never dropped."""
    kept = escalation.evidence
    words = str(kept.get("words", "") or "")
    findings = _dicts(kept.get("findings"))
    return Evidence(
        message=str(kept.get("message", "") or ""),
        words=words,
        by_carer=kept.get("author") == CARER,
        pieces=_cut(words, findings),
        flags=tuple(
            (
                str(f.get("flag", "")),
                str(f.get("tier", "")),
                str(f.get("from", "")),
                bool(f.get("asked")),
            )
            for f in findings
        ),
        cues=tuple(dict.fromkeys(str(cue) for f in findings for cue in f.get("cues") or ())),
        readings=tuple(_flat(reading) for reading in _list(kept.get("readings"))),
        notes=tuple(
            Note(by=str(n.get("by", "")), at=str(n.get("at", "")), text=str(n.get("text", "")))
            for n in _dicts(kept.get("notes"))
        ),
        calls=tuple(
            Call(answer=str(c.get("answer", "")), at=str(c.get("at", "")))
            for c in _dicts(kept.get("calls"))
        ),
        sbar=_summary(kept.get("sbar")),
        rest=tuple((key, _flat(value)) for key, value in kept.items() if key not in _TOLD),
    )


def outline(whole: Evidence) -> Evidence:
    """Why, by the names of rules, and what the team noted; nothing that the patient told."""
    return replace(whole, words="", pieces=(), cues=(), readings=(), calls=(), sbar={}, rest=())


def _cut(words: str, findings: list[dict[str, Any]]) -> tuple[Piece, ...]:
    """The words at every border of a finding; overlaps carry both flags."""
    spans = []
    for finding in findings:
        start, end = finding.get("start"), finding.get("end")
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(words):
            spans.append((start, end, str(finding.get("flag", ""))))
    borders = sorted({0, len(words), *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
    return tuple(
        Piece(
            text=words[left:right],
            flags=tuple(flag for s, e, flag in spans if s <= left and right <= e),
        )
        for left, right in itertools.pairwise(borders)
    )


def _summary(value: object) -> dict[str, tuple[tuple[str, str], ...]]:
    """(label, text) of each line, by language."""
    found = value if isinstance(value, Mapping) else {}
    return {
        str(language): tuple((str(line[0]), str(line[1])) for line in _list(lines))
        for language, lines in found.items()
    }


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _dicts(value: object) -> list[dict[str, Any]]:
    return [dict(item) for item in _list(value) if isinstance(item, Mapping)]


def _flat(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_flat(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_flat(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
