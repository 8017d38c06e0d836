"""Lengths and spans of time, and days counted off by them, as they are said in English."""

# ruff: noqa: E501
from __future__ import annotations

import re
from datetime import date, datetime, time

from bot.when import days
from bot.when.atoms import Atom, Context, Length, Patterns
from bot.when.english_numbers import (
    END,
    MONTH,
    NUMBER,
    SPELT,
    UNIT,
    WEEKDAY,
    YEAR,
    month,
    number,
    unit,
    weekday,
)
from bot.when.english_numbers import standing as _p

REL = r"(?:next|this|last|following|past|previous|coming|upcoming|current)"
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
    found = Length.of(units)
    return found if units and found.sane else None


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


def _length(m: re.Match[str], c: Context) -> Atom | None:
    if re.match(r"the |(?:a )?second$", m.group()) or re.fullmatch(r"an? (?:min|sec)", m.group()):
        return None
    found = length(m.group())
    return Atom(length=found) if found else None


def _whole(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(length=Length.of([(unit(m["u"]), 1)]))


def month_shift(text: str) -> int:
    return {"next": 1, "following": 1, "last": -1, "past": -1, "previous": -1}.get(text.strip(), 0)


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
    shift, what = month_shift(m["rel"] or ""), m["what"]
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
        year = c.today.year + month_shift(m["rel"] or "")
        if not m["rel"] and mon < c.today.month:
            year += 1
    low = date(year, mon, 1)
    return Atom(span=(low, days.month_start(low, 1)))


_BASE = rf"(?P<base>today|now|tomorrow|yesterday|(?:next )?{WEEKDAY})"


# One line a pattern: the table is read across, not down.
# fmt: off
PATTERNS: Patterns = [
    (_p(rf"(?:in|within) (?:about |another |the next )?(?!the )(?P<len>{_LENGTH})(?:'s?)?(?: time)?"), _in),
    (_p(rf"(?P<len>{_LENGTH}) (?P<way>from now|from today|hence|later|ago|earlier|before now|back|previously)"), _ago),
    (_p(rf"(?P<len>{_LENGTH}) (?P<way>from|on|after|before) {_BASE}"), _from_day),
    (_p(rf"(?P<len>(?:an?|{SPELT}|\d+) (?:weeks?|fortnight|month)) (?P<way>)(?P<base>today|tomorrow)"), _from_day),
    (_p(r"(?P<base>today|tomorrow) (?P<len>week|fortnight)(?P<way>)"), _from_day),
    (_p(rf"(?:{SPELT}|\d+) ?(?:to|or|-|–) ?(?:{SPELT}|\d+) ?{UNIT}"), lambda m, c: Atom(problem="unclear")),
    (_p(r"(?:(?:at |by )?(?:the )?end of (?:the |this )?(?P<what>day|week|month|year|next week|next month|next year))"), _end_of),
    (_p(r"(?:the )?(?P<what>eod|eom|eoy)"), _end_of),
    (_p(rf"(?:the )?(?P<rel>{REL})(?: calendar)? (?P<what>weekend|week|month|year)"), _span),
    (_p(r"(?P<rel>the) (?P<what>weekend)"), _span),
    (_p(rf"(?:in |during |since |until |by |for )(?P<rel>{REL} )?(?P<mon>{MONTH})(?:,? (?:of )?(?P<y>{YEAR}))?(?! \d)"), _month_alone),
    (_p(rf"(?P<rel>{REL} )(?P<mon>{MONTH})(?P<y>)(?! \d)"), _month_alone),
    (_p(rf"(?P<rel>)(?P<mon>{MONTH}),? (?:of )?(?P<y>{YEAR})"), _month_alone),
    (_p(rf"(?:the|an?|{SPELT}|\d+|half an)[ -]?{UNIT} (?:before|after)(?= (?:my|the|his|her|our|your|their|each|every|it|that|i)\b)(?! (?:the )?{MONTH})"), lambda m, c: Atom(problem="unclear")),
    (_p(_LENGTH), _length),
    (_p(rf"(?:all|whole|full|the entire|entire|the whole|the full)[ -](?P<u>{UNIT})"), _whole),
]
# fmt: on
