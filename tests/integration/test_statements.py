"""How many statements a turn costs, from the door to its reply on the wire and done."""

from __future__ import annotations

from typing import Any

import pytest
from house import HouseUnderTest
from sqlalchemy import event

#: Said by a patient about whom nothing is known yet, and the most statements it may cost. The few
#: rounds in which nothing more was found to do are among them, and what the trail's trigger does.
_MOST = {
    "good morning": 30,
    "my blood pressure is 128/84 today": 35,
    "what did I tell you about my knee?": 30,
    "can I eat grapefruit with my tablets?": 30,
    "my knee has been sore since Monday when I climb the stairs": 32,
}

_WORK = ("SELECT", "INSERT", "UPDATE", "DELETE")


@pytest.mark.parametrize("said", _MOST)
async def test_an_ordinary_turn_asks_the_database_little(house: HouseUnderTest, said: str) -> None:
    await house.say("hello")
    asked: list[str] = []

    def watched(connection: Any, *_: Any) -> None:
        connection.set_trace_callback(asked.append)

    event.listen(house.house.store.engine, "checkout", watched)
    assert await house.say(said)
    words = [" ".join(one.split())[:100] for one in asked if one.startswith(_WORK)]
    assert len(words) <= _MOST[said], "\n".join(words)
