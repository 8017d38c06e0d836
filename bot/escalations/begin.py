"""Escalate first, answer second: a row in the caller's transaction, before any model is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.domain.escalation import CLIMBING, AuditEvent, Escalation
from bot.domain.message import CARER, Message, PatientId
from bot.escalations.chain import snapshot
from bot.escalations.questions import plan_questions
from bot.ports import UnitOfWork
from bot.post import short_id
from safety import Finding, Tier, Verdict, read_ladder

#: The same flag again inside this time joins the open matter instead of opening a second one.
MERGE_WITHIN = timedelta(minutes=10)


def evidence_of(
    verdict: Verdict, message: Message, limits: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """What the nurse needs to see why: the words, and where in them each finding lies."""
    return ({"limits": [dict(limit) for limit in limits]} if limits else {}) | {
        "message": message.id,
        "words": message.text,
        **({"author": CARER} if message.author == CARER else {}),
        "findings": [
            {
                "flag": f.flag,
                "tier": f.tier.name,
                "start": f.start,
                "end": f.end,
                "from": f.source,
                "cues": list(f.cues),
                "asked": f.asked,
            }
            for f in verdict.findings
        ],
    }


def begin_for(
    work: UnitOfWork,
    verdict: Verdict,
    message: Message,
    now: datetime,
    *,
    tier: Tier,
    limits: Sequence[Mapping[str, Any]] = (),
) -> Escalation:
    """Open, or join, the matter of the worst finding of ``verdict`` at ``tier``."""
    worst = verdict.worst
    if worst is None:
        raise ValueError("there is nothing to escalate")
    return begin(
        work,
        patient_id=message.patient_id,
        reason=worst.flag,
        tier=tier,
        source=message.id,
        evidence=evidence_of(verdict, message, limits),
        now=now,
        finding=worst,
        rule_version=verdict.rule_version,
    )


def begin(
    work: UnitOfWork,
    *,
    patient_id: PatientId | None,
    reason: str,
    tier: Tier,
    source: str,
    evidence: dict[str, Any],
    now: datetime,
    finding: Finding | None = None,
    rule_version: str = "",
    ladder: str = "",
) -> Escalation:
    """Keep one escalation for (source, reason); a repeat of an open one joins it.

    ``ladder`` names another ladder than the tier's; the chain and who is on shift are kept with
    the escalation, so that no later edit changes what is running.
    """
    for known in work.escalations.open(patient_id):
        if (
            known.patient_id == patient_id
            and known.reason == reason
            and known.state in CLIMBING
            and not tier.is_more_urgent_than(Tier[known.tier])
            and now - known.created_at < MERGE_WITHIN
        ):
            work.audit.add(_event(known, "escalation.repeated", now, {"source": source}))
            return known
    chain = snapshot(work, ladder or tier.name, now)
    escalation = Escalation(
        # Derived, not random: a retried turn raises the same escalation.
        id=short_id("escalation", source, reason, tier.name),
        patient_id=patient_id,
        tier=tier.name,
        reason=reason,
        private_topic=bool(finding and finding.topic_private),
        two_person=bool(finding and finding.people_only),
        next_step_at=now + read_ladder(chain).rung(0).wait,
        rule_version=rule_version,
        ladder=chain,
        evidence=evidence,
        created_at=now,
    )
    if work.escalations.add(escalation):
        detail = {"tier": tier.name, "ladder": chain["version"], "on_shift": chain["on_shift"]}
        work.audit.add(_event(escalation, "escalation.requested", now, detail))
        plan_questions(work, escalation)
    return escalation


def _event(escalation: Escalation, kind: str, now: datetime, detail: dict[str, Any]) -> AuditEvent:
    return AuditEvent(
        at=now,
        actor="bot",
        type=kind,
        subject=escalation.id,
        patient_id=escalation.patient_id,
        detail=detail,
    )
