"""A slot fires once in every zone, at its own clock time or at the first minute after a gap."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.domain.slots import moment

_FROM, _TO = datetime(2024, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
ZONES = sorted(z for z in available_timezones() if z != "localtime" and not z.startswith("posix"))


@cache
def transitions(name: str) -> tuple[datetime, ...]:
    """The first UTC minute of each new offset of a zone, 2024 to 2036."""
    zone = ZoneInfo(name)
    found, at, step = [], _FROM, timedelta(days=14)
    while at < _TO:
        if at.astimezone(zone).utcoffset() != (at + step).astimezone(zone).utcoffset():
            low, high = at, at + step
            while high - low > _MINUTE:
                middle = low + ((high - low) // 2 // _MINUTE) * _MINUTE
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high)
        at += step
    return tuple(found)


def by_minutes(day: date, clock_time: str, zone: ZoneInfo) -> datetime:
    """The slow truth: walk the minutes until the wall clock shows the time or is past it."""
    wanted = datetime.combine(day, datetime.strptime(clock_time, "%H:%M").time())  # noqa: DTZ007
    near = wanted.replace(tzinfo=UTC)
    at = near - (near.astimezone(zone).utcoffset() or timedelta()) - timedelta(hours=5)
    while at.astimezone(zone).replace(tzinfo=None) < wanted:
        at += _MINUTE
    return at


def test_every_slot_around_every_change_of_every_zone_is_the_first_minute_at_or_after_it() -> None:
    seen: set[tuple[object, ...]] = set()
    checked = 0
    for name in ZONES:
        zone = ZoneInfo(name)
        for at in transitions(name):
            before = (at - _MINUTE).astimezone(zone)
            after = at.astimezone(zone)
            shape = (at, before.utcoffset(), after.utcoffset())
            if shape in seen:
                continue
            seen.add(shape)
            local = {before.replace(tzinfo=None), after.replace(tzinfo=None)}
            middle = min(local) + (max(local) - min(local)) / 2
            for wall in (*local, middle):
                for minutes in (-1, 0, 1):
                    near = wall + timedelta(minutes=minutes)
                    clock_time = f"{near:%H:%M}"
                    assert moment(near.date(), clock_time, zone) == by_minutes(
                        near.date(), clock_time, zone
                    ), (name, near)
                    checked += 1
    assert checked > 1000


@pytest.mark.parametrize("clock_time", ["00:00", "02:30", "09:00", "23:59"])
def test_days_follow_each_other_in_every_zone(clock_time: str) -> None:
    for name in ZONES:
        zone = ZoneInfo(name)
        days = {at.astimezone(zone).date() for at in transitions(name)[:4]} | {date(2026, 6, 1)}
        for day in days:
            times = [moment(day + timedelta(days=n), clock_time, zone) for n in (-1, 0, 1)]
            assert times[0] < times[1] < times[2], (name, day)


def test_a_time_in_the_gap_of_spring_is_the_first_minute_after_it() -> None:
    assert moment(date(2026, 3, 29), "01:30", ZoneInfo("Europe/London")) == datetime(
        2026, 3, 29, 1, 0, tzinfo=UTC
    )


def test_a_time_that_comes_twice_in_autumn_means_its_first_pass() -> None:
    assert moment(date(2026, 10, 25), "01:30", ZoneInfo("Europe/London")) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )
