"""The questions that measure the library's search: whole, and graded on articles that exist."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
QUESTIONS = ROOT / "tests" / "evals" / "answers" / "questions.jsonl"
LANGUAGES = ("en", "zh")
FIELDS = {"id", "text", "lang", "part", "relevant"}


@pytest.fixture(scope="module")
def asked() -> list[dict[str, Any]]:
    return [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def areas() -> dict[str, str]:
    """The area of each article."""
    return {
        found[1]: path.parent.name
        for path in (ROOT / "knowledge" / "articles").glob("*/*.md")
        if (found := re.search(r"^id: (\S+)$", path.read_text("utf-8"), re.MULTILINE))
    }


def test_every_line_has_its_fields_and_says_which_part_it_is_for(asked: list[Any]) -> None:
    for one in asked:
        assert set(one) == FIELDS, one["id"]
        assert one["lang"] in LANGUAGES and one["part"] in ("choose", "judge"), one["id"]
        assert one["text"] == one["text"].strip() != "", one["id"]


def test_no_question_is_asked_twice(asked: list[Any]) -> None:
    ids = Counter(one["id"] for one in asked)
    texts = Counter(re.sub(r"[\W_]+", "", one["text"].casefold()) or one["text"] for one in asked)
    assert [again for again, times in (ids + texts).items() if times > 1] == []


def test_a_graded_article_exists_and_one_of_them_is_the_right_one(
    asked: list[Any], areas: dict[str, str]
) -> None:
    for one in asked:
        assert set(one["relevant"]) <= set(areas), one["id"]
        assert set(one["relevant"].values()) <= {1, 2}, one["id"]
        assert not one["relevant"] or max(one["relevant"].values()) == 2, one["id"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_of_each_kind_and_a_third_is_for_choosing(
    asked: list[Any], language: str
) -> None:
    for answered, least in ((True, 260), (False, 60)):
        kind = [o for o in asked if o["lang"] == language and bool(o["relevant"]) == answered]
        assert len(kind) >= least
        assert sum(o["part"] == "choose" for o in kind) == round(len(kind) / 3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_area_of_the_library_is_asked_about(
    asked: list[Any], areas: dict[str, str], language: str
) -> None:
    right = [
        id_ for o in asked if o["lang"] == language for id_, g in o["relevant"].items() if g == 2
    ]
    assert {areas[id_] for id_ in right} == set(areas.values())


def test_questions_are_in_the_language_they_say(asked: list[Any]) -> None:
    for one in asked:
        chinese = bool(re.search(r"[\u4e00-\u9fff]", one["text"]))
        assert chinese == (one["lang"] == "zh") or not one["relevant"], one["id"]
