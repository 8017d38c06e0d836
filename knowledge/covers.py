"""Whether an article speaks of a question's own subject, or only shares the frame around it."""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge import wordings, words
from knowledge.model import Article, Language

_LEAST = 0.4  #: share of the subject's words that an article must know


def covers(article: Article, question: str, frame: re.Pattern[str], language: Language) -> bool:
    """ "Can I dye my hair when pregnant?" is about hair: is that in the article or its questions?

    ``frame``: the words around the subject, which are left out ("when pregnant"). A question that
    is nothing but frame is covered.
    """
    subject = dict.fromkeys(words.terms(frame.sub(" ", question)))
    whole = sum(map(words.term_weight, subject))
    known = _known(article, language)
    found = sum(words.term_weight(term) for term in subject if term in known)
    return found >= _LEAST * whole


@lru_cache(maxsize=64)
def _terms_of(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(term for text in texts for term in words.terms(text))


def _known(article: Article, language: Language) -> frozenset[str]:
    """The words of its lines, its head, and the wordings that are taught for it."""
    lines = (line.text for line in (*article.lines[language], *article.help[language]))
    taught = _taught()[language].get(article.id, ())
    head = (article.title[language], *article.questions[language])
    return _terms_of((*head, *lines, *taught))


@lru_cache(maxsize=1)
def _taught() -> wordings.Wordings:
    return wordings.read()
