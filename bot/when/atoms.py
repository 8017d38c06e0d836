"""The smallest pieces a sentence about time is read into."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

from bot.when.days import shift
from bot.when.model import Problem
from bot.when.rule import Rule
from bot.when.words import Slots

_ISO = {"years": "Y", "months": "M", "weeks": "W", "days": "D"}
_ISO_CLOCK = {"hours": "H", "minutes": "M", "seconds": "S"}
_SECONDS = {
    "years": 365 * 86400,
    "months": 30 * 86400,
    "weeks": 7 * 86400,
    "days": 86400,
    "hours": 3600,
    "minutes": 60,
    "seconds": 1,
}
_PLAIN = {"fortnights": ("weeks", 2), "quarters": ("months", 3), "decades": ("years", 10)}

Role = Literal["", "from", "until", "for"]


@dataclass(frozen=True, kw_only=True)
class Length:
    """How long: numbers of units, as they were said ("one and a half hours": 1.5 hours)."""

    units: tuple[tuple[str, float], ...]

    @classmethod
    def of(cls, units: Iterable[tuple[str, float]]) -> Length:
        """The same units added up; fortnights, quarters and decades made plain."""
        total: dict[str, float] = {}
        for unit, number in units:
            plain, factor = _PLAIN.get(unit, (unit, 1))
            total[plain] = total.get(plain, 0) + number * factor
        return cls(units=tuple((u, total[u]) for u in _SECONDS if u in total))

    @property
    def clocked(self) -> bool:
        """Whether it counts hours, minutes or seconds."""
        return any(unit in _ISO_CLOCK for unit, _ in self.units)

    def after(self, start: datetime, sign: int = 1) -> datetime:
        """The local moment this long after ``start``, or before it with ``sign`` -1."""
        months, seconds = 0, 0
        for unit, number in self.units:
            if unit in ("years", "months"):
                number *= 12 if unit == "years" else 1
                months += int(number)
                seconds += round(number % 1 * 30) * _SECONDS["days"]
            else:
                seconds += round(number * _SECONDS[unit])
        return shift(start, sign * months) + sign * timedelta(seconds=seconds)

    @property
    def seconds(self) -> float:
        """In seconds, a month as 30 days and a year as 365."""
        return sum(number * _SECONDS[unit] for unit, number in self.units)

    @property
    def sane(self) -> bool:
        """A hundred years at most, so that the calendar can hold it."""
        return self.seconds <= 100 * _SECONDS["years"]

    def iso(self) -> str:
        """ISO 8601: "PT1H30M", "P2W", "P0.5Y"; weeks beside other units become days."""
        units = dict(self.units)
        if "weeks" in units and len(units) > 1:
            units["days"] = units.get("days", 0) + 7 * units.pop("weeks")
        for big, small in (("hours", "minutes"), ("minutes", "seconds")):
            if part := units.get(big, 0) % 1:
                units[small] = units.get(small, 0) + round(part * 60)
                units[big] = int(units[big])
        days = "".join(f"{units[u]:g}{_ISO[u]}" for u in _ISO if units.get(u))
        clock = "".join(f"{units[u]:g}{_ISO_CLOCK[u]}" for u in _ISO_CLOCK if units.get(u))
        return "P" + days + ("T" + clock if clock else "") if days or clock else "PT0S"


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A time of day; ``known`` is false while morning and evening are both possible."""

    hour: int
    minute: int = 0
    second: int = 0
    known: bool = True
    sure: bool = True  #: false for a default the speaker did not say
    next_day: bool = False  #: "midnight tonight" belongs to tomorrow's date

    @property
    def exists(self) -> bool:
        """Whether a clock ever shows it."""
        return self.hour < 24 and self.minute < 60 and self.second < 60

    def text(self) -> str:
        """ "08:00:00"."""
        return f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}"

    def settled(self, part: str) -> Clock:
        """This time in that part of the day: 8 in the evening is 20:00."""
        if self.known:
            return self
        hour = self.hour
        if part in ("night", "late") and hour == 12:
            return replace(self, hour=0, known=True, next_day=True)
        if (
            (part in ("afternoon", "evening") and hour < 12)
            or (part in ("night", "late") and 5 <= hour < 12)
            or (part == "noon" and hour < 4)
        ):
            hour += 12
        if part in ("morning", "early") and hour == 12:
            hour = 0
        return replace(self, hour=hour, known=True)

    def shifted(self, minutes: float) -> Clock:
        """So many minutes later, or earlier, round the clock."""
        total = (self.hour * 60 + self.minute + round(minutes)) % 1440
        return replace(self, hour=total // 60, minute=total % 60)

    def other(self) -> Clock:
        """Half a day away."""
        return replace(self, hour=(self.hour + 12) % 24)


@dataclass(frozen=True, kw_only=True)
class Atom:
    """One piece: a day, a time, a length, a rule, or a word that joins them."""

    at: tuple[int, int] = (0, 0)
    day: date | None = None
    other_days: tuple[date, ...] = ()
    weekday: int | None = None  #: the day was said as a bare weekday
    clocks: tuple[Clock, ...] = ()
    clock_range: tuple[Clock, Clock] | None = None
    part: str | None = None
    moments: tuple[str, ...] = ()  #: named in slots.toml
    length: Length | None = None
    moment: datetime | None = None
    span: tuple[date | datetime, date | datetime] | None = None
    rule: Rule | None = None
    a_day: int = 0  #: "twice a day"
    count: int | None = None  #: "five times in all"
    role: Role = ""
    sure: bool = True
    by_meal: bool = False  #: named by a meal, by waking or by going to bed
    problem: Problem | None = None


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a piece is read against: the patient's own clock, and the default times."""

    now: datetime  #: naive local
    slots: Slots
    marks: tuple[str, ...] = field(default=())

    @property
    def today(self) -> date:
        """The patient's date."""
        return self.now.date()


Reader = Callable[[re.Match[str], Context], Atom | None]
Patterns = list[tuple[re.Pattern[str], Reader]]


def scan(text: str, patterns: Patterns, context: Context) -> list[Atom]:
    """The pieces of ``text`` from left to right: at each place the longest that can be read."""
    found: list[Atom] = []
    place = 0
    while place < len(text):
        best: Atom | None = None
        for pattern, read in patterns:
            match = pattern.match(text, place)
            if match is None or match.end() == place:
                continue
            if best is not None and match.end() <= best.at[1]:
                continue
            atom = read(match, context)
            if atom is not None:
                best = replace(atom, at=match.span())
        if best is None:
            place += 1
        else:
            found.append(best)
            place = best.at[1]
    return found
