"""Names are understood as people write them, and doubt is said where there is doubt."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_graph import LINES, write

from knowledge.graph import Graph, load
from knowledge.slips import distance


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return load(write(tmp_path_factory.mktemp("graph")))


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("Coumadin", "warfarin"),
        ("NUROFEN", "ibuprofen"),
        ("metoprolol succinate", "metoprolol"),
        ("Metoprolol tartrate 25 mg tablets", "metoprolol"),
        ("酒石酸美托洛尔片", "metoprolol"),
        ("美托洛尔缓释片47.5mg", "metoprolol"),
        ("倍他乐克缓释片", "metoprolol"),
        ("华法林钠片", "warfarin"),
        ("苄丙酮香豆素", "warfarin"),
        ("betablocker", "beta_blockers"),
        ("Beta-Blockers", "beta_blockers"),
        ("blood thinner", "anticoagulants"),
        ("非甾体抗炎药", "nsaids"),
        ("β受体阻滞剂", "beta_blockers"),
        ("high blood-pressure", "hypertension"),
        ("short of breath", "breathlessness"),
        ("ibuprofin", "ibuprofen"),
        ("柚子", "grapefruit"),
    ],
)
def test_one_name_is_resolved_however_it_is_written(small: Graph, text: str, means: str) -> None:
    [found] = small.resolve(text, "en")
    assert (found.id, found.sure) == (means, True)


@pytest.mark.parametrize(
    ("text", "means"),
    [("metropolol", "metoprolol"), ("布洛分", "ibuprofen"), ("美托落尔", "metoprolol")],
)
def test_a_name_that_may_be_misread_is_asked_about(small: Graph, text: str, means: str) -> None:
    found = small.resolve(text, "zh")
    assert [(match.id, match.sure) for match in found] == [(means, False)]


@pytest.mark.parametrize("place", range(4))
def test_a_chinese_name_with_any_one_character_wrong_is_found_and_not_sure(
    small: Graph, place: int
) -> None:
    wrong = "美托洛尔"[:place] + "罢" + "美托洛尔"[place + 1 :]
    found = small.mentions(f"医生给我开了{wrong}，早上吃", "zh", ["medicine"])
    assert [(m.id, m.said, m.sure) for m in found] == [("metoprolol", wrong, False)]


def test_a_chinese_name_is_found_by_its_sound_inside_a_sentence(small: Graph) -> None:
    [match] = small.mentions("昨天吃了一片美拖罗儿就好了", "zh", ["medicine"])
    assert (match.id, match.said, match.sure) == ("metoprolol", "美拖罗儿", False)


@pytest.mark.parametrize("text", ["头孢布洛芬", "布洛芬伪麻", "ibuprofen plus"])
def test_a_part_of_a_longer_name_is_not_sure(small: Graph, text: str) -> None:
    assert [(match.id, match.sure) for match in small.resolve(text, "zh")] == [("ibuprofen", False)]


@pytest.mark.parametrize("text", ["我每天吃布洛芬", "I take ibuprofen every day"])
def test_small_words_beside_a_name_do_not_count(small: Graph, text: str) -> None:
    assert [(match.id, match.sure) for match in small.resolve(text, "zh")] == [("ibuprofen", True)]


def test_what_is_no_name_is_not_guessed(small: Graph) -> None:
    for text in ("hello there", "你好", "", "12", "warm", "napoleon", "胃药"):
        assert small.resolve(text, "en") == []


def test_a_name_of_two_things_is_never_sure(tmp_path: Path) -> None:
    twice = [*LINES["medicines.tsv"], "zinc\tzinc\t锌\t\tAleve\t\t\t\tbook"]
    found = load(write(tmp_path, medicines_tsv=twice)).resolve("aleve", "en")
    assert sorted(match.id for match in found) == ["naproxen", "zinc"]
    assert not any(match.sure for match in found)


def test_only_the_kinds_asked_for_are_looked_at(small: Graph) -> None:
    assert small.resolve("warfarin", "en", ("food",)) == []


@pytest.mark.parametrize(
    ("text", "language", "means"),
    [
        ("Can I take ibuprofen with my blood thinner?", "en", ["ibuprofen", "anticoagulants"]),
        ("华法林钠片和布洛芬缓释胶囊能一起吃吗", "zh", ["warfarin", "ibuprofen"]),
        ("my ankles are really swollen and I feel sick", "en", ["ankle_swelling"]),
        ("this morning my big toe really hurts", "en", ["big_toe_pain"]),
        ("我脚有点肿，还喘不上气", "zh", ["ankle_swelling", "breathlessness"]),
        ("吃倍他乐克能不能吃柚子", "zh", ["metoprolol", "grapefruit"]),
        ("eliquis与grapefruit能一起吗", "zh", ["apixaban", "grapefruit"]),
        ("taking metoprolal and potassium is high", "en", ["metoprolol", "potassium"]),
        ("I read a novel about Napoleon", "en", []),
    ],
)
def test_a_sentence_is_searched_for_all_it_mentions(
    small: Graph, text: str, language: str, means: list[str]
) -> None:
    found = [match.id for match in small.mentions(text, language)]
    assert [id_ for id_ in found if id_ in means] == means
    assert means or not found


def test_a_short_name_that_is_an_everyday_word_needs_its_capitals(tmp_path: Path) -> None:
    medicines = sorted(
        [*LINES["medicines.tsv"], "ademetionine\tademetionine\t腺苷蛋氨酸\t\t\t\tSAMe\t\tbook"]
    )
    found = load(write(tmp_path, medicines_tsv=medicines))
    assert found.mentions("the same again please", "en") == []
    assert [match.id for match in found.mentions("I take SAMe", "en")] == ["ademetionine"]


def test_a_match_says_where_it_stands_with_its_salt_and_form(small: Graph) -> None:
    text = "每天吃酒石酸美托洛尔缓释片"
    [match] = small.mentions(text, "zh")
    assert text[match.start : match.end] == match.said == "酒石酸美托洛尔缓释片"


def test_words_in_another_order_are_found_but_not_sure(small: Graph) -> None:
    [match] = small.mentions("my ankles look swollen", "en")
    assert (match.id, match.sure) == ("ankle_swelling", False)


@pytest.mark.parametrize(
    ("one", "two", "apart"),
    [("warfarin", "warfrin", 1), ("warfarin", "wafrarin", 1), ("abc", "abc", 0), ("ab", "xyz", 3)],
)
def test_the_distance_counts_slips(one: str, two: str, apart: int) -> None:
    assert distance(one, two, 2) == apart == distance(two, one, 2)
