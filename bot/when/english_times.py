"""Times of day as they are said in English."""

# ruff: noqa: E501
from __future__ import annotations

import re
from dataclasses import replace

from bot.when.atoms import Atom, Clock, Context, Patterns
from bot.when.english_numbers import EN, END, MONTH, SPELT, START, number
from bot.when.words import either

_HOUR_WORDS = either(w for w, n in EN.numbers.items() if 1 <= n <= 12 and w not in ("a", "an"))
_HOUR_WORD = rf"(?:{_HOUR_WORDS}|twenty(?:[ -](?:one|two|three|four))?|(?:thir|four|fif|six|seven|eigh|nine)teen)"
_MINUTES = rf"(?:oh[ -]{_HOUR_WORDS}|o[ -]{_HOUR_WORDS}|(?:twenty|thirty|fou?rty|fifty)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)"
_AMPM = r"(?:\.?a ?\.? ?m\b(?: ?\.)?|\.?p ?\.? ?m\b(?: ?\.)?)"
_SHORT = r"(?:a|p)"
_CLOCKISH = r"(?: ?o'? ?clock| oclock)"
#: What may not follow a bare number that is taken for an hour.
_NOT_A_COUNT = (
    r"(?![\d:./%]|[ -]?(?:mg|mcg|g|ml|l|kg|units?|iu|tablets?|pills?|caps|capsules?|puffs?|drops?|"
    r"times?|days?|nights?|weeks?|months?|years?|hours?|hrs?|minutes?|mins?|seconds?|people|"
    r"of|steps|miles|km|points?|percent|more|doses?|sprays?|glasses|cups|meals?|patches|or)\b)"
) + rf"(?! (?:of )?{MONTH}\b)"
_MOMENT = either(EN.moments)
_MANIFOLD = either(EN.manifold)
_MEAL = "breakfast|lunch|dinner|supper"


def _half(text: str | None) -> str:
    if text and "lunch" in text:
        return "lunch"
    return "" if not text else "p" if "p" in text else "a"


def _clock(hour: float, minute: float = 0, second: float = 0, half: str = "") -> Clock:
    """A time of day; the half day makes it known."""
    h, known = int(hour), bool(half)
    if half == "lunch":
        half = "a" if h in (10, 11) else "p"
    if half == "p" and h < 12:
        h += 12
    elif half == "a" and h == 12:
        h = 0
    if h == 24 and not minute:
        h, known = 0, True
    return Clock(
        hour=h,
        minute=int(minute),
        second=int(second),
        known=known or h > 12 or h == 0,
    )


def _spelt_minutes(text: str) -> float:
    return number(re.sub(r"^oh?[ -]", "", text))


def _digits(m: re.Match[str]) -> Clock:
    g = m.groupdict()
    clock = _clock(int(g["h"]), int(g["m"] or 0), int(g.get("s") or 0), _half(g["half"]))
    return replace(clock, known=True) if g["h"].startswith("0") and g["m"] else clock


def _relative(m: re.Match[str]) -> Clock:
    word = m["n"]
    minutes = {"half": 30.0, "quarter": 15.0, "three quarters": 45.0}.get(
        word.replace("a ", "").strip()
    ) or number(word)
    hour = number(m["hour"]) if m["hour"] not in ("noon", "midnight") else 12
    half = _half(m["half"]) or {"noon": "p", "midnight": "a"}.get(m["hour"], "")
    clock = _clock(hour, 0, 0, half)
    if not clock.exists:
        return clock
    at = clock.shifted(-minutes if m["way"] in ("to", "till", "before", "of", "til") else minutes)
    return at if clock.known or at.hour else replace(at, hour=12)


_FORMS: list[tuple[str, str]] = [
    (
        "digits",
        rf"(?P<h>\d{{1,2}}):(?P<m>\d\d)(?::(?P<s>\d\d))?(?:\.\d+)? ?(?P<half>{_AMPM}|{_SHORT}{END})?(?![\d/])",
    ),
    ("digits", rf"(?P<h>\d{{1,2}})[.h](?P<m>[0-5]\d) ?(?P<half>{_AMPM})"),
    ("digits", rf"(?P<h>\d{{1,2}})(?P<m>) ?(?P<half>{_AMPM})"),
    ("digits", rf"(?P<h>\d{{1,2}})(?P<m>)(?P<half>{_SHORT}){END}"),
    ("digits", rf"(?P<h>\d{{1,2}})(?P<m>[0-5]\d)(?:ish)? ?(?P<half>{_AMPM})"),
    ("digits", r"(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d) ?(?P<half>)(?:hours|hrs|h)\b"),
    (
        "oclock",
        rf"(?P<hour>\d{{1,2}}|{_HOUR_WORD}){_CLOCKISH}(?: ?(?P<half>{_AMPM}|(?:at )?lunch ?time))?",
    ),
    (
        "relative",
        rf"(?P<n>half|three quarters|(?:a )?quarter|{SPELT}|\d{{1,2}})(?: ?min(?:ute)?s?\.?)? (?P<way>past|after|to|till|til|before|of) "
        rf"(?P<hour>\d{{1,2}}(?![\d:])|{_HOUR_WORD}|noon|midnight){_CLOCKISH}?(?: ?(?P<half>{_AMPM}))?{_NOT_A_COUNT}",
    ),
    ("spelt", rf"(?P<hour>{_HOUR_WORD})[ -](?P<m>{_MINUTES})(?: ?(?P<half>{_AMPM}))?{END}"),
    ("spelt", rf"(?P<hour>{_HOUR_WORD})(?P<m>) ?(?P<half>{_AMPM})"),
    ("noon", r"(?:12 |twelve )?(?:noon|midday|mid-day|mid day)(?:ish)?\b"),
    ("midnight", r"(?:12 |twelve )?(?:midnight|mid-night|mid night)\b"),
    ("mid", r"mid[ -]?(?P<mid>morning|afternoon)"),
]


def _read(kind: str, m: re.Match[str]) -> Clock:
    if kind == "digits":
        return _digits(m)
    if kind == "relative":
        return _relative(m)
    if kind == "noon":
        return Clock(hour=12)
    if kind == "midnight":
        return Clock(hour=0)
    if kind == "mid":
        return Clock(hour=10 if m["mid"] == "morning" else 14)
    minutes = m["m"] if kind == "spelt" else None
    return _clock(number(m["hour"]), _spelt_minutes(minutes) if minutes else 0, 0, _half(m["half"]))


def _time(kind: str, m: re.Match[str], _: Context) -> Atom | None:
    clock = _read(kind, m)
    if not clock.exists:
        return Atom(clocks=(clock,), problem="no_such_time")
    return Atom(clocks=(clock,))


_LEAD = r"(?:at|by|around|about|@|before|after|till|until|from|to|approximately|approx\.?|for|of|and|or|,|-)"
#: Leads to many other things than a time.
_LOOSE = frozenset(
    ("for", "of", "to", "and", "or", ",", "-", "from", "after", "before", "about", "around", "by")
)


def _bare(m: re.Match[str], _: Context) -> Atom | None:
    """ "at 7": a number after a word that leads to a time."""
    hour = number(m["hour"])
    if any(f.match(m.string, m.start("hour")) for f in _FULL):
        return None  # "at seven twenty-seven" and "at 7 pm" are read from the hour on
    if m["lead"] in _LOOSE:
        # These lead to many other things, so only a time right behind makes it one.
        after = m.string[m.end() :]
        if (
            not re.match(
                rf" ?(?:,|and|&|or|to|-)? ?(?:{_HOUR_WORD}|\d{{1,2}})(?::\d\d)? ?{_AMPM}| (?:in the|at night|tonight|tomorrow|this) ?(?:morning|afternoon|evening)?",
                after,
            )
            and not m["ish"]
            and m["lead"] not in ("by", "around")
        ):
            return None
    if (
        hour < 5
        and m["lead"] != "at"
        and re.match(r" (?:in the morning|at night)", m.string[m.end() :])
    ):
        return None  # "and one at night": a tablet
    if hour > 24:
        return (
            Atom(clocks=(Clock(hour=int(hour)),), problem="no_such_time")
            if m["lead"] == "at"
            and m["hour"].isdigit()
            and hour < 61
            and not re.match(r" ?[a-z]", m.string[m.end() :])
            else None
        )
    clock = _clock(hour)
    then = re.match(
        rf" ?(?:,|and|&|or|to|till|until|-) ?(?:{_HOUR_WORD}|\d{{1,2}})(?::\d\d)? ?(?P<half>{_AMPM})",
        m.string[m.end() :],
    )
    if then and hour <= 12:
        clock = _clock(hour, half=_half(then["half"]))
    return Atom(clocks=(clock,))


def _in_part(m: re.Match[str], _: Context) -> Atom | None:
    """ "8 in the morning"; but "one at night" and "2 in the morning" are tablets as well."""
    hour = number(m["hour"])
    if hour < 5 and m["part"] != "afternoon":
        return None
    return Atom(clocks=(_clock(hour),)) if hour <= 24 else None


def _bare_list(m: re.Match[str], _: Context) -> Atom | None:
    """ "8 and 10pm": an hour in front of a time that names its half day."""
    return Atom(clocks=(_clock(number(m["hour"]), half=_half(m["half"])),))


def _military(m: re.Match[str], _: Context) -> Atom | None:
    return Atom(
        clocks=tuple(
            replace(_clock(int(t[:2]), int(t[2:])), known=True)
            for t in re.findall(r"\d{4}", m.group())
        )
    )


def _dotted(m: re.Match[str], _: Context) -> Atom | None:
    return Atom(clocks=(_clock(int(m["h"]), int(m["m"])),))


def _range(m: re.Match[str], context: Context) -> Atom | None:
    """ "between 2 and 4pm"."""
    first, last = _one(m["one"]), _one(m["two"])
    if first is None or last is None:
        return None
    if not (m["lead"] or ((":" in m["one"] or _half_said(m["one"])) or _half_said(m["two"]))):
        return None
    if last.known and not first.known and first.hour <= 12:
        first = _clock(first.hour, first.minute, 0, "p" if last.hour >= 12 else "a")
        if first.hour > last.hour:
            first = first.other()
    if not (first.exists and last.exists):
        return Atom(clocks=(first, last), problem="no_such_time")
    return Atom(clock_range=(first, last))


def _half_said(text: str) -> bool:
    return bool(re.search(r"[ap]\.? ?m\b", text))


def _one(text: str) -> Clock | None:
    text = text.strip()
    for kind, form in _FORMS:
        if found := re.fullmatch(form, text):
            return _read(kind, found)
    if re.fullmatch(rf"\d{{1,2}}|{_HOUR_WORD}", text) and 0 < number(text) <= 24:
        return _clock(number(text))
    return None


def moment_clock(name: str, context: Context) -> Clock:
    """The default clock time of a named moment."""
    hour, minute = context.slots.moments[name].split(":")
    return Clock(hour=int(hour), minute=int(minute), sure=False)


def _named(m: re.Match[str], context: Context) -> Atom | None:
    clock = moment_clock(EN.moments[m["name"]], context)
    return Atom(clocks=(clock,), sure=False, by_meal=True)


def _meals(m: re.Match[str], context: Context) -> Atom | None:
    """ "with breakfast and dinner"."""
    names = re.findall(_MEAL, m["names"])
    moments = (EN.moments[f"{m['way']} {name}"] for name in names)
    clocks = tuple(moment_clock(name, context) for name in moments)
    return Atom(clocks=clocks, sure=False, by_meal=True)


def _beside_meals(m: re.Match[str], context: Context) -> Atom | None:
    """ "half an hour before meals": three times."""
    far = 30.0 if m["n"] == "half an" else number(m["n"]) * (60 if m["unit"][0] == "h" else 1)
    meals = (moment_clock(name, context) for name in ("breakfast", "lunch", "dinner"))
    later = far if m["way"] == "after" else -far
    return Atom(clocks=tuple(c.shifted(later) for c in meals), sure=False, by_meal=True)


def _manifold(m: re.Match[str], _: Context) -> Atom | None:
    return Atom(moments=EN.manifold[m["name"]], sure=False, by_meal=True)


def _beside_moment(m: re.Match[str], context: Context) -> Atom | None:
    name = EN.moments.get(f"{m['way']} {m['name']}") and m["name"]
    base = {"breakfast": "breakfast", "lunch": "lunch", "dinner": "dinner", "supper": "dinner"}
    key = base.get(name or "", "bedtime")
    clock = moment_clock(key, context)
    minutes = (
        number(m["n"]) * (60 if m["unit"].startswith("h") else 1) if m["n"] != "half an" else 30
    )
    later = minutes if m["way"] == "after" else -minutes
    return Atom(clocks=(clock.shifted(later),), sure=False, by_meal=True)


def _part(m: re.Match[str], _: Context) -> Atom | None:
    return Atom(part=EN.parts[m["part"]])


_FULL = [re.compile(form) for _, form in _FORMS]
_ANY = "|".join(re.sub(r"\(\?P<\w+>", "(?:", form) for _, form in _FORMS)
_PIECE = rf"(?:{_ANY}|\d{{1,2}}|{_HOUR_WORD})"

# One line a pattern: the table is read across, not down.
# fmt: off
PATTERNS: Patterns = [
    (re.compile(START + form), lambda m, c, kind=kind: _time(kind, m, c))  # type: ignore[misc]
    for kind, form in _FORMS
]
PATTERNS += [
    (re.compile(rf"{START}(?P<lead>from |between )?(?P<one>{_PIECE}) ?(?:to|till|until|through|-|–|(?(lead)and|to)) ?(?P<two>{_PIECE}){_NOT_A_COUNT}{END}"), _range),
    (re.compile(rf"(?<![a-z0-9])(?P<lead>{_LEAD}) ?(?P<hour>\d{{1,2}}|{_HOUR_WORD})(?P<ish> ?-?ish)?{END}{_NOT_A_COUNT}"), _bare),
    (re.compile(rf"{START}(?P<hour>\d{{1,2}}|{_HOUR_WORD})(?= ?(?:,|and|&|or) ?(?:{_HOUR_WORD}|\d{{1,2}}) ?(?P<half>{_AMPM}))"), _bare_list),
    (re.compile(rf"{START}(?P<hour>\d{{1,2}}|{_HOUR_WORD})(?= (?:in the|at|this|tonight|tomorrow) ?(?:early |late )?(?P<part>morning|afternoon|evening|night)\b)"), _in_part),
    (re.compile(rf"{START}(?P<hour>\d{{1,2}}|{_HOUR_WORD}) ?-?ish{END}(?P<half>)"), _bare_list),
    (re.compile(r"(?<![\d.,])0\d[0-5]\d(?:(?:,| and| &|, and) ?[0-2]\d[0-5]\d)*(?![\d./-])"), _military),
    (re.compile(r"(?<=at )(?P<h>\d{1,2})\.(?P<m>[0-5]\d)(?!\d)"), _dotted),
    (re.compile(rf"(?<=at )(?P<h>[12]\d)(?P<m>[0-5]\d){END}"), _dotted),
    (re.compile(rf"{START}(?P<name>{_MOMENT}){END}"), _named),
    (re.compile(rf"{START}(?P<way>before|with|after) (?P<names>(?:{_MEAL})(?:(?:,| and| &|, and) (?:{_MEAL}))+){END}"), _meals),
    (re.compile(rf"{START}(?P<name>{_MANIFOLD}){END}"), _manifold),
    (re.compile(rf"{START}(?P<n>half an|{SPELT}|\d+|an?) (?P<unit>h(?:ou)?rs?|min(?:ute)?s?) (?P<way>before|after) (?P<name>breakfast|lunch|dinner|supper|bed|bedtime){END}"), _beside_moment),
    (re.compile(rf"{START}(?P<n>half an|{SPELT}|\d+|an?) (?P<unit>h(?:ou)?rs?|min(?:ute)?s?) (?P<way>before|after) (?:my |each |every |all )?(?:meals?|food|eating){END}"), _beside_meals),
    (re.compile(rf"{START}(?:(?:in|at|during|of|on) )?(?:the |my )?(?P<part>{either(EN.parts)}){END}"), _part),
]
# fmt: on
