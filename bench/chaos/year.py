"""A simulated year on one database: people, workers, kills, jumps, nurses, and the audit."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Protocol

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.exc import DBAPIError

from bench.chaos.crew import Crew
from bench.chaos.databases import memory
from bench.chaos.people import Silent, appoint, enrol, person, services_on
from bench.chaos.staff import answer, nurses, raise_one
from bench.chaos.truth import Found, Slot, audit, slots
from bench.chaos.worker import KEY
from bench.chaos.world import NUDGE_BY, NUDGES, Clock, Ledger
from bot.domain.care_team import CareTeamMember, Role
from bot.domain.checkin import Schedule
from bot.domain.errors import AnkangError
from bot.domain.escalation import Escalation, EscalationState
from bot.ports import Services
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.database import SqlStore, open_engine
from bot.store.migrate import migrate
from bot.store.rows_checkins import PLANNED
from bot.store.tables.columns import Moment

BEGIN = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
ZONES = (
    "Europe/London", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe",
    "Asia/Kolkata", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Auckland",
)  # fmt: skip
#: 01:30 and 02:30 come twice or never where clocks change.
TIMES = ("01:30", "02:30", "08:00", "12:15", "18:00", "20:30")
_KILLS, _RESTARTS, _OUTAGES, _BACK = 1 / 40, 1 / 120, 1 / 400, 1 / 150  #: chances a step
_STEPS = (timedelta(minutes=60), timedelta(minutes=95))  #: well inside two hours
_CALM = timedelta(minutes=100)  #: at the end, without faults of ours
_NUDGE = 1.5  #: real seconds after which simulated time goes on while work is left
_SOON = 0.4  #: the same where somebody was killed, whose claims can only run out
_POSTPONED = timedelta(minutes=4)  #: so long after a step, what a refusal put off goes out
_PATIENCE = 300.0  #: real seconds in which a step's work must be done, or the house hangs


@dataclass(kw_only=True)
class Year:
    """What a year gave."""

    kind: str
    found: Found
    days: float = 0.0  #: simulated
    kills: int = 0
    restarts: int = 0
    outages: int = 0
    raised: int = 0  #: escalations of ours
    escalations: int = 0  #: with those the house opened itself
    completed: int = 0
    climbing: int = 0
    dead: list[str] = field(default_factory=list)  #: escalations that neither climb nor are taken
    fallen: int = 0  #: workers that ended by themselves
    seconds: float = 0.0

    @property
    def kept(self) -> bool:
        """Every promise."""
        return self.found.kept and not self.dead


def live(
    kind: str, url: str, *, fires: int, matters: int, workers: int, days: int, seed: int,
    step: Callable[[float], None], database: Restarting | None = None, within: float = inf,
) -> Year:  # fmt: skip
    """``fires`` questions and ``matters`` escalations within ``days``, drawn by ``seed``.

    After ``within`` real seconds the year ends early, and what was due until then is audited.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ankang-chaos-", dir=memory()) as folder:
        house = _House(kind, url, Path(folder), workers, seed, database)
        try:
            expected = house.furnish(fires, days)
            year = house.through(days, matters, step, began + within)
            expected = [slot for slot in expected if slot.at <= house.clock()]
            year.found = audit(
                house.store, expected, house.ledger.read(), house.outages, house.clock()
            )
            house.matters_of(year)
            year.fallen = house.crew.fallen
            year.seconds = time.monotonic() - began
            return year
        finally:
            house.close()


_TAKEN = (EscalationState.ACCEPTED, EscalationState.CONTACT_MADE)
#: What the workers have still to do at :now, and what a refusal has put off until :soon.
_LEFT = text(
    "SELECT EXISTS (SELECT 1 FROM check_in WHERE state = 'due' AND due_at <= :now)"
    " OR EXISTS (SELECT 1 FROM check_in WHERE state = 'asked'"
    "            AND (nagged_at IS NULL AND nag_at <= :now OR miss_at <= :now))"
    " OR EXISTS (SELECT 1 FROM schedule WHERE planned_until IS NULL OR planned_until < :planned)"
    " OR EXISTS (SELECT 1 FROM escalation WHERE state IN ('requested', 'delivered', 'accepted',"
    "            'contact_made') AND next_step_at <= :now)"
    " OR EXISTS (SELECT 1 FROM outbox WHERE state IN ('new', 'held', 'sending')"
    "            AND not_before <= :now)"
).bindparams(bindparam("now", type_=Moment), bindparam("planned", type_=Moment))
_NEXT = (  # a 429 or the pace of a chat puts off without a try that counts
    select(func.min(t.outbox.c.not_before))
    .where(t.outbox.c.state == "new", t.outbox.c.not_before > bindparam("now", type_=Moment))
    .where(t.outbox.c.not_before <= bindparam("soon", type_=Moment))
)


class Restarting(Protocol):
    """A database whose server can go away and come back."""

    def crash(self) -> None: ...

    @property
    def up(self) -> bool: ...


class _House:
    def __init__(
        self, kind: str, url: str, folder: Path, workers: int, seed: int,
        database: Restarting | None,
    ) -> None:  # fmt: skip
        self.kind, self.url, self.folder, self.workers = kind, url, folder, workers
        self.chance = random.Random(seed)
        self.clock = Clock(_made(folder / "clock"), BEGIN)
        self.ledger = Ledger(folder / "ledger")
        self.engine = open_engine(url)
        migrate(self.engine)
        vault = KeyVault(KEY, self.engine)
        self.store = SqlStore(self.engine, vault)
        self.services: Services = services_on(self.store, vault, self.clock, Silent())
        self.crew = Crew(url, folder, workers, self.chance)
        self.database, self.killed = database, False
        self.outages: list[tuple[datetime, datetime]] = []

    def furnish(self, fires: int, days: int) -> list[Slot]:
        """Patients with two daily reminders each; returns every slot that must be asked."""
        count = max(len(ZONES), fires // days // 2)
        people, daily, expected = [], [], []
        end = BEGIN + timedelta(days=days) + _CALM
        for number in range(count):
            zone = ZONES[number % len(ZONES)]
            people.append(person(number, zone, BEGIN))
            for half in range(2):
                clock = TIMES[(number + half * 3) % len(TIMES)]
                name = f"s{number}x{half}"
                kind = "medicine" if self.chance.random() < 0.02 else "reminder"
                daily.append(
                    Schedule(
                        id=name, patient_id=people[-1].id, kind=kind, time=clock, what=f"#{name} ",
                    )
                )  # fmt: skip
                expected += slots(name, clock, zone, BEGIN, end)
        with self.store.unit_of_work() as rows:
            enrol(rows.connection, self.store.vault, people)
            appoint(rows.connection, self.store.vault, daily)
            for number in range(3):
                rows.care_team.add(
                    CareTeamMember(
                        id=f"n{number}", name=f"Nurse {number}", role=Role.NURSE,
                        username=f"n{number}", telegram_id=f"9{number}",
                    )
                )  # fmt: skip
        self.patients = [one.id for one in people]
        return expected

    def through(
        self, days: int, matters: int, step: Callable[[float], None], until: float = inf
    ) -> Year:
        """Let the year pass; the last hours are calm, so that what can be done is done."""
        year = Year(kind=self.kind, found=Found())
        end = BEGIN + timedelta(days=days)
        self.crew.start()
        self._settle(nudges=0)  # processes that start slowly are no outage
        now = BEGIN
        while now < end and time.monotonic() < until:
            ahead = self.chance.uniform(_STEPS[0] / _STEPS[0], _STEPS[1] / _STEPS[0]) * _STEPS[0]
            before, away = now, self.chance.random() < _OUTAGES
            if away:
                ahead += timedelta(hours=self.chance.uniform(2, 9))
                year.outages += 1
            now = min(end, now + ahead)
            self.clock.move(now)
            if self.chance.random() < _KILLS:
                time.sleep(self.chance.uniform(0, 0.06))
                self.crew.kill()
                year.kills += 1
                self.killed = True
            if self.database is not None and self.chance.random() < _RESTARTS:
                self.database.crash()
                year.restarts += 1
            if self.chance.random() < _BACK:
                self.clock.move(now - timedelta(minutes=self.chance.uniform(1, 20)))
                time.sleep(0.03)
                self.clock.move(now)
            if year.raised < matters and self.chance.random() < matters / days / 17:
                year.raised += raise_one(self.services, year.raised, self.patients, self.chance)
            nurses(self.services, self.chance)
            answer(self.store, now)
            self.clock.ring()
            self._settle()
            self._postponed()
            if away:
                self.outages.append((before, self.clock()))
            step((now - BEGIN) / (end - BEGIN))
        year.days = (now - BEGIN) / timedelta(days=1)
        for part in (0.01, 0.03, 0.1, 1.0, 1.002):  # past every lease, and the last questions out
            self.clock.move(now + part * _CALM)
            self._settle()
            self._postponed()
        return year

    def _postponed(self) -> None:
        """The minutes after a refusal, in which the same parcel goes out after all."""
        until = self.clock() + _POSTPONED
        while self.clock() < until:
            try:
                with self.engine.connect() as db:
                    following = db.scalar(_NEXT, {"now": self.clock(), "soon": until})
            except DBAPIError:
                continue
            if following is None:
                return
            self.clock.move(max(self.clock(), following) + timedelta(seconds=1))
            self._settle()

    def _settle(self, nudges: int = NUDGES) -> None:
        """Until the workers have nothing left to do now; while they do it, time stands."""
        until, nudged, before = time.monotonic() + _PATIENCE, time.monotonic(), ""
        while time.monotonic() < until:
            # A claim of somebody who is gone runs out.
            if time.monotonic() - nudged > (_SOON if self.killed else _NUDGE):
                nudged = time.monotonic()
                if (left := self._left()) != before:
                    until, before = time.monotonic() + _PATIENCE, left
                elif nudges:
                    nudges -= 1
                    self.clock.move(self.clock() + NUDGE_BY)
            self.crew.revive()
            if self._idle():
                self.killed = False
                return
            time.sleep(0.008)
        raise RuntimeError(f"at {self.clock():%Y-%m-%d %H:%M} the house hangs: {self._left()}")

    def _idle(self) -> bool:
        if self.database is not None and not self.database.up:
            return False
        now = self.clock()
        try:
            with self.engine.connect() as db:
                return not db.scalar(_LEFT, {"now": now, "planned": now + PLANNED})
        except DBAPIError:
            return False

    def _left(self) -> str:
        now = self.clock()
        with suppress(AnkangError), self.store.reading() as rows:
            return (
                f"{len(rows.checkins.due(now, 99))} due, {len(rows.checkins.unplanned(now, 99))} "
                f"unplanned, {len(rows.escalations.due(now, 99))} to climb, "
                f"{len(rows.outbox.interrupted(now))} interrupted, outbox {rows.outbox.counts()}"
            )
        return "the database is away"

    def matters_of(self, year: Year) -> None:
        """Every escalation is completed, taken, or still climbing; anything else is dead."""
        now = self.clock()
        with self.store.reading() as rows:
            every: list[Escalation] = rows.escalations.recent(1_000_000)
        ours = {one.reason for one in every}
        raised = (f"chaos_{number}" for number in range(year.raised))
        year.dead += [f"{name} is gone" for name in raised if name not in ours]
        year.escalations = len(every)
        for one in every:
            if one.state is EscalationState.COMPLETED:
                year.completed += 1
            elif one.state in _TAKEN or (
                one.next_step_at is not None and one.next_step_at > now - timedelta(hours=1)
            ):
                year.climbing += 1
            else:
                year.dead.append(f"{one.id} {one.state.value}")

    def close(self) -> None:
        self.crew.close()
        self.engine.dispose()


def _made(path: Path) -> Path:
    path.touch()
    return path
