"""Say a message otherwise without changing what it means: slips, noise, and words around it."""

from __future__ import annotations

import random
import re
import tomllib
from functools import cache
from pathlib import Path

from safety.verdict import Language

_FILE = Path(__file__).with_name("vary.toml")
_PUNCTUATION = re.compile(r"[,.!?;:，。！？；：、…]+")
_WORD = re.compile(r"[a-z]{4,}", re.IGNORECASE)


def varied(text: str, language: Language, chance: random.Random) -> str:
    """``text`` with a few small changes, or as it is (one time in three)."""
    if chance.random() < 0.33:
        return text
    if chance.random() < 0.3:
        text = _around(text, language, chance)
    if chance.random() < 0.25:
        text = _PUNCTUATION.sub(" " if language == "en" else "", text)
    if chance.random() < 0.35:
        slips = _slips_zh if language == "zh" else _slips_en
        text = slips(text, chance)
    if chance.random() < 0.1:
        text += chance.choice(_words()["signs"])
    return text


def _around(text: str, language: Language, chance: random.Random) -> str:
    """Somebody plays it down, or talks of something else first: the message stays what it is."""
    words = _words()
    if chance.random() < 0.5:
        return chance.choice(words[f"before_{language}"]) + text
    return text + chance.choice(words[f"after_{language}"])


def _slips_en(text: str, chance: random.Random) -> str:
    """One or two long words with a letter lost, doubled, or swapped."""
    words = list(_WORD.finditer(text))
    for match in chance.sample(words, min(len(words), chance.choice((1, 1, 2)))):
        word = match[0]
        at = chance.randrange(1, len(word) - 1)
        new = chance.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
            )
        )
        text = text.replace(word, new, 1)
    return text


def _slips_zh(text: str, chance: random.Random) -> str:
    """One character typed as another of the same sound, or lost."""
    sounds = _words()["sounds"]
    places = [i for i, one in enumerate(text) if any(one in group for group in sounds)]
    for at in chance.sample(places, min(len(places), 2)):
        others = next(group for group in sounds if text[at] in group).replace(text[at], "")
        text = text[:at] + chance.choice(others) + text[at + 1 :]
    if len(text) > 12 and chance.random() < 0.3:
        at = chance.randrange(len(text))
        text = text[:at] + text[at + 1 :]
    return text


@cache
def _words() -> dict[str, list[str]]:
    return tomllib.loads(_FILE.read_text("utf-8"))
