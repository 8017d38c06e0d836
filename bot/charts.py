"""A patient's readings over time as a picture that is clear on a phone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

_INK, _SECOND = "#0b5c6b", "#a3502b"


def trend(points: Sequence[tuple[datetime, float, float | None]], *, unit: str) -> bytes:
    """PNG of (local time, value, diastolic or None), oldest first. Digits only: no font is needed
    that a server may lack; the words stand in the message beside it."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.figure import Figure  # own Figure: pyplot's global state is not thread-safe

    figure = Figure(figsize=(6, 3.4), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    times = [at.replace(tzinfo=None) for at, _, _ in points]
    axes.plot(times, [value for _, value, _ in points], marker="o", color=_INK, linewidth=2)  # type: ignore[arg-type]
    seconds = [second for _, _, second in points if second is not None]
    if len(seconds) == len(points):
        axes.plot(times, seconds, marker="s", color=_SECOND, linewidth=2)  # type: ignore[arg-type]
    for series in ([value for _, value, _ in points], seconds):
        if series:
            axes.annotate(
                f"{series[-1]:g}",
                (times[-1], series[-1]),  # type: ignore[arg-type]
                textcoords="offset points",
                xytext=(6, 6),
                fontsize=12,
                fontweight="bold",
            )
    locator = AutoDateLocator(maxticks=6)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.set_ylabel(unit)
    axes.grid(axis="y", color="#d8dee3")
    axes.margins(x=0.08, y=0.25)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()
