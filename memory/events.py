"""Find the stretch of time that a question names by an event: "before the operation"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from memory.cues import event_asked
from memory.model import Memory
from memory.when import Span, day_told

_REACH = timedelta(days=60)  #: how far before or after an event a question looks


def around(question: str, memories: Sequence[Memory], now: datetime) -> Span | None:
    """The days before, after or about an event that the question names and a memory dates.

    The newest memory that says when the event was to be, or that it has been, counts; None where
    the question names no event, or nothing remembered dates it.
    """
    asked = event_asked(question)
    if asked is None:
        return None
    day = _day_of(asked.event, memories, now)
    if day is None:
        return None
    if asked.side == "before":
        return Span(first=day - _REACH, last=day - timedelta(days=1), strict=True)
    if asked.side == "after":
        return Span(first=day, last=day + _REACH, strict=True)
    return Span(first=day - timedelta(days=2), last=day + timedelta(days=2))


def _day_of(event: re.Pattern[str], memories: Sequence[Memory], now: datetime) -> date | None:
    told: list[tuple[bool, datetime, date]] = []
    for memory in memories:
        if memory.said_by == "bot" or not event.search(memory.text):
            continue
        at = memory.recorded_at.astimezone(now.tzinfo)
        if (day := day_told(memory.text, at)) is not None:
            told.append((True, at, day))
        elif not memory.text.rstrip().endswith(("?", "？")):
            told.append((False, at, at.date()))
    return max(told)[2] if told else None
