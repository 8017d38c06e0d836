"""Birth dates and clock times as people write them, in both languages."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july",
         "aug august", "sep sept september", "oct october", "nov november", "dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_YEAR_FIRST = re.compile(r"((?:19|20)\d\d)\s*[-/.年 ]\s*(\d{1,2})\s*[-/.月 ]\s*(\d{1,2})\s*[日号]?")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*((?:19|20)\d\d)")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?([a-z]+)\.?,?\s+((?:19|20)\d\d)")
_NAMED_US = re.compile(r"([a-z]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)")
_CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})\s*[:：点.时](?:\s*(\d{2}|半|一刻|三刻)分?)?\s*(am|pm)?", re.I
)
_HOUR = re.compile(r"(?<!\d)(\d{1,2})\s*(am|pm)(?![a-z])", re.I)
_CHINESE_HOURS = {
    "十二": 12, "十一": 11, "十": 10, "九": 9, "八": 8, "七": 7, "六": 6, "五": 5, "四": 4,
    "三": 3, "两": 2, "二": 2, "一": 1,
}  # fmt: skip
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45}
_AFTERNOON = ("下午", "晚上", "傍晚", "今晚", "晚")


def day_in_words(at: datetime, zone: ZoneInfo, language: str) -> str:
    """ "5 Jan 2026" or "2026年1月5日", on the patient's own calendar."""
    locale = "zh_Hans_CN" if language == "zh" else "en_GB"
    return str(format_date(at.astimezone(zone).date(), format="medium", locale=locale))


def birth_date_in(text: str) -> date | None:
    """A date of birth: 1950-03-07, 7 March 1950, 1950年3月7日. Ambiguous day and month: None."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if found := _YEAR_FIRST.search(plain):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _NAMED.search(plain):
        return _date(int(found[3]), _MONTHS.get(found[2], 0), int(found[1]))
    if found := _NAMED_US.search(plain):
        return _date(int(found[3]), _MONTHS.get(found[1], 0), int(found[2]))
    if found := _DAY_FIRST.search(plain):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first > 12 or first == second:
            return _date(year, second, first)
        if second > 12:
            return _date(year, first, second)
    return None


def clock_time_in(text: str) -> str | None:
    """A time of day as local "HH:MM": 8:30, 8am, 早上八点半, 晚上9点; None where there is none."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    for word, hour in _CHINESE_HOURS.items():
        plain = plain.replace(f"{word}点", f"{hour}点")
    if found := _CLOCK.search(plain):
        hour, minute = int(found[1]), _minute(found[2])
        suffix = found[3] or ""
        if found[0][len(found[1]) :].strip().startswith(".") and found[2] is None:
            return None
    elif found := _HOUR.search(plain):
        hour, minute, suffix = int(found[1]), 0, found[2]
    else:
        return None
    if (suffix == "pm" or any(word in plain for word in _AFTERNOON)) and hour < 12:
        hour += 12
    if suffix == "am" and hour == 12:
        hour = 0
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None


def _minute(words: str | None) -> int:
    return _MINUTES[words] if words in _MINUTES else int(words or 0)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
