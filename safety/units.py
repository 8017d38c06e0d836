"""Labels, units and plausible ranges of vital signs, as read from units.toml."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safety.files import list_field, read_toml, table_field, text_field
from safety.numbers import NUMBER

_FILE = Path(__file__).with_name("units.toml")
Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One way to write a quantity; canonical value = written value * factor + offset."""

    unit: str
    words: tuple[str, ...]
    factor: float = 1.0
    offset: float = 0.0
    bare: Mapping[str, Range]  #: by language: values taken to be in this unit when none is written
    own: Range | None = None  #: plausible range of a unit that is not converted
    whole: bool = False
    alone: tuple[str, ...] = ()  #: unit words that make a reading without a label
    minor: float = 0.0  #: canonical worth of one minor unit ("11 stone 4")
    minor_pattern: re.Pattern[str] = re.compile(r"(?!)")

    def fits(self, value: float, language: str) -> bool:
        """Whether a value without a unit may be in this one."""
        span = self.bare.get(language)
        whole = not self.whole or float(value).is_integer()
        return span is not None and whole and span[0] <= value <= span[1]


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One vital sign or result: its canonical unit, plausible range, labels and units."""

    code: str
    unit: str
    plausible: Range
    decimals: int
    labels: tuple[str, ...]
    units: tuple[Unit, ...]
    limits: Mapping[str, Range]  #: further ranges (blood pressure)

    def canonical(self, value: float, unit: Unit, minor: float = 0.0) -> float:
        """The value in the canonical unit, rounded to the quantity's decimals."""
        return round(value * unit.factor + unit.offset + minor, self.decimals)

    def is_plausible(self, canonical: float, unit: Unit) -> bool:
        """Whether a living patient could have this value."""
        low, high = unit.own or self.plausible
        return low <= canonical <= high


@dataclass(frozen=True, kw_only=True)
class Words:
    """Everything units.toml says, compiled."""

    quantities: Mapping[str, Quantity]
    label: re.Pattern[str]
    code_of: Mapping[str, str]
    unit: Mapping[str, re.Pattern[str]]  #: by code: any of its unit words
    unit_of: Mapping[str, Mapping[str, Unit]]  #: by code and word
    alone: re.Pattern[str]
    alone_of: Mapping[str, str]
    pain: re.Pattern[str]
    pain_words: re.Pattern[str]
    between: re.Pattern[str]
    follow: re.Pattern[str]  #: what may not follow a value
    cues: Mapping[str, re.Pattern[str]]
    meter: re.Pattern[str]
    meter_values: Mapping[str, float]


def any_of(words: Iterable[str]) -> str:
    """One expression for any of the words, longest first; Latin words stand alone."""
    ordered = sorted(set(words), key=len, reverse=True)
    latin = [w for w in ordered if w[0].isascii() and w[0].isalpha() and w[-1].isascii()]
    rest = [_literal(w) for w in ordered if w not in latin]
    if latin:
        rest.insert(0, "(?<![a-z])(?:" + "|".join(map(_literal, latin)) + ")(?![a-z])")
    return "(?:" + "|".join(rest) + ")" if rest else r"(?!)"


def _literal(word: str) -> str:
    return re.escape(word).replace(r"\ ", r"\s+")


def quick_any_of(words: Iterable[str]) -> str:
    """Like ``any_of`` for searching long texts: no look-behind, so check the left edge yourself."""
    ordered = sorted(set(words), key=len, reverse=True)
    return "|".join(
        _literal(word) + ("(?![a-z])" if word[-1].isascii() and word[-1].isalpha() else "")
        for word in ordered
    )


def _range(table: Mapping[str, Any], field: str, where: str) -> Range | None:
    value = table.get(field)
    if value is None:
        return None
    if not (isinstance(value, list) and len(value) == 2 and value[0] <= value[1]):
        raise ValueError(f"{where}: {field} must be [low, high]")
    return float(value[0]), float(value[1])


def _unit(table: Mapping[str, Any], where: str) -> Unit:
    words = tuple(list_field(table, "words", where))
    both = _range(table, "bare", where)
    bare = {}
    for language in ("en", "zh"):
        span = _range(table, f"bare_{language}", where) or both
        if span is not None:
            bare[language] = span
    return Unit(
        unit=str(table.get("unit", "")),
        words=words,
        factor=float(table.get("factor", 1.0)),
        offset=float(table.get("offset", 0.0)),
        bare=bare,
        own=_range(table, "own", where),
        whole=bool(table.get("whole", False)),
        alone=words if table.get("alone") else tuple(list_field(table, "alone_words", where)),
        minor=float(table.get("minor", 0.0)),
        minor_pattern=re.compile(rf"\s*{any_of(list_field(table, 'minor_words', where))}"),
    )


def _quantity(table: Mapping[str, Any]) -> Quantity:
    code = text_field(table, "code", _FILE.name)
    where = f"{_FILE.name}: reading {code}"
    plausible = _range(table, "plausible", where)
    if plausible is None:
        raise ValueError(f"{where}: plausible is missing")
    if not list_field(table, "source", where):
        raise ValueError(f"{where}: source is missing")
    limits = {
        name: span
        for name in ("diastolic", "gap", "bare_systolic", "bare_diastolic", "bare_gap")
        if (span := _range(table, name, where)) is not None
    }
    return Quantity(
        code=code,
        unit=str(table.get("unit", "")),
        plausible=plausible,
        decimals=int(table.get("decimals", 1)),
        labels=tuple(list_field(table, "labels", where)),
        units=tuple(_unit(unit, where) for unit in table.get("units", [])),
        limits=limits,
    )


@functools.cache
def words() -> Words:
    """units.toml, read and compiled once; ValueError names what is wrong in it."""
    data = read_toml(_FILE)
    name = _FILE.name
    quantities = {q.code: q for q in map(_quantity, data.get("reading", []))}
    pain = table_field(data, "pain", name)
    between, cues = table_field(data, "between", name), table_field(data, "cues", name)
    meter = table_field(data, "meter", name)

    def both(table: Mapping[str, Any], field: str = "") -> list[str]:
        en, zh = f"{field}_en" if field else "en", f"{field}_zh" if field else "zh"
        return list_field(table, en, name) + list_field(table, zh, name)

    def regex(patterns: Iterable[str]) -> re.Pattern[str]:
        try:
            return re.compile("|".join(p.replace("{N}", f"({NUMBER})") for p in patterns))
        except re.error as problem:
            raise ValueError(f"{name}: a pattern cannot be read: {problem}") from problem

    anywhere = ("usual", "other", "weather", "fever")
    labels = any_of(label for q in quantities.values() for label in q.labels)
    tails = dict.fromkeys(anywhere, "") | {  # the others stand right before the value
        "change": r"\W*$",
        "product": r"\W*$",
        "target": rf"(?:[\W]|{labels}|is|of|to|was|be|是|为|在|到)*$",
    }
    code_of = {label: q.code for q in quantities.values() for label in q.labels}
    alone_of = {w: q.code for q in quantities.values() for u in q.units for w in u.alone}
    unit_of = {q.code: {w: u for u in q.units for w in u.words} for q in quantities.values()}
    return Words(
        quantities=quantities,
        label=re.compile(quick_any_of(code_of)),
        code_of=code_of,
        unit={code: re.compile(r"\s*(" + any_of(units) + ")") for code, units in unit_of.items()},
        unit_of=unit_of,
        alone=re.compile(rf"\s*({any_of(alone_of)})"),
        alone_of=alone_of,
        pain=regex(both(pain)),
        pain_words=re.compile("|".join(list_field(pain, "words", name))),
        # Atomic, not "*+": Python 3.11.2 does not match that whole where it should.
        between=re.compile(rf"(?>(?:[\s:=~≈\-(\x01'\"]|,|、|\.\s|{any_of(both(between))})*)"),
        follow=re.compile(
            rf"\s*(?!{any_of(list_field(cues, 'follow_en', name))}|{labels})[a-z]"
            rf"|\s*{any_of(list_field(cues, 'follow_zh_not', name))}"
        ),
        cues={kind: re.compile(any_of(both(cues, kind)) + tail) for kind, tail in tails.items()},
        meter=re.compile(
            rf"{any_of(list_field(meter, 'words_before', name))}"
            r"[^.!?。！？\n]{0,20}?(?<![a-z])(hi|lo)(?![a-z])"
        ),
        meter_values={"hi": float(meter["high_value"]), "lo": float(meter["low_value"])},
    )
