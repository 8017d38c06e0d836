"""Something to talk over with a patient: a rule found it in the record, a nurse decides."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from bot.domain.message import PatientId


class SuggestionState(enum.Enum):
    """Where it stands."""

    OPEN = "open"  #: waits for a nurse
    APPROVED = "approved"  #: said to the patient
    DISMISSED = "dismissed"  #: a nurse wants to hear no more of it for a while
    OVER = "over"  #: the record gives no reason for it any more


@dataclass(frozen=True, kw_only=True)
class Why:
    """One line of the record that speaks for it.

    ``kind``: "condition", "medicine", "pregnant", "age", "sex", "mean" (of ``count`` readings),
    "last" (``what`` was on that day) or "never" (no ``what`` in the record).
    """

    kind: str
    what: str = ""  #: the record's own words, or the id of a test of the graph
    value: str = ""
    count: int = 0
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """What a rule found; ``subject`` is the medicine it is about, "": the rule says it all."""

    rule: str
    subject: str = ""
    tests: tuple[str, ...] = ()  #: of the graph, those that are due
    why: tuple[Why, ...] = ()

    @property
    def about(self) -> tuple[str, str]:
        """The same for the same matter."""
        return self.rule, self.subject


def message_of(suggestion_id: str) -> str:
    """The id of the message in which it is said."""
    return f"suggestion/{suggestion_id}"


@dataclass(frozen=True, kw_only=True)
class KeptSuggestion:
    """A suggestion as a row."""

    id: str
    patient_id: PatientId
    suggestion: Suggestion
    state: SuggestionState = SuggestionState.OPEN
    made_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    until: datetime | None = None  #: it does not come again before this
