"""A short answer from one article: the right lines for this question and this person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from knowledge import words
from knowledge.model import Article, Language, Line, Source

_LINES, _PERSONAL = 4, 2  #: lines of a short answer, and how many of them for this person


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is said of an article, each line with its sources."""

    article: Article
    general: tuple[Line, ...]
    personal: tuple[Line, ...]  #: for whom the tags fit
    help: tuple[Line, ...]  #: the safety net
    sources: tuple[Source, ...]  #: cited by these lines, in the order of the article
    more: bool  #: the article holds more for this person

    def number(self, cite: int) -> int:
        """The footnote, counted from 1, of the article's ``cite``-th source."""
        return self.sources.index(self.article.sources[cite - 1]) + 1


def answer(article: Article, question: str, language: Language, tags: Collection[str]) -> Told:
    """A few lines: the article's own answer first, then what shares most words with the question.

    ``tags``: whom the lines may be for ("kidney_disease", "on:warfarin"); the others' are left out.
    """
    plain = [line for line in article.lines[language] if not line.tag]
    asked = set(words.terms(question))
    fitting = [line for line in article.lines[language] if line.tag in tags]
    room = _LINES - len(fitting[:_PERSONAL])
    rest = sorted(plain[1:], key=lambda line: -_shared(line, asked))[: room - 1]
    chosen = [line for line in plain if line in (*plain[:1], *rest)]
    return _told(
        article,
        general=chosen,
        personal=fitting[:_PERSONAL],
        safety_net=article.help[language][:1],
        more=len(plain) > len(chosen) or len(article.help[language]) > 1,
    )


def whole(article: Article, language: Language, tags: Collection[str]) -> Told:
    """Everything in the article that is for this person."""
    return _told(
        article,
        general=[line for line in article.lines[language] if not line.tag],
        personal=[line for line in article.lines[language] if line.tag in tags],
        safety_net=article.help[language],
        more=False,
    )


def _told(
    article: Article,
    *,
    general: Sequence[Line],
    personal: Sequence[Line],
    safety_net: Sequence[Line],
    more: bool,
) -> Told:
    cited = {cite for line in (*general, *personal, *safety_net) for cite in line.cites}
    sources = tuple(s for number, s in enumerate(article.sources, 1) if number in cited)
    return Told(
        article=article,
        general=tuple(general),
        personal=tuple(personal),
        help=tuple(safety_net),
        sources=sources,
        more=more,
    )


def _shared(line: Line, asked: set[str]) -> float:
    """How much of the question's weight stands in this line."""
    return sum(words.term_weight(term) for term in asked & set(words.terms(line.text)))
