"""A ring in one process is heard in another one at once."""

from __future__ import annotations

import asyncio

import pytest

from bot.store.notify import NotifyWire
from bot.work.waking import Waker


async def test_a_ring_wakes_the_loop_of_another_process(store):
    if store.engine.dialect.name != "postgresql":
        pytest.skip("an embedded house is alone")
    here, there = Waker(), Waker()
    wires = []
    for bells in (here, there):
        bells.attach()
        wire = NotifyWire(store.engine, bells.heard)
        bells.tell = wire.tell
        wire.start()
        wires.append(wire)
    bell = there.listen("outbox")
    try:
        for _ in range(50):  # the listener needs a moment to connect
            here.ring("outbox")
            if await bell.wait(0.1):
                break
        else:
            raise AssertionError("nobody heard the ring")
        here.ring("inbox")
        assert not await bell.wait(0.3)
    finally:
        for wire in wires:
            wire.stop()
        await asyncio.sleep(0)
