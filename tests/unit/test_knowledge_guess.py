"""The guess learns which article is asked for, and fits the articles of the house."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge import library, wordings
from knowledge.guess.guess import Guess
from knowledge.guess.train import Plan, train
from knowledge.guess.weights import FOLDER, read
from knowledge.model import LANGUAGES, Article, KnowledgeError
from knowledge.ranking import combined
from knowledge.shelf import Shelf

FILE = """# ours
## salt
en|how much salt may i eat
en|is the salt shaker bad for me
en|salty soup every day
zh|一天能吃多少盐
zh|口味重爱吃咸的
zh|酱油算不算盐
## sleep
en|i lie awake at night
en|cannot fall asleep before three
en|waking up at four every night
zh|晚上睡不着
zh|半夜老醒
zh|躺下两小时还没睡着
## nothing
en|tell me a joke
en|will it rain tomorrow
zh|讲个笑话
zh|明天下雨吗
"""


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    """Two of the library's articles under other ids."""
    two = list(library.load().values())[:2]
    return {id_: replace(one, id=id_) for id_, one in zip(("salt", "sleep"), two, strict=True)}


@pytest.fixture(scope="module")
def learnt(articles: dict[str, Article], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guess")
    (folder / "tiny.txt").write_text(FILE, "utf-8")
    bare = {
        id_: replace(
            one, lines=dict.fromkeys(LANGUAGES, ()), questions=dict.fromkeys(LANGUAGES, ())
        )
        for id_, one in articles.items()
    }
    for language in LANGUAGES:
        train(
            language,
            bare,
            wordings.read(folder, articles),
            folder=folder,
            plan=Plan(passes=60, rate=0.02),
        )
    return folder


@pytest.mark.parametrize(
    ("text", "language", "place"),
    [("too much salt in soup", "en", 0), ("awake all night", "en", 1), ("半夜睡不着", "zh", 1)],
)
def test_a_few_questions_teach_it_to_hear_another(learnt: Path, text, language, place) -> None:  # type: ignore[no-untyped-def]
    said = Guess(language, ["salt", "sleep"], folder=learnt)(text)
    assert int(np.argmax(said.shares)) == place
    assert said.shares[place] > said.nothing


def test_small_talk_is_for_no_article(learnt: Path) -> None:
    said = Guess("en", ["salt", "sleep"], folder=learnt)("tell me another joke")
    assert said.nothing > said.shares.max()


def test_an_article_that_is_gone_is_ignored_and_a_new_one_is_left_open(learnt: Path) -> None:
    said = Guess("en", ["new", "sleep"], folder=learnt)("awake all night")
    assert np.isnan(said.shares[0]) and np.isfinite(said.shares[1])


def test_weights_that_were_changed_are_refused(learnt: Path, tmp_path: Path) -> None:
    for file in learnt.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "en.npz").write_bytes((tmp_path / "en.npz").read_bytes() + b"x")
    with pytest.raises(KnowledgeError, match="not what its manifest"):
        Guess("en", ["salt"], folder=tmp_path)


def test_the_weights_that_are_shipped_know_every_article_and_are_small() -> None:
    for language in LANGUAGES:
        _, about = read(FOLDER, language)
        assert set(about["articles"]) == set(library.load()), "run ./ankang train library"
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 11_000_000


def test_an_article_that_was_never_learnt_is_found_by_its_words() -> None:
    held = library.load()
    new = replace(
        held["gout"],
        id="zebra_flu",
        title={"en": "Zebra flu", "zh": "斑马流感"},
        questions={"en": ("what is zebra flu",), "zh": ("斑马流感是什么",)},
    )
    shelf = Shelf({**held, new.id: new})
    for text in ("what is zebra flu", "斑马流感是什么"):
        assert shelf.search(text).found[0].passage.id == "zebra_flu"


def test_what_was_never_learnt_fits_as_it_does_by_the_other_parts(learnt: Path) -> None:
    shelf = Shelf(dict(list(library.load().items())[:3]), learnt=learnt)
    index = shelf._indexes["en"]
    features = index.features("how much salt")
    assert features.guess is not None and np.isnan(features.guess).all()
    from knowledge.ranking import weights

    assert np.isfinite(combined(features, weights("articles_unread", "en"))).all()


def test_the_questions_of_the_house_can_be_read() -> None:
    found = wordings.read(articles=library.load())
    for language in LANGUAGES:
        assert set(found[language]) == {*library.load(), wordings.NOTHING}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("## salt\nen how much", "line 2: wants 'en"),
        ("en|how much", "line 1: a question before"),
        ("## nowhere\n", "line 1: there is no article 'nowhere'"),
        (
            "## salt\nen|how much\n\nen|How  much",
            "line 4: the same question stands at x.txt, line 2",
        ),
        ("## salt\nfr|combien", "line 2: wants"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.txt").write_text(text, "utf-8")
    with pytest.raises(KnowledgeError, match=rf"x\.txt, {said}"):
        wordings.read(tmp_path, {"salt"})
