"""Hear a symptom in a part of the body and how it feels, said near one another."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.fold import fold, lists, root, squeezed, tokens
from knowledge.match import Match
from knowledge.phrases import clauses

_FILE = Path(__file__).with_name("complaints.toml")
_APART = 5
"""So many words, or characters, may stand between the part and how it feels."""

_NEAR = 2
_LONGEST = 8
_MARKS = "，。；！？,.;!?、\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    kind: str
    name: str
    at: int
    end: int


Index = dict[str, dict[tuple[str, ...], list[tuple[str, str]]]]
"""Per language: words (or characters) to what they may be: (parts or feels, name)."""


class Complaints:
    """Parts and feelings in both languages, limited to the symptoms of a graph."""

    def __init__(self, known: Iterable[tuple[str, str]]) -> None:
        """``known`` are the ids and names of symptoms that may be meant."""
        self._known = dict(known)

    def mentions(self, text: str, folded: str) -> list[Match]:
        """Each symptom once, at its nearest place; sure when part and feeling stand together."""
        found: dict[str, tuple[int, Match]] = {}
        for line, places, language in _lines(folded):
            for part, feel in _pairs(_pieces(line, language), line, language):
                id_ = means().get(part.name, {}).get(feel.name, "")
                apart = max(part.at, feel.at) - min(part.end, feel.end)
                if id_ not in self._known or (id_ in found and found[id_][0] <= apart):
                    continue
                start = places[min(part.at, feel.at)][0]
                end = places[max(part.end, feel.end) - 1][1]
                found[id_] = (apart, self._match(text, id_, start, end, apart <= _NEAR))
        return [match for _, match in found.values()]

    def _match(self, text: str, id_: str, start: int, end: int, sure: bool) -> Match:
        return Match(
            id=id_, kind="symptom", words=self._known[id_], how="lay",
            said=text[start:end], start=start, end=end, sure=sure,
        )  # fmt: skip


def _lines(folded: str) -> Iterator[tuple[list[str], list[tuple[int, int]], str]]:
    """Each clause as its words (Latin) and as its characters (Chinese), with their places."""
    for clause in clauses(folded, tokens(folded)):
        yield [root(word.key) for word in clause], [(w.start, w.end) for w in clause], "en"
    for without_fillers in (False, True):
        line, places = squeezed(folded, without_fillers=without_fillers)
        yield list(line), [(at, at + 1) for at in places], "zh"


def _pieces(line: list[str], language: str) -> list[_Piece]:
    """Parts, feelings and denials of a line, the longest at each place."""
    index = _index()[language]
    pieces: list[_Piece] = []
    at = 0
    while at < len(line):
        for size in range(min(_LONGEST, len(line) - at), 0, -1):
            if found := index.get(tuple(line[at : at + size])):
                pieces += [_Piece(kind=kind, name=n, at=at, end=at + size) for kind, n in found]
                at += size - 1
                break
        at += 1
    return pieces


def _pairs(pieces: list[_Piece], line: list[str], language: str) -> Iterator[tuple[_Piece, _Piece]]:
    """Parts with the feelings near them, unless another part or a denial stands between."""
    for at, one in enumerate(pieces):
        for other in pieces[at + 1 :]:
            if other.at - one.end > _APART:
                break
            kinds = (one.kind, other.kind)
            if other.at < one.end or kinds not in (("parts", "feels"), ("feels", "parts")):
                continue
            if language == "zh" and one.kind == "feels":
                continue
            if any(mark in line[one.end : other.at] for mark in _MARKS):
                continue
            if not _parted(pieces[at:], one, other):
                yield (one, other) if one.kind == "parts" else (other, one)


def _parted(pieces: list[_Piece], first: _Piece, last: _Piece) -> bool:
    """True when a denial stands between two pieces, or a part that is not beside the other part."""
    for piece in pieces:
        if piece.at >= last.at:
            return False
        if piece.at < first.end:
            continue
        near = piece.at - first.end <= 1 if first.kind == "parts" else last.at - piece.end <= 1
        if piece.kind == "denials" or (piece.kind == "parts" and not near):
            return True
    return False


def means() -> dict[str, dict[str, str]]:
    """Part to feeling to symptom."""
    found: dict[str, dict[str, str]] = _data()["means"]
    return found


@functools.cache
def _data() -> dict[str, Any]:
    try:
        data = tomllib.loads(_FILE.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ValueError(f"{_FILE.name}: cannot be read: {problem}") from problem
    for part, feels in data["means"].items():
        if part not in data["parts"] or set(feels) - set(data["feels"]):
            raise ValueError(f"{_FILE.name}: [means] {part} names a part or feeling not listed")
    return data


@functools.cache
def _index() -> Index:
    index: Index = {"en": {}, "zh": {}}
    groups = [(kind, name, words) for kind in ("parts", "feels") for name, words in
              _data()[kind].items()]  # fmt: skip
    denials = {"en": lists()["denials"], "zh": lists()["denials_zh"]}
    for kind, name, words in [*groups, ("denials", "no", denials)]:
        for one in words["en"]:
            key = tuple(root(word.key) for word in tokens(fold(one)))
            index["en"].setdefault(key, []).append((kind, name))
        for one in words["zh"]:
            index["zh"].setdefault(tuple(one), []).append((kind, name))
    return index
