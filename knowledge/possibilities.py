"""Rank what a set of symptoms may come from, for the nurse, with what speaks for and against."""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.graph import Graph
from knowledge.graph_model import FREQUENCIES, STRENGTHS, Edge

_FILE = Path(__file__).with_name("possibilities.toml")
_TELLING = ("defining", "common")


@dataclass(frozen=True, kw_only=True, slots=True)
class Possibility:
    """One condition that may be behind the symptoms. For the nurse alone, never for a patient.

    ``weight`` orders the list; it is no probability and is shown to nobody. ``supports`` are the
    edges that speak for it: symptoms that are there, risk factors and conditions the patient has.
    ``against`` are telling symptoms that are absent. ``unexplained`` are symptoms that are there
    and that it does not explain. ``missing`` are telling symptoms nobody asked about yet, and
    ``tests`` what would settle it, the most telling first.
    """

    condition: str
    weight: float
    must_not_miss: bool
    supports: tuple[Edge, ...]
    against: tuple[Edge, ...]
    unexplained: tuple[str, ...]
    missing: tuple[Edge, ...]
    tests: tuple[Edge, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Case:
    present: frozenset[str]
    absent: frozenset[str]
    known: frozenset[str]
    not_so: frozenset[str]


def possibilities(
    graph: Graph,
    present: Iterable[str],
    absent: Iterable[str] = (),
    *,
    age: int | None = None,
    sex: str | None = None,
    known: Iterable[str] = (),
    limit: int = 10,
    dangers: int = 3,
) -> tuple[Possibility, ...]:
    """Conditions that explain at least one present symptom, the likeliest first.

    ``present`` and ``absent`` are symptom ids, ``known`` ids of conditions and risk factors the
    patient has; ``age`` in years; ``sex`` male, female or None. What needs another sex or age is
    left out. Conditions the patient is known to have are possible causes, too. A wider condition
    is left out beside a narrower one that is likelier, and the other way round, unless it must not
    be missed. Beyond ``limit`` up to ``dangers`` conditions follow that must not be missed and
    that a telling symptom speaks for.
    """
    traits, not_so = _traits(age, sex)
    wider = {up for id_ in known for up in graph.above(id_)}
    case = _Case(
        present=frozenset(present),
        absent=frozenset(absent) - frozenset(present),
        known=frozenset(wider | traits),
        not_so=frozenset(not_so),
    )
    candidates = {
        edge.start for symptom in case.present for edge in graph.edges_to(symptom, "has_symptom")
    }
    background = _background(graph)
    found = [
        judged
        for condition in sorted(candidates)
        if (judged := _judged(graph, condition, case, background)) is not None
    ]
    ranked = _without_kin(graph, sorted(found, key=lambda one: (-one.weight, one.condition)))
    rest = [one for one in ranked[limit:] if one.must_not_miss and _told_by_a_telling_one(one)]
    return (*ranked[:limit], *rest[:dangers])


def next_questions(found: Iterable[Possibility], limit: int = 3) -> tuple[str, ...]:
    """The symptoms most worth asking next: they tell the likelier possibilities apart."""
    worth: dict[str, float] = {}
    for place, one in enumerate(found):
        for edge in one.missing:
            share = _weights()["has_symptom"][edge.strength] / (1 + place)
            worth[edge.end] = worth.get(edge.end, 0.0) + share
    return tuple(sorted(worth, key=lambda id_: (-worth[id_], id_))[:limit])


def _without_kin(graph: Graph, ranked: list[Possibility]) -> list[Possibility]:
    kept: list[Possibility] = []
    for one in ranked:
        above, below = graph.above(one.condition), graph.below(one.condition)
        near = any(other.condition in above or other.condition in below for other in kept)
        if not near or one.must_not_miss:
            kept.append(one)
    return kept


def _told_by_a_telling_one(one: Possibility) -> bool:
    return any(
        edge.relation == "has_symptom" and edge.strength in _TELLING for edge in one.supports
    )


def _judged(
    graph: Graph, condition: str, case: _Case, background: dict[str, float]
) -> Possibility | None:
    weights = _weights()
    symptoms = {edge.end: edge for edge in graph.edges_from(condition, "has_symptom")}
    causes = [*graph.edges_to(condition, "risk_factor_of"), *graph.edges_to(condition, "leads_to")]
    if any(edge.strength == "required" and edge.start in case.not_so for edge in causes):
        return None
    score = math.log(weights["frequency"][graph.concept(condition).frequency])
    leak = weights["general"]["unexplained"]
    for symptom in case.present:
        share = weights["has_symptom"][symptoms[symptom].strength] if symptom in symptoms else leak
        score += math.log(share / background.get(symptom, leak))
    for symptom in case.absent & symptoms.keys():
        share = weights["has_symptom"][symptoms[symptom].strength]
        score += math.log((1 - share) / (1 - min(background[symptom], 0.5)))
    for edge in causes:
        times = weights[edge.relation][edge.strength or "unsaid"]
        if edge.start in case.known:
            score += math.log(times)
        elif edge.strength == "strong" and edge.start in case.not_so:
            score += math.log(weights["general"]["without_risk"])
    told = [symptoms[id_] for id_ in case.present if id_ in symptoms]
    telling = [edge for edge in symptoms.values() if edge.strength in _TELLING]
    return Possibility(
        condition=condition,
        weight=score,
        must_not_miss=graph.concept(condition).must_not_miss,
        supports=_in_order([*told, *(edge for edge in causes if edge.start in case.known)]),
        against=_in_order([edge for edge in telling if edge.end in case.absent]),
        unexplained=tuple(sorted(case.present - symptoms.keys())),
        missing=_in_order([edge for edge in telling if edge.end not in case.present | case.absent]),
        tests=_in_order(list(graph.edges_from(condition, "tested_by"))),
    )


def _in_order(edges: list[Edge]) -> tuple[Edge, ...]:
    return tuple(sorted(edges, key=lambda e: (e.relation != "has_symptom", e.rank, e.start, e.end)))


def _background(graph: Graph) -> dict[str, float]:
    """How often each symptom is met at all: over all conditions, by how common they are."""
    weights = _weights()
    total = sum(weights["frequency"][c.frequency] for c in graph.of_kind("condition"))
    shares: dict[str, float] = {}
    for edge in graph.edges:
        if edge.relation == "has_symptom":
            often = weights["frequency"][graph.concept(edge.start).frequency]
            share = often * weights["has_symptom"][edge.strength]
            shares[edge.end] = shares.get(edge.end, 0.0) + share
    leak = weights["general"]["unexplained"]
    return {symptom: max(share / total, leak / 4) for symptom, share in shares.items()}


def _traits(age: int | None, sex: str | None) -> tuple[set[str], set[str]]:
    """Risk factors that hold for this age and sex, and those that do not."""
    holds, fails = set[str](), set[str]()
    for name, who in _people().items():
        answers = []
        if "sex" in who:
            answers.append(None if sex is None else sex == who["sex"])
        if "from" in who or "to" in who:
            inside = age is not None and who.get("from", 0) <= age < who.get("to", 200)
            answers.append(None if age is None else inside)
        if False in answers:
            fails.add(name)
        elif None not in answers:
            holds.add(name)
    return holds, fails


@functools.cache
def _data() -> dict[str, Any]:
    try:
        return tomllib.loads(_FILE.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ValueError(f"{_FILE.name}: cannot be read: {problem}") from problem


def _people() -> dict[str, dict[str, Any]]:
    people: dict[str, dict[str, Any]] = _data()["people"]
    return people


@functools.cache
def _weights() -> dict[str, dict[str, float]]:
    """The tables of weights; ValueError names a word without its weight."""
    found: dict[str, dict[str, float]] = {}
    for table, words in (
        ("has_symptom", STRENGTHS["has_symptom"]),
        ("frequency", FREQUENCIES),
        ("risk_factor_of", (*STRENGTHS["risk_factor_of"], "unsaid")),
        ("leads_to", (*STRENGTHS["leads_to"], "unsaid")),
        ("general", ("unexplained", "without_risk")),
    ):
        for word in words:
            if not isinstance(_data().get(table, {}).get(word), float):
                raise ValueError(f"{_FILE.name}: [{table}] {word} has no weight")
        found[table] = _data()[table]
    return found
