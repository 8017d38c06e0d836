"""Our measurements in LOINC and UCUM, as codes.toml has them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("codes.toml")
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True, kw_only=True)
class Coded:
    """One measurement: its LOINC codes, the one we write first, and the UCUM code of our unit."""

    code: str
    loinc: tuple[str, ...]
    ucum: str

    def concept(self, text: str) -> dict[str, Any]:
        """A CodeableConcept."""
        return {"coding": [{"system": LOINC, "code": self.loinc[0]}], "text": text}


@dataclass(frozen=True, kw_only=True)
class _Codes:
    measurements: Mapping[str, Coded]
    parts: Mapping[str, str]
    units: Mapping[str, str]


@cache
def _codes() -> _Codes:
    raw = tomllib.loads(_FILE.read_text("utf-8"))
    return _Codes(
        measurements={
            code: Coded(code=code, loinc=tuple(table["loinc"]), ucum=table["ucum"])
            for code, table in raw["measurement"].items()
        },
        parts=raw["part"],
        units=raw["unit"],
    )


def coded(code: str) -> Coded | None:
    """The measurement with our code; None: it has no LOINC code here."""
    return _codes().measurements.get(code)


def by_loinc(loinc: str) -> str:
    """Our code for a LOINC code; "": none."""
    for one in _codes().measurements.values():
        if loinc in one.loinc:
            return one.code
    return next((name for name, code in _codes().parts.items() if code == loinc), "")


def part(name: str) -> str:
    """The LOINC code of "systolic" or "diastolic"."""
    return _codes().parts[name]


def unit_word(unit: str) -> str:
    """A UCUM code or a unit's usual writing, as our units are read."""
    return _codes().units.get(unit, unit).casefold()
