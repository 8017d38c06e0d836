"""One figure of the table, and how a spread is said."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What was measured, what it must be, and whether it is."""

    what: str
    must: str
    measured: str
    spread: str = ""
    load: float = 0.0  #: of the machine, when the measuring began
    met: bool | None = None  #: None: nothing was promised


def share(values: Sequence[float], part: float) -> float:
    """The value below which ``part`` of ``values`` lie, between 0 and 1, interpolated."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def runs(values: Sequence[float], unit: str, digits: int = 0) -> str:
    """The spread over repeats: "3 runs, 81 to 95/s"."""
    if len(values) == 1:
        return "1 run"
    low, high = (f"{v:.{digits}f}" for v in (min(values), max(values)))
    return f"{len(values)} runs, {low} to {high} {unit}"


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)
