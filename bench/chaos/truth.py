"""What should have happened, worked out without the house's own calendar, and what did happen."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from bench.chaos.world import Arrival
from bot.store import tables as t

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One moment at which one schedule must ask once."""

    schedule: str
    local: str  #: "YYYY-MM-DDTHH:MM" as the wall clock should have shown it
    at: datetime


@dataclass(kw_only=True)
class Found:
    """The audit of one year."""

    expected: int = 0
    sent: int = 0
    unknown: list[str] = field(default_factory=list)
    too_late: int = 0  #: fell into an outage of more than two hours, noted and dropped
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unasked_for: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Every promise."""
        return not (self.lost or self.doubled or self.unasked_for)


def slots(schedule: str, clock: str, zone: str, begin: datetime, end: datetime) -> Iterator[Slot]:
    """Every day once: at ``clock``, or at the first minute after it that exists that day."""
    there = ZoneInfo(zone)
    hour, minute = int(clock[:2]), int(clock[3:])
    day = begin.astimezone(there).date() - timedelta(days=1)
    while day <= end.astimezone(there).date():
        at = _first(day, hour, minute, there)
        if begin < at <= end:
            yield Slot(schedule=schedule, local=f"{at.astimezone(there):%Y-%m-%dT%H:%M}", at=at)
        day += timedelta(days=1)


def _first(day: date, hour: int, minute: int, zone: ZoneInfo) -> datetime:
    wall = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 - a wall clock
    while True:
        at = wall.replace(tzinfo=zone).astimezone(UTC)
        if at.astimezone(zone).replace(tzinfo=None) == wall:
            return at
        wall += _MINUTE


def audit(engine: Engine, expected: Sequence[Slot], arrived: Sequence[Arrival]) -> Found:
    """Lay rows and ledger beside the truth; every question names its schedule as ``#id``."""
    found = Found(expected=len(expected))
    c, o, a = t.check_in.c, t.outbox.c, t.audit_event.c
    with engine.connect() as db:
        read = db.execute(select(c.id, c.schedule_id, c.slot, c.state, c.asks)).all()
        rows = {(row.schedule_id, row.slot): row for row in read}
        asked = db.execute(select(o.key, o.state).where(o.key.like("%/ask/%"))).all()
        parcels = {row.key: row.state for row in asked}
        dropped = set(db.scalars(select(a.subject).where(a.type == "checkin.dropped")))
    for slot in expected:
        _judge(found, slot, rows.get((slot.schedule, slot.local)), parcels, dropped)
    wanted = {(slot.schedule, slot.local) for slot in expected}
    found.unasked_for = [
        f"{schedule} {local}"
        for (schedule, local), row in rows.items()
        if row.asks and (schedule, local) not in wanted
    ]
    found.doubled += _doubles(expected, arrived)
    return found


def _judge(
    found: Found, slot: Slot, row: Any, parcels: Mapping[str, str], dropped: Set[str]
) -> None:
    """Sent, not known, too late and noted, or lost."""
    name = f"{slot.schedule} {slot.local}"
    if row is None:
        found.lost.append(f"{name}: no row")
    elif row.id in dropped:
        found.too_late += 1
    else:
        state = parcels.get(f"{row.id}/ask/1", "no parcel")
        if state == "sent":
            found.sent += 1
        elif state == "unknown":
            found.unknown.append(name)
        else:
            found.lost.append(f"{name}: {row.state}, {state}")


def _doubles(expected: Sequence[Slot], arrived: Sequence[Arrival]) -> list[str]:
    """Slots whose question stood on the screen more than once; a nag has other words."""
    times: defaultdict[str, list[datetime]] = defaultdict(list)
    for slot in expected:
        times[slot.schedule].append(slot.at)
    heard: Counter[tuple[str, datetime, str]] = Counter()
    for one in arrived:
        schedule = one.text.partition("#")[2].split(" ")[0].strip()
        its = times.get(schedule, [])
        place = bisect_right(its, one.at)
        if place:
            heard[schedule, its[place - 1], one.text] += 1
    return [f"{schedule} {at:%Y-%m-%dT%H:%MZ}" for (schedule, at, _), n in heard.items() if n > 1]
