"""A value with its unit from elsewhere, in the unit we keep, and whether anybody could have it."""

from __future__ import annotations

from dataclasses import dataclass

from safety.units import words


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The value in our unit; ``low`` and ``high`` bound what a living patient could have."""

    value: float
    unit: str
    low: float
    high: float

    @property
    def plausible(self) -> bool:
        """Between the bounds."""
        return self.low <= self.value <= self.high


def measured(code: str, value: float, unit: str) -> Measured | None:
    """None where we know no such measurement, or not in this unit. ``unit`` in small letters.

    "systolic" and "diastolic" are blood pressures.
    """
    code = {"diastolic": "diastolic_pressure"}.get(code, code)
    quantity = words().quantities.get(code)
    if quantity is None:
        return None
    given = next((u for u in quantity.units if unit in u.words or (not unit and not u.unit)), None)
    if given is None:
        return None
    low, high = given.own or quantity.plausible
    # A unit that is not converted (peak flow as a share of one's best) is kept as it is.
    kept = given.unit if given.own else quantity.unit
    return Measured(value=quantity.canonical(value, given), unit=kept, low=low, high=high)


def known_units(code: str) -> tuple[str, ...]:
    """How the units of a measurement are called."""
    code = {"diastolic": "diastolic_pressure"}.get(code, code)
    quantity = words().quantities.get(code)
    return tuple(u.unit for u in quantity.units) if quantity is not None else ()
