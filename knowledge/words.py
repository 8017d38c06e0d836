"""Words of both languages for the search: normalised, stemmed, without those that tell nothing."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.model import KnowledgeError, Language

FOLDER = Path(__file__).parent / "asking"
_ENGLISH = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?(?:\.\d+)?")
_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
#: A line break ends a sentence only where the next line could begin one: letters come wrapped.
_SENTENCE = re.compile(
    r"(?<=[.!?])[\s\"”)]+(?=\S)|(?<=[。！？；])|\n\s*\n|\n(?=\s*[A-Z0-9\u4e00-\u9fff•*-])"
)


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words of `asking/words.toml`, compiled."""

    stop: frozenset[str]
    stop_zh: frozenset[str]
    phrases_zh: tuple[str, ...]
    generic: frozenset[str]
    generic_weight: float
    asks: Mapping[Language, re.Pattern[str]]
    idle: Mapping[Language, re.Pattern[str]]
    refers: Mapping[Language, re.Pattern[str]]


def read_toml(name: str) -> dict[str, Any]:
    """One file of `asking`. Raises KnowledgeError naming it."""
    try:
        return tomllib.loads((FOLDER / name).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KnowledgeError(f"asking/{name}: cannot be used: {error}") from error


def any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """Finds whichever of these stands in a text, in capitals or not."""
    return re.compile("|".join(f"(?:{one})" for one in patterns), re.IGNORECASE)


@lru_cache(maxsize=1)
def load() -> Words:
    """The words, read once."""
    table = read_toml("words.toml")
    return Words(
        stop=frozenset(table["stop"]["en"].split()),
        stop_zh=frozenset(table["stop"]["zh"].split()),
        phrases_zh=tuple(sorted(table["stop"]["zh_phrases"], key=len, reverse=True)),
        generic=frozenset(stem(one) for one in table["generic"]["en"].split()),
        generic_weight=float(table["generic"]["weight"]),
        asks={"en": any_of(table["asks"]["en"]), "zh": any_of(table["asks"]["zh"])},
        idle={"en": any_of(table["idle"]["en"]), "zh": any_of(table["idle"]["zh"])},
        refers={
            "en": re.compile(table["refers"]["en"], re.IGNORECASE),
            "zh": re.compile(table["refers"]["zh"]),
        },
    )


def normalised(text: str) -> str:
    """NFKC, lower case, straight apostrophes."""
    return unicodedata.normalize("NFKC", text).lower().replace("’", "'")


def language_of(text: str) -> Language:
    """zh where Chinese characters say most of it."""
    chinese = sum(map(len, _CHINESE.findall(text)))
    return "zh" if chinese * 3 > len(re.findall(r"[A-Za-z]", text)) else "en"


def sentences(text: str) -> list[str]:
    """The sentences of `text`, trimmed, empty ones left out."""
    return [" ".join(one.split()) for one in _SENTENCE.split(text) if one.strip()]


def plain_words(text: str) -> Iterator[str]:
    """The English words and numbers, lower case, without possessive ``'s``."""
    for word in _ENGLISH.findall(normalised(text)):
        yield word.removesuffix("'s").replace("'", "")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The stem of an English word; British and American spellings share one."""
    if len(word) > 4:
        word = word.replace("ae", "e").replace("oe", "e").replace("our", "or")
    return str(_stemmer().stemWord(word)) if not word[:1].isdigit() else word


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def chinese_terms(text: str) -> Iterator[str]:
    """Characters and pairs of neighbours, without those that tell nothing."""
    words = load()
    for phrase in words.phrases_zh:
        text = text.replace(phrase, " ")
    for run in _CHINESE.findall(text):
        kept = [char not in words.stop_zh for char in run]
        for i, char in enumerate(run):
            if kept[i]:
                yield char
            if i + 1 < len(run) and (kept[i] and kept[i + 1]):
                yield run[i : i + 2]


def terms(text: str) -> list[str]:
    """What is counted of `text`: English stems, Chinese characters and pairs."""
    stop = load().stop
    found = [stem(w) for w in plain_words(text) if w not in stop and len(w) > 1]
    if _CHINESE.search(text):
        found += chinese_terms(normalised(text))
    return found


def term_weight(term: str) -> float:
    """A single Chinese character says less than a pair."""
    return 0.35 if len(term) == 1 and term >= "\u3400" else 1.0
