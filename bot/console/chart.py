"""A line of readings as plain geometry; the template draws it, the table beside it says it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.observation import Observation

WIDTH, HEIGHT = 640, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 14, 18, 30


@dataclass(frozen=True, kw_only=True)
class Line:
    """One series: where its dots lie."""

    dots: tuple[tuple[float, float], ...]

    @property
    def points(self) -> str:
        """As an SVG polyline wants them."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.dots)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Pixels in a 640 × 200 box."""

    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]  #: (y, label)
    first: Observation
    last: Observation
    low: float
    high: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    floor: int = HEIGHT - _BOTTOM


def draw(observations: Sequence[Observation]) -> Chart | None:
    """The chart of readings of one code and unit, in any order; None for fewer than two."""
    shown = sorted(observations, key=lambda o: o.at)
    if len(shown) < 2:
        return None
    upper = [o.value for o in shown]
    lower = [o.diastolic for o in shown if o.diastolic is not None]
    values = upper + lower
    step = _step(max(values) - min(values))
    bottom = math.floor(min(values) / step) * step
    top = math.ceil(max(values) / step) * step
    if top == bottom:
        top = bottom + step
    begin, end = shown[0].at.timestamp(), shown[-1].at.timestamp()

    def place(o: Observation, value: float) -> tuple[float, float]:
        across = (o.at.timestamp() - begin) / (end - begin) if end > begin else 0.5
        up = (value - bottom) / (top - bottom)
        return (
            _LEFT + 8 + across * (WIDTH - _LEFT - _RIGHT - 16),
            HEIGHT - _BOTTOM - up * (HEIGHT - _TOP - _BOTTOM),
        )

    lines = [Line(dots=tuple(place(o, o.value) for o in shown))]
    if lower:
        dots = tuple(place(o, o.diastolic) for o in shown if o.diastolic is not None)
        lines.append(Line(dots=dots))
    count = round((top - bottom) / step)
    ticks = tuple(
        (
            HEIGHT - _BOTTOM - i / count * (HEIGHT - _TOP - _BOTTOM),
            f"{bottom + i * step:.6g}",
        )
        for i in range(count + 1)
    )
    return Chart(
        lines=tuple(lines),
        ticks=ticks,
        first=shown[0],
        last=shown[-1],
        low=min(values),
        high=max(values),
    )


def _step(span: float) -> float:
    """A round step that cuts the span into three to six."""
    if span <= 0:
        return 1.0
    rough = span / 4
    size = 10.0 ** math.floor(math.log10(rough))
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
