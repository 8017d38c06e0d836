"""How many statements a turn costs, from the door to its reply on the wire and done."""

from __future__ import annotations

from typing import Any

import pytest
from house import HouseUnderTest
from sqlalchemy import event

#: Said by a patient about whom nothing is known yet, and the most statements it may cost. The few
#: rounds in which nothing more was found to do are among them.
_MOST = {
    "good morning": 29,
    "my blood pressure is 128/84 today": 34,
    "what did I tell you about my knee?": 29,
    "can I eat grapefruit with my tablets?": 29,
    "my knee has been sore since Monday when I climb the stairs": 31,
}


@pytest.mark.parametrize("said", _MOST)
async def test_an_ordinary_turn_asks_the_database_little(house: HouseUnderTest, said: str) -> None:
    await house.say("hello")
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(" ".join(statement.split())[:100])

    event.listen(house.house.store.engine, "before_cursor_execute", note)
    assert await house.say(said)
    words = [one for one in asked if not one.startswith("BEGIN")]
    assert len(words) <= _MOST[said], "\n".join(words)
