"""Draw the facts a patient states about themselves out of one message, by rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from memory.model import SaidBy

_FOLDER = Path(__file__).parent / "facts"
_KINDS = frozenset(
    {
        "AllergyIntolerance",
        "Condition",
        "FamilyMemberHistory",
        "Goal",
        "MedicationStatement",
        "Observation",
        "Preference",
        "SocialHistory",
    }
)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One stated fact: `text` says it in a few words, [start, end) is where the message said it.

    `kind` is a FHIR R4 resource, or Preference and SocialHistory (Observations in FHIR).
    `certain` is False for what others are reported to have said.
    """

    kind: str
    text: str
    start: int
    end: int
    certain: bool


@dataclass(frozen=True, kw_only=True)
class _Rule:
    kind: str
    pattern: re.Pattern[str]
    text: str
    keeps_negation: bool
    about_others: bool


@dataclass(frozen=True, kw_only=True)
class _Rules:
    sentence_end: re.Pattern[str]
    clause_end: re.Pattern[str]
    sentence_gates: tuple[re.Pattern[str], ...]
    clause_gates: Mapping[str, re.Pattern[str]]
    reported: re.Pattern[str]
    statements: tuple[_Rule, ...]


def learn(text: str, *, language: str, said_by: SaidBy) -> tuple[Statement, ...]:
    """The facts that `text` states about the patient, in order; () when it states none.

    Mention is not assertion: questions, doubts, negations, the past and other people give nothing.
    Only the patient's own words are read: the bot's guesses are never facts, and a carer's "I" is
    the carer. `language` is "en" or "zh" (anything else: ()). Raises ValueError for a broken file.
    """
    if said_by != "patient" or language not in ("en", "zh"):
        return ()
    rules = _rules(language)
    plain = text.replace("’", "'")
    found: list[Statement] = []
    for start, sentence in _pieces(plain, rules.sentence_end):
        if any(gate.search(sentence) for gate in rules.sentence_gates):
            continue
        certain = rules.reported.search(sentence) is None
        for offset, clause in _pieces(sentence, rules.clause_end):
            found += _stated(clause, start + offset, rules, certain)
    return tuple(sorted(found, key=lambda s: (s.start, s.end)))


def check() -> None:
    """Read both files now; raises ValueError naming the file and the field that is broken."""
    for language in ("en", "zh"):
        _rules(language)


def _stated(clause: str, at: int, rules: _Rules, certain: bool) -> list[Statement]:
    blocked = {name for name, gate in rules.clause_gates.items() if gate.search(clause)}
    taken: list[tuple[int, int]] = []
    found: list[Statement] = []
    for rule in rules.statements:
        mine = blocked - ({"negated"} if rule.keeps_negation else set())
        if mine - ({"others"} if rule.about_others else set()):
            continue
        for match in rule.pattern.finditer(clause):
            start, end = match.span()
            # Earlier rules are the weightier ones; one stretch of words states one fact.
            if any(start < e and s < end for s, e in taken):
                continue
            taken.append((start, end))
            groups = {k: v.strip(" .!。！，,") for k, v in match.groupdict().items() if v}
            found.append(
                Statement(
                    kind=rule.kind,
                    text=rule.text.format(**groups),
                    start=at + start,
                    end=at + end,
                    certain=certain,
                )
            )
    return found


def _pieces(text: str, end: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    start = 0
    for match in end.finditer(text):
        if text[start : match.start()].strip():
            yield start, text[start : match.start()]
        start = match.end()
    if text[start:].strip():
        yield start, text[start:]


@lru_cache(maxsize=2)
def _rules(language: str) -> _Rules:
    return read(_FOLDER / f"{language}.yaml")


def read(path: Path) -> _Rules:
    """Read one file of rules; raises ValueError naming the file and the broken field."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name}: cannot be read: {error}") from error
    field = "the file"
    try:
        for field in ("source", "evidence", "reviewed_on", "reviewer"):
            raw[field]
        field = "lists"
        lists: dict[str, str] = {}
        for name, value in raw["lists"].items():
            lists[name] = _filled(value, lists)
        compiled: dict[str, Any] = {}
        for field in ("sentence_end", "clause_end", "reported"):
            compiled[field] = _compiled(raw[field], lists)
        field = "sentence_gates"
        gates = tuple(_compiled(p, lists) for p in raw[field].values())
        field = "clause_gates"
        inner = {name: _compiled(p, lists) for name, p in raw[field].items()}
        statements: list[_Rule] = []
        for n, entry in enumerate(raw["statements"], 1):
            field = f"statements[{n}]"
            if entry["kind"] not in _KINDS:
                raise ValueError(f"kind {entry['kind']} is not known")
            statements.append(
                _Rule(
                    kind=entry["kind"],
                    pattern=_compiled(entry["pattern"], lists),
                    text=entry["text"],
                    keeps_negation=entry.get("keeps_negation", False),
                    about_others=entry.get("about_others", False),
                )
            )
    except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
        raise ValueError(f"{path.name}: {field} is missing or broken: {error}") from error
    return _Rules(
        sentence_gates=gates, clause_gates=inner, statements=tuple(statements), **compiled
    )


def _filled(pattern: str, lists: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda m: lists[m[1]], pattern)


def _compiled(pattern: str, lists: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(_filled(pattern, lists), re.IGNORECASE)
