"""Calendar arithmetic on local dates, reading forward where the words allow both."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta

from dateutil import easter  # type: ignore[import-untyped]
from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def shift(start: datetime, months: int) -> datetime:
    """The same day and time so many months on; the last day of a month that is too short."""
    found: datetime = start + relativedelta(months=months)
    return found


def monday(day: date) -> date:
    """The Monday of that week."""
    return day - DAY * day.weekday()


def weekday(today: date, wanted: int, weeks: int = 0) -> date:
    """That weekday in the week of ``today``, or ``weeks`` later."""
    return monday(today) + WEEK * weeks + DAY * wanted


def coming(today: date, wanted: int) -> date:
    """The next such weekday, today included."""
    return today + DAY * ((wanted - today.weekday()) % 7)


def month_start(today: date, months: int = 0) -> date:
    """The first of the month so many months on."""
    found: date = today.replace(day=1) + relativedelta(months=months)
    return found


def month_end(day: date) -> date:
    """The last day of that month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def possible(month: int, day: int) -> bool:
    """Whether any year has that day."""
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(2028, month)[1]


def build(year: int, month: int, day: int) -> date | None:
    """The date, or None when there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def month_day(today: date, month: int, day: int) -> date | None:
    """The next such date, today included; None when no year has it."""
    if not possible(month, day):
        return None
    for year in range(today.year, today.year + 9):
        found = build(year, month, day)
        if found is not None and found >= today:
            return found
    return None


def day_of_month(today: date, day: int) -> date | None:
    """The next such day of a month, today included; months without it are passed over."""
    if not 1 <= day <= 31:
        return None
    for months in range(13):
        first = month_start(today, months)
        found = build(first.year, first.month, day)
        if found is not None and found >= today:
            return found
    return None


def nth_weekday(first: date, wanted: int, nth: int) -> date | None:
    """The nth (or -1, last) such weekday of the month that begins on ``first``."""
    if nth == -1:
        last = month_end(first)
        return last - DAY * ((last.weekday() - wanted) % 7)
    found = coming(first, wanted) + WEEK * (nth - 1)
    return found if found.month == first.month else None


def full_year(text: str, today: date) -> int:
    """ "26" is 2026, "75" is 1975: more than ten years ahead is taken for long ago."""
    year = int(text)
    if len(text) > 2:
        return year
    century = today.year // 100 * 100
    return century + year - 100 * (century + year > today.year + 10)


def easter_sunday(today: date) -> date:
    """The next Easter Sunday, today included."""
    found: date = easter.easter(today.year)
    if found < today:
        found = easter.easter(today.year + 1)
    return found
