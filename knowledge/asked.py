"""Read a patient's message for the search: what is asked, which words count, and how much."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge import kinds, words
from knowledge.model import Language

_SUBJECT = re.compile(
    r"subject\s*:\s*(.*?)\s*(?:message\s*:|\n|$)\s*(.*)", re.IGNORECASE | re.DOTALL
)
_SHORT = 14  #: words of a message that is a question as it stands
_LONG = 900  #: characters of the whole that are encoded


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A message read: `core` is what is asked, `whole` all without greetings."""

    whole: str
    core: str
    language: Language
    terms: Mapping[str, float]  #: term → weight by where it stands
    words: Mapping[str, float]  #: English words as written → the same weight
    kinds: Mapping[str, float]


@dataclass(frozen=True)
class _Part:
    text: str
    weight: float


def read(message: str) -> Asked:
    """Read a message of any length."""
    language = words.language_of(message)
    parts = _parts(message, language)
    core = " ".join(one.text for one in parts if one.weight >= 1) or message
    return Asked(
        whole=" ".join(one.text for one in parts)[:_LONG] or message,
        core=core[:600],
        language=language,
        terms=_weights(parts, words.terms),
        words=_weights(parts, lambda text: list(words.plain_words(text))),
        kinds=kinds.asked(
            [one.text for one in parts if one.weight >= 1],
            " ".join(one.text for one in parts if one.weight < 1),
        ),
    )


def _parts(message: str, language: Language) -> list[_Part]:
    """The sentences with their weights: a subject and questions count most."""
    subject, body = "", message.strip()
    if found := _SUBJECT.search(message):
        subject, body = found[1].strip(), found[2].strip()
    known = words.load()
    sentences = [
        one
        for one in words.sentences(body)
        if not known.idle[language].search(one.rstrip(" .!。！"))
    ]
    asks = [bool(known.asks[language].search(one)) for one in sentences]
    length = len(body.split()) if language == "en" else len(body) / 2
    everything = length <= _SHORT or not any(asks) or len(sentences) == 1
    parts = [_Part(subject, 1.2)] if words.terms(subject) else []
    for i, one in enumerate(sentences):
        beside = any(asks[j] for j in (i - 1, i + 1) if 0 <= j < len(asks))
        refers = any(
            asks[j] and known.refers[language].search(sentences[j])
            for j in (i + 1, i + 2)
            if j < len(asks)
        )
        weight = 1.0 if everything or asks[i] else 0.7 if refers else 0.6 if beside else 0.4
        parts.append(_Part(one, weight))
    return parts or [_Part(body or subject or message, 1.0)]


def _weights(parts: list[_Part], split: object) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in parts:
        for term in split(one.text):  # type: ignore[operator]
            before = found.get(term, 0.0)
            found[term] = max(before, one.weight) + (0.15 if before else 0.0)
    return {term: min(weight, 1.8) for term, weight in found.items()}
