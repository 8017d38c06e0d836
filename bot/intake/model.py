"""What another system's record says, read and checked, before anything of it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


class Refused(ValueError):
    """The Bundle cannot be taken; ``problems`` has one line a problem, "PATH: what is wrong"."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems[:5]))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Person:
    """The one patient of a Bundle; ``known_as`` names them in the other system, for ever."""

    known_as: str
    name: str = ""
    sex: str = ""
    birth_date: date | None = None
    language: str = ""  #: "en", "zh" or not said
    country: str = ""
    city: str = ""


#: Words of statements that no longer hold: kept as history.
OVER = ("allergy_over", "condition_over", "took", "prescribed_over", "plan_over")
#: What a memory.Fact calls a statement, and its values.
_KINDS = {
    "AllergyIntolerance": ("AllergyIntolerance", {"substance": "what", "reaction": "reaction"}),
    "Appointment": ("Appointment", {"what": "what"}),
    "CarePlan": ("Goal", {"what": "what"}),
    "Condition": ("Condition", {"what": "what"}),
    "MedicationRequest": ("MedicationStatement", {"name": "what", "times": "how"}),
    "MedicationStatement": ("MedicationStatement", {"name": "what", "times": "how"}),
    "Observation": ("Observation", {"what": "what"}),
}


@dataclass(frozen=True, kw_only=True)
class Said:
    """One statement of the record: the catalogue's key and values, put into words when kept."""

    resource: str  #: "AllergyIntolerance/12": the same resource in a later Bundle replaces it
    words: str  #: a key of prompts/messages/*/intake.toml
    values: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None  #: shown in the patient's clock, where the words have a day

    @property
    def kind(self) -> str:
        """One of memory.KINDS."""
        return _KINDS[self.resource.partition("/")[0]][0]

    @property
    def parts(self) -> dict[str, str]:
        """The values of the fact, verbatim."""
        names = _KINDS[self.resource.partition("/")[0]][1]
        return {ours: self.values[its] for ours, its in names.items() if self.values.get(its)}


@dataclass(frozen=True, kw_only=True)
class Value:
    """One measurement in our unit."""

    resource: str
    code: str
    value: float
    diastolic: float | None = None
    unit: str
    given: str = ""  #: as the other system wrote it, where the unit was changed
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Everything of a Bundle that will be kept, and what was left out and why."""

    person: Person
    said: tuple[Said, ...]
    values: tuple[Value, ...]
    left_out: tuple[str, ...]
