"""Find the stretch of time that a question speaks of, and how near a memory lies to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_MONTHS = "january february march april may june july august september october november december"
_MONTH = {name: n for n, name in enumerate(_MONTHS.split(), 1)}
_MONTH |= {name[:3]: n for name, n in _MONTH.items()} | {"sept": 9}
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_NAMED = "|".join(sorted(_MONTH, key=len, reverse=True))
_HAN = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2, "几": 3}
_N = r"(\d{1,3}|[一二两三四五六七八九十]{1,3}|几)"
_COUNT = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
          "seven": 7, "a few": 3, "a couple of": 2}  # fmt: skip

_ISO = re.compile(r"\b(\d{4})[-/](\d{1,2})[-/](\d{1,2})\b")
_DAY_MONTH = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_NAMED})\b\.?,?(?: (\d{{4}}))?", re.I
)
_MONTH_DAY = re.compile(rf"\b({_NAMED})\.? (\d{{1,2}})(?:st|nd|rd|th)?\b,?(?: (\d{{4}}))?", re.I)
# "may" and "march" are also verbs: a month alone needs a preposition, a year or a determiner.
_MONTH_ONLY = re.compile(
    rf"\b(?:(?:in|during|since|by|until|of|early|late|mid|last|this|around|before|after)[ -]"
    rf"(?:the )?)({_NAMED})\b,?(?: (\d{{4}}))?|\b({_NAMED}),? (\d{{4}})\b",
    re.I,
)
_YEAR = re.compile(r"\b(?:in|during) ((?:19|20)\d\d)\b", re.I)
_AGO = re.compile(
    r"\b(\d{1,3}|a few|a couple of|an?|one|two|three|four|five|six|seven) "
    r"(day|week|month|year)s? ago",
    re.I,
)
_RELATIVE = re.compile(
    r"\b(?:(yesterday|last night)|(today|this morning|tonight)|(last|this|past) (week|month|year|"
    + "|".join(_DAYS)
    + r")|on (" + "|".join(_DAYS) + r"))\b",
    re.I,
)  # fmt: skip
_LATELY = re.compile(
    r"\b(?:recently|lately|these days|the past few days)\b|最近|这几天|近来|这阵子"
)
_AHEAD = re.compile(
    r"\b(?:(tomorrow)|(the day after tomorrow)|in (\d{1,3}|a few|a couple of|an?|one|two|"
    r"three|four|five|six|seven) (day|week|month)s?|(?:next|this coming|coming) (week|month|"
    + "|".join(_DAYS)
    + r"))\b",
    re.I,
)  # fmt: skip
_ZH_AHEAD = re.compile(
    rf"(明|大后|后)天|{_N}个?(天|周|星期|礼拜|月)(?:以|之)?后|下(?:个)?(?:(月)|(?:周|星期|礼拜)([一二三四五六日天])?)"
)
_ZH_DATE = re.compile(rf"(?:(\d{{4}})年|(去年|今年))?{_N}月(?:{_N}[日号])?")
_ZH_AGO = re.compile(rf"{_N}(?:个)?(天|周|星期|礼拜|月|年)(?:以)?前")
_ZH_RELATIVE = re.compile(
    r"(前天)|(昨天|昨晚|昨夜)|(今天|今早|今晚)|(上|这|本)(?:一)?(?:个)?(周|星期|礼拜|月)([一二三四五六日天])?"
    r"|(去年|今年|前年)(?![一二三四五六七八九十\d]+月)"
)


@dataclass(frozen=True, kw_only=True)
class Span:
    """The days from `first` to `last`, both included; `vague` when it was said loosely, `strict`
    when a day later is certainly another time: before an operation is not after it."""

    first: date
    last: date
    vague: bool = False
    strict: bool = False

    def nearness(self, day: date) -> float:
        """1 inside; less for the days after, since people tell of things a little later; else 0."""
        if self.first <= day <= self.last:
            return 1.0
        if self.strict:
            return 0.0
        late = (day - self.last).days
        grace = 14 if (self.last - self.first).days < 7 else 21
        return 0.5 if 0 < late <= grace and not self.vague else 0.0


def span(question: str, now: datetime) -> Span | None:
    """The time that `question` speaks of, seen from `now`; None when it names none.

    Dates without a year are the last such day before `now`.
    """
    today = now.date()
    try:
        return _dated(question, today) or _relative(question, today) or _chinese(question, today)
    except (ValueError, OverflowError):  # 31 June, or a year beyond the calendar: no filter
        return None


def day_told(text: str, at: datetime) -> date | None:
    """The one day that `text`, said at `at`, speaks of, past or to come; None when it names none.

    A date without a year is the nearest such day: "my operation is on 12 May" said in April is
    in May, said in June it was.
    """
    today = at.date()
    try:
        if ahead := _ahead(text, today):
            return ahead
        if m := _DAY_MONTH.search(text):
            return _nearest(m[3], _MONTH[m[2].lower()], int(m[1]), today)
        if m := _MONTH_DAY.search(text):
            return _nearest(m[3], _MONTH[m[1].lower()], int(m[2]), today)
        if (m := _ZH_DATE.search(text)) and m[4]:
            return _nearest(m[1], _number(m[3]), _number(m[4]), today)
        found = span(text, at)
    except (ValueError, OverflowError):
        return None
    if found is None or found.vague or (found.last - found.first).days > 31:
        return None
    return found.first + (found.last - found.first) / 2


def _ahead(text: str, today: date) -> date | None:
    if m := _AHEAD.search(text):
        if m[1] or m[2]:
            return today + timedelta(days=1 if m[1] else 2)
        if m[3]:
            count = int(m[3]) if m[3].isdigit() else _COUNT[m[3].lower()]
            days = {"day": 1, "week": 7, "month": 30}[m[4].lower()]
            return today + timedelta(days=days * count)
        what = m[5].lower()
        if what in _DAYS:
            return today + timedelta(days=(_DAYS.index(what) - today.weekday()) % 7 or 7)
        return today + timedelta(days={"week": 7, "month": 30}[what])
    if m := _ZH_AHEAD.search(text):
        if m[1]:
            return today + timedelta(days={"明": 1, "后": 2, "大后": 3}[m[1]])
        if m[2]:
            days = {"天": 1, "月": 30}.get(m[3], 7)
            return today + timedelta(days=days * _number(m[2]))
        if m[4] == "月":
            return today + timedelta(days=30)
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
        return monday + timedelta(days=min("一二三四五六日天".index(m[5]), 6) if m[5] else 2)
    return None


def _nearest(year: str | None, month: int, day: int, today: date) -> date:
    if year:
        return date(int(year), month, day)
    days = [date(today.year + n, month, day) for n in (-1, 0, 1)]
    return min(days, key=lambda one: abs((one - today).days))


def _dated(question: str, today: date) -> Span | None:
    if m := _ISO.search(question):
        return _day(date(int(m[1]), int(m[2]), int(m[3])))
    if m := _DAY_MONTH.search(question):
        return _day(_past(m[3], _MONTH[m[2].lower()], int(m[1]), today))
    if m := _MONTH_DAY.search(question):
        return _day(_past(m[3], _MONTH[m[1].lower()], int(m[2]), today))
    if m := _MONTH_ONLY.search(question):
        return _month(_past(m[2] or m[4], _MONTH[(m[1] or m[3]).lower()], 1, today))
    if m := _YEAR.search(question):
        return Span(first=date(int(m[1]), 1, 1), last=date(int(m[1]), 12, 31), vague=True)
    return None


def _relative(question: str, today: date) -> Span | None:
    if m := _AGO.search(question):
        return _back(int(m[1]) if m[1].isdigit() else _COUNT[m[1].lower()], m[2].lower(), today)
    if m := _RELATIVE.search(question):
        if m[1] or m[2]:
            return _day(today - timedelta(days=1 if m[1] else 0))
        what = (m[4] or m[5]).lower()
        if what in _DAYS:
            return _day(_weekday(today, _DAYS.index(what)))
        return _period(what, 0 if m[3] and m[3].lower() == "this" else 1, today)
    if _LATELY.search(question):
        return Span(first=today - timedelta(days=14), last=today, vague=True)
    return None


def _chinese(question: str, today: date) -> Span | None:
    if m := _ZH_DATE.search(question):
        years = {"去年": today.year - 1, "今年": today.year}
        year = m[1] or (str(years[m[2]]) if m[2] else None)
        found = _past(year, _number(m[3]), _number(m[4]) if m[4] else 1, today)
        return _day(found) if m[4] else _month(found)
    if m := _ZH_AGO.search(question):
        unit = {"天": "day", "月": "month", "年": "year"}.get(m[2], "week")
        return _back(_number(m[1]), unit, today)
    if m := _ZH_RELATIVE.search(question):
        if m[1] or m[2] or m[3]:
            return _day(today - timedelta(days=2 if m[1] else 1 if m[2] else 0))
        if m[7]:
            year = today.year - {"今年": 0, "去年": 1, "前年": 2}[m[7]]
            return Span(first=date(year, 1, 1), last=date(year, 12, 31), vague=True)
        back = 1 if m[4] == "上" else 0
        if m[5] == "月":
            return _period("month", back, today)
        whole = _period("week", back, today)
        if not m[6]:
            return whole
        return _day(whole.first + timedelta(days=min("一二三四五六日天".index(m[6]), 6)))
    return None


def _day(one: date) -> Span:
    return Span(first=one, last=one)


def _month(first: date) -> Span:
    return Span(first=first, last=_next_month(first) - timedelta(days=1))


def _next_month(first: date) -> date:
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)


def _past(year: str | None, month: int, day: int, today: date) -> date:
    if year:
        return date(int(year), month, day)
    found = date(today.year, month, day)
    return found if found <= today else date(today.year - 1, month, day)


def _weekday(today: date, weekday: int) -> date:
    return today - timedelta(days=(today.weekday() - weekday) % 7 or 7)


def _period(unit: str, back: int, today: date) -> Span:
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return Span(first=monday, last=monday + timedelta(days=6))
    if unit == "month":
        first = today.replace(day=1)
        return _month((first - timedelta(days=1)).replace(day=1) if back else first)
    year = today.year - back
    return Span(first=date(year, 1, 1), last=date(year, 12, 31), vague=True)


def _back(count: int, unit: str, today: date) -> Span:
    days, slack = {"day": (1, 1), "week": (7, 3), "month": (30, 12), "year": (365, 150)}[unit]
    middle = today - timedelta(days=days * count)
    return Span(first=middle - timedelta(days=slack), last=middle + timedelta(days=slack))


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if ten:
        return (_HAN[tens] if tens else 1) * 10 + (_HAN[ones] if ones else 0)
    return _HAN[text]
