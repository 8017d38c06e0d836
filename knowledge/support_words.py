"""What two sentences must have in common, word by word: names, numbers, negations, their order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.graph import graph
from knowledge.model import LANGUAGES, KnowledgeError, Language
from knowledge.words import normalised, plain_words, read_toml, stem

_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_AFTER = {
    "en": re.compile(r"[\s\-]*([a-z%°]+)"),
    "zh": re.compile(r"\s*([\u3400-\u9fff]|[a-z%°/]+)"),
}
_HAN = re.compile(r"[\u3400-\u9fff]")
_PLAIN = re.compile(r"[\sA-Za-z0-9\u3400-\u9fff.,;:!?'\"()/%+\-–—’‘“”，。、；：！？（）《》·℃°]")
_GAP = re.compile(r"[\s,，、]+")


@dataclass(frozen=True, kw_only=True)
class Ways:
    """``asking/support.toml``, compiled."""

    overlap: float
    overlap_entailed: float
    entailed: float
    like: float
    words: Mapping[Language, int]
    light: Mapping[Language, frozenset[str]]
    same: Mapping[str, str]
    negation: Mapping[Language, re.Pattern[str]]
    between: Mapping[Language, re.Pattern[str]]
    keep: Mapping[Language, tuple[re.Pattern[str], ...]]
    ordered: Mapping[Language, re.Pattern[str]]
    refused: Mapping[Language, re.Pattern[str]]
    number_words: Mapping[Language, re.Pattern[str]]


@dataclass(frozen=True, kw_only=True)
class Read:
    """One sentence, taken apart."""

    order: tuple[str, ...]  #: telling words as they follow each other: stems, Chinese signs
    telling: frozenset[str]
    signs: frozenset[str]  #: that are neither letters, digits nor plain punctuation
    names: frozenset[str]  #: concepts of the graph
    numbers: Counter[str]
    denied: Counter[str]
    kept: tuple[bool, ...]
    anchors: tuple[str, ...]  #: names, numbers, negations and directions, as they follow each other
    refused: bool  #: it says what to do
    size: int


@lru_cache(maxsize=1)
def load() -> Ways:
    """The file, read once. Raises KnowledgeError naming it."""
    table = read_toml("support.toml")

    def each(part: Mapping[str, str]) -> dict[Language, re.Pattern[str]]:
        return {one: re.compile(part[one]) for one in LANGUAGES}

    try:
        least, light = table["least"], table["light"]
        groups = [[stem(word) for word in group.split()] for group in table["same"]["en"]]
        return Ways(
            overlap=float(least["overlap"]),
            overlap_entailed=float(least["overlap_entailed"]),
            entailed=float(least["entailed"]),
            like=float(least["like"]),
            words={one: int(least["words"][one]) for one in LANGUAGES},
            light={
                "en": frozenset(stem(word) for word in light["en"].split()),
                "zh": frozenset(light["zh"]),
            },
            same={word: group[0] for group in groups for word in group},
            negation=each(table["negation"]),
            between=each(table["negation"]["between"]),
            keep={one: tuple(re.compile(p) for p in table["keep"][one]) for one in LANGUAGES},
            ordered=each(table["ordered"]),
            refused=each(table["record"]["refused"]),
            number_words=each(table["number_words"]),
        )
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise KnowledgeError(f"asking/support.toml: cannot be used: {error!r}") from error


@lru_cache(maxsize=4_000)
def read(text: str, language: Language) -> Read:
    """Take a sentence apart."""
    ways, plain = load(), normalised(text)
    numbers, denied = _numbers(plain, language), _denied(plain, language)
    names = [(one.start, one.id) for one in graph().mentions(text, language)]
    directions = [(m.start(), m[0][:4]) for m in ways.ordered[language].finditer(plain)]
    order = tuple(_telling(plain, language))
    telling = frozenset(order)
    return Read(
        order=order,
        telling=telling,
        signs=frozenset(_PLAIN.sub("", text)),
        names=frozenset(name for _, name in names),
        numbers=Counter(said for _, said in numbers),
        denied=Counter(said for _, said in denied),
        kept=tuple(bool(one.search(plain)) for one in ways.keep[language]),
        anchors=tuple(said for _, said in sorted([*numbers, *denied, *names, *directions])),
        refused=bool(ways.refused[language].search(plain)),
        size=len(telling) if language == "en" else len(_HAN.findall(plain)),
    )


def overlap(said: Read, line: Read) -> float:
    """The share of what is said that stands in the line, 0 to 1."""
    return len(said.telling & line.telling) / len(said.telling) if said.telling else 0.0


def wrong(said: Read, line: Read, least: float, *, of_record: bool) -> str:
    """Why the line does not carry what is said; empty: nothing found."""
    if overlap(said, line) < least:
        return "words"
    if not said.signs <= line.signs:
        return "strange signs"
    if said.numbers - line.numbers:
        return "numbers"
    if not said.names <= line.names:
        return "names"
    if said.denied != line.denied:
        return "negation"
    if said.kept != line.kept:
        return "left out"
    if not _follows(said.anchors, line.anchors):
        return "order"
    if least >= 1 and not _follows(said.order, line.order):
        return "order"  # nobody reads the two together: the same words in another order are a risk
    return "advice" if of_record and said.refused else ""


def _telling(plain: str, language: Language) -> Iterator[str]:
    ways = load()
    for word in plain_words(plain):
        one = stem(word)
        if one not in ways.light["en"]:
            yield ways.same.get(one, one)
    if language == "zh" or _HAN.search(plain):
        yield from (sign for sign in _HAN.findall(plain) if sign not in ways.light["zh"])


def _numbers(plain: str, language: Language) -> list[tuple[int, str]]:
    """Each number with the word that follows it: 10 minutes are not 10 hours."""
    spans = [m.span() for m in _NUMBER.finditer(plain)]
    spans += [m.span() for m in load().number_words[language].finditer(plain)]
    found = []
    for start, end in spans:
        after = _AFTER[language].match(plain, end)
        unit = stem(after[1]) if after else ""
        unit = "" if unit in load().light[language] else unit
        found.append((start, f"{plain[start:end]} {unit}"))
    return found


def _denied(plain: str, language: Language) -> list[tuple[int, str]]:
    """Each negation with the word it denies."""
    ways = load()
    found = []
    for match in ways.negation[language].finditer(plain):
        rest = plain[match.end() : match.end() + 40]
        rest = _GAP.sub(" " if language == "en" else "", ways.between[language].sub(" ", rest))
        first = re.match(r"\s*([a-z0-9']+|[\u3400-\u9fff])", rest)
        found.append((match.start(), f"not {stem(first[1]) if first else ''}"))
    return found


def _follows(said: Sequence[str], line: Sequence[str]) -> bool:
    """Whether ``said`` stands in ``line``, in this order, perhaps with more between."""
    rest = iter(line)
    return all(one in rest for one in said)
