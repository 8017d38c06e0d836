"""Days, spans of days and lengths of time as they are said in English."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from bot.when import days
from bot.when.atoms import Atom, Context, Length, Patterns
from bot.when.english_numbers import (
    END,
    EN,
    LONG_WEEKDAY,
    MONTH,
    NUMBER,
    ORDINAL,
    SPELT,
    START,
    UNIT,
    WEEKDAY,
    YEAR,
    month,
    number,
    ordinal,
    unit,
    weekday,
)
from bot.when.words import either

_FEW = {"couple of": 2, "couple": 2, "few": 3, "several": 3, "some": 3, "another": 1, "½": 0.5}
_N = rf"(?:a (?:couple(?: of)?|few)|couple of|few|some|several|another|half an?|(?:a )?half|½|{NUMBER}|the)"
_MORE = r"and an? (?:half|quarter)"
_LENGTH = (
    rf"(?:(?:an? |one )?(?:hour|day|week|month|year) {_MORE}(?! hour)|"
    rf"(?:an?|{SPELT}|\d+) {_MORE} {UNIT}|{_N}[ -]?{UNIT}(?: {_MORE}(?! hour))?"
    rf"(?:(?:,| and|, and)? (?:{SPELT}|\d+|an?)[ -]?{UNIT})*)"
)


def length(text: str) -> Length | None:
    """ "an hour and a half", "2 hrs 15 min", "a couple of days"."""
    extra = 0.0
    if more := re.search(rf" ?{_MORE}", text):
        text = text.replace(more.group(), "", 1)
        extra = 0.5 if "half" in more.group() else 0.25
    units: list[tuple[str, float]] = []
    for m in re.finditer(rf"(?P<n>{_N})?[ -]?(?P<u>{UNIT}){END}", text):
        n = (m["n"] or "a").strip()
        amount = 0.5 if "half" in n else next((v for w, v in _FEW.items() if w in n), None)
        amount = 1.0 if n == "the" else number(n) if amount is None else float(amount)
        units.append((unit(m["u"]), amount + extra))
        extra = 0.0
    return Length.of(units) if units else None


def _offset(text: str, context: Context, sign: int, base: date | None = None) -> Atom | None:
    found = length(text)
    if found is None:
        return None
    if base is not None:
        return Atom(day=found.after(datetime.combine(base, time()), sign).date())
    at = found.after(context.now, sign)
    return Atom(moment=at) if found.clocked else Atom(day=at.date())


def _in(m: re.Match[str], c: Context) -> Atom | None:
    return _offset(m["len"], c, 1)


def _ago(m: re.Match[str], c: Context) -> Atom | None:
    return _offset(
        m["len"], c, -1 if re.search(r"ago|before|earlier|previously|back", m["way"]) else 1
    )


def _from_day(m: re.Match[str], c: Context) -> Atom | None:
    base = _plain(m["base"], c.today)
    return _offset(m["len"], c, -1 if m["way"] == "before" else 1, base) if base else None


def _plain(text: str, today: date) -> date | None:
    fixed = {"today": 0, "now": 0, "tomorrow": 1, "yesterday": -1}
    if text in fixed:
        return today + days.DAY * fixed[text]
    return days.coming(today, weekday(text.replace("next ", "")))


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


def _month_shift(text: str) -> int:
    return {"next": 1, "following": 1, "last": -1, "past": -1, "previous": -1}.get(text.strip(), 0)


def _day_of_rel_month(m: re.Match[str], c: Context) -> Atom | None:
    first = days.month_start(c.today, _month_shift(m["rel"]))
    found = days.build(first.year, first.month, ordinal(m["d"]))
    return Atom(day=found) if found else Atom(problem="no_such_date")


def _nth_weekday(m: re.Match[str], c: Context) -> Atom | None:
    if m["mon"]:
        mon = month(m["mon"])
        year = int(m["y"]) if m["y"] else c.today.year
        firsts = [date(year, mon, 1)] + ([] if m["y"] else [date(year + 1, mon, 1)])
    else:
        firsts = [days.month_start(c.today, _month_shift(m["rel"] or ""))]
    for first in firsts:
        found = days.nth_weekday(first, weekday(m["day"]), ordinal(m["n"]))
        if found and (found >= c.today or first is firsts[-1]):
            return Atom(day=found)
    return Atom(problem="no_such_date")


def _end_of(m: re.Match[str], c: Context) -> Atom | None:
    what = m["what"]
    if what in ("day", "eod"):
        return Atom(moment=datetime.combine(c.today, time(23, 59, 59)))
    if "month" in what or what == "eom":
        return Atom(day=days.month_end(days.month_start(c.today, 1 if "next" in what else 0)))
    if "week" in what:
        return Atom(day=days.weekday(c.today, 6, 1 if "next" in what else 0), sure=False)
    return Atom(day=date(c.today.year + ("next" in what), 12, 31))


def _span(m: re.Match[str], c: Context) -> Atom | None:
    """ "next week", "this month", "last year", "the weekend"."""
    shift, what = _month_shift(m["rel"] or ""), m["what"]
    if what == "week":
        low = days.monday(c.today) + days.WEEK * shift
        return Atom(span=(low, low + days.WEEK))
    if what == "weekend":
        low = days.monday(c.today) + days.WEEK * shift + days.DAY * 5
        return Atom(span=(low, low + days.DAY * 2))
    if what == "month":
        return Atom(span=(days.month_start(c.today, shift), days.month_start(c.today, shift + 1)))
    year = c.today.year + shift
    return Atom(span=(date(year, 1, 1), date(year + 1, 1, 1)))


def _month_alone(m: re.Match[str], c: Context) -> Atom | None:
    mon = month(m["mon"])
    if m["y"]:
        year = int(m["y"])
    else:
        year = c.today.year + _month_shift(m["rel"] or "")
        if not m["rel"] and mon < c.today.month:
            year += 1
    low = date(year, mon, 1)
    return Atom(span=(low, days.month_start(low, 1)))


def _holiday(m: re.Match[str], c: Context) -> Atom | None:
    if m["name"].startswith("easter"):
        return Atom(day=days.easter_sunday(c.today) + days.DAY * m["name"].endswith("monday"))
    mon, d = EN.holidays[m["name"]].split("-")
    year = int(m["y"]) if m["y"] else None
    found = (
        days.build(year, int(mon), int(d)) if year else days.month_day(c.today, int(mon), int(d))
    )
    return Atom(day=found)


def _length(m: re.Match[str], c: Context) -> Atom | None:
    if re.match(r"the |(?:a )?second$", m.group()) or re.fullmatch(r"an? (?:min|sec)", m.group()):
        return None
    found = length(m.group())
    return Atom(length=found) if found else None


def _whole(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(length=Length.of([(unit(m["u"]), 1)]))


_REL = r"(?:next|this|last|following|past|previous|coming|upcoming|current)"
_TAIL_YEAR = rf"(?:(?: ?,? ?| of |,? in |[-/])(?P<y>{YEAR}|'\d\d){END}(?!:))?"
_BASE = rf"(?P<base>today|now|tomorrow|yesterday|(?:next )?{WEEKDAY})"


def _p(pattern: str) -> re.Pattern[str]:
    return re.compile(START + pattern + END)


PATTERNS: Patterns = [
    (
        _p(
            rf"(?:in|within) (?:about |another |the next )?(?!the )(?P<len>{_LENGTH})(?:'s?)?(?: time)?"
        ),
        _in,
    ),
    (
        _p(
            rf"(?P<len>{_LENGTH}) (?P<way>from now|from today|hence|later|ago|earlier|before now|back|previously)"
        ),
        _ago,
    ),
    (_p(rf"(?P<len>{_LENGTH}) (?P<way>from|on|after|before) {_BASE}"), _from_day),
    (_p(rf"(?P<len>(?:an?|{SPELT}|\d+) (?:weeks?|fortnight|month)) (?P<way>)(?P<base>today|tomorrow)"), _from_day),
    (_p(r"(?P<base>today|tomorrow) (?P<len>week|fortnight)(?P<way>)"), _from_day),
    (_p(rf"(?:{SPELT}|\d+) ?(?:to|or|-|–) ?(?:{SPELT}|\d+) ?{UNIT}"), lambda m, c: Atom(length=length(m.group()), problem="unclear")),
    (_p(rf"(?:the )?(?P<word>{either(_NEAR)})"), _near),
    (
        _p(rf"(?P<word>tonight|tonite|(?:this|last|yesterday) (?P<part>{either(EN.parts)}))"),
        _tonight,
    ),
    (_p(r"(?:right )?(?:now|immediately|straight away|asap|as soon as possible)"), _now),
    (
        _p(
            rf"(?:on )?(?:(?P<way>{_REL}) )(?P<day>{WEEKDAY})(?P<week> (?:of )?(?:next|last|this) week)?"
        ),
        _weekday,
    ),
    (
        _p(
            rf"(?:on )?(?:the )?(?P<way>)(?P<day>{LONG_WEEKDAY})(?P<week> (?:of )?(?:next|last|this) week| week)?"
        ),
        _weekday,
    ),
    (
        _p(
            rf"(?:(?<=by )|(?<=until )|(?<=till )|(?<=from )|(?<=since )|on )(?P<way>)(?P<day>{WEEKDAY})(?P<week> (?:of )?(?:next|last|this) week| week)?"
        ),
        _weekday,
    ),
    (
        _p(
            rf"(?P<week>(?:next|last|this) week(?: on)?) (?P<way>)(?P<day>{WEEKDAY})".replace(
                "(?P<week>(?:next|last|this) week(?: on)?)",
                "(?P<week>(?:next|last|this) week)(?: on)?",
            )
        ),
        _weekday,
    ),
    (_p(r"(?:on )?(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"), _iso),
    (
        _p(
            r"(?:on )?(?P<y>(?:19|20)\d\d)(?P<s> ?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>[0-2]\d|3[01])(?! ?\d)"
        ),
        _iso,
    ),
    (_p(rf"(?P<y>{YEAR})[-/ ](?P<mon>{MONTH})[-/ ](?P<d>\d{{1,2}})"), _month_day),
    (_p(rf"(?P<mon>{MONTH})[-/ ](?P<y>{YEAR})[-/ ](?P<d>\d{{1,2}})"), _month_day),
    (
        _p(
            r"(?:on )?(?P<a>\d{1,2})(?P<sep>[-/])(?P<b>\d{1,2})(?:(?P=sep)(?P<y>\d{4}|\d\d))?(?![\d/:])"
        ),
        _slashed,
    ),
    (_p(r"(?:on )?(?P<a>\d{1,2})(?P<sep>\.)(?P<b>\d{1,2})\.(?P<y>\d{4}|\d\d)(?![\d/:])"), _slashed),
    (
        _p(
            rf"(?:on )?(?:(?:the )?(?P<wd>{WEEKDAY}),? ?(?:the )?)?(?:(?P<rel>next|last|this) )?(?P<mon>{MONTH})[ ./-]{{0,2}}(?:the )?(?P<d>{ORDINAL}|\d{{1,2}}(?![\d:]|(?:st|nd|rd|th)|\.\d)|{SPELT}){_TAIL_YEAR}"
        ),
        _month_day,
    ),
    (
        _p(
            rf"(?:on )?(?:(?:the )?(?P<wd>{WEEKDAY}),? ?)?(?:on )?(?:the )?(?P<d>{ORDINAL}|\d{{1,2}})(?: day)?(?: of| in)?[ ./-]{{0,2}}(?:(?P<rel>next|last|this) )?(?P<mon>{MONTH}){_TAIL_YEAR}"
        ),
        _month_day,
    ),
    (
        _p(
            rf"(?:on |by )?the (?P<d>{ORDINAL})(?! (?:time|one|dose|week|month|day|pill|tablet|of|{WEEKDAY}))"
        ),
        _day_only,
    ),
    (
        _p(
            rf"(?:on )?(?P<day>{WEEKDAY}),? (?:the )?(?P<d>{ORDINAL}|[12]\d|3[01])(?![:.]\d| ?[ap]\.? ?m\b| ?(?:mg|{UNIT}|{MONTH}))"
        ),
        _weekday_day,
    ),
    (_p(rf"(?:on )?the (?P<d>{ORDINAL}) of (?P<rel>next|this|last|the) month"), _day_of_rel_month),
    (_p(rf"(?P<rel>next|this|last) month,?(?: on)? the (?P<d>{ORDINAL})"), _day_of_rel_month),
    (
        _p(
            rf"(?:on )?(?:the )?(?P<n>{ORDINAL}|last) (?P<day>{WEEKDAY}) (?:of|in) (?:(?P<rel>next|this|last|the) month|(?P<mon>{MONTH})(?: (?P<y>{YEAR}))?)"
        ),
        _nth_weekday,
    ),
    (
        _p(
            r"(?:(?:at |by )?(?:the )?end of (?:the |this )?(?P<what>day|week|month|year|next week|next month|next year))"
        ),
        _end_of,
    ),
    (_p(r"(?:the )?(?P<what>eod|eom|eoy)"), _end_of),
    (_p(rf"(?:the )?(?P<rel>{_REL})(?: calendar)? (?P<what>weekend|week|month|year)"), _span),
    (_p(r"(?P<rel>the) (?P<what>weekend)"), _span),
    (
        _p(
            rf"(?:in |during |since |until |by |for )(?P<rel>{_REL} )?(?P<mon>{MONTH})(?:,? (?:of )?(?P<y>{YEAR}))?(?! \d)"
        ),
        _month_alone,
    ),
    (_p(rf"(?P<rel>{_REL} )(?P<mon>{MONTH})(?P<y>)(?! \d)"), _month_alone),
    (_p(rf"(?P<rel>)(?P<mon>{MONTH}),? (?:of )?(?P<y>{YEAR})"), _month_alone),
    (
        _p(
            rf"(?:on |at )?(?P<name>{either([*EN.holidays, 'easter', 'easter sunday', 'easter monday'])})(?: (?P<y>{YEAR}))?"
        ),
        _holiday,
    ),
    (_p(_LENGTH), _length),
    (_p(rf"(?:all|whole|full|the entire|entire|the whole|the full)[ -](?P<u>{UNIT})"), _whole),
]
