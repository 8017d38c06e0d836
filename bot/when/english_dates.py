"""Days, spans of days and lengths of time as they are said in English."""

# ruff: noqa: E501
from __future__ import annotations

import re
from datetime import date

from bot.when import days
from bot.when.atoms import Atom, Context, Patterns
from bot.when.english_numbers import (
    EN,
    END,
    LONG_WEEKDAY,
    MONTH,
    ORDINAL,
    SPELT,
    UNIT,
    WEEKDAY,
    YEAR,
    month,
    number,
    ordinal,
    weekday,
)
from bot.when.english_numbers import standing as _p
from bot.when.english_spans import REL, month_shift
from bot.when.words import either

_NEAR = {
    "day after tomorrow": 2,
    "day after": 1,
    "next day": 1,
    "following day": 1,
    "day before yesterday": -2,
    "today": 0,
    "tomorrow": 1,
    "tomorow": 1,
    "tommorow": 1,
    "tommorrow": 1,
    "tomorro": 1,
    "tmr": 1,
    "tmrw": 1,
    "tmw": 1,
    "2moro": 1,
    "2morrow": 1,
    "yesterday": -1,
}


def _near(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(day=c.today + days.DAY * _NEAR[m["word"]])


def _tonight(m: re.Match[str], c: Context) -> Atom | None:
    part = {"tonight": "night", "tonite": "night"}.get(m["word"]) or EN.parts[m["part"]]
    back = m["word"].startswith("last")
    return Atom(day=c.today - days.DAY * back, part=part)


def _now(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(moment=c.now)


def _weekday(m: re.Match[str], c: Context) -> Atom | None:
    wanted = weekday(m["day"])
    way = (m["way"] or "").strip()
    week = (m["week"] or "").strip()
    if week.endswith("next week"):
        return Atom(day=days.weekday(c.today, wanted, 1))
    if week.endswith("last week"):
        return Atom(day=days.weekday(c.today, wanted, -1))
    if week.endswith("this week"):
        return Atom(day=days.weekday(c.today, wanted))
    if week == "week":
        return Atom(day=days.coming(c.today + days.DAY, wanted) + days.WEEK)
    if way in ("next", "following"):
        near = days.coming(c.today + days.DAY, wanted)
        found = days.weekday(c.today, wanted, 1)
        return Atom(day=found, other_days=(near,) if near != found else (), sure=near == found)
    if way == "past":
        return Atom(day=days.coming(c.today, wanted) - days.WEEK)
    if way in ("last", "previous"):
        found = days.weekday(c.today, wanted, -1)
        return Atom(day=found)
    if way in ("this", "current"):
        return Atom(day=days.weekday(c.today, wanted))
    return Atom(day=days.coming(c.today, wanted), weekday=wanted)


def _iso(m: re.Match[str], c: Context) -> Atom | None:
    found = days.build(int(m["y"]), int(m["m"]), int(m["d"]))
    return Atom(day=found) if found else Atom(problem="no_such_date")


def _slashed(m: re.Match[str], c: Context) -> Atom | None:
    """ "4/22" and "25/12/2026": the month first when both could be, and not certain then."""
    one, two = int(m["a"]), int(m["b"])
    before = m.string[: m.start()]
    if not m["y"] and (
        re.search(r"(?:pain|score|is|was|were|rate|about|a|scale|reading|took|take|bp) $", before)
        or (m["sep"] == "-" and not re.search(r"(?:on|by|until|back|since|due|date) $", before))
    ):
        return None
    readings = [(one, two), (two, one)]
    found = []
    for mon, d in readings:
        day = (
            days.build(days.full_year(m["y"], c.today), mon, d)
            if m["y"]
            else days.month_day(c.today, mon, d)
        )
        if day is not None and day not in found:
            found.append(day)
    if not found:
        return Atom(problem="no_such_date") if m["y"] else None
    return Atom(day=found[0], other_days=tuple(found[1:]), sure=len(found) == 1)


def _month_day(m: re.Match[str], c: Context) -> Atom | None:
    g = m.groupdict()
    text = g["d"]
    d = ordinal(text) if not re.fullmatch(SPELT, text) else int(number(text))
    mon = month(g["mon"])
    if g.get("wd") and not 1 <= d <= 31:
        return None
    if g["y"]:
        found = days.build(days.full_year(g["y"].strip("'"), c.today), mon, d)
    elif g.get("rel"):
        shift = {"next": 1, "last": -1, "this": 0}[g["rel"]]
        found = days.build(c.today.year + shift, mon, d)
    else:
        found = days.month_day(c.today, mon, d)
    if found is None:
        return Atom(problem="no_such_date")
    said = g.get("wd")
    return Atom(day=found, sure=not said or weekday(said) == found.weekday())


def _day_only(m: re.Match[str], c: Context) -> Atom | None:
    found = days.day_of_month(c.today, ordinal(m["d"]))
    return Atom(day=found) if found else Atom(problem="no_such_date")


def _weekday_day(m: re.Match[str], c: Context) -> Atom | None:
    """ "Friday the 13th": the day of the month leads; the weekday must agree some month soon."""
    d, wanted = ordinal(m["d"]), weekday(m["day"])
    start = c.today
    for _ in range(40):
        found = days.day_of_month(start, d)
        if found is None:
            return Atom(problem="no_such_date")
        if found.weekday() == wanted:
            return Atom(day=found)
        start = found + days.DAY
    return None


def _day_of_rel_month(m: re.Match[str], c: Context) -> Atom | None:
    first = days.month_start(c.today, month_shift(m["rel"]))
    found = days.build(first.year, first.month, ordinal(m["d"]))
    return Atom(day=found) if found else Atom(problem="no_such_date")


def _nth_weekday(m: re.Match[str], c: Context) -> Atom | None:
    if m["mon"]:
        mon = month(m["mon"])
        year = int(m["y"]) if m["y"] else c.today.year
        firsts = [date(year, mon, 1)] + ([] if m["y"] else [date(year + 1, mon, 1)])
    else:
        firsts = [days.month_start(c.today, month_shift(m["rel"] or ""))]
    for first in firsts:
        found = days.nth_weekday(first, weekday(m["day"]), ordinal(m["n"]))
        if found and (found >= c.today or first is firsts[-1]):
            return Atom(day=found)
    return Atom(problem="no_such_date")


def _holiday(m: re.Match[str], c: Context) -> Atom | None:
    if m["name"].startswith("easter"):
        return Atom(day=days.easter_sunday(c.today) + days.DAY * m["name"].endswith("monday"))
    mon, d = EN.holidays[m["name"]].split("-")
    year = int(m["y"]) if m["y"] else None
    found = (
        days.build(year, int(mon), int(d)) if year else days.month_day(c.today, int(mon), int(d))
    )
    return Atom(day=found)


_TAIL_YEAR = rf"(?:(?: ?,? ?| of |,? in |[-/])(?P<y>{YEAR}|'\d\d){END}(?!:))?"


# One line a pattern: the table is read across, not down.
# fmt: off
PATTERNS: Patterns = [
    (_p(rf"(?:the )?(?P<word>{either(_NEAR)})"), _near),
    (_p(rf"(?P<word>tonight|tonite|(?:this|last|yesterday) (?P<part>{either(EN.parts)}))"), _tonight),
    (_p(r"(?:right )?(?:now|immediately|straight away|asap|as soon as possible)"), _now),
    (_p(rf"(?:on )?(?:(?P<way>{REL}) )(?P<day>{WEEKDAY})(?P<week> (?:of )?(?:next|last|this) week)?"), _weekday),
    (_p(rf"(?:on )?(?:the )?(?P<way>)(?P<day>{LONG_WEEKDAY})(?P<week> (?:of )?(?:next|last|this) week| week)?"), _weekday),
    (_p(rf"(?:(?<=by )|(?<=until )|(?<=till )|(?<=from )|(?<=since )|on )(?P<way>)(?P<day>{WEEKDAY})(?P<week> (?:of )?(?:next|last|this) week| week)?"), _weekday),
    (_p(rf"(?P<week>(?:next|last|this) week(?: on)?) (?P<way>)(?P<day>{WEEKDAY})".replace("(?P<week>(?:next|last|this) week(?: on)?)", "(?P<week>(?:next|last|this) week)(?: on)?")), _weekday),
    (_p(r"(?:on )?(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"), _iso),
    (_p(r"(?:on )?(?P<y>(?:19|20)\d\d)(?P<s> ?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>[0-2]\d|3[01])(?! ?\d)"), _iso),
    (_p(rf"(?P<y>{YEAR})[-/ ](?P<mon>{MONTH})[-/ ](?P<d>\d{{1,2}})"), _month_day),
    (_p(rf"(?P<mon>{MONTH})[-/ ](?P<y>{YEAR})[-/ ](?P<d>\d{{1,2}})"), _month_day),
    (_p(r"(?:on )?(?P<a>\d{1,2})(?P<sep>[-/])(?P<b>\d{1,2})(?:(?P=sep)(?P<y>\d{4}|\d\d))?(?![\d/:])"), _slashed),
    (_p(r"(?:on )?(?P<a>\d{1,2})(?P<sep>\.)(?P<b>\d{1,2})\.(?P<y>\d{4}|\d\d)(?![\d/:])"), _slashed),
    (_p(rf"(?:on )?(?:(?:the )?(?P<wd>{WEEKDAY}),? ?(?:the )?)?(?:(?P<rel>next|last|this) )?(?P<mon>{MONTH})[ ./-]{{0,2}}(?:the )?(?P<d>{ORDINAL}|\d{{1,2}}(?![\d:]|(?:st|nd|rd|th)|\.\d)|{SPELT}){_TAIL_YEAR}"), _month_day),
    (_p(rf"(?:on )?(?:(?:the )?(?P<wd>{WEEKDAY}),? ?)?(?:on )?(?:the )?(?P<d>{ORDINAL}|\d{{1,2}})(?: day)?(?: of| in)?[ ./-]{{0,2}}(?:(?P<rel>next|last|this) )?(?P<mon>{MONTH}){_TAIL_YEAR}"), _month_day),
    (_p(rf"(?:on |by )?the (?P<d>{ORDINAL})(?! (?:time|one|dose|week|month|day|pill|tablet|of|{WEEKDAY}))"), _day_only),
    (_p(rf"(?:on )?(?P<day>{WEEKDAY}),? (?:the )?(?P<d>{ORDINAL}|[12]\d|3[01])(?![:./-]\d| ?[ap]\.? ?m\b| ?(?:mg|{UNIT}|{MONTH}))"), _weekday_day),
    (_p(rf"(?:on )?the (?P<d>{ORDINAL}) of (?P<rel>next|this|last|the) month"), _day_of_rel_month),
    (_p(rf"(?P<rel>next|this|last) month,?(?: on)? the (?P<d>{ORDINAL})"), _day_of_rel_month),
    (_p(rf"(?:on )?(?:the )?(?P<n>{ORDINAL}|last) (?P<day>{WEEKDAY}) (?:of|in) (?:(?P<rel>next|this|last|the) month|(?P<mon>{MONTH})(?: (?P<y>{YEAR}))?)"), _nth_weekday),
    (_p(rf"(?:on |at )?(?P<name>{either([*EN.holidays, 'easter', 'easter sunday', 'easter monday'])})(?: (?P<y>{YEAR}))?"), _holiday),
]
# fmt: on
