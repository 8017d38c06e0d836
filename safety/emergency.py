"""The numbers to call, by country, or an honest choice where the country is not known."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from safety.files import read_toml, table_field, text_field

_FILE = Path(__file__).with_name("emergency_contacts.toml")
_AGREEMENT = ("both", "one", "none")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One telephone line; ``verified`` when it was read at a source, else from memory."""

    number: str
    name: str
    verified: bool


@dataclass(frozen=True, kw_only=True)
class EmergencyContacts:
    """Where to turn in one country; ``known`` is False for a country not in the list.

    ``status`` says how many of two public lists agree on the ambulance number: both, one, none.
    ``checked_on`` is None until a person has checked the row.
    """

    country: str = ""
    city: str = ""
    ambulance: str = ""
    crisis: tuple[Line, ...] = ()
    poison: Line | None = None
    note: str = ""
    source: str = ""
    status: str = "none"
    checked_on: date | None = None
    known: bool = False

    @property
    def confirmed(self) -> bool:
        """True where at least one public list gives the same ambulance number."""
        return self.known and self.status != "none"


@functools.cache
def _load() -> dict[str, EmergencyContacts]:
    data = read_toml(_FILE)
    source = text_field(data, "source", _FILE.name)
    return {
        country: _row(country, row, source)
        for country, row in table_field(data, "country", _FILE.name).items()
    }


def _row(country: str, row: Mapping[str, Any], source: str) -> EmergencyContacts:
    where = f"{_FILE.name}: {country}"
    ambulance = text_field(row, "ambulance", where)
    if not ambulance.isdigit():
        raise ValueError(f"{where}: ambulance must be a number")
    status = text_field(row, "agreement", where)
    if status not in _AGREEMENT:
        raise ValueError(f"{where}: agreement must be one of {', '.join(_AGREEMENT)}")
    checked = str(row.get("checked_on", ""))
    try:
        checked_on = date.fromisoformat(checked) if checked else None
    except ValueError as problem:
        raise ValueError(f"{where}: checked_on must be a date like 2026-05-01") from problem
    return EmergencyContacts(
        country=country,
        ambulance=ambulance,
        crisis=tuple(_line(line, where) for line in row.get("crisis", [])),
        poison=_line(row["poison"], where) if "poison" in row else None,
        note=str(row.get("note", "")),
        source=source,
        status=status,
        checked_on=checked_on,
        known=True,
    )


def _line(row: Mapping[str, Any], where: str) -> Line:
    return Line(
        number=text_field(row, "number", where),
        name=str(row.get("name", "")),
        verified=text_field(row, "status", where) == "verified",
    )


def contacts(country: str, city: str = "") -> EmergencyContacts:
    """The row for an ISO 3166-1 alpha-2 country; ``known`` is False where there is none."""
    row = _load().get(country.strip().upper())
    if row is None:
        return EmergencyContacts(country=country.strip().upper(), city=city)
    return EmergencyContacts(**{**vars(row), "city": city})


def numbers_to_call() -> tuple[str, ...]:
    """Every number of every row: the ambulance, crisis and poison lines of all countries."""
    rows = _load().values()
    lines = [line for row in rows for line in (*row.crisis, row.poison) if line is not None]
    return tuple(sorted({row.ambulance for row in rows} | {line.number for line in lines}))


COUNTRIES: tuple[str, ...] = tuple(sorted(_load()))
