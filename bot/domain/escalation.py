"""A person must look at this. FHIR: Task, with request-priority."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.message import PatientId


class EscalationState(enum.Enum):
    """requested → delivered → accepted → contact made → completed."""

    REQUESTED = "requested"  #: kept; nobody has it on a screen yet, as far as we know
    DELIVERED = "delivered"  #: a channel took the page
    ACCEPTED = "accepted"
    CONTACT_MADE = "contact_made"
    COMPLETED = "completed"


OPEN = frozenset(EscalationState) - {EscalationState.COMPLETED}
ERASED = "erased"  #: the outcome of a matter whose patient was erased, and its words with them
CLIMBING = frozenset({EscalationState.REQUESTED, EscalationState.DELIVERED})


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """One matter for the care team, with the evidence it rests on."""

    id: str
    patient_id: PatientId | None  #: None: a person who is not enrolled
    tier: str  #: "P0" … "P3"
    reason: str  #: the red flag, the boundary or the event, for example "chest_pain_acs"
    state: EscalationState = EscalationState.REQUESTED
    private_topic: bool = False  #: never named in a push preview
    two_person: bool = False  #: self-harm and violence: closed by two people
    step: int = 0  #: how many rungs were climbed
    next_step_at: datetime | None
    accepted_by: str = ""
    accepted_at: datetime | None = None
    contact_at: datetime | None = None
    completed_by: str = ""
    completed_at: datetime | None = None
    outcome: str = ""
    rule_version: str = ""
    #: the chain, its version and who was on shift, as they were when this began; ids only
    ladder: dict[str, object] = field(default_factory=dict)
    #: words, spans, cues: encrypted at rest
    evidence: dict[str, object] = field(default_factory=dict)
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """Something that happened, with ids only, never words. Appended, never changed."""

    at: datetime
    actor: str  #: "bot", a care team member's id, or "patient"
    type: str  #: for example "escalation.accepted"
    subject: str  #: the id of what it happened to
    patient_id: PatientId | None = None
    detail: dict[str, object] = field(default_factory=dict)
