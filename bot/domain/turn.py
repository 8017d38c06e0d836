"""One message in, what is said back, and everything decided in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.checkin import CheckIn, Schedule
from bot.domain.message import Incoming, Message, PatientId
from bot.domain.observation import Observation
from bot.domain.outbox import Draft
from bot.domain.patient import Consent, Contact, Dialogue, Patient
from memory import Memory
from risk import RiskAssessment
from safety import Verdict


@dataclass(frozen=True, kw_only=True)
class Concern:
    """Something a person on the care team should see, raised by the conversation itself."""

    reason: str
    tier: str  #: "P0" … "P3"
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Handed from room to room and replaced, never changed in place."""

    row_id: int
    incoming: Incoming
    patient: Patient
    contact: Contact
    message: Message
    screened: Verdict
    dialogue: Dialogue
    now: datetime
    #: what the record held when the turn began
    observations: tuple[Observation, ...] = ()
    history: tuple[Message, ...] = ()
    open_checkin: CheckIn | None = None
    schedules: tuple[Schedule, ...] = ()
    #: what the rooms decided
    drafts: tuple[Draft, ...] = ()
    observed: tuple[Observation, ...] = ()
    withdrawn: tuple[str, ...] = ()
    learnt: tuple[Memory, ...] = ()
    forgotten: tuple[str, ...] = ()
    assessment: RiskAssessment | None = None
    consents: tuple[Consent, ...] = ()
    schedule: Schedule | None = None
    answers: CheckIn | None = None  #: the check-in this message answers
    concerns: tuple[Concern, ...] = ()
    stop: bool = False  #: every proactive message ends now
    handled: bool = False  #: a room has dealt with it; later rooms pass it on

    @property
    def language(self) -> str:
        """The language to answer in."""
        return self.patient.language

    @property
    def text(self) -> str:
        """The words of this message."""
        return self.message.text

    @property
    def patient_id(self) -> PatientId:
        """Whose turn it is."""
        return self.patient.id

    def say(self, *drafts: Draft, **changes: Any) -> Turn:
        """This turn with these drafts added, dealt with."""
        return replace(self, drafts=self.drafts + drafts, handled=True, **changes)

    def topic(self, topic: dict[str, Any]) -> Dialogue:
        """The dialogue turned to another topic; empty: to none."""
        return replace(self.dialogue, topic=topic)
