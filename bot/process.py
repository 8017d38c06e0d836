"""One process of the house: the loops, the door, the sender, the pages, and an orderly end."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO, Any

from bot.beats import beats
from bot.bootstrap import House
from bot.checkins.away import still_here
from bot.conversation.answer import LEASE as TURN_LEASE
from bot.conversation.answer import answer
from bot.conversation.commands import MENU
from bot.conversation.give_up import give_up
from bot.conversation.listen import claim, hear
from bot.conversation.receive import receive
from bot.domain.errors import AnkangError, ChannelError, SettingsError
from bot.pages import serve
from bot.ports import Channel
from bot.store.notify import NotifyWire
from bot.work.heartbeat import Heartbeat
from bot.work.limits import Limits
from bot.work.loop import Loops, Uses
from bot.work.sender import Sender
from prompts import LANGUAGES, say

_log = logging.getLogger(__name__)
_LEADER = timedelta(seconds=20)  #: how long a dead leader keeps the post from the next one
_RETRY = 10.0  # seconds between two attempts to reach Telegram
_HEARD = 60.0  # seconds between two notes that Telegram was heard
USES = Uses(claim=claim, hear=hear, answer=answer, give_up=give_up, turn_lease=TURN_LEASE)


@dataclass
class Process:
    """The roles this process plays: "door", "work", "console"."""

    house: House
    roles: frozenset[str]
    on_ready: Callable[[], None] | None = None
    #: channels whose senders run here; the Rasa channel's answers must stay in its own process
    speaks: frozenset[str] = frozenset({"telegram", "web", "email", "pager", "canary"})
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    holder: str = field(
        default_factory=lambda: f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
    )
    _held: IO[str] | None = None
    _front: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(4, thread_name_prefix="front")
    )

    async def run(self) -> None:
        """Until SIGTERM, SIGINT or ``stop``; unfinished rows wait for the next start."""
        loop = asyncio.get_running_loop()
        # Few, since they share Python's lock with the door: with twelve, an emergency that came
        # among forty questions was screened after 1.5 s instead of 0.1 s.
        loop.set_default_executor(ThreadPoolExecutor(4, thread_name_prefix="turns"))
        for number in (signal.SIGTERM, signal.SIGINT):
            with suppress(NotImplementedError, RuntimeError):
                loop.add_signal_handler(number, self.stop.set)
        # A thread that computes gives way after 1 ms, not 5: each message changes threads often.
        sys.setswitchinterval(0.001)
        self.house.bells.attach()
        wire = self._wire()
        if self.house.embedded:
            self._only_one()
            await asyncio.to_thread(self._reclaim)
        telegram = self.house.telegram
        if telegram is not None:
            await self._greet(telegram)
        heartbeat = None
        if "work" in self.roles:
            heartbeat = Heartbeat(beats(self.house, self.holder, self._front, self._fetch_files))
        jobs = [asyncio.create_task(job, name=name) for name, job in self._jobs()]
        if heartbeat is not None:
            heartbeat.start()
            if self.house.hearing is not None:
                self.house.hearing.open()
            self.house.memories.open()
            self.house.library.open()
            if self.house.tagging is not None:
                self.house.tagging.open()
        if self.on_ready is not None:
            self.on_ready()
        try:
            await self._until_stopped(jobs)
        finally:
            self.stop.set()
            self.house.bells.ring("inbox", "turns", "memory", "outbox")
            if heartbeat is not None:
                heartbeat.stop()
            await asyncio.wait(jobs, timeout=15)  # each of them, the pages too, sees ``stop``
            await asyncio.to_thread(self._let_go)
            if wire is not None:
                wire.stop()
            if telegram is not None:
                await telegram.close()
            self.house.memories.close()
            if self._held is not None:
                self._held.close()

    async def _greet(self, telegram: Any) -> bool:
        """Ask Telegram who we are; False when it cannot be reached just now."""
        try:
            await telegram.start()
        except ChannelError as error:
            if error.permanent:
                raise
            _log.warning("Telegram does not answer; the door opens when it does")
            return False
        return True

    async def _until_stopped(self, jobs: list[asyncio.Task[None]]) -> None:
        stopped = asyncio.create_task(self.stop.wait())
        done, _ = await asyncio.wait([stopped, *jobs], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        for job in done - {stopped}:
            if not job.cancelled() and (error := job.exception()):
                raise error  # a loop of the house died: better to end and be restarted

    def _jobs(self) -> list[tuple[str, Any]]:
        house, jobs = self.house, []
        if "work" in self.roles:
            loops = Loops(
                house.services, USES, house.bells, self._front, at_once=house.settings.workers
            )
            jobs += [("read", loops.read(self.stop)), ("answer", loops.answer(self.stop))]
            jobs.append(("index", loops.index(self.stop)))
            self._loops = loops
            for channel in house.services.channels.values():
                if channel.name in self.speaks:
                    jobs.append((f"send-{channel.name}", self._lead_sender(channel)))
        if "door" in self.roles and house.telegram is not None:
            jobs.append(("door", self._door(house.telegram)))
        if "console" in self.roles:
            jobs.append(("pages", serve(self.house, self._front, self.stop)))
        return jobs

    async def _fetch_files(self) -> None:
        await self._loops.fetch_files()

    async def _lead_sender(self, channel: Channel) -> None:
        """Send only while this process holds the lease: two senders would speed past the limits."""
        name = f"sender/{channel.name}/{channel.bot}"
        unlimited = channel.name != "telegram"
        while not self.stop.is_set():
            try:
                leads = await asyncio.to_thread(self._take, name)
            except AnkangError:  # the database is away for a moment
                _log.warning("the lease %s cannot be read", name)
                leads = False
            if not leads:
                await self._pause(5)
                continue
            lost = asyncio.Event()
            sender = Sender(
                channel, self.house.services, self.house.bells, self._front,
                Limits(unlimited=unlimited),
            )  # fmt: skip
            keeper = asyncio.create_task(self._keep_lease(name, lost))
            sending = asyncio.create_task(sender.run(lost))
            stopped = asyncio.create_task(self.stop.wait())
            await asyncio.wait([keeper, sending, stopped], return_when=asyncio.FIRST_COMPLETED)
            lost.set()
            keeper.cancel()
            stopped.cancel()
            await sending

    async def _keep_lease(self, name: str, lost: asyncio.Event) -> None:
        while True:
            await asyncio.sleep(_LEADER.total_seconds() / 4)
            with suppress(AnkangError):  # the database is away: the lease has time left
                if not await asyncio.to_thread(self._take, name):
                    lost.set()
                    return

    async def _door(self, telegram: Any) -> None:
        settings = self.house.settings
        while not telegram.username and not self.stop.is_set():
            await self._pause(_RETRY)
            await self._greet(telegram)
        if self.stop.is_set():
            return
        menus = {
            language: [(name, say(f"commands.menu_{name}", language)) for name in MENU]
            for language in LANGUAGES
        }
        try:
            await telegram.set_commands(menus)
        except AnkangError:
            _log.warning("the menu of commands could not be set; it will be at the next start")
        if settings.telegram_webhook_url:
            secret = settings.telegram_webhook_secret.get_secret_value()
            await telegram.set_webhook(settings.telegram_webhook_url, secret)
            await self.stop.wait()
            return

        async def keep(updates: Any) -> None:
            await asyncio.get_running_loop().run_in_executor(
                self._front, receive, updates, self.house.services
            )

        renewed = -_LEADER.total_seconds()

        async def may_poll() -> bool:
            nonlocal renewed
            now = asyncio.get_running_loop().time()
            if now - renewed < _LEADER.total_seconds() / 4:
                return True  # asked before every fetch; the lease lasts four times as long
            if not await asyncio.to_thread(self._take, f"poll/{telegram.bot}"):
                return False
            renewed = now
            return True

        noted = -_HEARD

        async def heard() -> None:
            nonlocal noted
            now = asyncio.get_running_loop().time()
            if now - noted >= _HEARD:
                noted = now
                await asyncio.get_running_loop().run_in_executor(
                    self._front, still_here, self.house.services
                )

        await telegram.poll(keep, stop=self.stop, may_poll=may_poll, heard=heard)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stop.wait()

    def _wire(self) -> NotifyWire | None:
        """Several processes on one PostgreSQL wake each other; an embedded house is alone."""
        if self.house.embedded:
            return None
        wire = NotifyWire(self.house.store.engine, self.house.bells.heard)
        self.house.bells.tell = wire.tell
        wire.start()
        return wire

    def _only_one(self) -> None:
        """An embedded house has one process. Raises SettingsError when there is another."""
        path = self.house.settings.data / "running.lock"
        held = path.open("w")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            held.close()
            raise SettingsError(
                f"Ankang already runs on {self.house.settings.data}: stop it first"
            ) from error
        self._held = held

    def _take(self, name: str) -> bool:
        now = self.house.services.clock()
        with self.house.store.unit_of_work() as work:
            return work.leases.take(name, self.holder, now, _LEADER)

    def _let_go(self) -> None:
        with suppress(AnkangError), self.house.store.unit_of_work() as work:
            for name in ("watch", "canary", "trail"):
                work.leases.release(name, self.holder)
            for channel in self.house.services.channels.values():
                work.leases.release(f"sender/{channel.name}/{channel.bot}", self.holder)
                work.leases.release(f"poll/{channel.bot}", self.holder)

    def _reclaim(self) -> None:
        """The only process of an embedded house: whatever was leased, its holder is gone."""
        with self.house.store.unit_of_work() as work:
            work.inbox.release_all()
            work.outbox.release_all()
            work.leases.release_everything()
