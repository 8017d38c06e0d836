"""A patient's readings over time as a picture that is clear on a phone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _SECOND, _PALE = "#0b5c6b", "#a3502b", "#c9d3da"
Point = tuple[datetime, float, float | None]  #: local time, value, diastolic or None
Day = tuple[date, int, int]  #: local day, medicines taken, medicines asked for


def trend(points: Sequence[Point], *, unit: str, lines: Sequence[float] = ()) -> bytes:
    """PNG of the points, oldest first, with ``lines`` for a target. Digits only: no font is needed
    that a server may lack; the words stand in the message beside it."""
    from matplotlib.figure import Figure  # own Figure: pyplot's global state is not thread-safe

    figure = Figure(figsize=(6, 3.4), dpi=110, layout="constrained")
    _series(figure.add_subplot(), points, unit, lines)
    return _png(figure)


def week(
    points: Sequence[Point], days: Sequence[Day], *, unit: str, lines: Sequence[float] = ()
) -> bytes:
    """PNG of a week: the readings against their target, and below them the medicines of each day,
    taken in dark before asked in pale. Either may be empty, not both."""
    from matplotlib.figure import Figure

    both = bool(points) and bool(days)
    figure = Figure(figsize=(6, 4.6 if both else 3.4), dpi=110, layout="constrained")
    if both:
        upper, lower = figure.subplots(2, height_ratios=(2, 1))
    else:
        upper = lower = figure.add_subplot()
    if points:
        _series(upper, points, unit, lines)
    if days:
        _doses(lower, days)
    return _png(figure)


def _series(axes: Axes, points: Sequence[Point], unit: str, lines: Sequence[float]) -> None:
    times = [at.replace(tzinfo=None) for at, _, _ in points]
    values = [value for _, value, _ in points]
    axes.plot(times, values, marker="o", color=_INK, linewidth=2)  # type: ignore[arg-type]
    seconds = [second for _, _, second in points if second is not None]
    if len(seconds) == len(points):
        axes.plot(times, seconds, marker="s", color=_SECOND, linewidth=2)  # type: ignore[arg-type]
    for series in (values, seconds):
        if series:
            axes.annotate(
                f"{series[-1]:g}",
                (times[-1], series[-1]),
                textcoords="offset points",
                xytext=(6, 6),
                fontsize=12,
                fontweight="bold",
            )
    marks = sorted({times[round(n * (len(times) - 1) / 4)] for n in range(5)})
    one_day = times[0].date() == times[-1].date()
    style = "%H:%M" if one_day else "%m-%d"
    axes.set_xticks(marks, [at.strftime(style) for at in marks])  # type: ignore[arg-type]
    axes.set_ylabel(unit)
    for line in lines:
        axes.axhline(line, color="#5f6b73", linewidth=1, linestyle="--")
    axes.grid(axis="y", color="#d8dee3")
    axes.margins(x=0.08, y=0.25)
    if times[0] == times[-1]:
        axes.set_xlim(times[0] - timedelta(hours=1), times[0] + timedelta(hours=1))  # type: ignore[arg-type]
    _plain(axes)


def _doses(axes: Axes, days: Sequence[Day]) -> None:
    places = range(len(days))
    axes.bar(places, [asked for _, _, asked in days], color=_PALE)
    axes.bar(places, [taken for _, taken, _ in days], color=_INK, width=0.5)
    for place, (_, taken, asked) in zip(places, days, strict=True):
        axes.annotate(f"{taken}/{asked}", (place, asked), ha="center", va="bottom", fontsize=9)
    axes.set_xticks(list(places), [f"{day:%m-%d}" for day, _, _ in days])
    axes.set_yticks([])
    axes.margins(y=0.3)
    _plain(axes)


def _plain(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _png(figure: Figure) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()
