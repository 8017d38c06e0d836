"""The rule files: complete, signed by nobody yet, and a broken one stops the start."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from safety import context, lexicon
from safety.files import read_toml
from safety.normalise import fold
from safety.patterns import compile_pattern
from safety.spelling import mend

FOLDER = Path(lexicon.__file__).with_name("red_flags")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "red_flags"
    shutil.copytree(FOLDER, folder)
    return folder


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('tier = "P0"', 'tier = "P9"', "tier must be one of"),
        ('sources = ["SWAST", "SAS"]', 'sources = ["HEARSAY"]', "HEARSAY"),
        ("'cardiac arrest", "'(cardiac arrest", "is missing"),
        ("group = ", "grupo = ", "group must be a text"),
        ("[flag.choking]", "[flag.choking", "cannot be read"),
        ("<pain>", "<pian>", "no word list <pian>"),
    ],
)
def test_a_broken_rule_file_names_file_and_field(copy: Path, old: str, new: str, says: str) -> None:
    path = copy / "adult_acute.toml"
    before = path.read_text("utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), "utf-8")
    with pytest.raises(ValueError, match=r"adult_acute\.toml") as caught:
        lexicon.load(copy)
    assert says in str(caught.value)


def test_nothing_is_marked_as_reviewed_that_is_not() -> None:
    for path in (*FOLDER.glob("*.toml"), *FOLDER.parent.glob("context_*.toml")):
        if path.name != "sources.toml":
            data = read_toml(path)
            assert (data["reviewed_on"], data["reviewer"]) == ("", "")


def test_every_flag_has_a_source_and_words_in_both_languages() -> None:
    for flag in lexicon.load().flags.values():
        assert flag.sources
        assert set(flag.first_message) == {"en", "zh"} == set(flag.name)


def test_sources_say_whether_they_were_read() -> None:
    sources = tomllib.loads((FOLDER / "sources.toml").read_text("utf-8"))
    assert {source["status"] for source in sources.values()} == {"verified", "recalled"}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("I can’t BREATHE", "i cant breathe"),
        ("ｈｅｌｐ", "help"),
        ("胸口 疼", "胸口,疼"),
        ("不 想 活", "不想活"),
        ("s.u.i.c.i.d.e", "suicide"),
        ("喘不上氣", "喘不上气"),
        ("noooo", "noo"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text).text == folded


def test_folding_keeps_the_way_back() -> None:
    text = "é\u200b胸口  疼 I can’t"
    folded = fold(text)
    start = folded.text.index("胸口")
    left, right = folded.original(start, start + 2)
    assert text[left:right] == "胸口"


@pytest.mark.parametrize(
    ("source", "language", "text", "expected"),
    [
        ("chest ~2 (pain|tight)", "en", "chest is very tight", True),
        ("chest ~2 (pain|tight)", "en", "chest. tight", False),
        ("chest ~2 (pain|tight)", "en", "chest is not at all tight", False),
        ("bleed* [a] lot", "en", "bleeding lot", True),
        ("fit !(into)", "en", "fit into", False),
        ("没有?呼吸", "zh", "没呼吸", True),
        ("胸~2疼", "zh", "胸口好疼", True),
        ("胸~2疼", "zh", "胸口。疼", False),
        ("^(哮|气)喘", "zh", "哮喘", False),
        ("^(哮|气)喘", "zh", "又喘", True),
    ],
)
def test_the_pattern_language(source: str, language: str, text: str, expected: bool) -> None:
    [element] = compile_pattern(source, language, {}).elements
    assert (element.regex.search(text) is not None) is expected
    assert element.possible(text) or not expected


def test_an_idiom_masks_only_its_own_letters() -> None:
    assert context.mask("烦死了,真的不想活了").endswith("真的不想活了")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[fact.pregnant]", "[fact.pregnancy]", "no fact @pregnant"),
        ("age = [0, 16]", "age = 16", "age must be"),
        ('|scd)"]', '|scd"]', "is missing"),
    ],
)
def test_a_broken_fact_names_itself(copy: Path, old: str, new: str, says: str) -> None:
    path = copy / "facts.toml"
    before = path.read_text("utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), "utf-8")
    with pytest.raises(ValueError, match=r"\.toml") as caught:
        lexicon.load(copy)
    assert says in str(caught.value)


def test_every_expression_compiles() -> None:
    lexicon.load().compile()
    context.compile_all()


def test_no_word_of_a_pattern_is_mended_into_another() -> None:
    for word in ("inhaler", "weeing", "helping", "nostrils", "bleeding", "ketones", "floppy"):
        assert mend(fold(word)).text == word
