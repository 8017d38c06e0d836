"""Rows of schedules and check-ins; the rows are the schedule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, or_, select, update

from bot.domain.checkin import GRACE, WINDOW, CheckIn, CheckInState, Schedule
from bot.domain.message import PatientId
from bot.store import tables as t
from bot.store.sealing import insert_new, put

_SCHEDULES = select(t.schedule).where(t.schedule.c.active)
_SCHEDULES_OF = _SCHEDULES.where(t.schedule.c.patient_id == bindparam("patient"))
_OPEN = (
    select(t.check_in)
    .where(
        t.check_in.c.patient_id == bindparam("patient"),
        t.check_in.c.state == CheckInState.ASKED.value,
    )
    .order_by(t.check_in.c.asked_at.desc())
    .limit(1)
)


class CheckInRows:
    """See ``bot.ports.rows.CheckIns``."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def set_schedule(self, schedule: Schedule) -> None:
        put(self._db, t.schedule, asdict(schedule))

    def schedules(self, patient_id: PatientId | None = None) -> list[Schedule]:
        if patient_id is None:
            rows = self._db.execute(_SCHEDULES)
        else:
            rows = self._db.execute(_SCHEDULES_OF, {"patient": patient_id})
        return [Schedule(**row._mapping) for row in rows]

    def materialise(self, checkins: Iterable[CheckIn]) -> int:
        return insert_new(
            self._db, t.check_in, [asdict(c) | {"state": c.state.value} for c in checkins]
        )

    def cancel_due(self, patient_id: PatientId) -> int:
        c = t.check_in.c
        gone = self._db.execute(  # what was never asked leaves its slot free for a new time
            delete(t.check_in).where(c.patient_id == patient_id, c.state == CheckInState.DUE.value)
        )
        return gone.rowcount

    def due(self, now: datetime, limit: int) -> list[CheckIn]:
        c = t.check_in.c
        rows = self._db.execute(
            select(t.check_in)
            .where(c.state == CheckInState.DUE.value, c.due_at <= now)
            .order_by(c.due_at)
            .limit(limit)
        )
        return [_checkin(row) for row in rows]

    def silent(self, now: datetime, limit: int) -> list[CheckIn]:
        c = t.check_in.c
        rows = self._db.execute(
            select(t.check_in)
            .where(
                c.state == CheckInState.ASKED.value,
                or_(
                    and_(c.nagged_at.is_(None), c.asked_at <= now - WINDOW),
                    c.asked_at <= now - WINDOW - GRACE,
                ),
            )
            .order_by(c.asked_at)
            .limit(limit)
        )
        return [_checkin(row) for row in rows]

    def open_for(self, patient_id: PatientId) -> CheckIn | None:
        row = self._db.execute(_OPEN, {"patient": patient_id}).first()
        return _checkin(row) if row else None

    def change(self, was: CheckIn, new: CheckIn) -> bool:
        c = t.check_in.c
        changed = self._db.execute(
            update(t.check_in)
            .where(
                c.id == was.id,
                c.state == was.state.value,
                c.nagged_at.is_(None) if was.nagged_at is None else c.nagged_at == was.nagged_at,
            )
            .values(
                state=new.state.value,
                asked_at=new.asked_at,
                nagged_at=new.nagged_at,
                answered_at=new.answered_at,
            )
        )
        return changed.rowcount == 1


def _checkin(row: Row[Any]) -> CheckIn:
    return CheckIn(**{**row._mapping, "state": CheckInState(row.state)})
