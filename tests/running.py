"""A whole house on its loops against the test Telegram: real HTTP, real rows, movable time."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as dt_time
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from conftest import open_with
from house import FakePhone, HouseUnderTest
from telegram_server import TelegramServer

from bot.bootstrap import House, build
from bot.config import Settings
from bot.process import Process
from memory import Compared

ALICE, CHARLIE, BOB, EVE, WARD = 5001, 5002, 7001, 7002, -4001


@dataclass
class MovableClock:
    """The time of day, moved by whole jumps when a test says so."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def advance(self, **delta: float) -> None:
        self.ahead += timedelta(**delta)

    def advance_to(self, clock: str, zone: str) -> None:
        """Forward to the next time that the clocks of this IANA zone show ``clock``."""
        now = self().astimezone(ZoneInfo(zone))
        then = datetime.combine(now.date(), dt_time.fromisoformat(clock), tzinfo=ZoneInfo(zone))
        if then <= now:
            then = datetime.combine(
                now.date() + timedelta(days=1), dt_time.fromisoformat(clock), tzinfo=ZoneInfo(zone)
            )
        self.ahead += then - now


@dataclass
class Running:
    """A house that runs, and the Telegram it talks to."""

    house: House
    clock: MovableClock
    telegram: TelegramServer

    @property
    def people(self) -> HouseUnderTest:
        """Ways to add patients and nurses."""
        return HouseUnderTest(self.house, self.clock, FakePhone())  # type: ignore[arg-type]

    def patient(self, chat: int = ALICE, who: str = "alice", **changes: Any) -> None:
        """An enrolled patient in this chat."""
        self.telegram.person(chat, who.title())
        self.people.patient(who, at=str(chat), bot=self.house.telegram.bot, **changes)

    def nurse(self, user: int = BOB, who: str = "bob", **changes: Any) -> None:
        """A nurse linked to her own chat."""
        self.telegram.person(user, who.title())
        self.people.nurse(who, telegram_id=str(user), **changes)

    def texts(self, chat: int = ALICE) -> list[str]:
        """What stands in a chat from the bot, in order."""
        return [m.get("text") or m.get("caption", "") for m in self.telegram.messages(chat)]

    async def hears(self, words: str, chat: int = ALICE, *, within: float = 8.0) -> str:
        """Wait until the newest texts of this chat hold ``words``; gives the text."""

        def found() -> str:
            return next((t for t in reversed(self.texts(chat)) if words in t), "")

        try:
            return str(await self.telegram.until(found, within=within))
        except TimeoutError:
            raise AssertionError(f"{words!r} was not said; {self.texts(chat)}") from None

    async def says(
        self, text: str, words: str, chat: int = ALICE, *, within: float = 8.0, **more: Any
    ) -> str:
        """A person writes, and the next new text from the bot holds ``words``."""
        before = len(self.texts(chat))
        self.telegram.say(chat, text, **more)
        return await self.next(words, chat, before, within=within)

    async def next(self, words: str, chat: int, before: int, *, within: float = 8.0) -> str:
        def found() -> str:
            return next((t for t in self.texts(chat)[before:] if words in t), "")

        try:
            return str(await self.telegram.until(found, within=within))
        except TimeoutError:
            raise AssertionError(f"{words!r} was not said; {self.texts(chat)[before:]}") from None

    def button(self, label: str, chat: int = ALICE) -> tuple[dict[str, Any], str]:
        """The newest message with this button, and what the button says."""
        for message in reversed(self.telegram.messages(chat)):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for one in row:
                    if label in one["text"]:
                        return message, one["callback_data"]
        raise AssertionError(f"no button {label!r}: {self.texts(chat)}")

    async def taps(
        self, label: str, words: str, chat: int = ALICE, *, user: int | None = None
    ) -> str:
        """A person taps the newest such button; the next new text holds ``words``."""
        before = len(self.texts(user or chat))
        message, data = self.button(label, chat)
        self.telegram.tap(message, data, user=user)
        return await self.next(words, user or chat, before)

    async def quiet(self, *, within: float = 20.0) -> None:
        """Until nothing waits anywhere."""

        def still() -> bool:
            with self.house.store.reading() as rows:
                inbox, outbox = rows.inbox.counts(), rows.outbox.counts()
            return not (
                self.telegram.updates
                or inbox.get("new")
                or inbox.get("waiting")
                or outbox.get("new")
                or outbox.get("sending")
            )

        await self.telegram.until(still, within=within)

    async def until(self, reached: Callable[[Any], Any], *, within: float = 8.0) -> Any:
        """Wait for something to be true of the rows."""

        def look() -> Any:
            with self.house.store.reading() as rows:
                return reached(rows)

        return await self.telegram.until(look, within=within)

    async def link_ward(self, chat: int = WARD, *, forum: bool = False) -> None:
        """The nurses' group, by its invitation."""
        from bot.inviting import invite

        self.telegram.group(chat, forum=forum)
        link = invite(self.house, "group", "en")
        assert link.startswith("https://t.me/ankang_test_bot?startgroup=")
        more = {"message_thread_id": 1, "is_topic_message": True} if forum else {}
        self.telegram.say(
            chat, f"/start@ankang_test_bot {link.partition('=')[2]}", user=BOB, **more
        )
        await self.hears("This group is linked", chat)

    def escalations(self) -> list[Any]:
        """Every matter, the newest first."""
        with self.house.store.reading() as rows:
            return rows.escalations.recent(100)


@asynccontextmanager
async def running(
    folder: Path,
    encoder: Any,
    server: TelegramServer,
    *,
    clock: MovableClock | None = None,
    roles: frozenset[str] = frozenset({"door", "work"}),
    **settings: Any,
) -> AsyncIterator[Running]:
    """A house with its loops; stops in order at the end."""
    chosen = Settings(
        _env_file=None,  # type: ignore[call-arg]
        **{
            "data": folder / "data",
            "clinic_name": "Test clinic",
            "demo": False,
            "telegram_token": server.token,
            "telegram_api_base_url": server.base_url,
            **settings,
        },
    )
    clock = clock or MovableClock()
    house = build(chosen, clock=clock, open_memories=partial(open_with, encoder))
    process = Process(house, roles)
    ready = asyncio.Event()
    process.on_ready = ready.set
    task = asyncio.create_task(process.run())
    await asyncio.wait(
        [asyncio.create_task(ready.wait()), task], return_when=asyncio.FIRST_COMPLETED
    )
    if task.done():
        task.result()
    try:
        yield Running(house, clock, server)
    finally:
        process.stop.set()
        await asyncio.wait_for(task, 30)
        house.store.engine.dispose()


class NoMemories:
    """No index, for houses that are only started to be killed."""

    def recall(self, *_: Any, **__: Any) -> list[Any]:
        return []

    damaged, encoder_name = False, "none"

    def remember(self, memories: Any) -> None: ...
    def replace(self, patient_id: str, memories: Any) -> None: ...
    def compare(self, expected: Any) -> Compared:
        return Compared()

    def forget(self, patient_id: str, ids: Any) -> None: ...
    def forget_patient(self, patient_id: str) -> int:
        return 0

    def count(self) -> int:
        return 0


def run_house(data: Path, token: str, base_url: str) -> None:
    """The whole of another process: a house that runs until it is killed."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        data=data, telegram_token=token, telegram_api_base_url=base_url, demo=False,
    )  # fmt: skip
    house = build(settings, open_memories=lambda *_: NoMemories(), hears=False)
    asyncio.run(Process(house, frozenset({"door", "work"})).run())


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


__all__ = [
    "ALICE",
    "BOB", "CHARLIE", "EVE", "WARD", "MovableClock", "NoMemories", "Running", "free_port", "json",
    "run_house", "running", "time",
]  # fmt: skip
