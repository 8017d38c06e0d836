"""A question the bot asks unprompted. FHIR: CommunicationRequest."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.message import PatientId

WINDOW = timedelta(hours=3)  #: an answer inside the window is on time
GRACE = timedelta(hours=3)  #: after the one nag; silence past it is missed


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a patient is asked, in the patient's own clock."""

    id: str
    patient_id: PatientId
    kind: str  #: "wellness"
    time: str  #: local "HH:MM"
    active: bool = True


class CheckInState(enum.Enum):
    """What is stored. Grace and missed are read off the clock."""

    DUE = "due"
    ASKED = "asked"
    ANSWERED = "answered"
    MISSED = "missed"  #: seen by the clock and told to the care team
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class CheckIn:
    """One occurrence of a schedule."""

    id: str
    schedule_id: str
    patient_id: PatientId
    slot: str  #: local "YYYY-MM-DDTHH:MM"; unique with the schedule
    due_at: datetime
    state: CheckInState = CheckInState.DUE
    asked_at: datetime | None = None
    nagged_at: datetime | None = None
    answered_at: datetime | None = None

    def nag_at(self) -> datetime | None:
        """When silence earns one reminder."""
        return self.asked_at + WINDOW if self.asked_at else None

    def missed_at(self) -> datetime | None:
        """When silence is told to the care team."""
        return self.asked_at + WINDOW + GRACE if self.asked_at else None
