"""Who looked at one patient's record and what was done with it, as the trail has it."""

from __future__ import annotations

from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.ports import Reading
from prompts import say

_ALL = 1_000_000  #: events: more than anybody has


def seen(rows: Reading, patient_id: PatientId) -> list[AuditEvent]:
    """Every look that "who looked at my record?" counts, and what was done, the oldest first."""
    done = [e for e in rows.audit.of(patient_id, _ALL) if not e.type.startswith("viewed.")]
    looks = rows.audit.views(patient_id, _ALL)
    return sorted([*done, *reversed(looks)], key=lambda event: event.at)


def names(rows: Reading, patient_id: PatientId, language: str) -> dict[str, str]:
    """Actor → name: the care team, and the patient's carers."""
    carers = rows.carers.of(patient_id, ended=True)
    return {member.id: member.name for member in rows.care_team.all()} | {
        carer.id: carer.name or say("carer.somebody", language) for carer in carers
    }
