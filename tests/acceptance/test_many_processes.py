"""Four workers and two doors on one PostgreSQL: the leaders die, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import secrets
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import postgres_url
from house import FakeClock, FakePhone, HouseUnderTest
from running import NoMemories
from sqlalchemy import make_url, select, text, update
from telegram_server import TelegramServer

from bot.bootstrap import build
from bot.config import Settings
from bot.conversation.answer import LEASE as CLAIM
from bot.domain.message import PatientId
from bot.process import Process
from bot.store import tables as t
from bot.store.database import open_engine

CHATS, EACH = (5001, 5002, 5003), 6
PATIENCE = 150.0  #: seconds: two cores may be busy with other things
POLL, SENDER = "poll/%", "sender/telegram/%"
A_TURN = 3.0  #: seconds in which the living finish what they claimed


@pytest.fixture
def database() -> Iterator[str]:
    url = postgres_url()
    if not url:
        if os.environ.get("CI"):
            pytest.fail("CI has no PostgreSQL; .ci/run should have started one")
        pytest.skip("no PostgreSQL: set ANKANG_TEST_DATABASE_URL or start one on 127.0.0.1:5432")
    name = f"ankang_test_{secrets.token_hex(6)}"
    admin = open_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def settings_for(folder: Path, url: str, token: str, base_url: str) -> Settings:
    return Settings(
        _env_file=None, data=folder, database_url=url, master_key="07" * 32, demo=False,
        telegram_token=token, telegram_api_base_url=base_url,
    )  # type: ignore[call-arg] # fmt: skip


def run_role(role: str, folder: Path, url: str, token: str, base_url: str) -> None:
    """The whole of another process, until it is killed."""
    settings = settings_for(folder, url, token, base_url)
    house = build(settings, open_memories=lambda *_: NoMemories(), hears=False)
    asyncio.run(Process(house, frozenset({role})).run())


@contextmanager
def crew(folder: Path, url: str, server: TelegramServer) -> Iterator[list[Any]]:
    """Four workers and two doors, forked from one that has imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["test_many_processes"])
    started = []
    for number, role in enumerate(["work"] * 4 + ["door"] * 2):
        own = folder / f"{role}{number}"
        own.mkdir()
        one = context.Process(
            target=run_role, args=(role, own, url, server.token, server.base_url), daemon=True
        )
        one.start()
        started.append(one)
    try:
        yield started
    finally:
        for one in started:
            one.kill()
            one.join(10)


def leader(house: Any, name: str) -> int:
    """The process that holds the lease, or 0."""
    c = t.lease.c
    with house.store.reading() as rows:
        found = rows.connection.execute(
            select(c.holder).where(c.name.like(name), c.until > datetime.now(UTC))
        ).scalar()
    return int(found.split("/")[1]) if found else 0


def time_out(house: Any, pid: int) -> None:
    """What a minute does to the leases of a process that is gone."""
    c = t.lease.c
    with house.store.unit_of_work() as work:
        work.connection.execute(
            update(t.lease)
            .where(c.holder.like(f"%/{pid}/%"))
            .values(until=datetime.now(UTC) - timedelta(seconds=1))
        )


def let_go(house: Any, died: datetime) -> None:
    """What a minute does to what the dead had in hand: claims from before, held until now."""
    with house.store.unit_of_work() as work:
        for table in (t.inbox, t.outbox):
            held = table.c.lease_until.between(died, died + CLAIM)
            work.connection.execute(update(table).where(held).values(lease_until=died))


async def other_leader(
    server: TelegramServer, house: Any, name: str, than: Callable[[int], bool]
) -> int:
    """Wait until a process that ``than`` accepts leads."""

    def found() -> int:
        pid = leader(house, name)
        return pid if pid and than(pid) else 0

    return int(await server.until(found, within=PATIENCE))


@pytest.mark.timeout(400)
def test_both_leaders_die_and_every_message_is_answered_once(tmp_path: Path, database: str) -> None:
    asyncio.run(_through(tmp_path, database))


async def _through(folder: Path, database: str) -> None:
    async with TelegramServer() as server:
        house = build(settings_for(folder, database, server.token, server.base_url))
        people = HouseUnderTest(house, FakeClock(), FakePhone())
        for chat in CHATS:
            server.person(chat)
            people.patient(f"p{chat}", at=str(chat), bot=house.telegram.bot)
        with crew(folder, database, server) as started:
            pids = {one.pid for one in started}
            door = await other_leader(server, house, POLL, pids.__contains__)
            sender = await other_leader(server, house, SENDER, pids.__contains__)
            for number in range(EACH):
                for chat in CHATS:
                    server.say(chat, f"my weight is {50 + number} kg")
                if number == EACH // 2:  # the post is half-way: both voices of the house are gone
                    for pid in (door, sender):
                        os.kill(pid, signal.SIGKILL)
                        time_out(house, pid)
                    died = datetime.now(UTC)
                await asyncio.sleep(0.2)
            assert await other_leader(server, house, POLL, lambda pid: pid != door) in pids
            assert await other_leader(server, house, SENDER, lambda pid: pid != sender) in pids
            await asyncio.sleep(A_TURN)
            let_go(house, died)
            await server.until(lambda: not server.updates, within=PATIENCE)
            await server.until(lambda: _settled(house), within=PATIENCE)
        with house.store.reading() as rows:
            unknown = rows.outbox.counts().get("unknown", 0)
            for chat in CHATS:
                kept = [o.shown for o in rows.record.observations(PatientId(f"p{chat}"))]
                assert list(reversed(kept)) == [f"{50 + n} kg" for n in range(EACH)]
        said = [Counter(m["text"] for m in server.messages(chat)) for chat in CHATS]
        assert all(count == 1 for one in said for count in one.values()), said
        assert sum(len(one) for one in said) >= len(CHATS) * EACH - unknown
        house.store.engine.dispose()


def _settled(house: Any) -> bool:
    """Everything read, answered, and on the wire or given up as unknown."""
    with house.store.reading() as rows:
        inbox, outbox = rows.inbox.counts(), rows.outbox.counts()
    read = inbox.get("done", 0) == len(CHATS) * EACH
    return read and not (outbox.get("new") or outbox.get("sending") or outbox.get("held"))
