"""Fold words so that case, hyphens, accents, plurals and spelling habits do not count."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("names.toml")
_TOKEN = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
_HAN = re.compile(r"[\u3400-\u9fff]")
_JOINERS = frozenset(" \t-·•‧・'’\"“”")
"""What may stand inside a Chinese name, or between its characters in a text, without counting."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """One Latin word: as written, folded, and where it stands."""

    word: str
    key: str
    start: int
    end: int


_FOLDED = (
    "salts", "forms", "units", "stop_words", "between_words", "weak_words", "denials", "capitals",
    "leave_alone", "qualifiers",
)  # fmt: skip


@functools.cache
def lists() -> dict[str, frozenset[str]]:
    """The word lists of ``names.toml``; Latin words are folded. ValueError names a broken file."""
    try:
        data: dict[str, Any] = tomllib.loads(_FILE.read_text("utf-8"))
        found = {name: frozenset(words) for name, words in data.items() if isinstance(words, list)}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as problem:
        raise ValueError(f"{_FILE.name}: cannot be read: {problem}") from problem
    for name in _FOLDED:
        if name not in found:
            raise ValueError(f"{_FILE.name}: {name} is missing")
        found[name] = frozenset(fold_word(word) for word in found[name])
    return found


@functools.cache
def fillers() -> re.Pattern[str]:
    """Chinese words passed over inside a sentence, the longest first."""
    return _any_of(lists()["fillers_zh"])


@functools.cache
def around() -> re.Pattern[str]:
    """Small words that people say beside a Chinese name, and what a record adds to it."""
    return _any_of(lists()["around_zh"] | lists()["qualifiers_zh"])


@functools.cache
def tail() -> re.Pattern[str]:
    """What follows a medicine's Chinese name: its salt and its form."""
    return re.compile(f"(?:{_any_of(lists()['tails_zh']).pattern})+")


@functools.cache
def head() -> re.Pattern[str]:
    """What stands before a medicine's Chinese name: its salt."""
    return re.compile(f"(?:{_any_of(lists()['salts_zh']).pattern})+$")


def _any_of(words: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))


@functools.lru_cache(maxsize=4096)
def fold_char(char: str) -> str:
    """One character in its plain lower-case form, still one character."""
    parts = [one for one in unicodedata.normalize("NFKD", char) if not unicodedata.combining(one)]
    return parts[0].lower()[:1] if len(parts) == 1 else char


def fold(text: str) -> str:
    """The text in plain lower case, every character where it was."""
    return text.lower() if text.isascii() else "".join(map(fold_char, text))


@functools.lru_cache(maxsize=32768)
def fold_word(word: str) -> str:
    """One Latin word without possessive, plural, and British or American habit."""
    word = re.sub(r"['’](?:s|m|ve|re)$", "", word).replace("'", "").replace("’", "")
    word = word.replace("oe", "e").replace("ae", "e")
    if len(word) > 4 and word.endswith("our"):
        word = word[:-3] + "or"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word


def tokens(folded: str) -> list[Token]:
    """The Latin words of a folded text, with their places."""
    return [
        Token(word=match[0], key=fold_word(match[0]), start=match.start(), end=match.end())
        for match in _TOKEN.finditer(folded)
    ]


def has_han(text: str) -> bool:
    """True when a Chinese character stands in it."""
    return _HAN.search(text) is not None


def squeezed(folded: str, *, without_fillers: bool = False) -> tuple[str, list[int]]:
    """The text without blanks and marks (and filler words), with each character's place."""
    dropped = set[int]()
    if without_fillers:
        for match in fillers().finditer(folded):
            dropped.update(range(*match.span()))
    places = [at for at, char in enumerate(folded) if char not in _JOINERS and at not in dropped]
    return "".join(folded[at] for at in places), places


def han_key(name: str) -> str:
    """The key of a name with Chinese characters: folded, without blanks and marks."""
    return squeezed(fold(name))[0]


@functools.lru_cache(maxsize=32768)
def root(key: str) -> str:
    """A folded word without its ending, for phrases in any order ("swelling", "swollen" differ)."""
    for ending in ("ing", "ed", "ly"):
        if len(key) > len(ending) + 3 and key.endswith(ending):
            key = key[: -len(ending)]
            break
    if len(key) > 3 and key[-1] == key[-2] and key[-1] not in "ls":
        key = key[:-1]
    return key[:-1] if len(key) > 3 and key.endswith("e") else key
