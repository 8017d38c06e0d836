"""An article that is taken out of the library after a patient has read it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from house import HouseUnderTest

from knowledge.shelf import Shelf


@pytest.mark.parametrize(
    ("language", "asked", "more", "nurse", "told"),
    [
        ("en", "what foods raise potassium?", "Tell me more", "Ask the nurse", "do not rely on it"),
        ("zh", "哪些食物含钾高？", "再说详细点", "问护士", "撤下了"),
    ],
)
async def test_the_button_under_it_says_so_and_a_nurse_can_be_asked(
    house: HouseUnderTest, language: str, asked: str, more: str, nurse: str, told: str
) -> None:
    house.patient("mo", language=language)
    assert "[1]" in await house.say(asked, "mo")
    library = house.services.library
    left = {id_: one for id_, one in library.articles.items() if id_ != "potassium_in_food"}
    services = replace(house.services, library=Shelf(left))
    house.house = replace(house.house, services=services)
    answer = await house.tap(more, "mo")
    assert told in answer and "[1]" not in answer
    await house.tap(nurse, "mo")
    assert [one.reason for one in house.escalations()] == ["asked_for_nurse"]
