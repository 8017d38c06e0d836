"""The parts that resources are made of: names, times, references, with their paths."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

_AHEAD = timedelta(days=1)  #: clocks differ; more than this is an error
_LONGEST = 300  #: characters of a name that are kept
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class LeftOut(Exception):
    """This resource says nothing to be kept; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One resource with its path, the names of the patient, and the list of what is wrong."""

    path: str
    resource: Mapping[str, Any]
    patient: Collection[str]
    others: Mapping[str, Mapping[str, Any]]
    now: datetime
    wrong: list[str]

    @property
    def name(self) -> str:
        """What the other system calls this resource, the same in every Bundle."""
        kind = self.resource["resourceType"]
        ours = self.resource.get("id") or next(
            (f"{i.get('system', '')}|{i['value']}" for i in self.resource.get("identifier", ())
             if isinstance(i, dict) and i.get("value")), "",
        )  # fmt: skip
        if not ours:
            self.error("id", "missing, and no identifier either: a repeat could not be recognised")
        return f"{kind}/{ours}"

    def error(self, where: str, what: str) -> None:
        """Note an error; reading goes on, so that all of them are told at once."""
        self.wrong.append(f"{self.path}.{where}: {what}")

    def about_the_patient(self) -> None:
        """Note an error unless this is about the one patient of the Bundle."""
        if self.resource["resourceType"] == "Appointment":
            actors = [
                (p.get("actor") or {}).get("reference", "")
                for p in self.resource.get("participant", ())
            ]
            if not any(actor in self.patient for actor in actors):
                self.error("participant", "the patient of this Bundle is not among them")
            return
        field = "patient" if "patient" in self.resource else "subject"
        reference = (self.resource.get(field) or {}).get("reference", "")
        if reference not in self.patient:
            said = "missing" if not reference else f"{reference[:60]} is not the patient of it"
            self.error(f"{field}.reference", said)

    def status(self, field: str) -> str:
        """A code, or the code of a CodeableConcept; "" where there is none."""
        value = self.resource.get(field)
        if isinstance(value, dict):
            return next((str(c.get("code", "")) for c in value.get("coding", ())), "")
        return str(value or "")

    def concept(self, field: str) -> str:
        """The name of a CodeableConcept; an error where it has none."""
        found = words_of(self.resource.get(field))
        if not found:
            self.error(field, "neither a text nor a display says what it is")
        return found

    def moment(self, *fields: str) -> datetime | None:
        """The first of these fields that holds a day or more, aware UTC; not in the future."""
        for field in fields:
            value = self.resource.get(field)
            if isinstance(value, dict):
                value = value.get("start") or value.get("end")
            found = moment_of(value)
            if found is not None:
                if found > self.now + _AHEAD:
                    self.error(field, f"{value} is in the future")
                return found
        return None


def moment_of(value: object) -> datetime | None:
    """A FHIR dateTime of at least a day; a bare day is noon UTC."""
    if not isinstance(value, str) or len(value) < 10:
        return None
    try:
        if len(value) == 10:
            day = date.fromisoformat(value)
            return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # hour 24, year 0: FHIR allows what clocks do not
        return None


def words_of(concept: object) -> str:
    """text, or the first display, in one line; "" where there is neither."""
    if not isinstance(concept, dict):
        return ""
    said = concept.get("text") or next(
        (c["display"] for c in concept.get("coding", ()) if c.get("display")), ""
    )
    return one_line(said)


def one_line(text: object) -> str:
    """Without line breaks, control characters and what turns the direction of writing."""
    return " ".join(_UNSAFE.sub(" ", str(text or "")).split())[:_LONGEST]
