"""The rules of rules.toml, read and checked once: words, sources and ids that exist."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.observation import CODES
from knowledge.graph import graph
from knowledge.graph_model import STRENGTHS
from prompts import LANGUAGES

FILE = Path(__file__).with_name("rules.toml")
KINDS = ("overdue", "target", "medicine", "offer")
_NEEDS = {
    "overdue": ("test", "codes", "days"),
    "target": ("code", "unit", "days", "least", "least_days", "mean"),
    "medicine": ("strengths", "tests"),
    "offer": ("done", "days"),
}


@dataclass(frozen=True, kw_only=True)
class Due:
    """How long a test of the graph may be away, and what its observations are called."""

    test: str
    codes: tuple[str, ...]
    days: int


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule; see rules.toml for what its parts mean."""

    id: str
    kind: str
    title: Mapping[str, str]
    words: str
    again: int
    sources: tuple[str, ...]  #: "organisation: title, year"
    countries: tuple[str, ...] = ()
    sex: str = ""
    age_from: int | None = None
    age_to: int | None = None
    pregnant: str = ""
    conditions: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    due: tuple[Due, ...] = ()
    strengths: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    days: int = 0
    code: str = ""
    unit: str = ""
    least: int = 0
    least_days: int = 0
    mean: float = 0
    diastolic: float | None = None


@cache
def rules(path: Path = FILE) -> Mapping[str, Rule]:
    """Every rule by its id. Raises ValueError naming the rule and what is wrong with it."""
    given = tomllib.loads(path.read_text("utf-8"))
    if given.get("status") not in ("draft", "reviewed"):
        raise ValueError(f"{path.name}: status is draft or reviewed")
    found = {}
    for name, raw in given["rules"].items():
        try:
            found[name] = _rule(name, raw, given["sources"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path.name}: {name}: {error}") from error
    return found


def check() -> int:
    """How many rules there are; ValueError as ``rules``."""
    return len(rules())


def _rule(name: str, raw: Mapping[str, Any], sources: Mapping[str, Any]) -> Rule:
    kind = raw["kind"]
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind}")
    for part in ("words", "again", "sources", *_NEEDS[kind]):
        if part not in raw:
            raise ValueError(f"{part} is missing")
    if not raw["sources"] or set(raw["title"]) != set(LANGUAGES):
        raise ValueError("a source and a title in each language are needed")
    plain: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in raw.items()
        if key not in ("test", "codes", "tests", "sources")
    }
    rule = Rule(
        id=name, due=_due(kind, raw), sources=tuple(_cited(sources[s]) for s in raw["sources"]),
        **plain,
    )  # fmt: skip
    _known(rule)
    return rule


def _due(kind: str, raw: Mapping[str, Any]) -> tuple[Due, ...]:
    if kind == "overdue":
        return (Due(test=raw["test"], codes=tuple(raw["codes"]), days=raw["days"]),)
    tests: Mapping[str, Any] = raw.get("tests", {})
    return tuple(
        Due(test=test, codes=tuple(one["codes"]), days=one["days"]) for test, one in tests.items()
    )


def _cited(source: Mapping[str, Any]) -> str:
    return f"{source['organisation']}: {source['title']}, {source['year']}"


def _known(rule: Rule) -> None:
    """Ids of the graph and codes of observations, or ValueError."""
    strange = [one for one in (*rule.conditions, *rule.unless) if one not in graph()]
    strange += [one.test for one in rule.due if one.test not in graph()]
    strange += [code for one in rule.due for code in one.codes if code not in CODES]
    strange += [rule.code] if rule.code and rule.code not in CODES else []
    strange += [one for one in rule.strengths if one not in STRENGTHS["monitored_by"]]
    if strange:
        raise ValueError(f"nothing is called {strange[0]}")
    if rule.pregnant not in ("", "yes", "no") or rule.sex not in ("", "female", "male"):
        raise ValueError("pregnant is yes or no, sex female or male, or empty")
