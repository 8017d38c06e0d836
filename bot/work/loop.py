"""Wake the rows: read what arrived, answer whose turn it is, index what was remembered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bot.domain.errors import ChannelError
from bot.domain.message import Attachment
from bot.ports import Services, Waiting
from bot.work.index import Indexer
from bot.work.safely import safely, safely_now
from bot.work.waking import Waker

_TRIES = 4
_LOOK = 0.5  # seconds after which a loop looks even when no bell rang
_GATHER = 1.0  # seconds that let new memories become one batch
_PATIENCE = 60  # seconds that indexing makes way for a crowd; then it catches up beside it
_CROWD = 5  # updates read at once that make it a crowd: first all are screened, then answered
_LANES = 3  # parts a crowd is read in at once: each waits for the disk, and they share the wait
_SCREEN_FIRST = 3.0  # seconds that answers wait for that at most


@dataclass(frozen=True, kw_only=True)
class Uses:
    """The use cases the loops call, handed in by bootstrap."""

    claim: Callable[[Services], list[Waiting]]
    hear: Callable[[Waiting, Services], None]
    answer: Callable[[Waiting, Services], Awaitable[object]]
    give_up: Callable[[Waiting, Services], None]
    turn_lease: timedelta


class Loops:
    """The loops of one worker process."""

    def __init__(
        self, services: Services, uses: Uses, bells: Waker, front: Executor, *, at_once: int
    ) -> None:
        self._services, self._uses, self._bells = services, uses, bells
        self._front = front  # threads kept for the door, so that slow answers never delay it
        self._at_once = at_once
        self._turns: set[asyncio.Task[None]] = set()
        self._indexer = Indexer(services)
        self._crowd_since: float | None = None
        self._patience = _PATIENCE

    async def read(self, stop: asyncio.Event) -> None:
        """Rooms 2 and 3 for everybody: nothing slow happens here."""
        await self._again_and_again(stop, "inbox", self._read, pause=_LOOK)

    async def answer(self, stop: asyncio.Event) -> None:
        """Many patients at once, one turn at a time for each."""
        await self._again_and_again(stop, "turns", self._start_turns, pause=_LOOK)
        if self._turns:
            await asyncio.wait(self._turns, timeout=10)

    async def index(self, stop: asyncio.Event) -> None:
        """Encode and index new memories in batches, off the reply path."""
        await self._again_and_again(stop, "memory", self._index, pause=5.0, gather=_GATHER)

    async def _again_and_again(
        self,
        stop: asyncio.Event,
        name: str,
        act: Callable[[], Awaitable[int]],
        *,
        pause: float,
        gather: float = 0.0,
    ) -> None:
        """Act until nothing is left, then wait for the bell ``name``, ``pause`` seconds at most."""
        bell = self._bells.listen(name)
        done = 0

        async def once() -> None:
            nonlocal done
            done = await act()

        while not stop.is_set():
            done = 0
            well = await safely(name, once)
            if not well:
                await asyncio.sleep(1)
            elif not done:
                await bell.wait(pause)
                await asyncio.sleep(gather)  # let a burst become one batch
        self._bells.deafen(name, bell)

    async def _read(self) -> int:
        loop = asyncio.get_running_loop()
        rows = await loop.run_in_executor(self._front, self._uses.claim, self._services)
        heard = await asyncio.gather(
            *(loop.run_in_executor(self._front, self._hear, lane) for lane in _lanes(rows) if lane),
            return_exceptions=True,  # none is left behind: a chat has one reader at a time
        )
        for fault in heard:
            if fault is not None:
                raise fault
        if len(rows) < _CROWD:
            self._crowd_since = None
            self._bells.ring("turns")
        elif self._crowd_since is None:
            self._crowd_since = time.monotonic()
        return len(rows)

    def _hear(self, rows: list[Waiting]) -> None:
        """Hear each row by itself: one that fails holds up its own chat and nobody else's."""
        stuck: set[str] = set()
        for row in rows:
            chat = row.update.order_key
            if chat in stuck:
                self._later(row)
            elif not safely_now(f"update {row.id}", partial(self._uses.hear, row, self._services)):
                stuck.add(chat)
                self._again(row)

    async def _start_turns(self) -> int:
        free = self._at_once - len(self._turns)
        crowd = self._crowd_since
        if free <= 0 or (crowd is not None and time.monotonic() - crowd < _SCREEN_FIRST):
            return 0  # there may be an emergency among those who wait to be read
        rows = await asyncio.to_thread(self._claim, free)
        for row in rows:
            task = asyncio.create_task(self._turn(row))
            self._turns.add(task)
            task.add_done_callback(self._finished)
        return len(rows)

    async def fetch_files(self) -> None:
        """Bring in the files people sent, and keep them encrypted."""
        waiting = await asyncio.to_thread(self._unfetched)
        for message_id, channel, _, attachment in waiting:
            content: bytes | None = None
            try:
                content = await self._services.channels[channel].fetch(attachment)
            except KeyError:
                pass
            except ChannelError as error:
                if not error.permanent:
                    continue
            await asyncio.to_thread(self._keep_file, message_id, content)

    def _unfetched(self) -> list[tuple[str, str, str, Attachment]]:
        with self._services.store.reading() as rows:
            return rows.conversation.unfetched(5)

    def _keep_file(self, message_id: str, content: bytes | None) -> None:
        with self._services.store.unit_of_work() as work:
            work.conversation.keep_file(message_id, content)

    def _claim(self, free: int) -> list[Waiting]:
        now = self._services.clock()
        with self._services.store.claiming() as work:
            return work.inbox.claim_turns(now, self._uses.turn_lease, free)

    async def _turn(self, row: Waiting) -> None:
        if not await safely(f"turn {row.id}", lambda: self._uses.answer(row, self._services)):
            await asyncio.to_thread(self._again, row)

    def _again(self, row: Waiting) -> None:
        if row.attempts >= _TRIES:
            self._uses.give_up(row, self._services)
            return
        self._later(row)

    def _later(self, row: Waiting) -> None:
        wait = timedelta(seconds=2.0 ** min(row.attempts, _TRIES))
        with self._services.store.unit_of_work() as work:
            work.inbox.retry(row.id, self._services.clock() + wait)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._turns.discard(task)
        self._bells.ring("turns")

    @property
    def _crowded(self) -> bool:
        """Several are being answered, or many wait to be read: no turn runs yet then."""
        return len(self._turns) > 1 or self._crowd_since is not None

    async def _index(self) -> int:
        while self._crowded and self._patience > 0:
            self._patience -= 1
            await asyncio.sleep(1)
        if not self._crowded:
            self._patience = _PATIENCE
        return await asyncio.to_thread(self._indexer.step)


def _lanes(rows: list[Waiting]) -> list[list[Waiting]]:
    """The rows in ``_LANES`` parts, those of one chat in one part and in their order."""
    lanes: list[list[Waiting]] = [[] for _ in range(_LANES)]
    of_chat: dict[str, int] = {}
    for row in rows:
        lane = of_chat.setdefault(row.update.order_key, len(of_chat) % _LANES)
        lanes[lane].append(row)
    return lanes
