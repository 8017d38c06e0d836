"""Rows of schedules and check-ins; the rows are the schedule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, or_, select, update

from bot.domain.checkin import CheckIn, CheckInState, Schedule
from bot.domain.message import PatientId
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import insert_new, put

_DUE, _ASKED = CheckInState.DUE.value, CheckInState.ASKED.value


class CheckInRows:
    """See ``bot.ports.rows.CheckIns``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def set_schedule(self, schedule: Schedule) -> None:
        row = asdict(schedule)
        what = row.pop("what")
        row["sealed"] = self._vault.seal(schedule.patient_id, what) if what else None
        put(self._db, t.schedule, row)

    def schedules(self, patient_id: PatientId | None = None) -> list[Schedule]:
        query = select(t.schedule).where(t.schedule.c.active)
        if patient_id is not None:
            query = query.where(t.schedule.c.patient_id == patient_id)
        return [self._schedule(row) for row in self._db.execute(query.order_by(t.schedule.c.id))]

    def schedule(self, schedule_id: str) -> Schedule | None:
        row = self._db.execute(select(t.schedule).where(t.schedule.c.id == schedule_id)).first()
        return self._schedule(row) if row else None

    def materialise(self, checkins: Iterable[CheckIn]) -> int:
        return insert_new(
            self._db, t.check_in, [asdict(c) | {"state": c.state.value} for c in checkins]
        )

    def cancel_due(self, patient_id: PatientId, schedule_id: str | None = None) -> int:
        c = t.check_in.c
        # What was never asked leaves its slot free for a new time.
        query = delete(t.check_in).where(c.patient_id == patient_id, c.state == _DUE, c.asks == 0)
        if schedule_id is not None:
            query = query.where(c.schedule_id == schedule_id)
        return self._db.execute(query).rowcount

    def due(self, now: datetime, limit: int) -> list[CheckIn]:
        c = t.check_in.c
        rows = self._db.execute(
            select(t.check_in)
            .where(c.state == _DUE, c.due_at <= now)
            .order_by(c.due_at)
            .limit(limit)
        )
        return [_checkin(row) for row in rows]

    def silent(self, now: datetime, limit: int) -> list[CheckIn]:
        c = t.check_in.c
        rows = self._db.execute(
            select(t.check_in)
            .where(
                c.state == _ASKED,
                or_(and_(c.nagged_at.is_(None), c.nag_at <= now), c.miss_at <= now),
            )
            .order_by(c.asked_at)
            .limit(limit)
        )
        return [_checkin(row) for row in rows]

    def get(self, checkin_id: str) -> CheckIn | None:
        row = self._db.execute(select(t.check_in).where(t.check_in.c.id == checkin_id)).first()
        return _checkin(row) if row else None

    def open_for(self, patient_id: PatientId) -> list[CheckIn]:
        c = t.check_in.c
        rows = self._db.execute(
            select(t.check_in)
            .where(c.patient_id == patient_id, c.state == _ASKED)
            .order_by(c.asked_at.desc())
        )
        return [_checkin(row) for row in rows]

    def between(self, patient_id: PatientId, start: datetime, end: datetime) -> list[CheckIn]:
        c = t.check_in.c
        rows = self._db.execute(
            select(t.check_in)
            .where(c.patient_id == patient_id, c.due_at >= start, c.due_at < end)
            .order_by(c.due_at)
        )
        return [_checkin(row) for row in rows]

    def change(self, was: CheckIn, new: CheckIn) -> bool:
        c = t.check_in.c
        changed = self._db.execute(
            update(t.check_in)
            .where(
                c.id == was.id,
                c.state == was.state.value,
                c.asks == was.asks,
                c.nagged_at.is_(None) if was.nagged_at is None else c.nagged_at == was.nagged_at,
            )
            .values(**(asdict(new) | {"state": new.state.value}))
        )
        return changed.rowcount == 1

    def _schedule(self, row: Row[Any]) -> Schedule:
        values = dict(row._mapping)
        sealed = values.pop("sealed")
        what = self._vault.open(row.patient_id, sealed) if sealed else ""
        return Schedule(**values, what=what)


def _checkin(row: Row[Any]) -> CheckIn:
    return CheckIn(**{**row._mapping, "state": CheckInState(row.state)})
