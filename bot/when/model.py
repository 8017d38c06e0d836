"""What was understood: a When, its rule if it repeats, or the reason why it cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from bot.when.rule import Rule

Kind = Literal["date", "time", "datetime", "duration", "set", "range"]
KINDS: tuple[str, ...] = get_args(Kind)

#: no_such_time: 25:00. no_such_date: 31 February. past: over already, where a coming time is
#: needed. unclear: "every 4 to 6 hours" names no one time. lunar: a date of the lunar calendar,
#: kept as it was said. nothing: no time was named at all.
Problem = Literal["no_such_time", "no_such_date", "past", "unclear", "lunar"]


@dataclass(frozen=True, kw_only=True)
class When:
    """One expression of time; everything is local to the patient, nothing has a zone.

    ``value``: ISO 8601, "2026-11-24", "08:00:00", "2026-11-24T08:00:00" or "PT30M"; empty for a
    set or a range. ``rule``: for a set. ``start`` and ``end``: of a range, ``end`` exclusive.
    ``certain`` is false where something was assumed (morning or evening, a default clock time,
    day or month first); ``others`` are the readings not taken, and for a part of the day ("tomorrow
    morning") the moment that would stand for it in a reminder. With a ``problem`` nothing else
    but the words may be relied on.
    """

    kind: Kind
    value: str | None = None
    seconds: float | None = None  #: of a duration, a month as 30 days and a year as 365
    rule: Rule | None = None
    start: str | None = None
    end: str | None = None
    certain: bool = True
    problem: Problem | None = None
    others: tuple[str, ...] = ()
    words: str = ""  #: as they were written
    spans: tuple[tuple[int, int], ...] = ()  #: where they stand in the text

    @property
    def moment(self) -> datetime | None:
        """The local date and time of a datetime; None for every other kind."""
        if self.kind != "datetime" or self.value is None:
            return None
        return datetime.fromisoformat(self.value)

    def brief(self) -> str:
        """One line for people who test: "set weekly/2:mo@09:00", "date 2026-11-24", "!past"."""
        if self.problem is not None and self.problem != "lunar":
            return f"!{self.problem}"
        if self.rule is not None:
            return f"set {self.rule.brief()}"
        if self.kind == "range":
            return f"range {_short(self.start)}/{_short(self.end)}"
        return f"{self.kind} {_short(self.value)}"


def _short(value: str | None) -> str:
    """Without seconds that are zero."""
    if value is None:
        return ""
    return value[:-3] if value.count(":") == 2 and value.endswith(":00") else value
