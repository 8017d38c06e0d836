"""kill -9 between any two steps: nothing is lost, and nothing is said twice without a note."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from conftest import open_with
from house import FakeClock, FakePhone, HouseUnderTest
from running import run_house
from telegram_server import TelegramServer

from bot.bootstrap import build
from bot.config import Settings
from bot.domain.message import PatientId
from bot.work.settle import recover

SAID = (
    ("alice", "my blood pressure is 132/84"),
    ("charlie", "my weight is 70 kg"),
    ("alice", "I have crushing chest pain"),
    ("alice", "thank you"),
)


class Died(BaseException):
    """The process is gone at this very point."""


@dataclass
class Dying:
    """A store whose process dies at its n-th commit, just before it or just after."""

    inner: Any
    at: int = 0
    after: bool = False
    commits: int = 0
    dead: bool = field(default=False)

    @contextmanager
    def unit_of_work(self) -> Iterator[Any]:
        if self.dead:
            raise Died
        with self.inner.unit_of_work() as work:
            yield work
            self.commits += 1
            self.dead = self.commits == self.at
            if self.dead and not self.after:
                raise Died
        if self.dead:
            raise Died

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def open_house(folder: Path, encoder: Any, phone: FakePhone, **dying: Any) -> HouseUnderTest:
    settings = Settings(_env_file=None, data=folder, clinic_name="Test clinic")  # type: ignore[call-arg]
    house = build(settings, clock=FakeClock(), open_memories=partial(open_with, encoder))
    store = Dying(house.store, **dying)
    services = replace(house.services, store=store)
    services.channels["telegram"] = phone  # type: ignore[index]
    return HouseUnderTest(replace(house, services=services), house.services.clock, phone)  # type: ignore[arg-type]


async def live_through(folder: Path, encoder: Any, **dying: Any) -> tuple[dict[str, Any], int]:
    """Everything said, a death somewhere, a second start; returns the end and the commits."""
    await asyncio.to_thread(folder.mkdir)
    phone = FakePhone()
    house = open_house(folder, encoder, phone)
    for who in ("alice", "charlie"):
        house.patient(who)
    house.nurse("bob")
    for number, (who, text) in enumerate(SAID):
        house.arrives(who, text=text, external_id=str(100 + number))
    house.services.store.commits = 0
    house.services.store.at, house.services.store.after = dying.get("at", 0), dying.get("after", 0)
    try:
        await house.settle()
    except Died:
        house.house.store.engine.dispose()
        house = open_house(folder, encoder, phone)
        with house.house.store.unit_of_work() as work:
            work.inbox.release_all()
            work.outbox.release_all()
        recover(house.services)
        await house.settle()
    commits = house.services.store.commits
    end = the_end(house)
    house.house.store.engine.dispose()
    return end, commits


def the_end(house: HouseUnderTest) -> dict[str, Any]:
    with house.house.store.reading() as rows:
        return {
            "inbox": rows.inbox.counts(),
            "record": sorted(o.shown for who in ("alice", "charlie")
                             for o in rows.record.observations(PatientId(who))),
            "matters": sorted((e.reason, e.tier, e.step) for e in rows.escalations.recent(50)),
            "words": sorted((m.author, m.text) for who in ("alice", "charlie")
                            for m in rows.conversation.latest(PatientId(who), 50)),
            "memories": sorted(m.text for who in ("alice", "charlie")
                               for m in rows.record.memories(PatientId(who))),
            "outbox": rows.outbox.counts(),
            "sent": Counter((o.address, o.text) for o in house.phone.sent if o.edit is None),
        }  # fmt: skip


async def test_a_death_at_any_commit_loses_nothing_and_repeats_nothing(
    tmp_path: Path, encoder: Any
) -> None:
    undisturbed, commits = await live_through(tmp_path / "undisturbed", encoder)
    assert commits > 15
    for at in range(1, commits + 1):
        for after in (False, True):
            end, _ = await live_through(tmp_path / f"{at}{after}", encoder, at=at, after=after)
            for part in ("inbox", "record", "matters", "words", "memories"):
                assert end[part] == undisturbed[part], (at, after, part)
            assert set(end["outbox"]) <= {"sent", "unknown"}, (at, after)
            unknown = end["outbox"].get("unknown", 0)
            assert unknown <= 1
            lost = undisturbed["sent"] - end["sent"]
            more = end["sent"] - undisturbed["sent"]
            assert sum(lost.values()) <= unknown, (at, after, lost)
            # The only thing said again is an emergency, and it says so.
            assert all("again" in text for _, text in more), (at, after, more)
            assert all(count == 1 for count in end["sent"].values()), (at, after)


def test_kill_9_in_a_stream_of_messages(tmp_path: Path, encoder: Any) -> None:
    asyncio.run(_stream(tmp_path, encoder))


async def _stream(tmp_path: Path, encoder: Any) -> None:
    chats, each, kills = [5001, 5002, 5003], 24, 8
    chance = random.Random(7)
    async with TelegramServer() as server:
        settings = Settings(
            _env_file=None, data=tmp_path / "data", telegram_token=server.token, demo=False,
        )  # type: ignore[call-arg] # fmt: skip
        house = build(settings)
        people = HouseUnderTest(house, FakeClock(), FakePhone())
        for chat in chats:
            server.person(chat)
            people.patient(f"p{chat}", at=str(chat), bot=house.telegram.bot)
        house.store.engine.dispose()
        process = _start(tmp_path, server)
        sent = 0
        for _ in range(kills):
            for _ in range(each // kills):
                for chat in chats:
                    server.say(chat, f"my weight is {50 + sent} kg")
                sent += 1
            await server.until(lambda: server.made("getUpdates"), within=60)
            await asyncio.sleep(chance.uniform(0.1, 1.2))
            process.kill()
            process.join(10)
            server.calls.clear()
            process = _start(tmp_path, server)
        try:  # the last house listens: from here on it ends in order when asked
            await server.until(lambda: server.made("getUpdates"), within=60)
            await server.until(lambda: not server.updates, within=60)
            await server.until(lambda: _is_settled(house), within=60)
        finally:
            process.terminate()
            process.join(30)
        assert process.exitcode == 0
        with house.store.reading() as rows:
            unknown = rows.outbox.counts().get("unknown", 0)
            wanted = [f"{50 + n} kg" for n in range(each)]
            for chat in chats:
                kept = [o.shown for o in rows.record.observations(PatientId(f"p{chat}"))]
                assert list(reversed(kept)) == wanted
        said = [Counter(m["text"] for m in server.messages(chat)) for chat in chats]
        assert all(count == 1 for one in said for count in one.values())
        assert sum(len(one) for one in said) >= len(chats) * each - unknown
        house.store.engine.dispose()


def _is_settled(house: Any) -> bool:
    with house.store.reading() as rows:
        inbox, outbox = rows.inbox.counts(), rows.outbox.counts()
    return set(inbox) == {"done"} and not (outbox.get("new") or outbox.get("sending"))


def _start(folder: Path, server: TelegramServer) -> Any:
    """A house in its own process, forked from one that has imported everything already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["running"])
    started = context.Process(
        target=run_house, args=(folder / "data", server.token, server.base_url), daemon=True
    )
    started.start()
    return started
