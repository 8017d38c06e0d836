"""What becomes of a schedule when its patient changes clocks: three choices, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.domain.checkin import Schedule
from bot.occurrences import rule_of
from bot.when import Rule

_DAY = 24 * 60  # minutes
#: A courtesy follows the local clock without a question.
_COURTESIES = ("wellness", "summary", "questionnaire")


def concerned(schedules: Iterable[Schedule]) -> list[Schedule]:
    """What has set times that somebody chose, so that somebody has to choose again."""
    return [one for one in schedules if one.kind not in _COURTESIES and not rule_of(one).once]


def dated(schedules: Iterable[Schedule]) -> list[Schedule]:
    """What was set for one moment, which is the same moment everywhere."""
    return [one for one in schedules if rule_of(one).once]


def kept_at_home(schedule: Schedule, home: str) -> Schedule:
    """At the moments of home until something else is chosen."""
    return replace(schedule, home_zone=schedule.home_zone or home)


def chosen(schedule: Schedule, choice: str, home: str, now: datetime) -> Schedule:
    """``schedule`` by the choice; one that cannot be spaced evenly stays at home's moments."""
    return CHOICES[choice](schedule, home, now) or kept_at_home(schedule, home)


def returned(schedule: Schedule, home: str) -> Schedule:
    """As it was before the journey: the clock of home is the local one again."""
    rule = rule_of(schedule)
    if rule.clock == "fixed_interval" and rule.start and len(rule.times) * rule.interval == 24:
        day = rule.start[:10]
        again = Rule(frequency="daily", times=rule.times, start=day, end=rule.end)
        return replace(schedule, rule=again.to_dict(), home_zone="")
    return replace(schedule, home_zone="" if schedule.home_zone == home else schedule.home_zone)


def _same(schedule: Schedule, home: str, now: datetime) -> Schedule | None:
    return replace(schedule, home_zone="")


def _home(schedule: Schedule, home: str, now: datetime) -> Schedule | None:
    return kept_at_home(schedule, home)


def _even(schedule: Schedule, home: str, now: datetime) -> Schedule | None:
    """Every so many hours from the next time on; None where the times are not evenly apart."""
    rule = rule_of(schedule, now)
    if rule.frequency != "daily" or rule.interval != 1 or _DAY % (60 * len(rule.times)):
        return None
    minutes = sorted(int(at[:2]) * 60 + int(at[3:]) for at in rule.times)
    gap = _DAY // len(minutes)
    apart = [later - before for before, later in pairwise(minutes)]
    if any(one != gap for one in apart):
        return None
    kept = schedule.home_zone or home  # from one journey to the next it went by an earlier home
    zone = ZoneInfo(kept)
    first = next(rule.instants(zone, now, now + timedelta(days=2)), None)
    if first is None:
        return None
    start = f"{first.astimezone(zone):%Y-%m-%dT%H:%M}"
    fixed = Rule(
        frequency="hourly",
        interval=gap // 60,
        times=rule.times,
        start=start,
        end=rule.end,
        clock="fixed_interval",
    )
    return replace(schedule, rule=fixed.to_dict(), time="", home_zone=kept)


CHOICES: dict[str, Callable[[Schedule, str, datetime], Schedule | None]] = {
    "same": _same,
    "home": _home,
    "even": _even,
}
