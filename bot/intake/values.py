"""Observations: measurements we know as values, everything else as a statement."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import safety
from bot.fhir import by_loinc
from bot.fhir.codes import LOINC, unit_word
from bot.intake.model import Said, Value
from bot.intake.parts import Entry, LeftOut, one_line, words_of

_DONE = ("final", "amended", "corrected")
_PRESSURE = "blood_pressure"


def observation(entry: Entry) -> Said | Value:
    status = entry.status("status")
    if status not in _DONE:
        raise LeftOut(status)
    code = _code(entry.resource.get("code"))
    at = entry.moment("effectiveDateTime", "effectiveInstant", "effectivePeriod", "issued")
    if at is None:
        if code:
            entry.error("effectiveDateTime", "missing, or less than a day")
        raise LeftOut("no day")
    if code == _PRESSURE:
        return _pressure(entry, at)
    quantity = entry.resource.get("valueQuantity")
    if code and isinstance(quantity, dict) and "value" in quantity:
        found = _measured(entry, code, quantity, "valueQuantity")
        if found is not None:
            value, unit, given = found
            return Value(resource=entry.name, code=code, value=value, unit=unit, given=given, at=at)
    shown = _shown(entry.resource)
    if not shown:
        raise LeftOut("no value")
    values = {"what": entry.concept("code"), "value": shown}
    return Said(resource=entry.name, words="result", values=values, at=at)


def _pressure(entry: Entry, at: Any) -> Value:
    parts: dict[str, float] = {}
    given = []
    for number, component in enumerate(entry.resource.get("component", ())):
        name, quantity = _code(component.get("code")), component.get("valueQuantity")
        if name in ("systolic", "diastolic") and isinstance(quantity, dict):
            where = f"component[{number}].valueQuantity"
            found = _measured(entry, name, quantity, where)
            if found is not None:
                parts[name] = found[0]
                given.append(found[2])
    if parts.keys() != {"systolic", "diastolic"}:
        if not any(line.startswith(f"{entry.path}.component") for line in entry.wrong):
            entry.error("component", "a blood pressure needs a systolic and a diastolic value")
        raise LeftOut("no value")
    if parts["diastolic"] >= parts["systolic"]:
        entry.error("component", "the diastolic value is not below the systolic one")
    return Value(
        resource=entry.name, code=_PRESSURE, value=parts["systolic"],
        diastolic=parts["diastolic"], unit="mmHg", given=" / ".join(g for g in given if g), at=at,
    )  # fmt: skip


def _measured(
    entry: Entry, code: str, quantity: Mapping[str, Any], where: str
) -> tuple[float, str, str] | None:
    """(value, unit, as given) in our unit; None after an error was noted."""
    value = float(quantity.get("value", math.nan))
    written = str(quantity.get("code") or quantity.get("unit") or "")
    if not math.isfinite(value):
        entry.error(f"{where}.value", "missing")
        return None
    if quantity.get("comparator"):
        entry.error(f"{where}.comparator", "a bound is not a measurement we can keep")
        return None
    for unit in dict.fromkeys((written, str(quantity.get("unit") or ""))):
        found = safety.measured(code, value, unit_word(unit))
        if found is not None:
            break
    else:
        known = ", ".join(safety.known_units(code)) or "none"
        entry.error(f"{where}.unit", f"{written[:30] or 'none'} is not one of: {known}")
        return None
    if not found.plausible:
        entry.error(
            f"{where}.value",
            f"{found.value:g} {found.unit} is outside {found.low:g} to {found.high:g}",
        )
    shown = one_line(quantity.get("unit") or written)
    changed = not math.isclose(found.value, value, rel_tol=1e-9)
    return found.value, found.unit, f"{value:g} {shown}".strip() if changed else ""


def _code(concept: object) -> str:
    codings = concept.get("coding", ()) if isinstance(concept, dict) else ()
    found = (by_loinc(str(c.get("code"))) for c in codings if c.get("system") == LOINC)
    return next((code for code in found if code), "")


def _shown(resource: Mapping[str, Any]) -> str:
    """The value in the other system's own words."""
    quantity = resource.get("valueQuantity")
    if isinstance(quantity, dict) and "value" in quantity:
        number = f"{quantity.get('comparator', '')}{quantity['value']}"
        return one_line(f"{number} {quantity.get('unit') or quantity.get('code') or ''}")
    if "valueCodeableConcept" in resource:
        return words_of(resource["valueCodeableConcept"])
    for field in ("valueString", "valueInteger", "valueBoolean", "valueDateTime"):
        if field in resource:
            return one_line(resource[field])
    return ""
