"""What the record says about a patient, in the ids of the medical graph."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.conversation.known import facts_of, tells_pregnancy
from bot.domain.clinical import ClinicalEntry, EntryKind
from bot.domain.turn import Turn
from knowledge.graph import Graph, graph
from knowledge.graph_model import INTERACTING, MEDICINAL
from memory import Fact

_TAGS = Path(__file__).with_name("article_tags.toml")
_CHILD, _OLDER = 18, 65  #: years
_KIND_OF = {"Condition": "conditions", "MedicationStatement": "medicines",
            "AllergyIntolerance": "allergies"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AboutMe:
    """Ids of the graph, each with the words of the record."""

    conditions: Mapping[str, str]
    medicines: Mapping[str, str]
    allergies: Mapping[str, str]
    tags: frozenset[str]  #: of knowledge/articles/README.md


@functools.cache
def tags() -> Mapping[str, tuple[str, ...]]:
    """Tag → conditions of the graph. Raises ValueError naming the tag and the condition."""
    found: dict[str, tuple[str, ...]] = {}
    known = graph()
    for tag, ids in tomllib.loads(_TAGS.read_text("utf-8")).items():
        strange = [one for one in ids if one not in known]
        if strange:
            raise ValueError(f"{_TAGS.name}: {tag}: the graph knows no {strange[0]}")
        found[tag] = tuple(ids)
    return found


def about_me(turn: Turn) -> AboutMe:
    """The care team's entries, and what the patient stated; what was taken back is left out."""
    conditions, medicines, allergies = on_record(turn.entries, turn.known, turn.language)
    return AboutMe(
        conditions=conditions,
        medicines=medicines,
        allergies=allergies,
        tags=frozenset(_tags(turn, graph(), conditions, medicines)),
    )


def on_record(
    entries: Iterable[ClinicalEntry], facts: Iterable[Fact], language: str
) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Conditions, medicines and allergies that hold: id of the graph → words of the record."""
    said: dict[str, list[tuple[str, str]]] = {kind: [] for kind in _KIND_OF.values()}
    for entry in entries:
        if entry.kind is EntryKind.CONDITION:
            said["conditions"].append((entry.name, language))
        elif entry.kind is EntryKind.MEDICINE:
            said["medicines"].append((entry.name, language))
    for fact in facts:
        if fact.status == "current" and (kind := _KIND_OF.get(fact.kind)):
            said[kind].append((_name(fact), fact.language or language))
    return (
        _resolved(said["conditions"], ("condition",)),
        _resolved(said["medicines"], MEDICINAL),
        _resolved(said["allergies"], INTERACTING),
    )


def named(said: Iterable[str], language: str) -> set[str]:
    """The medicines that the graph surely knows by these names."""
    return set(_resolved([(words, language) for words in said], MEDICINAL))


def _name(fact: Fact) -> str:
    values: Mapping[str, Any] = fact.values
    return str(values.get("name") or values.get("substance") or values.get("what") or fact.text)


def _resolved(said: Iterable[tuple[str, str]], kinds: tuple[str, ...]) -> dict[str, str]:
    """Id → words, for what the graph knows by this name and no other."""
    found: dict[str, str] = {}
    for words, language in said:
        for match in graph().resolve(words, language, kinds)[:1]:
            if match.sure:
                found.setdefault(match.id, words)
    return found


def _tags(
    turn: Turn, known: Graph, conditions: Collection[str], medicines: Iterable[str]
) -> Iterable[str]:
    wider = {up for one in conditions for up in known.above(one)}
    yield from (tag for tag, ids in tags().items() if wider & set(ids))
    yield from (f"on:{up}" for one in medicines for up in known.above(one))
    facts = facts_of(turn.patient, turn.now, turn.entries, turn.known)
    if facts.pregnant or ("pregnancy" in conditions and tells_pregnancy(facts.told)):
        yield "pregnant"
    if facts.age_years is not None and facts.age_years < _CHILD:
        yield "child"
    if facts.age_years is not None and facts.age_years >= _OLDER:
        yield "older"
