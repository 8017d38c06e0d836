"""Chinese medicine names typed by their sound are found, asked about, and nothing else is."""

from __future__ import annotations

import pytest

from bot.conversation.number_asked import articles
from bot.loading import load_library
from knowledge.graph import graph

KINDS = ("medicine", "medicine_class", "food")


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("布咯芬能吃吗", "ibuprofen"),
        ("不洛分一天吃几次", "ibuprofen"),
        ("按录地平吃了脚肿", "amlodipine"),
        ("华发林要抽血吗", "warfarin"),
        ("美脱罗尔早上吃", "metoprolol"),
        ("二甲双瓜饭后吃", "metformin"),
    ],
)
def test_a_name_typed_by_its_sound_is_found_and_never_sure(text: str, id_: str) -> None:
    found = graph().mentions(text, "zh", KINDS)
    assert [(one.id, one.sure) for one in found] == [(id_, False)]


@pytest.mark.parametrize(
    "text",
    [
        "今天早上起来就觉得头有点晕，后来吃了早饭好一点了",
        "下午去公园走了走，晚上女儿来看我",
        "我家住在三楼，爬楼梯腿没劲",
        "医生说下个月再去复查，护士给我量了血压",
        "不落山的太阳",
    ],
)
def test_everyday_words_sound_like_no_medicine(text: str) -> None:
    assert graph().mentions(text, "zh", KINDS) == []


def test_a_name_written_right_stays_sure() -> None:
    [found] = graph().mentions("布洛芬能吃吗", "zh", KINDS)
    assert (found.id, found.sure) == ("ibuprofen", True)


def test_every_number_has_an_article_that_is_there() -> None:
    assert set(articles().values()) <= set(load_library().articles)
