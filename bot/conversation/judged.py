"""Write down what the screen decided and on what grounds, and the words that were shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.domain.escalation import AuditEvent
from bot.domain.message import Message
from bot.ports import UnitOfWork
from safety import Finding, PatientFacts, Reading, Verdict

JUDGED, SHOWN = "screen.judged", "screen.shown"


def note_verdict(
    work: UnitOfWork,
    verdict: Verdict,
    message: Message,
    facts: PatientFacts,
    readings: Sequence[Reading],
    now: datetime,
    *,
    model: str = "",
) -> None:
    """An event for every message screened: ids, tier and version in the open, the rest sealed.

    ``model``: the version of the classifier, where this is what it made of the rules' verdict.
    """
    detail: dict[str, object] = {
        "tier": verdict.tier.name,
        "asked": verdict.asked,
        "rules": verdict.rule_version,
    }
    if model:
        detail["model"] = model
    if verdict.findings or readings:
        grounds = {
            "findings": [_plain(finding) for finding in verdict.findings],
            "readings": [asdict(reading) for reading in readings],
            "facts": _facts(facts),
            "rules": verdict.rule_version,
        }
        part = "heard" if model else "screen"
        detail |= work.audit.seal(message.patient_id, f"{message.id}/{part}", now, grounds)
    _add(work, JUDGED, message, now, detail)


def note_words(work: UnitOfWork, message: Message, texts: Sequence[str], now: datetime) -> None:
    """What a patient with a red flag read in answer, as it was shown."""
    if not texts:
        return
    shown = work.audit.seal(message.patient_id, f"{message.id}/shown", now, {"words": list(texts)})
    _add(work, SHOWN, message, now, shown)


def _add(
    work: UnitOfWork, kind: str, message: Message, now: datetime, detail: dict[str, object]
) -> None:
    work.audit.add(
        AuditEvent(
            at=now,
            actor="bot",
            type=kind,
            subject=message.id,
            patient_id=message.patient_id,
            detail=detail,
        )
    )


def _plain(finding: Finding) -> dict[str, Any]:
    plain = asdict(finding)
    return {**plain, "tier": finding.tier.name, "cues": list(finding.cues)}


def _facts(facts: PatientFacts) -> dict[str, Any]:
    """What the record said of the writer at that moment, limits with who signed them."""
    plain = asdict(facts)
    known = {name: value for name, value in plain.items() if value not in (None, "", (), False)}
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in known.items()
        if value != frozenset()
    }


def limits_in(verdict: Verdict, facts: PatientFacts) -> list[dict[str, Any]]:
    """The limits that took part in a verdict, for the nurse who looks at the matter."""
    used = {cue for f in verdict.findings if "personal_limit" in f.cues for cue in f.cues}
    return [asdict(limit) for limit in facts.limits if limit.kind in used]


__all__ = ["JUDGED", "SHOWN", "limits_in", "note_verdict", "note_words"]
