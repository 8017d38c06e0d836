"""Many schedules: ten thousand questions in one minute, an idle tick, and the plan of everybody."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import Any, TypeVar

from sqlalchemy import func, select

import safety
from bench.chaos.databases import KINDS, empty, server
from bench.chaos.people import appoint, enrol, person, services_on
from bench.figures import Figure, middle, runs, share
from bench.machine import load
from bench.progress import bar
from bot.checkins.ask import READY, ask
from bot.checkins.plan import plan
from bot.domain.checkin import Schedule
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.database import SqlStore, open_engine
from bot.store.migrate import migrate
from bot.work.heartbeat import Beat, Heartbeat
from bot.work.late import keep_for_ever
from prompts import check as check_words

T = TypeVar("T")
SCHEDULES, DUE, BURSTS = 100_000, 10_000, 3
TICK = 0.25  #: seconds from one look to the next, as bot.beats has it
_DAWN = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
_KINDS = ("wellness", "medicine", "wellness", "measurement", "medicine")
_WHAT = {"medicine": "metformin 500 mg", "measurement": "blood pressure"}
_KEY = bytes(range(32))


def measure() -> list[Figure]:
    """Both databases, one after the other."""
    figures = []
    for kind in KINDS:
        if kind == "postgresql" and not server():
            figures.append(Figure(what="schedules on PostgreSQL", must="", measured="no server"))
            continue
        with empty(kind) as url:
            figures += _measure(kind, url)
    return figures


@dataclass
class _Day:
    """A clock that stands until it is set, and the moment of every commit that rang."""

    now: datetime = _DAWN
    rung: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def ring(self, *_names: str) -> None:
        self.rung.append(time.perf_counter())


def _measure(kind: str, url: str, schedules: int = SCHEDULES, due: int = DUE) -> list[Figure]:
    engine = open_engine(url)
    migrate(engine)
    _fill(SqlStore(engine, KeyVault(_KEY, engine)), kind, schedules, due)
    vault, day = KeyVault(_KEY, engine), _Day()  # a new process: it knows no key yet
    store = SqlStore(engine, vault)
    store.posted = day.ring
    services = services_on(store, vault, day)
    check_words()  # as the house does at its start
    safety.check()
    keep_for_ever()
    busy = load()
    with bar(f"{kind}: plan of everybody", 1) as step:
        first = _seconds(lambda: plan(services))
        step()
    day.now += timedelta(minutes=5)
    again = [_seconds(lambda: plan(services)) for _ in range(5)]
    idle = [_seconds(lambda: ask(services)) for _ in range(200)]
    took, waits, late = [], [], asyncio.run(_lateness())
    with bar(f"{kind}: {due} at once", BURSTS) as step:
        for number in range(BURSTS):
            day.now = _DAWN + timedelta(hours=3 + number) - READY  # as the house begins with them
            day.rung.clear()
            began = time.perf_counter()
            if ask(services) != due:
                raise RuntimeError("not everybody was asked")
            took.append(time.perf_counter() - began)
            waits += _waits([at - began for at in day.rung], late)
            step()
    with engine.connect() as connection:
        posted = connection.scalar(select(func.count()).select_from(t.outbox))
    if posted != due * BURSTS:
        raise RuntimeError(f"{posted} parcels for {due * BURSTS} questions")
    engine.dispose()
    two = []
    if kind == "postgresql":
        commits = _two_workers(url, due)
        what = "  the same with two workers, PostgreSQL"
        both = _waits(commits, late)
        two = [_punctual(what, both, f"1 run; {_spread(both)}", busy)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[kind]
    return [
        Figure(
            what=f"{due:,} of {schedules:,} schedules due in one minute → outbox, {name}",
            must="≤ 3 s",
            measured=f"{middle(took):.2f} s",
            spread=runs(took, "s", 2),
            load=busy,
            met=middle(took) <= 3,
        ),
        _punctual(
            f"  due → outbox in that minute, a look every {TICK:g} s, {name}",
            waits,
            _spread(waits),
            busy,
        ),
        *two,
        Figure(
            what=f"  a tick that finds nothing, {name}",
            must="≤ 5 ms",
            measured=f"{middle(idle) * 1e3:.2f} ms",
            spread=f"200 ticks, p99 {share(idle, 0.99) * 1e3:.2f} ms",
            load=busy,
            met=share(idle, 0.99) <= 5e-3,
        ),
        Figure(
            what=f"  plan of {schedules:,} schedules, {name}",
            must="bounded",
            measured=f"{middle(again) * 1e3:.1f} ms when nothing runs out",
            spread=f"the first time {first:.0f} s in short steps; {memory:.0f} MB at most",
            load=busy,
        ),
    ]


def _punctual(what: str, waits: list[float], spread: str, busy: float) -> Figure:
    """How late the latest of a hundred questions is; one that is ready in time is not late."""
    latest = max(0.0, share(waits, 0.99))
    return Figure(
        what=what,
        must="p99 ≤ 2 s",
        measured=f"p99 {latest:.2f} s",
        spread=spread,
        load=busy,
        met=latest <= 2,
    )


def _spread(waits: list[float]) -> str:
    """The middle one and the latest, as seconds before or behind their moment."""
    middle_, latest = share(waits, 0.5), max(waits)
    said = [f"{abs(at):.2f} s {'behind' if at > 0 else 'before'}" for at in (middle_, latest)]
    return f"in the post {said[0]} the minute (p50), the last {said[1]}"


def _waits(commits: list[float], late: list[float]) -> list[float]:
    """Seconds from due to outbox for a share of the questions, however late the look comes; below
    nothing where they lie there before."""
    return [phase + at - READY.total_seconds() for phase in late for at in commits]


async def _lateness() -> list[float]:
    """Seconds by which the real ticker's looks come after the moment they are meant for.

    All questions are due at the full minute, which is one of those moments.
    """
    late: list[float] = []

    async def look() -> None:
        late.append(time.time() % TICK)

    beating = Heartbeat({"ask": Beat(every=TICK, sharp=True, act=look)})
    beating.start()
    await asyncio.sleep(20 * TICK)
    beating.stop()
    return late[1:]  # the first comes at once, whenever that is


def _two_workers(url: str, due: int) -> list[float]:
    """Seconds from the start of two processes that ask at once to each commit; all are asked."""
    context = get_context("spawn")
    ready, asked = context.Barrier(2), context.Queue()
    both = [context.Process(target=_worker, args=(url, ready, asked)) for _ in range(2)]
    for one in both:
        one.start()
    told = [asked.get(timeout=120) for _ in both]
    for one in both:
        one.join()
    if sum(count for count, _, _ in told) != due:
        raise RuntimeError("not everybody was asked once")
    first = min(began for _, began, _ in told)
    return [at - first for _, _, rung in told for at in rung]


def _worker(url: str, ready: Any, asked: Any) -> None:
    engine = open_engine(url)
    vault, day = KeyVault(_KEY, engine), _Day(now=_DAWN + timedelta(hours=3 + BURSTS) - READY)
    store = SqlStore(engine, vault)
    store.posted = day.ring
    services = services_on(store, vault, day)
    check_words()
    safety.check()
    keep_for_ever()
    ready.wait(60)
    began = time.perf_counter()  # the machine's clock: the same in every process
    asked.put((ask(services), began, day.rung))
    engine.dispose()


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _fill(store: SqlStore, kind: str, schedules: int, due: int) -> None:
    """Two daily questions for each patient; those due together belong to different people."""
    half = schedules // 2
    everybody = [person(number, "UTC", _DAWN) for number in range(half)]
    daily = []
    for number in range(schedules):
        hour, minute = 13 + number % 8, number // 8 % 60
        if number < due * (BURSTS + 1):  # the last of them for two workers
            hour, minute = 9 + number // due, 0
        daily.append(
            Schedule(
                id=f"s{number}",
                patient_id=everybody[number % half].id,
                kind=_KINDS[number % len(_KINDS)],
                time=f"{hour:02d}:{minute:02d}",
                what=_WHAT.get(_KINDS[number % len(_KINDS)], ""),
            )
        )
    with bar(f"{kind}: {schedules} schedules", half // 1000 + schedules // 1000) as step:
        for many in _parts(everybody):
            with store.unit_of_work() as work:
                enrol(work.connection, store.vault, many)
            step()
        for some in _parts(daily):
            with store.unit_of_work() as work:
                appoint(work.connection, store.vault, some)
            step()


def _parts(many: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(many), 1000):
        yield many[start : start + 1000]
