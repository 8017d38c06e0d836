"""The boundaries of what may be said, as read from boundaries/*.toml."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safety.emergency import numbers_to_call
from safety.files import list_field, read_toml, table_field, text_field
from safety.patterns import Element, compile_pattern
from safety.verdict import Tier

_FOLDER = Path(__file__).with_name("boundaries")
_WORDS = "words.toml"
_SENTENCE = re.compile(r"(?:[^.!?;。]|\.(?=\d))+[.!?;。]?")
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, kw_only=True)
class Boundary:
    """One thing that must not be said (or, with ``required_from``, must be said)."""

    id: str
    what: Mapping[str, str]  #: by language, for the nurse
    fires: tuple[Element, ...]
    unless: tuple[Element, ...]
    raw: tuple[re.Pattern[str], ...]  #: searched in the text as it is
    unless_approved: bool
    unless_nurse_status_true: bool
    required_from: Tier | None
    about: tuple[Element, ...] = ()  #: a machine's sentence about this must be of a safe shape
    fine: tuple[Element, ...] = ()  #: the safe shapes

    def unsafe_sentences(self, text: str) -> list[tuple[int, int]]:
        """Sentences of the folded text about the boundary's subject that have no safe shape.

        A question is safe. What is listed as crossing the boundary crosses it all the same.
        """
        if not self.about:
            return []
        found = []
        for sentence in _SENTENCE.finditer(text):
            said = sentence[0]
            if not said.endswith("?") and _any(self.about, said) and not _any(self.fine, said):
                found.append(sentence.span())
        return found

    def hits(self, text: str) -> list[tuple[int, int]]:
        """Spans of the folded text that cross the boundary; a neighbour waives what it covers."""
        found = _spans(self.fires, text)
        if not found:
            return []
        waived = _spans(self.unless, text)
        return [hit for hit in found if not any(w[0] <= hit[0] < w[1] for w in waived)]


def _any(elements: tuple[Element, ...], text: str) -> bool:
    return any(e.possible(text) and e.regex.search(text) is not None for e in elements)


def _spans(elements: tuple[Element, ...], text: str) -> list[tuple[int, int]]:
    return sorted(
        match.span()
        for element in elements
        if element.possible(text)
        for match in element.regex.finditer(text)
    )


def _elements(table: Mapping[str, Any], slots: Mapping[str, dict[str, list[str]]],
              where: str) -> tuple[Element, ...]:  # fmt: skip
    found: list[Element] = []
    for language in LANGUAGES:
        for source in list_field(table, language, where):
            try:
                found += compile_pattern(source, language, slots[language]).elements
            except (ValueError, re.error) as problem:
                raise ValueError(f"{where}: {language}: {problem}") from problem
    return tuple(found)


def _part(table: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    return table_field(table, name, where) if name in table else {}


def _load(path: Path, slots: Mapping[str, dict[str, list[str]]]) -> Boundary:
    table, where = read_toml(path), f"boundaries/{path.name}"
    what = table_field(table, "what", where)
    for field in ("status", "evidence"):
        text_field(table, field, where)
    if not list_field(table, "sources", where):
        raise ValueError(f"{where}: sources is missing")
    required = str(table.get("required_from", ""))
    if required and required not in Tier.__members__:
        raise ValueError(f"{where}: required_from must be P0, P1, P2 or P3")
    try:
        raw = tuple(re.compile(p, re.I | re.M) for p in list_field(table, "raw", where))
    except re.error as problem:
        raise ValueError(f"{where}: raw: {problem}") from problem
    return Boundary(
        id=text_field(table, "id", where),
        what={language: text_field(what, language, where) for language in LANGUAGES},
        fires=_elements(table_field(table, "patterns", where), slots, f"{where}: patterns"),
        unless=_elements(table_field(table, "unless", where), slots, f"{where}: unless"),
        raw=raw,
        unless_approved=bool(table.get("unless_approved", False)),
        unless_nurse_status_true=bool(table.get("unless_nurse_status_true", False)),
        required_from=Tier[required] if required else None,
        about=_elements(_part(table, "about", where), slots, f"{where}: about"),
        fine=_elements(_part(table, "fine", where), slots, f"{where}: fine"),
    )


@functools.cache
def word_lists() -> dict[str, dict[str, list[str]]]:
    """The word lists of boundaries/words.toml by language, and every number to call."""
    words, where = read_toml(_FOLDER / _WORDS), f"boundaries/{_WORDS}"
    slots = {
        language: {
            name: list_field(table_field(words, language, where), name, where)
            for name in table_field(words, language, where)
        }
        for language in LANGUAGES
    }
    for language in LANGUAGES:
        slots[language]["number_to_call"] = list(numbers_to_call())
    return slots


@functools.cache
def boundaries() -> tuple[Boundary, ...]:
    """Every boundary, read and compiled once; ValueError names the file and the field."""
    paths = sorted(path for path in _FOLDER.glob("*.toml") if path.name != _WORDS)
    if not paths:
        raise ValueError("safety/boundaries holds no boundary")
    return tuple(_load(path, word_lists()) for path in paths)
