"""Questions whose wording tells which article is meant, and neighbours for the search."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from knowledge import library, subjects
from knowledge.model import Article, Language


@pytest.fixture(scope="module")
def articles() -> Mapping[str, Article]:
    return library.load()


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("which is better for my water tablets, night or morning", "en", None),
        ("is it better to take my pills in the morning or at night", "en", "taking_medicines_well"),
        ("高血压的药放早晨还是临睡前", "zh", "taking_medicines_well"),
        ("吲达帕胺这个药早上吃还是晚上吃", "zh", None),
        ("what age can a baby have cow's milk", "en", "feeding_babies"),
        ("什么时候喝牛奶好", "zh", None),
        ("can I have a look at my medical notes", "en", "your_data_and_privacy"),
        ("我的病历谁能看到", "zh", "your_data_and_privacy"),
        ("who can see my tongue is swollen", "en", None),
        ("is a long flight all right when pregnant", "en", "travel_with_long_illness"),
        ("two flights of stairs leave me breathless, I am pregnant", "en", None),
        ("孕妇能坐飞机吗", "zh", "travel_with_long_illness"),
        ("坐飞机耳朵痛怎么办", "zh", None),
        ("is a dental x-ray ok when pregnant", "en", "imaging_what_to_expect"),
        ("怀孕能拍牙片吗", "zh", "imaging_what_to_expect"),
        ("can I clean the cat's tray, I am pregnant", "en", None),
        ("should I see my doctor, I am pregnant", "en", None),
        ("can I work night shifts while pregnant", "en", "work_in_pregnancy"),
        ("孕妇能上夜班吗", "zh", "work_in_pregnancy"),
        ("I am pregnant and my back hurts at night after work", "en", None),
        ("怀孕了，上班的时候晕倒过", "zh", None),
        ("I'm pregnant, can I go jogging", "en", "exercise_in_pregnancy"),
        ("can I jog with a bad knee", "en", None),
        ("怀孕可以慢跑吗", "zh", "exercise_in_pregnancy"),
    ],
)
def test_the_wording_tells_the_article(
    text: str, language: Language, found: str | None, articles: Mapping[str, Article]
) -> None:
    article = subjects.article_for(text, language, articles)
    assert (article.id if article else None) == found
