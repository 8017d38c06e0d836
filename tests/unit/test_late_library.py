"""The library opens late, is replaced by a better one, and never fails a turn."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest

from bot.work.late import LateLibrary
from knowledge.model import Answer, Article, KnowledgeError, Language


class Shelf:
    """A library that is sure, or is not."""

    articles: Mapping[str, Article] = {}

    def __init__(self, known: float) -> None:
        self.known = known

    def search(self, message: str, language: Language) -> Answer:
        return Answer(found=(), known=self.known, sure=self.known > 0.5)


def test_the_better_search_takes_over_when_it_is_made() -> None:
    go, made = threading.Event(), threading.Event()
    library = LateLibrary(lambda: Shelf(0.6))

    def make() -> Shelf:
        go.wait(5)
        made.set()
        return Shelf(0.9)

    library.improve(make)
    assert library.search("x", "en").known == 0.6
    go.set()
    made.wait(5)
    for _ in range(500):
        if library.search("x", "en").known == 0.9:
            return
        threading.Event().wait(0.01)
    pytest.fail("the better library never answered")


def test_a_library_that_cannot_be_read_answers_nothing_and_fails_no_turn() -> None:
    def broken() -> Shelf:
        raise KnowledgeError("salt.md, line 3: no source")

    library = LateLibrary(broken)
    assert not library.search("x", "en").sure
    assert library.articles == {}


def test_a_better_search_that_fails_leaves_the_plain_one() -> None:
    failed = threading.Event()

    def broken() -> Shelf:
        failed.set()
        raise KnowledgeError("no vectors")

    library = LateLibrary(lambda: Shelf(0.6))
    library.improve(broken)
    assert failed.wait(5)
    assert library.search("x", "en").known == 0.6
