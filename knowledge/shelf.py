"""The library as passages, and the search over it: one index a language."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path

from knowledge import words
from knowledge.dense import Progress
from knowledge.guess.guess import Guess
from knowledge.guess.weights import FOLDER
from knowledge.model import LANGUAGES, Answer, Article, Encoder, Language, Passage
from knowledge.rerank import Reranker
from knowledge.search import Index

Called = Mapping[Language, Mapping[str, Sequence[str]]]  #: language → id of `about` → its names


def passage(article: Article, language: Language) -> Passage:
    """An article in one language, as it is searched."""
    lines = (*article.lines[language], *article.help[language])
    return Passage(
        id=article.id,
        text=("\n" if language == "en" else "").join(line.text for line in lines),
        language=language,
        title=article.title[language],
        questions=article.questions[language],
        about=article.about,
        source="; ".join(f"{one.organisation} {one.year}" for one in article.sources),
    )


def called() -> Called:
    """What people call each concept of the graph, by language."""
    from knowledge.graph import graph

    found: dict[Language, dict[str, tuple[str, ...]]] = {}
    for language in LANGUAGES:
        found[language] = {
            id_: tuple(name for name, _, spoken in concept.names() if spoken == language)
            for id_, concept in graph().concepts.items()
        }
    return found


class Shelf:
    """The articles, searched in the language of the question."""

    def __init__(
        self,
        articles: Mapping[str, Article],
        encoder: Encoder | None = None,
        *,
        folder: Path | None = None,
        called: Called | None = None,
        reranker: Reranker | None = None,
        progress: Progress | None = None,
        learnt: Path = FOLDER,
    ) -> None:
        """`learnt`: the folder of the guess's weights."""
        self.articles = dict(articles)
        self._indexes: dict[Language, Index] = {
            language: Index(
                [passage(one, language) for one in articles.values()],
                also=(called or {}).get(language),
                guess=Guess(language, list(articles), folder=learnt),
                purpose="articles",
            )
            for language in LANGUAGES
        }
        self._read(encoder, folder, reranker, progress)

    def read_by(
        self,
        encoder: Encoder,
        *,
        folder: Path | None = None,
        reranker: Reranker | None = None,
        progress: Progress | None = None,
    ) -> Shelf:
        """The same shelf, searched by meaning, too; what both need is held once."""
        better = copy.copy(self)
        better._read(encoder, folder, reranker, progress)
        return better

    def _read(
        self,
        encoder: Encoder | None,
        folder: Path | None,
        reranker: Reranker | None,
        progress: Progress | None,
    ) -> None:
        self._indexes = {
            language: index.read_by(
                encoder if language == "en" or (encoder and encoder.reads_chinese) else None,
                reranker=reranker,
                folder=folder,
                progress=progress,
            )
            for language, index in self._indexes.items()
        }

    def search(self, message: str, language: Language | None = None, *, limit: int = 5) -> Answer:
        """The articles for `message`, best first, with how sure it is that they answer."""
        return self._indexes[language or words.language_of(message)].search(message, limit=limit)
