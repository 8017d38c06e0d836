"""The bands of metric_rules.toml, read once and checked."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from safety.files import list_field, read_toml, table_field, text_field
from safety.numbers import NUMBER
from safety.units import quick_any_of
from safety.units import words as unit_words
from safety.verdict import Tier

_FILE = Path(__file__).with_name("metric_rules.toml")
_COMPARISON = re.compile(r"(value|diastolic|[a-z_0-9]+) (>=|<=|>|<) (\d+(?:\.\d+)?)")
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_FIELDS = {
    "id", "code", "unit", "all", "any", "symptoms", "conditions", "without_conditions",
    "medicines", "age", "adult", "birth", "postpartum", "also", "earlier", "unless_usual",
    "rise", "tier", "flag", "cue", "source", "evidence",
}  # fmt: skip
YEARS_PER = {"years": 1.0, "months": 1 / 12, "weeks": 7 / 365.25, "days": 1 / 365.25}


@dataclass(frozen=True, slots=True)
class Comparison:
    """``value >= 180``: what is compared, how, with what."""

    field: str
    holds: Callable[[float, float], bool]
    limit: float


@dataclass(frozen=True, slots=True)
class Earlier:
    """How many earlier readings must lie in the same band."""

    count: int
    within_hours: float
    apart_minutes: float


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One band of one quantity, and what must be true besides."""

    id: str
    code: str
    unit: str
    all: tuple[Comparison, ...]
    any: tuple[Comparison, ...]
    symptoms: tuple[str, ...]
    conditions: tuple[str, ...]
    without_conditions: tuple[str, ...]
    medicines: tuple[str, ...]
    age: tuple[float, float] | None
    adult: bool
    who: Literal["anyone", "birth", "postpartum"]
    also: Comparison | None
    earlier: Earlier | None
    unless_usual: bool
    rise: tuple[tuple[float, float], ...]  #: (days, gain)
    tier: Tier
    flag: str
    cue: str
    source: tuple[str, ...]
    evidence: str


@dataclass(frozen=True)
class Symptom:
    """A complaint, as red flag ids and as words."""

    flags: frozenset[str]
    words: re.Pattern[str]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Everything metric_rules.toml says."""

    by_code: Mapping[str, tuple[Rule, ...]]
    symptoms: Mapping[str, Symptom]
    conditions: Mapping[str, tuple[str, ...]]
    medicines: Mapping[str, tuple[str, ...]]
    ages: tuple[tuple[re.Pattern[str], float], ...]

    @property
    def flags(self) -> frozenset[str]:
        """Every red flag a reading can raise."""
        return frozenset(rule.flag for rules in self.by_code.values() for rule in rules)


def _comparison(text: str, where: str) -> Comparison:
    match = _COMPARISON.fullmatch(text)
    if match is None:
        raise ValueError(f"{where}: {text!r} is no comparison like 'value >= 180'")
    return Comparison(match[1], _OPERATORS[match[2]], float(match[3]))


def _rule(table: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> Rule:
    where = f"{_FILE.name}: rule {table.get('id', '?')}"
    unknown = set(table) - _FIELDS
    if unknown:
        raise ValueError(f"{where}: {sorted(unknown)[0]} is not a field of a rule")
    for field, kind in (
        ("symptoms", "symptom"), ("conditions", "condition"), ("without_conditions", "condition"),
        ("medicines", "medicine"),
    ):  # fmt: skip
        for word in list_field(table, field, where):
            if word not in known[kind]:
                raise ValueError(f"{where}: {field}: {word} is not in the file")
    code = text_field(table, "code", where)
    if code not in unit_words().quantities:
        raise ValueError(f"{where}: code: {code} is not in units.toml")
    tier, evidence = text_field(table, "tier", where), text_field(table, "evidence", where)
    if tier not in Tier.__members__:
        raise ValueError(f"{where}: tier must be P0, P1, P2 or P3")
    if evidence not in ("verified", "mixed", "recalled"):
        raise ValueError(f"{where}: evidence must be verified, mixed or recalled")
    if not list_field(table, "source", where):
        raise ValueError(f"{where}: source is missing")
    age, earlier = table.get("age"), table.get("earlier")
    birth, postpartum = table.get("birth", False), table.get("postpartum", False)
    return Rule(
        id=text_field(table, "id", where),
        code=code,
        unit=str(table.get("unit", "")),
        all=tuple(_comparison(text, where) for text in list_field(table, "all", where)),
        any=tuple(_comparison(text, where) for text in list_field(table, "any", where)),
        symptoms=tuple(list_field(table, "symptoms", where)),
        conditions=tuple(list_field(table, "conditions", where)),
        without_conditions=tuple(list_field(table, "without_conditions", where)),
        medicines=tuple(list_field(table, "medicines", where)),
        age=(float(age[0]), float(age[1])) if age else None,
        adult=bool(table.get("adult", False)),
        who="birth" if birth else "postpartum" if postpartum else "anyone",
        also=_comparison(table["also"], where) if "also" in table else None,
        earlier=Earlier(**earlier) if earlier else None,
        unless_usual=bool(table.get("unless_usual", False)),
        rise=tuple((float(r["days"]), float(r["more_than"])) for r in table.get("rise", [])),
        tier=Tier[tier],
        flag=text_field(table, "flag", where),
        cue=str(table.get("cue", "")),
        source=tuple(list_field(table, "source", where)),
        evidence=evidence,
    )


@functools.cache
def rules() -> Rules:
    """metric_rules.toml, read and checked once; ValueError names the file and the field."""
    data, name = read_toml(_FILE), _FILE.name
    known = {kind: table_field(data, kind, name) for kind in ("symptom", "condition", "medicine")}
    by_code: dict[str, tuple[Rule, ...]] = {}
    seen: set[str] = set()
    for table in data.get("rule", []):
        rule = _rule(table, known)
        if rule.id in seen:
            raise ValueError(f"{name}: rule {rule.id} is there twice")
        seen.add(rule.id)
        by_code[rule.code] = (*by_code.get(rule.code, ()), rule)
    symptoms = {}
    for key, table in known["symptom"].items():
        where = f"{name}: symptom {key}"
        phrases = list_field(table, "en", where) + list_field(table, "zh", where)
        flags = frozenset(list_field(table, "flags", where))
        symptoms[key] = Symptom(flags, re.compile(quick_any_of(phrases)))
    ages = table_field(data, "age_in_words", name)
    return Rules(
        by_code=by_code,
        symptoms=symptoms,
        conditions={k: tuple(list_field(known["condition"], k, name)) for k in known["condition"]},
        medicines={k: tuple(list_field(known["medicine"], k, name)) for k in known["medicine"]},
        ages=tuple(
            (re.compile(pattern.replace("{N}", f"({NUMBER})")), per)
            for unit, per in YEARS_PER.items()
            for pattern in list_field(ages, unit, name)
        ),
    )
