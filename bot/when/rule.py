"""A rule that repeats, and the local slots it names."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from dateutil import rrule  # type: ignore[import-untyped]

from bot.domain.slots import moment

Frequency = Literal["minutely", "hourly", "daily", "weekly", "monthly", "yearly"]
Clock = Literal["same_clock", "fixed_interval"]
DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_LEAP = 2028  #: any leap year: 29 February is a real day
_KINDS = {
    "interval": int,
    "weekdays": int,
    "nth": int,
    "monthdays": int,
    "months": int,
    "count": int,
}
_FREQ = {
    "daily": rrule.DAILY,
    "weekly": rrule.WEEKLY,
    "monthly": rrule.MONTHLY,
    "yearly": rrule.YEARLY,
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How often, on which days, at which local times; from when until when.

    ``weekdays``: 0 is Monday. ``nth``: 1 to 5 or -1, "the first Monday" of a month.
    ``monthdays``: 1 to 31, -1 the last. ``times``: "HH:MM", local; for hours and minutes the one
    time it counts from. ``start`` is a local day, or a local moment for hours and minutes;
    ``end`` is the last local day. Counts in clock days (``same_clock``) or in elapsed time
    (``fixed_interval``: every 8 hours, whatever the clock does in spring).
    Raises ValueError naming the field when it cannot be.
    """

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int | None = None
    monthdays: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    times: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    count: int | None = None
    clock: Clock = "same_clock"

    def __post_init__(self) -> None:
        if self.frequency not in get_args(Frequency):
            raise ValueError(f"frequency: {self.frequency!r} is none of {get_args(Frequency)}")
        if self.clock not in get_args(Clock):
            raise ValueError(f"clock: {self.clock!r} is none of {get_args(Clock)}")
        if self.nth is not None and self.nth != -1 and not 1 <= self.nth <= 5:
            raise ValueError(f"nth: {self.nth} is not -1 or between 1 and 5")
        if self.count is not None and self.count < 1:
            raise ValueError(f"count: {self.count} is not at least 1")
        if not 1 <= self.interval <= 1000:
            raise ValueError(f"interval: {self.interval} is not between 1 and 1000")
        if any(not 0 <= d <= 6 for d in self.weekdays):
            raise ValueError(f"weekdays: {self.weekdays} are not all between 0 and 6")
        if any(d != -1 and not 1 <= d <= 31 for d in self.monthdays):
            raise ValueError(f"monthdays: {self.monthdays} are not days of a month")
        if any(not 1 <= m <= 12 for m in self.months):
            raise ValueError(f"months: {self.months} are not all between 1 and 12")
        if self.months and self.monthdays and not self._days_exist():
            raise ValueError(f"monthdays: none of months {self.months} has {self.monthdays}")
        for name in ("times", "start", "end"):
            self._check(name)

    def _days_exist(self) -> bool:
        longest = max(calendar.monthrange(_LEAP, m)[1] for m in self.months)
        return any(d <= longest for d in self.monthdays)

    def _check(self, name: str) -> None:
        found = getattr(self, name)
        try:
            for one in found if isinstance(found, tuple) else (found,):
                if one is not None:
                    (time if name == "times" else datetime).fromisoformat(one)
        except ValueError as error:
            raise ValueError(f"{name}: {found!r} is not ISO 8601") from error

    @property
    def once(self) -> bool:
        """Whether it is over after one day."""
        return self.count == 1 or (self.start is not None and self.start[:10] == self.end)

    # --- slots ---------------------------------------------------------------------------------

    def slots(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The local slots from ``start`` up to but not at ``end`` (naive local), in order.

        A rule that skips days, weeks or months must know its ``start``, otherwise every other
        Monday would be another Monday each time one looks: ValueError.
        """
        if start.tzinfo or end.tzinfo:
            raise ValueError("slots are local: give naive local datetimes")
        if self.clock == "fixed_interval":
            yield from self._steps(start, end)
            return
        done = 0
        for day in self._days(end.date()):
            for clock in sorted(self.times):
                slot = datetime.combine(day, time.fromisoformat(clock))
                done += 1
                if slot >= end or (self.count is not None and done > self.count):
                    return
                if slot >= start:
                    yield slot

    def _anchor(self) -> datetime:
        if self.start is None:
            raise ValueError("start: this rule has none yet; use anchored() first")
        return datetime.fromisoformat(self.start)

    def _days(self, last: date) -> Iterator[date]:
        stop = min(last, date.fromisoformat(self.end)) if self.end else last
        yield from (
            found.date()
            for found in rrule.rrule(
                _FREQ[self.frequency],
                dtstart=datetime.combine(self._anchor().date(), time()),
                until=datetime.combine(stop, time(23, 59)),
                interval=self.interval,
                byweekday=self._by_weekday(),
                bymonthday=self.monthdays or None,
                bymonth=self.months or None,
            )
        )

    def _by_weekday(self) -> Any:
        if not self.weekdays:
            return None
        names = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)
        return [names[d] if self.nth is None else names[d](self.nth) for d in self.weekdays]

    def step(self) -> timedelta:
        """How far apart the slots of a fixed interval are; ValueError for months and years."""
        units = {"minutely": 60, "hourly": 3600, "daily": 86400, "weekly": 604800}
        if self.frequency not in units:
            raise ValueError(f"frequency: {self.frequency} is not a fixed interval")
        return timedelta(seconds=units[self.frequency] * self.interval)

    def _steps(self, start: datetime, end: datetime) -> Iterator[datetime]:
        first, step = self._anchor(), self.step()
        number = max(0, -((first - start) // step))
        stop = datetime.combine(date.fromisoformat(self.end), time.max) if self.end else end
        while (at := first + number * step) < end and at <= stop:
            if self.count is not None and number >= self.count:
                return
            yield at
            number += 1

    def instants(self, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
        """The same slots as aware UTC moments between two aware moments.

        The same clock time is found anew each day; a fixed interval is counted in elapsed time
        from its first moment, so that eight hours are eight hours in the night clocks change.
        """
        if self.clock == "fixed_interval":
            first = self._anchor().replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
            elapsed = replace(self, end=None, start=first.isoformat())
            low, high = (t.astimezone(UTC).replace(tzinfo=None) for t in (start, end))
            for at in elapsed.slots(low, high):
                aware = at.replace(tzinfo=UTC)
                if self.end and aware.astimezone(zone).date() > date.fromisoformat(self.end):
                    return
                yield aware
            return
        low, high = (t.astimezone(zone).replace(tzinfo=None) for t in (start, end))
        day = timedelta(days=1)
        for slot in self.slots(low - day, high + day):
            at = moment(slot.date(), slot.strftime("%H:%M"), zone)
            if start <= at < end:
                yield at

    def anchored(self, now: datetime) -> Rule:
        """This rule with a ``start``: the first day or moment from ``now`` (naive local) on."""
        if self.start is not None:
            return self
        if self.clock == "fixed_interval":
            first = now.replace(second=0, microsecond=0)
            if self.times:
                first = datetime.combine(now.date(), time.fromisoformat(self.times[0]))
                while first < now:
                    first += min(self.step(), timedelta(days=1))
            else:
                first += self.step()
            return replace(self, start=first.isoformat(timespec="minutes"))
        free = replace(self, start=now.date().isoformat(), interval=1, end=None)
        late = max(self.times, default="24:00")
        for day in free._days(now.date() + timedelta(days=366 * 9)):
            if day > now.date() or late > now.strftime("%H:%M"):
                return replace(self, start=day.isoformat())
        raise ValueError("monthdays: this never comes")

    # --- written down --------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; fields that say nothing are left out."""
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        kept = {k: list(v) if isinstance(v, tuple) else v for k, v in found.items() if v}
        return {"frequency": self.frequency, "interval": self.interval, **kept}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Rule:
        """Back from ``to_dict``; ValueError names a field that is unknown or cannot be."""
        known = {f.name for f in fields(cls)}
        if unknown := sorted(set(data) - known):
            raise ValueError(f"{unknown[0]}: a rule has no such field")
        if "frequency" not in data:
            raise ValueError("frequency: missing")
        for name, value in data.items():
            kind = _KINDS.get(name, str)
            listed = name in ("weekdays", "monthdays", "months", "times")
            values = value if listed and isinstance(value, list | tuple) else [value]
            if any(type(one) is not kind for one in values) or listed != (values is value):
                raise ValueError(f"{name}: {value!r} cannot be")
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
        return cls(**plain)

    def brief(self) -> str:
        """One line: "weekly/2:mo@09:00 until=2026-12-04"."""
        nth = "" if self.nth is None else f"{self.nth:+d}"
        days = [nth + DAYS[d] for d in self.weekdays]
        monthdays = [str(d) for d in self.monthdays]
        if self.months:
            monthdays = [
                f"{m:02d}" + "".join(f"-{d:02d}" for d in self.monthdays) for m in self.months
            ]
        text: str = self.frequency + (f"/{self.interval}" if self.interval > 1 else "")
        text += ":" * bool(days or monthdays) + ",".join(days + monthdays)
        text += "@" * bool(self.times) + ",".join(self.times)
        text += f" start={self.start}" if self.start else ""
        text += f" until={self.end}" if self.end else ""
        return text + (f" count={self.count}" if self.count else "")
