"""One worker of the house: its beats and its sender, until it is killed."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import safety
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
from prompts import check as check_words

KEY = bytes(range(32))
check_words()  # read once, before the processes part
safety.check()
gc.collect()
gc.freeze()
_LEASE = timedelta(seconds=1.2)  #: of the sender, in real time: simulated time jumps
_RENEW = 0.4  #: real seconds
_HEAR, _LOOK = (
    0.005,
    0.25,
)  #: real seconds from one ear for a bell, and one look without, to the next


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
    logging.disable(logging.ERROR)  # every fault of ours would be a line
    asyncio.run(_live(where))


async def _live(where: Where) -> None:
    engine = open_engine(where.url)
    vault = KeyVault(KEY, engine)
    store = SqlStore(engine, vault)
    clock = Clock(where.folder / "clock")
    wire = FaultyWire(clock, Ledger(where.folder / "ledger"), where.seed)
    bells = Waker()
    bells.attach()
    store.posted = bells.ring
    services = replace(
        services_on(store, vault, clock, bells),
        channels={"telegram": wire},  # type: ignore[dict-item]
    )
    if where.alone:
        with store.unit_of_work() as rows:
            rows.outbox.release_all()
    front = ThreadPoolExecutor(2)
    sending = asyncio.create_task(_send(services, clock, wire, bells, front, where))
    heard, looked = b"", 0.0
    while not sending.done():
        stamp = clock.stamp
        if stamp == heard and time.monotonic() - looked < _LOOK:
            await asyncio.sleep(_HEAR)
            continue
        heard, looked = stamp, time.monotonic()
        if await asyncio.to_thread(_beat, services):
            heard = b""  # there may be more: a beat does not do everything at once
            clock.ring_outbox()
    await sending


def _beat(services: Services) -> bool:
    """Every beat of the house once, True if one found work.

    A database that is away for a moment costs one of them, and they all look again soon.
    """
    found = False
    for act in (recover, plan, ask, miss, climb):
        try:
            found = bool(act(services)) or found
        except AnkangError:
            found = True
            time.sleep(0.02)
    return found


async def _send(
    services: Services,
    clock: Clock,
    wire: FaultyWire,
    bells: Waker,
    front: ThreadPoolExecutor,
    where: Where,
) -> None:
    """Speak only while this worker holds the lease, as a real one does."""
    while True:
        if not await asyncio.to_thread(_leads, services, where):
            await asyncio.sleep(0.1)
            continue
        ended = asyncio.Event()
        sender = Sender(wire, services, bells, front, Limits(unlimited=True))  # type: ignore[arg-type]
        running = asyncio.create_task(sender.run(ended))
        heard, renewed = b"", time.monotonic()
        while not running.done():
            if time.monotonic() - renewed > _RENEW:
                if not await asyncio.to_thread(_leads, services, where):
                    break
                renewed = time.monotonic()
            if heard != clock.outbox:
                heard = clock.outbox
                bells.ring("outbox")
            await asyncio.sleep(_HEAR)
        ended.set()
        await running


def _leads(services: Services, where: Where) -> bool:
    if where.alone:
        return True
    try:
        with services.store.unit_of_work() as rows:
            return rows.leases.take("chaos/sender", where.name, datetime.now(UTC), _LEASE)
    except AnkangError:
        return False
