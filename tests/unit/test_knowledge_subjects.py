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
    ],
)
def test_the_wording_tells_the_article(
    text: str, language: Language, found: str | None, articles: Mapping[str, Article]
) -> None:
    article = subjects.article_for(text, language, articles)
    assert (article.id if article else None) == found
