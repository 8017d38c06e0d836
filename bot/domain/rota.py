"""Who is on shift when: weekly shifts, each in its own clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.care_team import CareTeamMember
from bot.domain.slots import moment
from bot.domain.travel import place_named

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHINESE = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


@dataclass(frozen=True, kw_only=True)
class Shift:
    """One weekly shift of one member. It begins on each of ``weekdays`` (0 is Monday)."""

    id: str
    member_id: str
    weekdays: tuple[int, ...]
    begins: str  #: local "HH:MM"
    ends: str  #: local "HH:MM"; at or before ``begins``: on the day after
    timezone: str  #: IANA name

    def covers(self, at: datetime) -> bool:
        """Somebody on this shift is at work at this moment, whatever daylight saving does."""
        return any(begins <= at < ends for begins, ends in self._around(at))

    def _around(self, at: datetime) -> Iterable[tuple[datetime, datetime]]:
        zone = ZoneInfo(self.timezone)
        today = at.astimezone(zone).date()
        for day in (today - timedelta(days=1), today):
            if day.weekday() in self.weekdays:
                last = day if self.ends > self.begins else day + timedelta(days=1)
                yield moment(day, self.begins, zone), moment(last, self.ends, zone)

    def brief(self) -> str:
        """ "mon,tue,wed 08:00-16:00 Europe/London"."""
        days = ",".join(DAYS[day] for day in self.weekdays)
        return f"{days} {self.begins}-{self.ends} {self.timezone}"


def on_duty(
    members: Sequence[CareTeamMember], shifts: Sequence[Shift], at: datetime
) -> list[CareTeamMember]:
    """The members with ``on_shift`` as it is at this moment.

    Whoever has no shifts in the rota counts as always on; who is switched off never does.
    """
    mine: dict[str, list[Shift]] = {}
    for shift in shifts:
        mine.setdefault(shift.member_id, []).append(shift)

    def here(member: CareTeamMember) -> bool:
        own = mine.get(member.id)
        return member.on_shift and (own is None or any(shift.covers(at) for shift in own))

    return [replace(member, on_shift=here(member)) for member in members]


def days_in(text: str) -> tuple[int, ...]:
    """ "mon-fri", "sat,sun", "daily", "周一至周五". ValueError says which word is no day."""
    plain = text.strip().casefold()
    if plain in ("daily", "every day", "每天"):
        return tuple(range(7))
    found: set[int] = set()
    for part in re.split(r"[,，、\s]+", plain):
        first, _, last = re.sub(r"[–—到至]", "-", part).partition("-")
        begin, end = _day(first), _day(last or first)
        found.update((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    return tuple(sorted(found))


def clock_in(text: str) -> str:
    """ "8:00" as "08:00"; "24:00" is midnight. ValueError says what is no time."""
    found = _CLOCK.fullmatch(text.strip())
    hour, minute = (int(found[1]), int(found[2])) if found else (99, 99)
    if (hour, minute) == (24, 0):
        hour = 0
    if hour > 23 or minute > 59:
        raise ValueError(f"{text!r} is not a time such as 08:00")
    return f"{hour:02d}:{minute:02d}"


def zone_in(text: str) -> str:
    """An IANA name as it is, or a city's zone. ValueError says which nobody knows."""
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        place = place_named(text)
        if place is None:
            raise ValueError(f"{text!r} is not a city or time zone such as London") from None
        return place.zone
    return text


def uncovered(
    shifts: Iterable[Shift], start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """The stretches between two moments in which nobody is on shift, to a quarter of an hour."""
    shifts, step = list(shifts), timedelta(minutes=15)
    gaps: list[tuple[datetime, datetime]] = []
    at = start
    while at < end:
        # Quarters of the clock, not of the moment at which somebody looks.
        then = min(end, at - (at - datetime.min.replace(tzinfo=at.tzinfo)) % step + step)
        if not any(shift.covers(at) for shift in shifts):
            if gaps and gaps[-1][1] == at:
                gaps[-1] = (gaps[-1][0], then)
            else:
                gaps.append((at, then))
        at = then
    return gaps


def _day(text: str) -> int:
    plain = re.sub(r"^(?:周|星期|礼拜)", "", text)
    if plain in _CHINESE:
        return _CHINESE[plain]
    for number, name in enumerate(DAYS):
        if (len(plain) >= 2 and plain.startswith(name[: len(plain)])) or plain.startswith(name):
            return number
    raise ValueError(f"{text!r} is not a day such as mon")
