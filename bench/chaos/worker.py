"""One worker of the house: its beats and its sender, until it is killed."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.chaos.people import services_on
from bench.chaos.world import Clock, FaultyWire, Ledger
from bot.checkins.ask import ask
from bot.checkins.miss import miss
from bot.checkins.plan import plan
from bot.domain.errors import AnkangError
from bot.escalations.climb import climb
from bot.ports import Services
from bot.store.crypto import KeyVault
from bot.store.database import SqlStore, open_engine
from bot.work.limits import Limits
from bot.work.sender import Sender
from bot.work.settle import recover
from bot.work.waking import Waker

KEY = bytes(range(32))
_LEASE = timedelta(seconds=3)  #: of the sender, in real time: simulated time jumps


@dataclass(frozen=True, kw_only=True)
class Where:
    """What a worker needs to know; it may cross into another process."""

    url: str
    folder: Path
    name: str
    seed: int
    alone: bool  #: the only process of an embedded house: what was leased, its holder is gone


def work(where: Where) -> None:
    """The whole life of a worker process."""
    logging.disable(logging.WARNING)  # every fault of ours would be a line
    asyncio.run(_live(where))


async def _live(where: Where) -> None:
    engine = open_engine(where.url)
    vault = KeyVault(KEY, engine)
    store = SqlStore(engine, vault)
    clock = Clock(where.folder / "clock")
    wire = FaultyWire(clock, Ledger(where.folder / "ledger"), where.seed)
    bells = Waker()
    bells.attach()
    services = replace(
        services_on(store, vault, clock, bells),
        channels={"telegram": wire},  # type: ignore[dict-item]
    )
    if where.alone:
        with store.unit_of_work() as rows:
            rows.outbox.release_all()
    front = ThreadPoolExecutor(2)
    sending = asyncio.create_task(_send(services, wire, bells, front, where.name))
    while not sending.done():
        await asyncio.to_thread(_beat, services)
        await asyncio.sleep(0.01)
    await sending


def _beat(services: Services) -> None:
    """Every beat of the house once; a database that is away for a moment costs one of them."""
    for act in (recover, plan, ask, miss, climb):
        try:
            act(services)
        except AnkangError:
            time.sleep(0.02)


async def _send(
    services: Services, wire: FaultyWire, bells: Waker, front: ThreadPoolExecutor, name: str
) -> None:
    """Speak only while this worker holds the lease, as a real one does."""
    while True:
        if not await asyncio.to_thread(_leads, services, name):
            await asyncio.sleep(0.2)
            continue
        ended = asyncio.Event()
        sender = Sender(wire, services, bells, front, Limits(unlimited=True))  # type: ignore[arg-type]
        running = asyncio.create_task(sender.run(ended))
        while not running.done() and await asyncio.to_thread(_leads, services, name):
            bells.ring("outbox")
            await asyncio.sleep(0.05)
        ended.set()
        await running


def _leads(services: Services, name: str) -> bool:
    try:
        with services.store.unit_of_work() as rows:
            return rows.leases.take("chaos/sender", name, datetime.now(UTC), _LEASE)
    except AnkangError:
        return False
