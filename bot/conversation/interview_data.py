"""What the symptom interview knows: complaints, red-flag questions, and the rules of its end."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import safety
from prompts import UnknownWords, say

_FILE = Path(__file__).with_name("interviews.toml")
LEVELS = ("care", "days", "today")
"""How an interview can end, the least urgent first."""
Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, kw_only=True)
class Red:
    """One question about a red flag, and whom it is put to."""

    key: str
    flag: str
    who: str  #: "female", "male" or "" for everybody
    from_age: int
    to_age: int


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """One complaint; see interviews.toml."""

    id: str
    starts: frozenset[str]
    symptoms: tuple[str, ...]
    says: Patterns
    red: tuple[str, ...]
    care: str
    least: str
    child: bool


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One reason to see somebody sooner; everything it names must hold."""

    id: str
    to: str
    answers: Mapping[str, str]  #: onset, course, severity
    unsure: bool
    pregnant: bool
    from_age: int
    conditions: tuple[str, ...]
    symptoms: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The whole file, checked."""

    source: str
    limits: Mapping[str, int]
    asked_of: Mapping[str, frozenset[str]]  #: sex -> symptoms that only it is asked for
    start: Mapping[str, Patterns]
    onset: Mapping[str, Patterns]
    answers: Mapping[str, Patterns]  #: in words of one's own
    number: re.Pattern[str]  #: how bad it is as a number; its group 1
    number_words: Mapping[str, int]
    rules: tuple[Rule, ...]
    red: Mapping[str, Red]
    complaints: Mapping[str, Complaint]


def _patterns(found: Any) -> Patterns:
    return tuple(re.compile(one, re.IGNORECASE) for one in found)


def _number(table: Mapping[str, Any]) -> re.Pattern[str]:
    """A whole answer that is one number, and what may stand around it."""
    before, after, words = (
        "|".join(re.escape(one) for one in sorted(table[key], key=len, reverse=True))
        for key in ("before", "after", "words")
    )
    return re.compile(rf"(?:(?:{before})[\s,，]*)*(\d+|{words})(?:\s*(?:{after}))*")


def _rule(table: Mapping[str, Any]) -> Rule:
    return Rule(
        id=table["id"],
        to=table["to"],
        answers={key: table[key] for key in ("onset", "course", "severity") if key in table},
        unsure=table.get("red") == "unsure",
        pregnant=table.get("pregnant", False),
        from_age=table.get("from_age", 0),
        conditions=tuple(table.get("conditions", ())),
        symptoms=frozenset(table.get("symptoms", ())),
    )


def _red(key: str, table: Mapping[str, Any]) -> Red:
    return Red(
        key=key,
        flag=table["flag"],
        who=table.get("who", ""),
        from_age=table.get("from_age", 0),
        to_age=table.get("to_age", 200),
    )


def _complaint(id_: str, table: Mapping[str, Any]) -> Complaint:
    return Complaint(
        id=id_,
        starts=frozenset(table["starts"]),
        symptoms=tuple(table["symptoms"]),
        says=_patterns(table.get("says", ())),
        red=tuple(table["red"]),
        care=table["care"],
        least=table.get("least", "care"),
        child=table.get("child", False),
    )


@cache
def lexicon() -> Lexicon:
    """The file, read once. ValueError names what is wrong in it."""
    try:
        top = tomllib.loads(_FILE.read_text("utf-8"))
        start = {key: _patterns(top["start"][key]) for key in ("ask", "now", "bare", "not")}
        start |= {key: _patterns(top["start"][key]) for key in ("others", "child")}
        start["denied"] = _patterns([top["start"]["denied_before"]])
        return Lexicon(
            source=top["source"],
            limits=top["limits"],
            asked_of={sex: frozenset(top["asked_of"][sex]) for sex in ("female", "male")},
            start=start,
            onset={key: _patterns(found) for key, found in top["onset"].items()},
            answers={key: _patterns(found) for key, found in top["answers"].items()},
            number=_number(top["scale"]),
            number_words=top["scale"]["words"],
            rules=tuple(_rule(table) for table in top["rule"]),
            red={key: _red(key, table) for key, table in top["red"].items()},
            complaints={id_: _complaint(id_, table) for id_, table in top["complaint"].items()},
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, re.error) as error:
        raise ValueError(f"bot/conversation/{_FILE.name}: {error!r}") from error


def can_ask(symptom: str) -> bool:
    """Whether there are words to ask a patient for this symptom of the graph."""
    try:
        say(f"interview.has_{symptom}", "en")
    except UnknownWords:
        return False
    return True


def check() -> int:
    """Read the file and every word it names once; returns how many complaints there are.

    ValueError names what is missing: a red flag, a question, words, or a way to end.
    """
    data = lexicon()
    for one in data.complaints.values():
        for key in one.red:
            if key not in data.red:
                raise ValueError(f"{_FILE.name}: {one.id} asks {key}, which is no question")
        if not one.red:
            raise ValueError(f"{_FILE.name}: {one.id} asks no red flag")
        if one.least not in LEVELS:
            raise ValueError(f"{_FILE.name}: {one.id} cannot end as {one.least}")
        _words(f"name_{one.id}", f"care_{one.care}", f"net_{one.care}")
    for red in data.red.values():
        if red.flag == safety.flag_name(red.flag, "en"):
            raise ValueError(f"{_FILE.name}: there is no red flag {red.flag}")
        _words(f"red_{red.key}")
    for rule in data.rules:
        if rule.to not in LEVELS:
            raise ValueError(f"{_FILE.name}: rule {rule.id} cannot end as {rule.to}")
        _words(f"rule_{rule.id}")
    return len(data.complaints)


def _words(*keys: str) -> None:
    for key in keys:
        for language in ("en", "zh"):
            try:
                say(f"interview.{key}", language, ems="")
            except UnknownWords:
                raise ValueError(f"{_FILE.name}: there are no words for {key}") from None
