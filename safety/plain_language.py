"""Is a draft too hard to read, or in no language the patient knows?"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from safety.files import list_field, read_toml, table_field

_FILE = Path(__file__).with_name("plain_language.toml")
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_STOP = re.compile(r"[.!?;:\n]+")
_STOP_ZH = re.compile(r"[。！？；，、：,.!?;:\n]+")
_CJK = re.compile(r"[\u3400-\u9fff]")
_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, kw_only=True)
class _Limits:
    hardest_grade: float
    least_words: int
    least_words_known: int
    least_common: float
    common: frozenset[str]
    hardest_mean: float
    hardest_longest: float
    least_signs: int


@functools.cache
def _limits() -> _Limits:
    data = read_toml(_FILE)
    en, zh = (table_field(data, language, _FILE.name) for language in ("en", "zh"))
    return _Limits(
        hardest_grade=float(en["hardest_grade"]),
        least_words=int(en["least_words"]),
        least_words_known=int(en["least_words_known"]),
        least_common=float(en["least_common"]),
        common=frozenset(list_field(en, "common", _FILE.name)),
        hardest_mean=float(zh["hardest_mean"]),
        hardest_longest=float(zh["hardest_longest"]),
        least_signs=int(zh["least_signs"]),
    )


def check() -> None:
    """Read the file. ValueError or KeyError names what is wrong."""
    _limits()


def too_hard(text: str, language: str) -> bool:
    """True for English above the grade of the file, and Chinese with endless sentences."""
    limits = _limits()
    if language == "zh":
        parts = [len(_CJK.findall(part)) for part in _STOP_ZH.split(text)]
        parts = [size for size in parts if size]
        if sum(parts) < limits.least_signs:
            return False
        mean = sum(parts) / len(parts)
        return mean > limits.hardest_mean or max(parts) > limits.hardest_longest
    words = _WORD.findall(text)
    return len(words) >= limits.least_words and grade(text) > limits.hardest_grade


def grade(text: str) -> float:
    """Years of school by Flesch-Kincaid (1975): 0.39 words a sentence + 11.8 syllables a word."""
    words = _WORD.findall(text)
    if not words:
        return 0.0
    sentences = sum(bool(_WORD.search(part)) for part in _STOP.split(text)) or 1
    syllables = sum(map(_syllables, words))
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def _syllables(word: str) -> int:
    plain = word.lower()
    found = len(_VOWELS.findall(plain))
    if plain.endswith("e") and not plain.endswith(("le", "ee")) and found > 1:
        found -= 1
    return max(1, found)


def is_english(text: str) -> bool:
    """False for a text of some length with hardly any of the commonest English words."""
    limits = _limits()
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    if len(words) < limits.least_words_known:
        return True
    known = sum(word.partition("'")[0] in limits.common for word in words)
    return known / len(words) >= limits.least_common
