"""A simulated year on one database: people, workers, kills, jumps, nurses, and the audit."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import bindparam, func, select

from bench.chaos.crew import Crew
from bench.chaos.people import Silent, appoint, enrol, person, services_on
from bench.chaos.staff import answer, nurses, raise_one
from bench.chaos.truth import Found, Slot, audit, slots
from bench.chaos.worker import KEY
from bench.chaos.world import Clock, Ledger
from bot.domain.care_team import CareTeamMember, Role
from bot.domain.checkin import Schedule
from bot.domain.errors import AnkangError
from bot.domain.escalation import Escalation, EscalationState
from bot.ports import Services
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.database import SqlStore, open_engine
from bot.store.migrate import migrate
from bot.store.tables.columns import Moment

BEGIN = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
ZONES = (
    "Europe/London", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe",
    "Asia/Kolkata", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Auckland",
)  # fmt: skip
#: 01:30 and 02:30 come twice or never where clocks change.
TIMES = ("01:30", "02:30", "08:00", "12:15", "18:00", "20:30")
_KILLS, _RESTARTS, _OUTAGES, _BACK = 1 / 40, 1 / 120, 1 / 400, 1 / 150  #: chances a step
_STEPS = (timedelta(minutes=25), timedelta(minutes=95))  #: well inside two hours
_CALM = timedelta(minutes=100)  #: at the end, without faults of ours
_NUDGE = 1.5  #: real seconds after which simulated time goes on while work is left
_NUDGES = 9  #: of 100 s in one step at most: with the step itself they stay inside two hours
_PATIENCE = 120.0  #: real seconds in which a step's work must be done, or the house hangs


@dataclass(kw_only=True)
class Year:
    """What a year gave."""

    kind: str
    found: Found
    kills: int = 0
    restarts: int = 0
    outages: int = 0
    escalations: int = 0
    completed: int = 0
    climbing: int = 0
    dead: list[str] = field(default_factory=list)  #: escalations that neither climb nor are taken
    seconds: float = 0.0

    @property
    def kept(self) -> bool:
        """Every promise."""
        return self.found.kept and not self.dead


def live(
    kind: str, url: str, *, fires: int, matters: int, workers: int, days: int, seed: int,
    step: Callable[[float], None],
) -> Year:  # fmt: skip
    """``fires`` questions and ``matters`` escalations within ``days``, drawn by ``seed``."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ankang-chaos-") as folder:
        house = _House(kind, url, Path(folder), workers, seed)
        try:
            expected = house.furnish(fires, days)
            year = house.through(days, matters, step)
            year.found = audit(house.store, expected, house.ledger.read(), house.outages)
            house.matters_of(year)
            year.seconds = time.monotonic() - began
            return year
        finally:
            house.close()


_TAKEN = (EscalationState.ACCEPTED, EscalationState.CONTACT_MADE)
_NEW = select(t.schedule.c.id).where(t.schedule.c.planned_until.is_(None)).limit(1)
_UNDERWAY = (
    select(t.outbox.c.id)
    .where(
        t.outbox.c.state.in_(("new", "held", "sending")),
        t.outbox.c.not_before <= bindparam("now", type_=Moment),
    )
    .limit(1)
)


class _House:
    def __init__(self, kind: str, url: str, folder: Path, workers: int, seed: int) -> None:
        self.kind, self.url, self.folder, self.workers = kind, url, folder, workers
        self.chance = random.Random(seed)
        self.clock = Clock(_made(folder / "clock"), BEGIN)
        self.ledger = Ledger(folder / "ledger")
        self.engine = open_engine(url)
        migrate(self.engine)
        vault = KeyVault(KEY, self.engine)
        self.store = SqlStore(self.engine, vault)
        self.services: Services = services_on(self.store, vault, self.clock, Silent())
        self.crew = Crew(url, folder, workers, self.chance, self.engine.url.database)
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

    def through(self, days: int, matters: int, step: Callable[[float], None]) -> Year:
        """Let the year pass; the last hours are calm, so that what can be done is done."""
        year = Year(kind=self.kind, found=Found())
        end = BEGIN + timedelta(days=days)
        self.crew.start()
        self._settle(nudges=0)  # processes that start slowly are no outage
        now = BEGIN
        while now < end:
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
            if self.kind == "postgresql" and self.chance.random() < _RESTARTS:
                self.crew.cut()
                year.restarts += 1
            if self.chance.random() < _BACK:
                self.clock.move(now - timedelta(minutes=self.chance.uniform(1, 20)))
                time.sleep(0.03)
                self.clock.move(now)
            if year.escalations < matters and self.chance.random() < matters / days / 12:
                year.escalations += raise_one(
                    self.services, year.escalations, self.patients, self.chance
                )
            nurses(self.services, self.chance)
            answer(self.store, now)
            self._settle()
            if away:
                self.outages.append((before, self.clock()))
            step((now - BEGIN) / (end - BEGIN))
        for part in (0.01, 0.03, 0.1, 1.0, 1.002):  # past every lease, and the last questions out
            self.clock.move(end + part * _CALM)
            self._settle()
        return year

    def _settle(self, nudges: int = _NUDGES) -> None:
        """Until the workers have nothing left to do now; while they do it, time stands."""
        until, nudged, before = time.monotonic() + _PATIENCE, time.monotonic(), ""
        while time.monotonic() < until:
            if time.monotonic() - nudged > _NUDGE:  # a claim of somebody who is gone runs out
                nudged = time.monotonic()
                if (left := self._left()) == before:
                    if not nudges:
                        continue
                    nudges -= 1
                    self.clock.move(self.clock() + timedelta(seconds=100))
                else:
                    until, before = time.monotonic() + _PATIENCE, left
            self.crew.revive()
            try:
                if self._idle():
                    return
            except AnkangError:
                pass
            time.sleep(0.004)
        raise RuntimeError(f"at {self.clock():%Y-%m-%d %H:%M} the house hangs: {self._left()}")

    def _idle(self) -> bool:
        now = self.clock()
        with self.store.reading() as rows:
            return not (
                rows.checkins.due(now, 1)
                or rows.checkins.unplanned(now, 1)
                or rows.connection.execute(_NEW).first()  # also those a worker is planning now
                or rows.escalations.due(now, 1)
                or rows.connection.execute(_UNDERWAY, {"now": now}).first()
            )

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
        with self.engine.connect() as db:
            year.escalations = int(db.scalar(select(func.count()).select_from(t.escalation)) or 0)
        with self.store.reading() as rows:
            every: list[Escalation] = rows.escalations.recent(1_000_000)
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
