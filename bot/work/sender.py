"""Room 8: take rows from the outbox, the most urgent first, and put them on the wire once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from bot.domain.errors import AnkangError, ChannelError, StoreError
from bot.domain.message import Outgoing
from bot.domain.outbox import OutboxState, Parcel
from bot.ports import Channel, Forum, Services
from bot.work import settle
from bot.work.limits import Limits
from bot.work.waking import Bell, Waker

_log = logging.getLogger(__name__)
T = TypeVar("T")
_LEASE = timedelta(seconds=90)  # longer than one send may take
_AT_ONCE = 12
_WRITE_AGAIN = (0.1, 0.3, 1.0, 3.0, 10.0)  # seconds: well inside the lease
_AHEAD = 200
_LONGEST = 0.5  # seconds between two looks
_SOON = 0.001  # seconds by which a look must come sooner to be worth one of its own


class _Ordinary(Bell):
    """Wakes a sender for what is no emergency, unless that could not go now anyway."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def set(self) -> None:
        if not self._sender.full:
            self._sender.bell.set()


class Sender:
    """One bot's voice. Only one process at a time runs it (a lease says which)."""

    def __init__(
        self, channel: Channel, services: Services, bells: Waker, front: Executor, limits: Limits
    ) -> None:
        self.channel, self.services, self.bells, self._front = channel, services, bells, front
        self.limits = limits
        self._waiting: dict[int, Parcel] = {}
        self._flying: dict[int, asyncio.Task[None]] = {}
        self._more = False  #: the last claim left parcels in the outbox
        self.full = False  #: parcels wait until the bot may say anything at all, for a moment
        self._looks_at = 0.0  #: when it looks again, on the clock of ``time.monotonic``
        self.bell = Bell()
        self._stop: asyncio.Event | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop``; what was claimed and not started goes back by its lease."""
        self._stop, ours = stop, f"outbox/{self.channel.name}"
        self.bells.listen("outbox", self.bell)
        ordinary = self.bells.listen(ours, _Ordinary(self))
        while not stop.is_set():
            try:
                waits = await self._claim()
            except AnkangError:
                _log.exception("the outbox of %s cannot be read", self.channel.name)
                await asyncio.sleep(1)
                waits = _LONGEST
            rest = min(self._launch(), waits)
            self._looks_at = time.monotonic() + rest
            await self.bell.wait(rest)
        self.bells.deafen("outbox", self.bell)
        self.bells.deafen(ours, ordinary)
        if self._flying:
            await asyncio.wait(self._flying.values(), timeout=10)

    async def _claim(self) -> float:
        """Take what may go; returns the seconds until something that waits for its moment may."""
        limit = max(20, _AHEAD - len(self._waiting))
        parcels, waits = await self._in_front(self._claim_now, limit)
        self._more = len(parcels) >= limit
        # One of them may still be landing, put off a moment ago: it waits here too, or its new
        # claim would keep it from everybody for as long as a claim lasts.
        if parcels:
            both = (self._waiting | {parcel.id: parcel for parcel in parcels}).values()
            ordered = sorted(both, key=lambda parcel: (parcel.message_class, parcel.id))
            self._waiting = {parcel.id: parcel for parcel in ordered}
        return waits

    def _claim_now(self, limit: int) -> tuple[list[Parcel], float]:
        now = self.services.clock()
        ours = {"channel": self.channel.name, "bot": self.channel.bot}
        with self.services.store.reading() as rows:  # most wake-ups find nothing: write nothing
            if not rows.outbox.due(now, **ours):
                coming = rows.outbox.next(now, now + timedelta(seconds=_LONGEST), **ours)
                return [], (coming - now).total_seconds() if coming else _LONGEST
        with self.services.store.claiming() as work:
            return work.outbox.claim(now, _LEASE, limit, **ours), _LONGEST

    def _launch(self) -> float:
        """Start what may go now; returns the seconds until the next one may."""
        rest, self.full = _LONGEST, False
        now = time.monotonic()
        busy = {task.get_name() for task in self._flying.values()}
        for parcel in list(self._waiting.values()):
            if len(self._flying) >= _AT_ONCE:
                break
            if parcel.address in busy or parcel.id in self._flying:
                continue
            wait = self.limits.bot_ready_in(parcel.message_class, now)
            if wait > 0:  # what stands behind it is no more urgent, and waits as long
                self.full, rest = True, min(rest, wait)
                break
            wait = self.limits.ready_in(parcel.address, parcel.message_class, now)
            busy.add(parcel.address)  # later words to this person wait behind these
            if wait > 0:
                rest = min(rest, wait)
                continue
            self.limits.take(parcel.address, now)
            del self._waiting[parcel.id]
            task = asyncio.create_task(self._send(parcel), name=parcel.address)
            self._flying[parcel.id] = task
            task.add_done_callback(lambda _, key=parcel.id: self._landed(key))  # type: ignore[misc]
        return rest

    def _landed(self, parcel_id: int) -> None:
        """Let the next ones go; the outbox is read again only for what was left in it."""
        self._flying.pop(parcel_id, None)
        if self._stop is None or self._stop.is_set():
            return
        rest = self._launch()
        if self._more and len(self._waiting) < _AHEAD // 2:
            self.bell.set()
        elif time.monotonic() + rest < self._looks_at - _SOON:
            self._looks_at = time.monotonic() + rest
            asyncio.get_running_loop().call_later(rest, self.bell.set)

    async def _send(self, parcel: Parcel) -> None:
        """One parcel: promise, wire, outcome; each its own commit."""
        services = self.services
        try:
            ready = await self._in_front(settle.before, parcel, services, _LEASE)
            if ready is None:
                return
            if ready.topic_name and isinstance(self.channel, Forum):
                thread = await self.channel.create_topic(parcel.address, ready.topic_name)
                await self._in_front(settle.topic_made, parcel, thread, services)
                ready = replace(ready, thread=thread)
            receipt = await self.channel.send(
                Outgoing(
                    address=parcel.address,
                    text=parcel.text,
                    buttons=parcel.buttons,
                    picture=parcel.picture,
                    edit=ready.edit,
                    thread=ready.thread,
                    silent=parcel.silent,
                    protect=parcel.picture is not None,
                )
            )
        except ChannelError as error:
            _log.warning("parcel %s: %s", parcel.id, type(error).__name__)
            pause = await self._surely(settle.failed, parcel, error, services)
            if pause is not None:
                self.limits.pause(
                    parcel.address, pause.seconds, whole_bot=pause.whole_bot, now=time.monotonic()
                )
            return
        except AnkangError:
            _log.exception("parcel %s stays as it is", parcel.id)
            return
        await self._surely(settle.sent, parcel, OutboxState.SENT, receipt.message_id, services)

    async def _surely(self, act: Callable[..., T], *values: Any) -> T | None:
        """Write down what the wire said, also when the database is away for a moment.

        Unwritten, a message that was delivered would end as one whose outcome nobody knows.
        """
        for wait in _WRITE_AGAIN:
            try:
                return await self._in_front(act, *values)
            except StoreError:
                await asyncio.sleep(wait)
        _log.error("parcel %s: what became of it could not be written down", values[0].id)
        return None

    async def _in_front(self, act: Callable[..., T], *values: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._front, act, *values)
