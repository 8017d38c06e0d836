"""One dated statement about a patient, in FHIR terms: what, who said it, and whether it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from memory.model import SaidBy

FactStatus = Literal["current", "superseded", "forgotten", "entered-in-error"]
Verification = Literal["certain", "unconfirmed"]

#: FHIR R4 resources, and two kinds that are Observations there.
KINDS = frozenset(
    {
        "AllergyIntolerance",
        "Appointment",
        "Condition",
        "FamilyMemberHistory",
        "Goal",
        "MedicationStatement",
        "Observation",
        "Preference",
        "RelatedPerson",
        "SocialHistory",
    }
)
#: Where a wrong entry hurts: contradictions about these are asked, never settled by themselves.
GUARDED = frozenset({"AllergyIntolerance", "MedicationStatement"})
#: Whose statements the patient may take back; the clinic's own notes are for the clinic to change.
PATIENTS_OWN: frozenset[SaidBy] = frozenset({"patient", "carer", "inferred"})
#: What a kind's statement is about: this part of its values tells two of a kind apart.
_ABOUT = {"AllergyIntolerance": "substance", "MedicationStatement": "name"}
_ARTICLES = re.compile(r"^(?:the|my|an?|some|any|to)\s+|[\s。，,.!！]+$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A statement kept with its source.

    `kind` is one of KINDS; `text` says it in a few words of `language`; `values` hold its parts
    verbatim (AllergyIntolerance: substance, reaction; MedicationStatement: name, dose, times;
    Observation: what, onset, course; else: what). `author` is the care team member, where one
    said it; `source` the message or document it came from. `disputes` names the fact that it
    contradicts while nobody has decided. Times are aware UTC. Raises ValueError when it could
    never be found or forgotten safely.
    """

    id: str
    patient_id: str
    kind: str
    text: str
    values: Mapping[str, str] = field(default_factory=dict)
    said_by: SaidBy = "patient"
    author: str = ""
    source: str = ""
    language: str = ""
    recorded_at: datetime
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    status: FactStatus = "current"
    verification: Verification = "certain"
    replaced_by: str = ""  #: the fact that superseded this one
    disputes: str = ""

    def __post_init__(self) -> None:
        if not self.id or not self.patient_id:
            raise ValueError("a fact needs an id and a patient_id")
        if self.kind not in KINDS:
            raise ValueError(f"fact {self.id}: kind {self.kind} is not known")
        if any(at and at.tzinfo is None for at in self._times):
            raise ValueError(f"fact {self.id}: a time has no time zone")

    @property
    def _times(self) -> tuple[datetime | None, ...]:
        return self.recorded_at, self.valid_from, self.valid_until

    @property
    def about(self) -> str:
        """The one thing this is about, in small letters: a substance, a medicine, a condition."""
        return plain(self.values.get(_ABOUT.get(self.kind, "what")) or self.text)

    @property
    def guarded(self) -> bool:
        """An allergy or a medicine."""
        return self.kind in GUARDED


def about_field(kind: str) -> str:
    """The name of the value that says what a fact of this kind is about."""
    return _ABOUT.get(kind, "what")


def plain(words: str) -> str:
    """`words` as they are compared: small letters, no article before, no mark behind."""
    before, now = "", words.strip().casefold().replace("’", "'")
    while now != before:
        before, now = now, _ARTICLES.sub("", now)
    return now
