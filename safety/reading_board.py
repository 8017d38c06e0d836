"""The board on which the readings of one text are collected: values, units, taken places."""

from __future__ import annotations

import re
from dataclasses import dataclass

from safety.numbers import flatten
from safety.units import Quantity, Unit, Words, words

_MINOR = re.compile(r"\s*(?:and\s+)?(\d{1,2})(?![\d.])\s*")
#: (canonical value, unit, alternatives, implausible)
Found = tuple[float, Unit, tuple[tuple[float, str], ...], bool]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One measurement; ``value`` is in the canonical ``unit`` of its ``code`` (see units.toml).

    ``start``/``end`` are offsets in the text, ``said`` the words there. ``alternatives`` holds
    (canonical value, unit as written) for every unit that fits a value without one. Not
    ``certain``: ask before it is kept. ``implausible``: probably a slip of the finger, ask again.
    """

    code: str
    value: float
    unit: str
    start: int
    end: int
    said: str
    diastolic: float | None = None
    alternatives: tuple[tuple[float, str], ...] = ()
    certain: bool = True
    implausible: bool = False
    original_value: float = 0.0
    original_unit: str = ""


class Board:
    """One text, what is taken of it, and the readings found so far."""

    def __init__(self, text: str, language: str) -> None:
        self.original, self.text = text, flatten(text)
        self.language = language if language in ("en", "zh") else "en"
        self.words: Words = words()
        self.taken = bytearray(len(text))
        self.found: list[Reading] = []

    def possible(self, high: float, low: float, *, prefix: str = "") -> bool:
        pressure = self.words.quantities["blood_pressure"]
        spans = (
            (pressure.limits.get(f"{prefix}systolic", pressure.plausible), high),
            (pressure.limits[f"{prefix}diastolic"], low),
            (pressure.limits[f"{prefix}gap"], high - low),
        )
        return all(span[0] <= value <= span[1] for span, value in spans)

    def is_target(self, start: int) -> bool:
        return self.words.cues["target"].search(self.text, max(0, start - 30), start) is not None

    def minor(self, unit: Unit, end: int) -> tuple[float, int]:
        """Pounds after stones, inches after feet: their canonical worth, and where they end."""
        more = _MINOR.match(self.text, end) if unit.minor else None
        if more is None:
            return 0.0, end
        named = unit.minor_pattern.match(self.text, more.end())
        return float(more[1]) * unit.minor, named.end() if named else more.end(1)

    def reading(self, quantity: Quantity, number: float, unit_word: str,
                 minor: float = 0.0) -> Found | None:  # fmt: skip
        """(canonical value, unit, alternatives, implausible), or None when nothing fits."""
        if unit_word:
            unit = self.words.unit_of[quantity.code].get(re.sub(r"\s+", " ", unit_word))
            if unit is None:
                return None
            value = quantity.canonical(number, unit, minor)
            return value, unit, (), not quantity.is_plausible(value, unit)
        fitting = [unit for unit in quantity.units if unit.fits(number, self.language)]
        if not fitting:
            return quantity.canonical(number, quantity.units[0]), quantity.units[0], (), True
        values = tuple((quantity.canonical(number, unit), unit.unit) for unit in fitting)
        plausible = quantity.is_plausible(values[0][0], fitting[0])
        return values[0][0], fitting[0], values if len(values) > 1 else (), not plausible

    def put(self, quantity: Quantity, number: float, found: Found, start: int, end: int, *,
             certain: bool) -> None:  # fmt: skip
        value, unit, alternatives, implausible = found
        self.add(quantity, value, start, end, alternatives=alternatives,
                  certain=certain and not alternatives, implausible=implausible,
                  original=(number, unit.unit), unit=unit.unit if unit.own else "")  # fmt: skip

    def add(self, quantity: Quantity, value: float, start: int, end: int, *,
             original: tuple[float, str], diastolic: float | None = None,
             alternatives: tuple[tuple[float, str], ...] = (), certain: bool = True,
             implausible: bool = False, unit: str = "") -> None:  # fmt: skip
        self.take(start, end)
        self.found.append(
            Reading(code=quantity.code, value=round(value, quantity.decimals), diastolic=diastolic,
                    unit=unit or quantity.unit, start=start, end=end,
                    said=self.original[start:end].strip(), alternatives=alternatives,
                    certain=certain and not implausible, implausible=implausible,
                    original_value=original[0], original_unit=original[1])
        )  # fmt: skip

    def take(self, start: int, end: int) -> None:
        self.taken[start:end] = b"\x01" * (end - start)

    def is_taken(self, start: int, end: int) -> bool:
        return self.taken.find(1, start, end) >= 0
