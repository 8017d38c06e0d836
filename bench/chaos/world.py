"""The world outside the house: a clock, a faulty wire, and a ledger of what arrived."""

from __future__ import annotations

import json
import mmap
import os
import random
import struct
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.chaos.people import BOT
from bot.domain.errors import ChannelError, OutcomeUnknown, RateLimited
from bot.domain.message import Outgoing, Receipt

#: Of a hundred messages: refused for now, not sent, delivered without an answer, lost without one.
FAULTS = (2.0, 1.0, 0.5, 0.5)
#: What passes while work is left and nothing moves, and how often in one step at most: with the
#: step itself the nudges stay inside two hours.
NUDGE_BY, NUDGES = timedelta(seconds=100), 9


class Clock:
    """One simulated time for several processes, and two bells, in a file of 24 bytes.

    The bells stand for ``NOTIFY``: whoever hears none looks anyway, only later.
    """

    def __init__(self, path: Path, begin: datetime | None = None) -> None:
        if begin is not None:
            path.write_bytes(struct.pack("dqq", begin.timestamp(), 0, 0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 24)

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(struct.unpack("d", self._shared[:8])[0], UTC)

    def move(self, to: datetime) -> None:
        """Everybody sees the new time at once."""
        self._shared[:8] = struct.pack("d", to.timestamp())

    def ring(self) -> None:
        """Rows have changed: every beat looks, and the sender."""
        self._shared[8:16] = struct.pack("q", time.monotonic_ns())
        self.ring_outbox()

    def ring_outbox(self) -> None:
        """There is something to send."""
        self._shared[16:24] = struct.pack("q", time.monotonic_ns())

    @property
    def stamp(self) -> bytes:
        """Another value whenever the time or the bell of the beats has changed."""
        return self._shared[:16]

    @property
    def outbox(self) -> bytes:
        """Another value whenever the time or the sender's bell has changed."""
        return self._shared[:8] + self._shared[16:24]


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One message on a person's screen."""

    id: str  #: what the server answered, or would have
    at: datetime
    address: str
    text: str


class Ledger:
    """What arrived, one line each; a line is written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, message: str, at: datetime, address: str, text: str) -> None:
        line = json.dumps([message, at.timestamp(), address, text], ensure_ascii=False) + "\n"
        os.write(self._file, line.encode())

    def read(self) -> list[Arrival]:
        found = []
        for line in self._path.read_text("utf-8").splitlines():
            message, at, address, text = json.loads(line)
            when = datetime.fromtimestamp(at, UTC)
            found.append(Arrival(id=message, at=when, address=address, text=text))
        return found


class FaultyWire:
    """A channel named Telegram that delivers into the ledger, and fails as a network does."""

    name = "telegram"
    bot = BOT

    def __init__(self, clock: Clock, ledger: Ledger, seed: int) -> None:
        self._clock, self._ledger, self._chance = clock, ledger, random.Random(seed)
        self.faults: Counter[str] = Counter()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Deliver, or one of the faults."""
        drawn = self._chance.uniform(0, 100)
        limited, broken, unheard, lost = FAULTS
        if drawn < limited:
            raise RateLimited(timedelta(seconds=3), whole_bot=self._chance.random() < 0.5)
        if drawn < limited + broken:
            raise ChannelError("the socket was closed before anything was sent")
        if drawn < limited + broken + unheard:
            raise OutcomeUnknown
        now = self._clock()
        message = f"{now.timestamp():.0f}-{self._chance.getrandbits(40)}"
        self._ledger.note(message, now, outgoing.address, outgoing.text)
        if drawn < limited + broken + unheard + lost:
            raise OutcomeUnknown
        return Receipt(message_id=message)
