"""What a plan aims at: the values a reading should keep to, for the weekly summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.observation import CODES, Observation

_FIELDS = {"code", "unit", "at_least", "below", "diastolic_below", "source"}


@dataclass(frozen=True, kw_only=True)
class Target:
    """One aim of a plan; in ``unit``."""

    code: str
    unit: str
    at_least: float | None
    below: float | None
    diastolic_below: float | None

    def met(self, observation: Observation) -> bool:
        """The reading keeps to it."""
        second = observation.diastolic
        return (
            (self.at_least is None or observation.value >= self.at_least)
            and (self.below is None or observation.value < self.below)
            and (self.diastolic_below is None or second is None or second < self.diastolic_below)
        )

    @property
    def lines(self) -> tuple[float, ...]:
        """Where a picture shows it."""
        found = (self.at_least, self.below, self.diastolic_below)
        return tuple(value for value in found if value is not None)

    @property
    def upper(self) -> str:
        """ "135/85", "7", or ""."""
        if self.below is None:
            return ""
        second = f"/{self.diastolic_below:g}" if self.diastolic_below is not None else ""
        return f"{self.below:g}{second}"


def read(row: Mapping[str, Any], where: str) -> Target:
    """One [[target]] of a plan file. ValueError names the field that is wrong."""
    if unknown := set(row) - _FIELDS:
        raise ValueError(f"{where}: {min(unknown)} is no field of a target")
    for field in ("unit", "source"):
        if not row.get(field):
            raise ValueError(f"{where}: {field} is missing")
    aims = limits(row, ("at_least", "below", "diastolic_below"), where)
    return Target(code=code(row, where), unit=row["unit"], **aims)


def code(row: Mapping[str, Any], where: str) -> str:
    """What is measured; ValueError for what nothing measures, which would never be looked at."""
    found = row.get("code")
    if found not in CODES:
        raise ValueError(f"{where}: code {found!r} is no measurement; one of {', '.join(CODES)}")
    return str(found)


def limits(row: Mapping[str, Any], names: tuple[str, ...], where: str) -> dict[str, float | None]:
    """The named limits, one of them at least; ValueError where one is no number."""
    found = {name: row.get(name) for name in names}
    for name, value in found.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ValueError(f"{where}: {name} must be a number")
    if all(value is None for value in found.values()):
        raise ValueError(f"{where}: one of {', '.join(names)} is needed")
    return found
