"""After an emergency: has the person been able to call? FHIR: CommunicationRequest."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.domain.message import PatientId


class CallState(enum.Enum):
    """due → asked → answered, or silent; cancelled once a person has reached the patient."""

    DUE = "due"
    ASKED = "asked"
    ANSWERED = "answered"
    SILENT = "silent"
    CANCELLED = "cancelled"


#: What a patient can answer; "no_need" never closes anything.
ANSWERS = ("yes", "not_yet", "no_need")


@dataclass(frozen=True, kw_only=True)
class CallQuestion:
    """One time at which the patient of an emergency is asked."""

    id: str  #: "<escalation id>/call/<minutes>"
    escalation_id: str
    patient_id: PatientId
    state: CallState = CallState.DUE
    next_at: datetime | None  #: when to ask; once asked, when silence counts as an answer
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str = ""
