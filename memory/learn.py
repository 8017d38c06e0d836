"""Draw the facts a patient states about themselves out of one message, by rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from memory.model import SaidBy

_FOLDER = Path(__file__).parent / "facts"
_MOST = 20_000  #: characters of a message that are read …
_LONGEST = 400  #: … and of a sentence: patterns cost more than their length on endless ones
_KINDS = frozenset(
    {
        "AllergyIntolerance",
        "Appointment",
        "Condition",
        "FamilyMemberHistory",
        "Goal",
        "MedicationStatement",
        "Observation",
        "Preference",
        "RelatedPerson",
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
    """A fact's `pattern`; it holds only where `needs` is said too, whatever gates it `ignores`,
    and not where the sentence says `unless`.

    A `whole` rule reads the sentence across its clauses and passes the sentence's gates alone.
    """

    kind: str
    pattern: re.Pattern[str]
    needs: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    text: str
    ignores: frozenset[str]
    whole: bool


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
    plain = text[:_MOST].replace("’", "'")
    found: dict[tuple[str, str], Statement] = {}
    for start, whole in _pieces(plain, rules.sentence_end):
        sentence = whole[:_LONGEST]
        if any(gate.search(sentence) for gate in rules.sentence_gates):
            continue
        certain = rules.reported.search(sentence) is None
        taken: list[tuple[int, int]] = []
        fit = tuple(r for r in rules.statements if not (r.unless and r.unless.search(sentence)))
        gates = rules.clause_gates
        drawn = list(_drawn(sentence, start, {}, [r for r in fit if r.whole], certain, taken))
        clause_rules = [r for r in fit if not r.whole]
        for offset, clause in _pieces(sentence, rules.clause_end):
            drawn += _drawn(clause, start + offset, gates, clause_rules, certain, taken)
        for statement in drawn:
            found.setdefault((statement.kind, statement.text.casefold()), statement)
    return tuple(sorted(found.values(), key=lambda s: (s.start, s.end)))


def check() -> None:
    """Read both files now; raises ValueError naming the file and the field that is broken."""
    for language in ("en", "zh"):
        _rules(language)


def _drawn(
    words: str,
    at: int,
    gates: Mapping[str, re.Pattern[str]],
    rules: Sequence[_Rule],
    certain: bool,
    taken: list[tuple[int, int]],
) -> Iterator[Statement]:
    """The facts in one clause or sentence that begins at `at` in the message."""
    blocked = {name for name, gate in gates.items() if gate.search(words)}
    for rule in rules:
        if blocked - rule.ignores:
            continue
        if rule.needs is not None and rule.needs.search(words) is None:
            continue
        for match in rule.pattern.finditer(words):
            start, end = at + match.start(), at + match.end()
            # Earlier rules are the weightier ones; one stretch of words states one fact.
            if any(start < e and s < end for s, e in taken):
                continue
            taken.append((start, end))
            groups = {k: v.strip(" .!:。！，,") for k, v in match.groupdict().items() if v}
            yield Statement(
                kind=rule.kind,
                text=rule.text.format(**groups),
                start=start,
                end=end,
                certain=certain,
            )


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
            ignores = frozenset(entry.get("ignores", ()))
            if ignores - inner.keys():
                raise ValueError(f"it ignores {sorted(ignores - inner.keys())}, which is no gate")
            statements.append(
                _Rule(
                    kind=entry["kind"],
                    pattern=_compiled(entry["pattern"], lists),
                    needs=_compiled(entry["needs"], lists) if "needs" in entry else None,
                    unless=_compiled(entry["unless"], lists) if "unless" in entry else None,
                    text=entry["text"],
                    ignores=ignores,
                    whole=entry.get("whole", False),
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
