"""Requests that get fixed words: to change a medicine, for a diagnosis, for others' data."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safety import context
from safety.boundary import word_lists
from safety.files import list_field, read_toml, table_field, text_field
from safety.index import Index
from safety.lexicon import LANGUAGES, fold_pattern
from safety.normalise import fold
from safety.patterns import Element, compile_pattern
from safety.verdict import Tier

_FILE = Path(__file__).with_name("intercepts.toml")
_LONGEST = 4_000  #: characters looked at: a request stands in few words


@dataclass(frozen=True, kw_only=True)
class Intercept:
    """One kind of request, and what is done about it."""

    id: str
    reply: str  #: the key of the words; "": the turn goes on
    tier: Tier | None  #: None: nobody is called, it is only noted
    name: Mapping[str, str]
    fires: tuple[Element, ...]
    unless: tuple[Element, ...]


@functools.cache
def all_intercepts() -> tuple[Intercept, ...]:
    """intercepts.toml, read and compiled once; ValueError names what is wrong."""
    tables = table_field(read_toml(_FILE), "intercept", _FILE.name)
    return tuple(_load(name, table) for name, table in tables.items())


@functools.cache
def _index() -> tuple[Index, tuple[str, ...]]:
    """From letters to the expressions that call for a request, and whose each of them is."""
    owned = [(element, one.id) for one in all_intercepts() for element in one.fires]
    return Index([(element,) for element, _ in owned]), tuple(owner for _, owner in owned)


def _load(name: str, table: Mapping[str, Any]) -> Intercept:
    where = f"{_FILE.name}: {name}"
    tier, names = str(table.get("tier", "")), table_field(table, "name", where)
    if tier and tier not in Tier.__members__:
        raise ValueError(f"{where}: tier must be P0, P1, P2, P3 or empty")
    return Intercept(
        id=name,
        reply=str(table.get("reply", "")),
        tier=Tier[tier] if tier else None,
        name={language: text_field(names, language, where) for language in LANGUAGES},
        fires=_elements(table, "", where),
        unless=_elements(table, "unless_", where),
    )


def _elements(table: Mapping[str, Any], prefix: str, where: str) -> tuple[Element, ...]:
    return tuple(
        element
        for language in LANGUAGES
        for source in list_field(table, f"{prefix}{language}", where)
        for element in compile_pattern(
            fold_pattern(source), language, word_lists()[language]
        ).elements
    )


def intercepts(text: str) -> tuple[Intercept, ...]:
    """Every kind of request in these words, in the order of the file."""
    folded = context.mask(fold(text[:_LONGEST]).text)
    index, owners = _index()
    near = {owners[number] for number in index.candidates(folded)}
    return tuple(
        one
        for one in all_intercepts()
        if one.id in near and _any(one.fires, folded) and not _any(one.unless, folded)
    )


def _any(elements: tuple[Element, ...], text: str) -> bool:
    return any(e.possible(text) and e.regex.search(text) is not None for e in elements)
