"""When the ticker looks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from bot.work.heartbeat import Beat, Heartbeat


async def test_what_falls_due_at_a_full_second_is_looked_for_then() -> None:
    looks: list[float] = []

    async def look() -> None:
        looks.append(datetime.now(UTC).timestamp())

    await asyncio.sleep(0.62 - datetime.now(UTC).timestamp() % 0.5)  # off the beat
    beating = Heartbeat({"ask": Beat(every=0.5, sharp=True, act=look)})
    beating.start()
    await asyncio.sleep(4.3)
    beating.stop()
    late = [at % 0.5 for at in looks[1:]]  # the first comes at once
    assert late
    assert min(late) < 0.1  # a busy machine makes some of them later, never earlier
