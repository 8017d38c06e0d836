"""A patient's readings over time as a picture that is clear on a phone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta

_INK, _SECOND = "#0b5c6b", "#a3502b"


def trend(points: Sequence[tuple[datetime, float, float | None]], *, unit: str) -> bytes:
    """PNG of (local time, value, diastolic or None), oldest first. Digits only: no font is needed
    that a server may lack; the words stand in the message beside it."""
    from matplotlib.figure import Figure  # own Figure: pyplot's global state is not thread-safe

    figure = Figure(figsize=(6, 3.4), dpi=110, layout="constrained")
    axes = figure.add_subplot()
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
    axes.grid(axis="y", color="#d8dee3")
    axes.margins(x=0.08, y=0.25)
    if times[0] == times[-1]:
        axes.set_xlim(times[0] - timedelta(hours=1), times[0] + timedelta(hours=1))  # type: ignore[arg-type]
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()
