"""Rules and the slots they name, across weeks, months and the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.when import Rule, understand

LONDON = ZoneInfo("Europe/London")


def local(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc, arg-type]


NOW = local(2026, 11, 23, 10, 30)  # a Monday


def rule(text: str, language: str = "en", now: datetime = NOW) -> Rule:
    aware = now.replace(tzinfo=LONDON)
    [found] = understand(text, language=language, now=aware, zone=LONDON)
    assert found.rule is not None, found
    return found.rule


def shown(found: Rule, days: int, start: datetime = NOW) -> list[str]:
    return [f"{s:%m-%d %H:%M}" for s in found.slots(start, start + timedelta(days=days))]


def test_twice_a_day_begins_with_the_next_time_to_come() -> None:
    assert shown(rule("every day at 8am and 8pm"), 2) == [
        "11-23 20:00", "11-24 08:00", "11-24 20:00", "11-25 08:00",
    ]  # fmt: skip


def test_every_other_monday_stays_the_same_monday_whenever_one_looks() -> None:
    found = rule("every other Monday at 9am")
    whole = list(found.slots(NOW, NOW + timedelta(days=60)))
    assert [f"{s:%m-%d}" for s in whole] == ["11-30", "12-14", "12-28", "01-11"]
    for day in range(60):
        later = NOW + timedelta(days=day)
        assert list(found.slots(later, NOW + timedelta(days=60))) == [
            s for s in whole if s >= later
        ]


def test_every_second_day_from_tomorrow_in_chinese() -> None:
    assert shown(rule("从明天起隔天晚上八点", "zh"), 6) == [
        "11-24 20:00",
        "11-26 20:00",
        "11-28 20:00",
    ]


def test_a_months_last_day_is_found_in_every_month() -> None:
    found = rule("每月最后一天早上九点", "zh")
    assert shown(found, 100) == ["11-30 09:00", "12-31 09:00", "01-31 09:00", "02-28 09:00"]


def test_the_first_monday_of_every_month() -> None:
    found = rule("the first Monday of every month at 9am")
    assert shown(found, 50) == ["12-07 09:00", "01-04 09:00"]


def test_a_course_of_seven_days_ends_after_seven_days() -> None:
    found = rule("every day at 8am for 7 days")
    assert len(shown(found, 30)) == 7


def test_until_friday_includes_friday() -> None:
    assert shown(rule("every day at 9am until Friday"), 30)[-1] == "11-27 09:00"


def test_a_count_stops_the_rule_wherever_one_begins_to_look() -> None:
    found = rule("从后天起每天晚上八点,一共十次", "zh")
    assert len(shown(found, 60)) == 10
    assert len(shown(found, 60, NOW + timedelta(days=7))) == 5


def test_every_eight_hours_counts_from_the_time_that_was_said() -> None:
    assert shown(rule("every 8 hours starting at 6am"), 1) == [
        "11-23 14:00", "11-23 22:00", "11-24 06:00",
    ]  # fmt: skip


def test_eight_in_the_morning_stays_eight_when_the_clocks_go_forward() -> None:
    found = rule("every day at 8am", now=local(2027, 3, 26, 12))
    start = datetime(2027, 3, 27, tzinfo=LONDON)
    got = list(found.instants(LONDON, start, start + timedelta(days=3)))
    assert [f"{a:%d %H:%M}" for a in got] == ["27 08:00", "28 07:00", "29 07:00"]


def test_a_skipped_time_happens_once_right_after_the_gap() -> None:
    found = rule("every day at 1:30 am", now=local(2027, 3, 26, 12))
    start = datetime(2027, 3, 28, tzinfo=UTC)
    assert list(found.instants(LONDON, start, start + timedelta(hours=12))) == [
        datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    ]


def test_a_doubled_time_happens_once() -> None:
    found = rule("every day at 1:30 am", now=local(2027, 10, 29, 12))
    start = datetime(2027, 10, 30, 12, tzinfo=UTC)
    assert len(list(found.instants(LONDON, start, start + timedelta(hours=24)))) == 1


def test_eight_hours_are_eight_hours_in_the_night_clocks_change() -> None:
    found = rule("every 8 hours", now=local(2027, 3, 27, 12))
    start = datetime(2027, 3, 27, 12, tzinfo=UTC)
    got = list(found.instants(LONDON, start, start + timedelta(days=2)))
    assert len(got) >= 5
    assert {b - a for a, b in pairwise(got)} == {timedelta(hours=8)}


def test_a_rule_survives_being_written_down() -> None:
    for text in ("every other Monday at 9am", "every 8 hours", "the last Friday of each month"):
        found = rule(text)
        assert Rule.from_dict(found.to_dict()) == found


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "frequency"),
        ({"frequency": "often"}, "frequency"),
        ({"frequency": "daily", "interval": 0}, "interval"),
        ({"frequency": "daily", "interval": "2"}, "interval"),
        ({"frequency": "daily", "times": ["25:00"]}, "times"),
        ({"frequency": "daily", "times": "08:00"}, "times"),
        ({"frequency": "weekly", "weekdays": [7]}, "weekdays"),
        ({"frequency": "yearly", "months": [2], "monthdays": [31]}, "monthdays"),
        ({"frequency": "daily", "end": "soon"}, "end"),
        ({"frequency": "daily", "clock": "sun"}, "clock"),
        ({"frequency": "daily", "count": 0}, "count"),
        ({"frequency": "daily", "colour": "red"}, "colour"),
    ],
)
def test_a_rule_that_cannot_be_names_its_field(data: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}"):
        Rule.from_dict(data)


def test_a_rule_without_a_start_is_not_guessed() -> None:
    loose = Rule(frequency="weekly", interval=2, weekdays=(0,), times=("09:00",))
    with pytest.raises(ValueError, match="start"):
        list(loose.slots(NOW, NOW + timedelta(days=20)))
    assert loose.anchored(NOW).start == "2026-11-30"
