"""What a patient answers after words of self-harm: with the nurses at once, and never lower."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import safety
from bot.domain.escalation import OPEN, AuditEvent, Escalation
from bot.domain.message import PatientId
from bot.domain.turn import Told
from bot.escalations.begin import begin
from bot.ports import UnitOfWork
from safety import Tier


def open_matter(work: UnitOfWork, patient_id: PatientId) -> Escalation | None:
    """The most urgent open matter of this kind, the newest of those."""
    mine = [
        e for e in work.escalations.open(patient_id)
        if e.private_topic and e.two_person and e.state in OPEN
    ]  # fmt: skip
    return min(mine, key=lambda e: (e.tier, -e.created_at.timestamp()), default=None)


def note_answer(
    work: UnitOfWork, patient_id: PatientId, message_id: str, told: Told, now: datetime
) -> None:
    """Into the open matter's evidence; a level above its tier, or no open matter, begins one."""
    seen: dict[str, Any] = {"answers": dict(told.answers), "level": told.level}
    detail = work.audit.seal(patient_id, f"{message_id}/told", now, seen)
    matter = open_matter(work, patient_id)
    finding = safety.self_harm().finding(told.level)
    if finding is not None and (
        matter is None or finding.tier.is_more_urgent_than(Tier[matter.tier])
    ):
        matter = begin(
            work,
            patient_id=patient_id,
            reason=finding.flag,
            tier=finding.tier,
            source=message_id,
            evidence={"message": message_id, "screen": seen},
            now=now,
            finding=finding,
        )
    elif matter is not None:
        new = replace(matter, evidence={**matter.evidence, "screen": seen})
        work.escalations.change(matter, new)
    work.audit.add(
        AuditEvent(
            at=now,
            actor="patient",
            type="escalation.told",
            subject=matter.id if matter else message_id,
            patient_id=patient_id,
            detail=detail,
        )
    )
