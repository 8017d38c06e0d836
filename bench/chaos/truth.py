"""What should have happened, worked out without the house's own calendar, and what did happen."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bench.chaos.world import NUDGE_BY, NUDGES, Arrival
from bot.store import tables as t
from bot.store.database import SqlStore

_MINUTE = timedelta(minutes=1)
_SILENT = "medicine_missed"  #: what a nurse reads of a silence
_USEFUL = timedelta(hours=2)  #: a question is asked so late and no later
#: How long a question may be in the post when an outage begins: the sender's longest wait between
#: two tries (settle.failed), and the minutes that pass in one step while a dead claim runs out.
_ON_ITS_WAY = timedelta(minutes=5) + NUDGES * NUDGE_BY


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
    silences: int = 0  #: medicine asked about, no answer, and a nurse was told
    untold: list[str] = field(default_factory=list)  #: … and none was

    @property
    def kept(self) -> bool:
        """Every promise."""
        return not (self.lost or self.doubled or self.unasked_for or self.untold)


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


def audit(
    store: SqlStore,
    expected: Sequence[Slot],
    arrived: Sequence[Arrival],
    outages: Sequence[tuple[datetime, datetime]],
    now: datetime,
) -> Found:
    """Lay rows and ledger beside the truth; every question names its schedule as ``#id``."""
    found = Found(expected=len(expected))
    rows = _read(store)
    by_id = {one.id: one for one in arrived}
    for slot in expected:
        _judge(found, slot, rows, by_id, outages)
    wanted = {(slot.schedule, slot.local) for slot in expected}
    found.unasked_for = [
        f"{schedule} {local}"
        for (schedule, local), row in rows.checkins.items()
        if row.asks and (schedule, local) not in wanted
    ]
    found.doubled += _doubles(expected, arrived)
    for (schedule, local), row in rows.checkins.items():
        if row.kind == "medicine" and row.asks and row.miss_at <= now:
            told = (row.patient_id, row.slot) in rows.missed or row.id in rows.joined
            if row.state == "missed" and told:
                found.silences += 1
            else:
                found.untold.append(f"{schedule} {local}: {row.state}")
    return found


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """What the house itself says."""

    checkins: Mapping[tuple[str, str], Any]
    parcels: Mapping[str, Any]  #: by the key of the asking
    dropped: Mapping[str, str]  #: check-in → why
    told: Set[tuple[str, str]]  #: (patient, slot) of which a nurse was told
    missed: Set[tuple[str, str]]  #: (patient, slot) whose silence a nurse was told of
    joined: Set[str]  #: check-ins whose silence joined a matter that was open already


def _read(store: SqlStore) -> _Rows:
    c, o, a = t.check_in.c, t.outbox.c, t.audit_event.c
    with store.reading() as rows:
        db = rows.connection
        checkins = db.execute(
            select(c.id, c.schedule_id, c.slot, c.state, c.asks, c.kind, c.patient_id, c.miss_at)
        ).all()
        parcels = db.execute(
            select(o.key, o.state, o.external_id).where(o.key.like("%/ask/%"))
        ).all()
        dropped = db.execute(select(a.subject, a.detail).where(a.type == "checkin.dropped")).all()
        joined = db.execute(select(a.detail).where(a.type == "escalation.repeated")).all()
        matters = rows.escalations.recent(1_000_000)
    return _Rows(
        checkins={(row.schedule_id, row.slot): row for row in checkins},
        parcels={row.key: row for row in parcels},
        dropped={row.subject: str(row.detail["why"]) for row in dropped},
        told={
            (str(m.patient_id), slot)
            for m in matters
            if m.reason == "not_asked"
            for slot in m.evidence["slots"]
        },
        missed={
            (str(m.patient_id), str(m.evidence["slot"])) for m in matters if m.reason == _SILENT
        },
        joined={str(row.detail["source"]) for row in joined},
    )


def _judge(
    found: Found,
    slot: Slot,
    rows: _Rows,
    arrived: Mapping[str, Arrival],
    outages: Sequence[tuple[datetime, datetime]],
) -> None:
    """Arrived, not known, too late in an outage and told, or lost."""
    name, row = f"{slot.schedule} {slot.local}", rows.checkins.get((slot.schedule, slot.local))
    if row is None:
        found.lost.append(f"{name}: no row")
        return
    if row.id in rows.dropped:
        _judge_drop(found, slot, row, rows, outages)
        return
    parcel = rows.parcels.get(f"{row.id}/ask/1")
    state = parcel.state if parcel is not None else "no parcel"
    if parcel is not None and state == "sent":
        one = arrived.get(parcel.external_id)
        if one is not None and _named(one) == slot.schedule:
            found.sent += 1
        else:
            found.lost.append(f"{name}: said to be sent, and nothing arrived")
    elif state == "unknown":
        found.unknown.append(name)
    else:
        found.lost.append(f"{name}: {row.state}, {state}")


def _judge_drop(
    found: Found, slot: Slot, row: Any, rows: _Rows, outages: Sequence[tuple[datetime, datetime]]
) -> None:
    """Only what an outage made older than two hours may be left out; a nurse hears of a dose."""
    name, why = f"{slot.schedule} {slot.local}", rows.dropped[row.id]
    # It may have been in the post, waiting for the wire, when the outage began.
    within = any(
        begin <= slot.at + _ON_ITS_WAY and slot.at + _USEFUL < end for begin, end in outages
    )
    if why != "too late" or not within:
        found.lost.append(f"{name}: dropped outside an outage, {why}")
    elif row.kind == "medicine" and (row.patient_id, row.slot) not in rows.told:
        found.lost.append(f"{name}: dropped, and no nurse was told")
    else:
        found.too_late += 1


def _named(arrival: Arrival) -> str:
    """The schedule that a message on the screen names."""
    return arrival.text.partition("#")[2].split(" ")[0].strip()


def _doubles(expected: Sequence[Slot], arrived: Sequence[Arrival]) -> list[str]:
    """Slots whose question stood on the screen more than once; a nag has other words."""
    times: defaultdict[str, list[datetime]] = defaultdict(list)
    for slot in expected:
        times[slot.schedule].append(slot.at)
    heard: Counter[tuple[str, datetime, str]] = Counter()
    for one in arrived:
        schedule = _named(one)
        its = times.get(schedule, [])
        place = bisect_right(its, one.at)
        if place:
            heard[schedule, its[place - 1], one.text] += 1
    return [f"{schedule} {at:%Y-%m-%dT%H:%MZ}" for (schedule, at, _), n in heard.items() if n > 1]
