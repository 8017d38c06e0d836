"""Birth dates and clock times are read as people write them; what is ambiguous is not guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.dates import birth_date_in, clock_time_in, day_in_words


@pytest.mark.parametrize(
    "text",
    ["7 March 1950", "7th of March, 1950", "March 7, 1950", "1950-03-07", "1950/3/7", "1950.3.7",
     "1950年3月7日", "1950年3月7号", "我是1950年03月07日生的", "１９５０年３月７日",
     "born 7 Mar 1950"],
)  # fmt: skip
def test_a_birth_date_is_read(text: str) -> None:
    assert birth_date_in(text) == date(1950, 3, 7)


@pytest.mark.parametrize("text", ["13/03/1950", "03/13/1950", "13-3-1950"])
def test_a_day_that_can_only_be_a_day_is_read(text: str) -> None:
    assert birth_date_in(text) == date(1950, 3, 13)


@pytest.mark.parametrize("text", ["03/07/1950", "7.3.1950"])
def test_a_date_that_could_be_two_is_not_guessed(text: str) -> None:
    assert birth_date_in(text) is None


@pytest.mark.parametrize("text", ["", "yesterday", "31 February 1950", "1950年2月30日",
                                  "7 Foo 1950", "75", "🙂", "1850-01-01"])  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert birth_date_in(text) is None


@pytest.mark.parametrize(
    ("text", "time"),
    [("check in at 8:30", "08:30"), ("8am", "08:00"), ("9 pm please", "21:00"), ("12am", "00:00"),
     ("12 pm", "12:00"), ("早上八点半", "08:30"), ("晚上9点", "21:00"), ("下午三点一刻", "15:15"),
     ("20：15", "20:15"), ("上午十点", "10:00"), ("中午十二点", "12:00"), ("at 08.45", "08:45")],
)  # fmt: skip
def test_a_clock_time_is_read(text: str, time: str) -> None:
    assert clock_time_in(text) == time


@pytest.mark.parametrize("text", ["", "25:00", "in the morning", "my sugar is 6.5 today", "9:75"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert clock_time_in(text) is None


def test_a_day_is_told_on_the_patients_own_calendar() -> None:
    at = datetime(2026, 1, 5, 20, 0, tzinfo=UTC)
    assert day_in_words(at, ZoneInfo("Asia/Shanghai"), "zh") == "2026年1月6日"
    assert day_in_words(at, ZoneInfo("Europe/London"), "en") == "5 Jan 2026"
