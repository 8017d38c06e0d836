"""Which model answers a question for whom, as routes.toml says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("routes.toml")


@dataclass(frozen=True, kw_only=True)
class Person:
    """What the choice rests on; every fact may be unknown."""

    country: str = ""  #: ISO 3166-1 alpha-2
    age: float | None = None
    sex: str = ""  #: "female", "male" or ""
    diabetes: str = ""  #: "yes", "no" or ""


@dataclass(frozen=True, kw_only=True)
class Route:
    """One model that may answer, for what it predicts, and what the country says."""

    model: str
    variant: str
    horizon: int
    outcome: str
    fixed: Mapping[str, str]  #: inputs that are not asked; "@age+N" is the age in N years


@dataclass(frozen=True, kw_only=True)
class _Rule:
    asked: tuple[str, ...]
    groups: tuple[str, ...]
    ages: tuple[float, float] | None
    sex: str
    diabetes: str
    route: Route


@dataclass(frozen=True, kw_only=True)
class _Routes:
    rules: tuple[_Rule, ...]
    clinician: Mapping[str, str]
    groups: Mapping[str, Mapping[str, str]]  #: group -> country -> region ("" where none)


def routes(asked: str, person: Person) -> tuple[Route, ...]:
    """The models that may answer ``asked`` for ``person``, the best first; () if there is none."""
    table = _table()
    found = []
    for rule in table.rules:
        region = _region(table, rule, person.country)
        if asked not in rule.asked or region is None or not _fits(rule, person):
            continue
        route = rule.route
        found.append(
            Route(
                model=route.model,
                variant=route.variant,
                horizon=route.horizon,
                outcome=asked if route.outcome == "=" else route.outcome,
                fixed={
                    name: region if value == "@region" else value
                    for name, value in route.fixed.items()
                },
            )
        )
    return tuple(found)


def all_routes() -> tuple[Route, ...]:
    """Every route of the file, whoever it is for."""
    return tuple(rule.route for rule in _table().rules)


def questions() -> tuple[str, ...]:
    """Everything a person can ask about: what a model answers, and what goes to a clinician."""
    table = _table()
    asked = [name for rule in table.rules for name in rule.asked]
    return tuple(dict.fromkeys([*asked, *table.clinician]))


def for_clinician(asked: str) -> str:
    """The clinicians' score that ``asked`` would need; "" where a model may answer."""
    return _table().clinician.get(asked, "")


def _region(table: _Routes, rule: _Rule, country: str) -> str | None:
    """The country's region in the rule's groups; "" without groups, None outside them."""
    if not rule.groups:
        return ""
    for name in rule.groups:
        if country in table.groups[name]:
            return table.groups[name][country]
    return None


def _fits(rule: _Rule, person: Person) -> bool:
    if rule.ages and person.age is not None and not rule.ages[0] <= person.age <= rule.ages[1]:
        return False
    if rule.sex and person.sex not in ("", rule.sex):
        return False
    # Until diabetes is known, only the model that asks for it.
    return not rule.diabetes or (person.diabetes or "no") == rule.diabetes


def _group(value: Any) -> dict[str, str]:
    if isinstance(value, list):
        return dict.fromkeys(value, "")
    return {country: region for region, countries in value.items() for country in countries}


@cache
def _table() -> _Routes:
    """The file, read and checked once. ValueError names what is wrong."""
    try:
        top = tomllib.loads(_FILE.read_text("utf-8"))
        groups = {name: _group(value) for name, value in top["groups"].items()}
        rules = []
        for part in top["rule"]:
            if unknown := set(part.get("groups", ())) - set(groups):
                raise ValueError(f"risk/{_FILE.name}: there is no group {min(unknown)}")
            ages = part.get("ages")
            rules.append(
                _Rule(
                    asked=tuple(part["asked"]),
                    groups=tuple(part.get("groups", ())),
                    ages=(float(ages[0]), float(ages[1])) if ages else None,
                    sex=part.get("sex", ""),
                    diabetes=part.get("diabetes", ""),
                    route=Route(
                        model=part["model"],
                        variant=part.get("variant", "base"),
                        horizon=part.get("horizon", 0),
                        outcome=part["outcome"],
                        fixed=part.get("fixed", {}),
                    ),
                )
            )
        return _Routes(rules=tuple(rules), clinician=top["clinician"], groups=groups)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, IndexError) as error:
        raise ValueError(f"risk/{_FILE.name}: {error!r}") from error
