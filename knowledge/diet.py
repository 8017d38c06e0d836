"""Which food article answers "what can I eat with this illness?", named or on record."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from knowledge.graph import graph
from knowledge.graph_model import MEDICINAL
from knowledge.model import Language
from knowledge.words import any_of, read_toml

_ILLNESSES = ("condition", "test")


@dataclass(frozen=True, kw_only=True)
class Diet:
    """`asking/diet.toml`, compiled; `articles`: id of the graph → id of the article."""

    ask: re.Pattern[str]
    one: re.Pattern[str]
    never: re.Pattern[str]
    articles: Mapping[str, str]
    record: Mapping[str, Mapping[str, str]]  #: tag → what a food raises → id of the article


@lru_cache(maxsize=1)
def load() -> Diet:
    """The file, read once. Raises KnowledgeError."""
    table = read_toml("diet.toml")
    ask, one, never = (any_of(table["words"][name]) for name in ("ask", "one", "never"))
    return Diet(ask=ask, one=one, never=never, articles=table["articles"], record=table["record"])


def article_for(text: str, language: Language) -> str | None:
    """The id of the food article of the illness that is named, where food is asked for."""
    diet = load()
    if diet.never.search(text) or not (diet.ask.search(text) or diet.one.search(text)):
        return None
    named = graph().mentions(text, language)
    kinds = {match.kind for match in named}
    if kinds & set(MEDICINAL) or not (diet.ask.search(text) or "food" in kinds):
        return None
    ids = (match.id for match in named if match.kind in _ILLNESSES)
    return next((diet.articles[one] for one in ids if one in diet.articles), None)


def for_record(text: str, language: Language, tags: Collection[str]) -> str | None:
    """The id of the article with a caution on a food that is named, for who has one of ``tags``.

    "Can I eat lots of bananas?" is a question about potassium where the kidneys are ill.
    """
    diet = load()
    cautions = [diet.record[tag] for tag in sorted(tags) if tag in diet.record]
    if not cautions or diet.never.search(text) or not diet.one.search(text):
        return None
    named = graph().mentions(text, language)
    if any(match.kind in MEDICINAL for match in named):
        return None
    raised = [
        edge.end
        for match in named
        if match.kind == "food"
        for edge in graph().edges_from(match.id, "raises")
    ]
    return next((one[end] for one in cautions for end in raised if end in one), None)
