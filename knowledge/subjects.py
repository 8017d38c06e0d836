"""Which article is asked for, or that none is, where the wording tells it better than the words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from knowledge.graph import graph
from knowledge.graph_model import MEDICINAL
from knowledge.model import Article, Language
from knowledge.words import any_of, read_toml

_BROAD = ("antihypertensives",)  #: classes of the graph that no article is about


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One table of `asking/subjects.toml`; `about`: who must be named beside it, or None."""

    article: str
    asked: re.Pattern[str]
    about: re.Pattern[str] | None
    plain: bool  #: not where a medicine or its class is named


@lru_cache(maxsize=1)
def load() -> tuple[Subject, ...]:
    """The file, read once. Raises KnowledgeError."""
    return tuple(
        Subject(
            article=name,
            asked=any_of((*one["en"], *one["zh"])),
            about=any_of([one["about"]]) if "about" in one else None,
            plain=bool(one.get("plain")),
        )
        for name, one in read_toml("subjects.toml").items()
    )


def article_for(text: str, language: Language, articles: Mapping[str, Article]) -> Article | None:
    """The article that this wording asks for; None for the search to find one."""
    for one in load():
        if not one.asked.search(text) or (one.about and not one.about.search(text)):
            continue
        if one.plain and _named_closer(text, language):
            continue
        return articles.get(one.article)
    return None


@lru_cache(maxsize=1)
def _in_none() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    tables = read_toml("no_article.toml").values()
    return tuple((any_of((*one["en"], *one["zh"])), any_of([one["unless"]])) for one in tables)


def in_no_article(text: str) -> bool:
    """It is about something of which no article speaks to a pregnant woman, though one has its
    words: see `asking/no_article.toml`."""
    return any(asked.search(text) and not other.search(text) for asked, other in _in_none())


def _named_closer(text: str, language: Language) -> bool:
    named = graph().mentions(text, language, MEDICINAL)
    return any(match.id not in _BROAD for match in named)
