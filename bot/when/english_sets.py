"""What repeats, as it is said in English, and the words that bound it."""

# ruff: noqa: E501
from __future__ import annotations

import re

from bot.when import days
from bot.when.atoms import Atom, Context, Patterns
from bot.when.english_numbers import (
    EN,
    MONTH,
    ORDINAL,
    SPELT,
    UNIT,
    WEEKDAY,
    month,
    number,
    ordinal,
    unit,
    weekday,
)
from bot.when.english_numbers import standing as _p
from bot.when.rule import Frequency, Rule
from bot.when.words import either

_FREQUENCY: dict[str, tuple[Frequency, int]] = {
    "minutes": ("minutely", 1),
    "hours": ("hourly", 1),
    "days": ("daily", 1),
    "weeks": ("weekly", 1),
    "fortnights": ("weekly", 2),
    "months": ("monthly", 1),
    "quarters": ("monthly", 3),
    "years": ("yearly", 1),
    "decades": ("yearly", 10),
}
_ADVERBS: dict[str, tuple[Frequency, int]] = {
    "daily": ("daily", 1),
    "everyday": ("daily", 1),
    "nightly": ("daily", 1),
    "hourly": ("hourly", 1),
    "weekly": ("weekly", 1),
    "biweekly": ("weekly", 2),
    "bi-weekly": ("weekly", 2),
    "fortnightly": ("weekly", 2),
    "monthly": ("monthly", 1),
    "bimonthly": ("monthly", 2),
    "quarterly": ("monthly", 3),
    "yearly": ("yearly", 1),
    "annually": ("yearly", 1),
    "annual": ("yearly", 1),
}
_PLURAL = rf"{either(w + 's' for w in EN.weekdays if len(w) > 3)}"
_WORKDAYS, _WEEKEND = (0, 1, 2, 3, 4), (5, 6)
_SOME_DAY = rf"(?:{_PLURAL}|{WEEKDAY})"
_LIST = rf"{_SOME_DAY}(?:(?:,| and| &|,? and| or| \+|/) ?(?:every |on )?{_SOME_DAY})*"


def every(unit_name: str, interval: int = 1) -> Rule | None:
    """A rule for so many units; hours and minutes count elapsed time."""
    if unit_name not in _FREQUENCY or not 1 <= interval <= 1000:
        return None
    frequency, times = _FREQUENCY[unit_name]
    fixed = frequency in ("hourly", "minutely")
    return Rule(
        frequency=frequency,
        interval=interval * times,
        clock="fixed_interval" if fixed else "same_clock",
    )


def _weekdays(text: str) -> tuple[int, ...]:
    names = re.findall(r"[a-z]+", text)
    found = {
        weekday(n if n in EN.weekdays else n[:-1])
        for n in names
        if n in EN.weekdays or n[:-1] in EN.weekdays
    }
    return tuple(sorted(found))


def _unit(m: re.Match[str], c: Context) -> Atom | None:
    name, nth = unit(m["u"]), m["n"]
    interval = 1
    if nth:
        nth = nth.strip()
        if nth in ("other", "alternate", "second"):
            interval = 2
        elif nth == "half":
            return Atom(rule=every("minutes", 30)) if name == "hours" else None
        elif nth in ("single", "few", "couple of"):
            interval = {"single": 1, "few": 3, "couple of": 2}[nth]
        else:
            n = ordinal(nth) if re.fullmatch(ORDINAL, nth) else number(nth)
            if n % 1 and name == "hours":
                return Atom(rule=every("minutes", round(n * 60)))
            interval = round(n)
    rule = every(name, interval)
    if rule is None:
        return None
    part = "night" if m["u"].startswith("night") else None
    return Atom(rule=rule, part=part, sure=nth != "few")


def _adverb(m: re.Match[str], c: Context) -> Atom | None:
    frequency, interval = _ADVERBS[m["word"]]
    rule = Rule(
        frequency=frequency,
        interval=interval,
        clock="fixed_interval" if frequency == "hourly" else "same_clock",
    )
    unsure = m["word"] in ("biweekly", "bi-weekly", "bimonthly")
    return Atom(rule=rule, part="night" if m["word"] == "nightly" else None, sure=not unsure)


def _part(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(rule=Rule(frequency="daily"), part=EN.parts[m["part"]])


def _days(m: re.Match[str], c: Context) -> Atom | None:
    found = _weekdays(m["days"])
    nth = (m["n"] or "").strip()
    interval = 2 if nth in ("other", "second", "alternate") else ordinal(nth) if nth else 1
    return Atom(rule=Rule(frequency="weekly", interval=interval, weekdays=found))


def _except(m: re.Match[str], c: Context) -> Atom | None:
    """ "every day except Sunday": the other days."""
    without = _WEEKEND if "weekend" in m["days"] else _weekdays(m["days"])
    rest = tuple(d for d in range(7) if d not in without)
    return Atom(rule=Rule(frequency="weekly", weekdays=rest)) if rest else None


def _several_days(m: re.Match[str], c: Context) -> Atom | None:
    """ "Tuesday and Friday": every week, most likely; it is asked."""
    return Atom(rule=Rule(frequency="weekly", weekdays=_weekdays(m["days"])), sure=False)


def _day_parts(m: re.Match[str], c: Context) -> Atom | None:
    """ "Friday mornings"."""
    rule = Rule(frequency="weekly", weekdays=_weekdays(m["days"]))
    return Atom(rule=rule, part=EN.parts[m["part"]])


def _day_span(m: re.Match[str], c: Context) -> Atom | None:
    one, two = weekday(m["one"].removesuffix("s")), weekday(m["two"].removesuffix("s"))
    found = tuple(sorted((one + i) % 7 for i in range((two - one) % 7 + 1)))
    return Atom(rule=Rule(frequency="weekly", weekdays=found))


def _workdays(m: re.Match[str], c: Context) -> Atom | None:
    found = _WEEKEND if "weekend" in m.group() else _WORKDAYS
    return Atom(rule=Rule(frequency="weekly", weekdays=found))


def _times(m: re.Match[str], c: Context) -> Atom | None:
    """ "twice a day", "three times per week"."""
    if m["u"] in ("daily", "weekly", "monthly"):
        name = {"daily": "days", "weekly": "weeks", "monthly": "months"}[m["u"]]
    else:
        name = unit(m["u"])
    word = m["n"].replace(" times", "").replace(" time", "").replace("x", "").strip()
    n = {"once": 1, "twice": 2, "thrice": 3}.get(word) or round(number(word))
    if name in ("days",):
        return Atom(rule=Rule(frequency="daily"), a_day=n) if n in c.slots.daily else None
    if name == "weeks":
        if n not in c.slots.weekly:
            return None
        return Atom(rule=Rule(frequency="weekly", weekdays=c.slots.weekly[n]), sure=n == 1)
    rule = every(name)
    return Atom(rule=rule, problem=None if n == 1 else "unclear") if rule else None


def _in_all(m: re.Match[str], c: Context) -> Atom | None:
    n = round(number(m["n"]))
    return Atom(count=n) if 1 <= n <= 1000 else None


def _month_days(m: re.Match[str], c: Context) -> Atom | None:
    """ "on the 1st and 15th of every month"."""
    found = tuple(-1 if d == "last" else ordinal(d) for d in re.findall(rf"{ORDINAL}|last", m["d"]))
    if any(d != -1 and not 1 <= d <= 31 for d in found):
        return Atom(rule=Rule(frequency="monthly"), problem="no_such_date")
    return Atom(rule=Rule(frequency="monthly", monthdays=found))


def _nth_day(m: re.Match[str], c: Context) -> Atom | None:
    rule = Rule(frequency="monthly", weekdays=(weekday(m["day"]),), nth=ordinal(m["n"]))
    return Atom(rule=rule)


def _year_day(m: re.Match[str], c: Context) -> Atom | None:
    d, mon = int(re.sub(r"\D", "", m["d"]) or ordinal(m["d"])), month(m["mon"])
    if not days.possible(mon, d):
        return Atom(rule=Rule(frequency="yearly"), problem="no_such_date")
    return Atom(rule=Rule(frequency="yearly", months=(mon,), monthdays=(d,)))


def _year_month(m: re.Match[str], c: Context) -> Atom | None:
    return Atom(rule=Rule(frequency="yearly", months=(month(m["mon"]),)))


def _unclear(m: re.Match[str], c: Context) -> Atom | None:
    """ "every 4 to 6 hours" names two intervals."""
    rule = every(unit(m["u"]), round(number(m["two"])))
    return Atom(rule=rule, problem="unclear") if rule else None


def _role(m: re.Match[str], c: Context) -> Atom | None:
    word = m["word"]
    if word in ("until", "till", "til", "through", "ending", "up to", "to", "-", "–"):
        return Atom(role="until")
    return Atom(role="for" if word == "for" else "from")


_EVERY = r"(?:every|each|evry|per)"
_NTH = rf"(?:other|alternate|single|few|couple of|half|{ORDINAL}|{SPELT}|\d+(?:\.\d+)?)"


# One line a pattern: the table is read across, not down.
# fmt: off
PATTERNS: Patterns = [
    (_p(rf"{_EVERY}[ -]?(?:(?P<n>{_NTH})[ -]?)?(?P<u>{UNIT})"), _unit),
    (_p(rf"(?:except|excluding|apart from|other than|but not|not)(?: for)?(?: on)?(?: the)? (?P<days>weekends?|{_LIST})"), _except),
    (_p(rf"(?:on )?(?P<days>{WEEKDAY}(?:(?:,| and| &|,? and|/) ?{WEEKDAY})+)(?! or)"), _several_days),
    (_p(r"alternate (?P<u>days|weeks|months)(?P<n>)"), lambda m, c: Atom(rule=every(m["u"], 2))),
    (_p(rf"(?P<word>{either(_ADVERBS)})"), _adverb),
    (_p(rf"(?:in )?(?:{_EVERY}|all) (?P<part>{either(EN.parts)})"), _part),
    (_p(r"(?:in the |on )?(?P<part>mornings|afternoons|evenings|nights)"), _part),
    (_p(rf"(?:on )?{_EVERY} (?:(?P<n>other|second|alternate|third|fourth|2nd|3rd|4th) )?(?P<days>{_LIST})"), _days),
    (_p(rf"(?:on )?(?P<days>{WEEKDAY}) (?P<part>mornings|afternoons|evenings|nights)"), _day_parts),
    (_p(r"(?:just |only )?(?P<n>one|two|three|four|1|2|3|4) (?:an?|per|each|every) ?(?P<u>day)"), _times),
    (_p(rf"(?:on )?alternate (?P<n>)(?P<days>{_LIST})"), lambda m, c: Atom(rule=Rule(frequency="weekly", interval=2, weekdays=_weekdays(m["days"])))),
    (_p(rf"(?:on )?(?P<n>)(?P<days>{_PLURAL}(?:(?:,| and| &|,? and| or|/) ?{_SOME_DAY})*)(?!')"), _days),
    (_p(rf"(?:on )?(?P<n>)(?P<days>{WEEKDAY}(?:(?:,| and| &|,? and| or|/) ?{_SOME_DAY})*(?:,| and| &|,? and| or|/) ?{_PLURAL})"), _days),
    (_p(rf"(?:on |from |every )?(?P<one>{_SOME_DAY}) ?(?:to|through|thru|till|until|-|–) ?(?P<two>{_SOME_DAY})"), _day_span),
    (_p(rf"(?:on |at |the |over |during )*(?:{_EVERY} )?(?:weekdays?|work ?days?|working days?|week days)"), _workdays),
    (_p(rf"(?:on |at |over )?(?:the )?(?:{_EVERY} weekend|weekends)"), _workdays),
    (_p(r"(?:the )?weekend(?= (?:ones?|reminders?|alarms?))"), _workdays),
    (_p(rf"(?P<n>once|twice|thrice|(?:{SPELT}|\d+) ?(?:times?|x)) ?(?:an?|per|each|every|/)? ?(?P<u>daily|weekly|monthly|{UNIT})"), _times),
    (_p(rf"(?P<n>{SPELT}|\d+) times(?: in (?:all|total)| altogether)?"), _in_all),
    (_p(rf"(?:on )?(?:the )?(?P<d>(?:{ORDINAL}|last)(?:(?:,| and| &|,? and) (?:the )?{ORDINAL})*)(?: day)?(?: of| in|,)? (?:{_EVERY}|the) month"), _month_days),
    (_p(rf"{_EVERY} month,?(?: on)? (?:the )?(?P<d>(?:{ORDINAL}|last)(?:(?:,| and| &|,? and) (?:the )?{ORDINAL})*)(?: day)?"), _month_days),
    (_p(rf"(?:once a month|monthly),?(?: on)? the (?P<d>(?:{ORDINAL}|last)(?:(?:,| and) (?:the )?{ORDINAL})*)(?: day)?"), _month_days),
    (_p(rf"{_EVERY} (?P<d>{ORDINAL})(?= of the month)(?: of the month)"), _month_days),
    (_p(rf"(?:on )?(?:the )?(?P<n>first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th) (?P<day>{WEEKDAY}) (?:of|in) {_EVERY} month"), _nth_day),
    (_p(rf"{_EVERY} (?P<n>first|last|1st) (?P<day>{WEEKDAY})(?: (?:of|in) the month)?"), _nth_day),
    (_p(rf"(?:{_EVERY} year|yearly|annually|once a year),? (?:on )?(?:the )?(?P<d>{ORDINAL}|\d{{1,2}})(?: of)? (?P<mon>{MONTH})"), _year_day),
    (_p(rf"(?:{_EVERY} year|yearly|annually|once a year),? (?:on )?(?P<mon>{MONTH}) (?:the )?(?P<d>{ORDINAL}|\d{{1,2}})"), _year_day),
    (_p(rf"{_EVERY} (?P<d>{ORDINAL}|\d{{1,2}})(?: of)? (?P<mon>{MONTH})"), _year_day),
    (_p(rf"{_EVERY} (?P<mon>{MONTH}) (?:the )?(?P<d>{ORDINAL}|\d{{1,2}})"), _year_day),
    (_p(rf"(?:{_EVERY}(?: year in)?|(?:yearly|once a year) in) (?P<mon>{MONTH})"), _year_month),
    (_p(rf"{_EVERY} (?P<one>{SPELT}|\d+) ?(?:to|or|-|–) ?(?P<two>{SPELT}|\d+) ?(?P<u>{UNIT})"), _unclear),
    (_p(r"(?P<word>starting|beginning|start|commencing|as from|from|as of|since|between)(?: on| from)?"), _role),
    (re.compile(r"(?<![a-z0-9])(?P<word>until|till|til|through|ending|up to|to|-|–|for)(?: on)?(?![a-z0-9-])"), _role),
]
# fmt: on
