"""Read the files of the graph, and say of each mistake in which file and line it stands."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge.graph_model import (
    ENDS,
    EVIDENCE,
    FREQUENCIES,
    INTERACTING,
    MAY_BE_UNSAID,
    SEVERITIES,
    STRENGTHS,
    Concept,
    Edge,
    Interaction,
    Source,
)

_ID = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")

_LAY = ("id", "en", "zh", "lay_en", "lay_zh")
CONCEPT_FILES: dict[str, tuple[str, tuple[str, ...]]] = {
    "body_systems.tsv": ("body_system", ("id", "en", "zh")),
    "conditions.tsv": (
        "condition",
        (*_LAY, "body_systems", "parents", "frequency", "must_not_miss", "sources"),
    ),
    "symptoms.tsv": ("symptom", (*_LAY, "body_systems", "sources")),
    "tests.tsv": ("test", (*_LAY, "unit", "sources")),
    "foods.tsv": ("food", (*_LAY, "sources")),
    "risk_factors.tsv": ("risk_factor", (*_LAY, "sources")),
    "medicine_classes.tsv": ("medicine_class", (*_LAY, "parents", "sources")),
    "medicines.tsv": (
        "medicine",
        ("id", "en", "zh", "classes", "brands_en", "brands_zh", "aka_en", "aka_zh", "sources"),
    ),
}
_EDGE = ("from", "relation", "to", "strength", "sources", "note_en", "note_zh")
_INTERACTION = (
    "a", "b", "severity", "effect_en", "effect_zh", "watch_en", "watch_zh", "sources",
)  # fmt: skip
_PARENT_KIND = {
    "condition": "condition", "medicine_class": "medicine_class", "medicine": "medicine_class",
}  # fmt: skip

Row = tuple[str, dict[str, str]]
"""Where a line stands ("symptoms.tsv, line 7") and its cells."""


@dataclass(kw_only=True)
class Rows:
    """Everything that was read, with the mistakes found on the way."""

    concepts: dict[str, Concept] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    interactions: list[Interaction] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read(folder: Path) -> Rows:
    """Everything in ``folder``; nothing is raised, mistakes stand in ``problems``."""
    rows = Rows()
    _read_sources(folder / "sources.toml", rows)
    homes: dict[str, str] = {}
    for name, (kind, header) in CONCEPT_FILES.items():
        for where, cells in _lines(folder / name, header, rows):
            _add_concept(rows, homes, kind, where, cells)
    for concept in rows.concepts.values():
        _check_references(rows, homes[concept.id], concept)
    seen: dict[tuple[str, str, str], str] = {}
    for path in sorted((folder / "edges").glob("*.tsv")):
        for where, cells in _lines(path, _EDGE, rows):
            _add_edge(rows, seen, where, cells)
    pairs: dict[tuple[str, str], str] = {}
    for where, cells in _lines(folder / "interactions.tsv", _INTERACTION, rows):
        _add_interaction(rows, pairs, where, cells)
    return rows


@functools.lru_cache(maxsize=8192)
def many(cell: str) -> tuple[str, ...]:
    """The values of one cell, parted by semicolons."""
    return tuple(part for piece in cell.split(";") if (part := piece.strip()))


def _read_sources(path: Path, rows: Rows) -> None:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        rows.problems.append(f"{path.name}: the file is missing.")
        return
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        rows.problems.append(f"{path.name}: cannot be read: {problem}.")
        return
    for key, table in data.items():
        if problem_said := _source_problem(table):
            rows.problems.append(f"{path.name}, [{key}]: {problem_said}.")
        else:
            rows.sources[key] = Source(key=key, **table)


def _source_problem(table: Any) -> str:
    if not isinstance(table, dict):
        return "is not a table"
    if set(table) - {"organisation", "title", "year", "evidence"}:
        return "holds more than organisation, title, year and evidence"
    for name in ("organisation", "title"):
        if not isinstance(table.get(name), str) or not table[name].strip():
            return f"{name} is missing"
    if not isinstance(table.get("year"), int) or not 1900 < table["year"] < 2100:
        return "year is not a year"
    if table.get("evidence", "recalled") not in EVIDENCE:
        return f"evidence is none of {', '.join(EVIDENCE)}"
    return ""


def _lines(path: Path, header: tuple[str, ...], rows: Rows) -> Iterator[Row]:
    """The lines of one table that have the right number of cells."""
    if not path.exists():
        rows.problems.append(f"{path.name}: the file is missing.")
        return
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as problem:
        rows.problems.append(f"{path.name}: cannot be read: {problem}.")
        return
    if tuple(lines[0].split("\t")) != header:
        wanted = " ".join(header)
        rows.problems.append(f"{path.name}, line 1: the header is not {wanted!r}.")
        return
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        cells = line.split("\t")
        where = f"{path.name}, line {number}"
        if len(cells) != len(header):
            rows.problems.append(f"{where}: {len(cells)} cells stand where {len(header)} belong.")
            continue
        yield where, dict(zip(header, cells, strict=True))


def _add_concept(
    rows: Rows, homes: dict[str, str], kind: str, where: str, cells: dict[str, str]
) -> None:
    id_ = cells["id"]
    say = rows.problems.append
    if not _ID.fullmatch(id_):
        say(f"{where}: {id_!r} is not an id (lower-case English with underscores).")
        return
    if id_ in homes:
        say(f"{where}: {id_!r} already stands in {homes[id_]}.")
        return
    if not cells["en"].strip() or not cells["zh"].strip():
        say(f"{where}: {id_!r} needs a name in both languages.")
    if kind == "symptom" and not (many(cells["lay_en"]) and many(cells["lay_zh"])):
        say(f"{where}: {id_!r} needs a lay word in both languages.")
    if kind == "condition" and cells["frequency"] not in FREQUENCIES:
        say(f"{where}: {cells['frequency']!r} is none of {', '.join(FREQUENCIES)}.")
    if kind == "condition" and cells["must_not_miss"] not in ("", "yes"):
        say(f"{where}: must_not_miss is yes or empty, not {cells['must_not_miss']!r}.")
    homes[id_] = where
    named = ("lay_en", "lay_zh", "brands_en", "brands_zh", "aka_en", "aka_zh")
    rows.concepts[id_] = Concept(
        id=id_,
        kind=kind,
        en=cells["en"].strip(),
        zh=cells["zh"].strip(),
        parents=many(cells.get("parents", "") or cells.get("classes", "")),
        systems=many(cells.get("body_systems", "")),
        unit=cells.get("unit", "").strip(),
        frequency=cells.get("frequency", ""),
        must_not_miss=cells.get("must_not_miss") == "yes",
        sources=many(cells.get("sources", "")),
        **{name: many(cells[name]) for name in named if name in cells},
    )


def _check_references(rows: Rows, where: str, concept: Concept) -> None:
    if concept.kind != "body_system":
        _check_sources(rows, where, concept.sources)
    for kind, ids in (
        ("body_system", concept.systems),
        (_PARENT_KIND.get(concept.kind, ""), concept.parents),
    ):
        for id_ in ids:
            known = rows.concepts.get(id_)
            if known is None or known.kind != kind:
                rows.problems.append(f"{where}: there is no {kind.replace('_', ' ')} {id_!r}.")
    if _above_itself(rows, concept.id):
        rows.problems.append(f"{where}: {concept.id!r} stands among its own parents.")


def _above_itself(rows: Rows, id_: str) -> bool:
    waiting, seen = list(rows.concepts[id_].parents), set[str]()
    while waiting:
        parent = waiting.pop()
        if parent == id_:
            return True
        if parent not in seen and parent in rows.concepts:
            seen.add(parent)
            waiting += rows.concepts[parent].parents
    return False


def _check_sources(rows: Rows, where: str, keys: tuple[str, ...]) -> None:
    if not keys:
        rows.problems.append(f"{where}: no source is named.")
    rows.problems.extend(
        f"{where}: the source {key!r} is not in sources.toml."
        for key in keys
        if key not in rows.sources
    )


def _add_edge(
    rows: Rows, seen: dict[tuple[str, str, str], str], where: str, cells: dict[str, str]
) -> None:
    start, relation, end = cells["from"], cells["relation"], cells["to"]
    strength, sources = cells["strength"], many(cells["sources"])
    say = rows.problems.append
    if relation not in STRENGTHS:
        say(f"{where}: {relation!r} is no relation of the graph.")
        return
    for id_, kinds in ((start, ENDS[relation][0]), (end, ENDS[relation][1])):
        known = rows.concepts.get(id_)
        if known is None:
            say(f"{where}: {id_!r} is not in the graph.")
        elif known.kind not in kinds:
            say(f"{where}: {relation} does not hold for the {known.kind} {id_!r}.")
    unsaid = not strength and relation in MAY_BE_UNSAID
    if not unsaid and strength not in STRENGTHS[relation]:
        say(f"{where}: {strength!r} is no strength of {relation}.")
        return
    if start == end:
        say(f"{where}: {start!r} is joined to itself.")
    _check_sources(rows, where, sources)
    if (at := seen.setdefault((start, relation, end), where)) != where:
        say(f"{where}: this edge already stands in {at}.")
    rows.edges.append(
        Edge(
            start=start,
            relation=relation,
            end=end,
            strength=strength,
            sources=sources,
            note_en=cells["note_en"].strip(),
            note_zh=cells["note_zh"].strip(),
        )
    )


def _add_interaction(
    rows: Rows, pairs: dict[tuple[str, str], str], where: str, cells: dict[str, str]
) -> None:
    a, b, severity, sources = cells["a"], cells["b"], cells["severity"], many(cells["sources"])
    say = rows.problems.append
    for id_ in dict.fromkeys((a, b)):
        known = rows.concepts.get(id_)
        if known is None:
            say(f"{where}: {id_!r} is not in the graph.")
        elif known.kind not in INTERACTING or (a == b and known.kind != "medicine_class"):
            say(f"{where}: the {known.kind} {id_!r} cannot stand here.")
    if a > b:
        say(f"{where}: {a!r} and {b!r} stand in the wrong order.")
    if severity not in SEVERITIES:
        say(f"{where}: {severity!r} is none of {', '.join(SEVERITIES)}.")
        return
    words = {name: cells[name].strip() for name in _INTERACTION[3:7]}
    if not all(words.values()):
        say(f"{where}: effect and watch need words in both languages.")
    _check_sources(rows, where, sources)
    low, high = sorted((a, b))
    if (at := pairs.setdefault((low, high), where)) != where:
        say(f"{where}: this pair already stands in {at}.")
    rows.interactions.append(
        Interaction(a=low, b=high, severity=severity, sources=sources, **words)
    )
