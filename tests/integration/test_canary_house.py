"""The canary in a house that runs: its loops, its senders and its beats."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

from conftest import open_with

from bot.bootstrap import build
from bot.config import Settings
from bot.domain import canary as bird
from bot.process import Process
from bot.work import canary


async def test_a_running_house_hears_its_canary_and_pages_nobody(
    settings: Settings, encoder: Any
) -> None:
    settings.data.mkdir()
    with_canary = settings.model_copy(update={"canary": 5})
    house = build(with_canary, open_memories=partial(open_with, encoder))
    process = Process(house, frozenset({"work"}))
    running = asyncio.create_task(process.run())
    try:
        async with asyncio.timeout(30):
            while (passed := _last(house)) is None:  # noqa: ASYNC110 - rows ring no bell
                await asyncio.sleep(0.2)
    finally:
        process.stop.set()
        await running
        house.store.engine.dispose()
    assert passed.type == canary.PASSED
    with house.store.reading() as rows:
        assert rows.escalations.open() == []
        assert rows.escalations.open(bird.PATIENT) == []
        assert canary.well(rows, house.services.clock(), timedelta(minutes=5))
        assert set(rows.outbox.counts()) == {"sent"}


def _last(house: Any) -> Any:
    with house.store.reading() as rows:
        return rows.watch.last(bird.PATIENT, canary.PASSED, canary.FAILED)
