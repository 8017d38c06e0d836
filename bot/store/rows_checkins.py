"""Rows of schedules and check-ins; the rows are the schedule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from bot.domain.checkin import AHEAD, CheckIn, CheckInState, Schedule, Streak
from bot.domain.message import PatientId
from bot.domain.patient import PatientStatus
from bot.store import tables as t
from bot.store.among import among
from bot.store.crypto import KeyVault
from bot.store.rows_outbox import UNSAID
from bot.store.sealing import insert_new, put
from bot.store.straight import Straight
from bot.store.whole import whole

PLANNED = timedelta(hours=24)  #: a schedule whose rows reach less far is planned on
_CLOCK = timedelta(minutes=5)
PLANNED_FOR = (PatientStatus.ACTIVE.value, PatientStatus.PAUSED.value)
_DUE, _ASKED = CheckInState.DUE.value, CheckInState.ASKED.value
_OPEN_FOR = Straight(
    select(t.check_in)
    .where(t.check_in.c.patient_id == bindparam("patient"), t.check_in.c.state == _ASKED)
    .order_by(t.check_in.c.asked_at.desc())
)
_ACTIVE = select(t.schedule).where(t.schedule.c.active).order_by(t.schedule.c.id)
_OF = Straight(_ACTIVE.where(t.schedule.c.patient_id == bindparam("patient")))

#: Put in the post by the same moment, and still there: the patient has not read the question.
IN_THE_POST = exists().where(
    t.outbox.c.patient_id == t.check_in.c.patient_id,
    t.outbox.c.created_at == t.check_in.c.asked_at,
    t.outbox.c.state.in_(UNSAID),
)


class CheckInRows:
    """See ``bot.ports.checkins.CheckIns``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def set_schedule(self, schedule: Schedule) -> None:
        row = asdict(schedule)
        what = row.pop("what")
        row["sealed"] = self._vault.seal(schedule.patient_id, what) if what else None
        row["planned_until"] = None
        put(self._db, t.schedule, row)

    def schedules(self, patient_id: PatientId | None = None) -> list[Schedule]:
        if patient_id is None:
            return [self._schedule(row) for row in self._db.execute(_ACTIVE)]
        return [self._schedule(row) for row in _OF.all(self._db, {"patient": patient_id})]

    def schedule(self, schedule_id: str) -> Schedule | None:
        row = self._db.execute(select(t.schedule).where(t.schedule.c.id == schedule_id)).first()
        return self._schedule(row) if row else None

    def some(self, schedule_ids: Collection[str]) -> dict[str, Schedule]:
        rows = self._db.execute(
            select(t.schedule).where(among(self._db, t.schedule.c.id, schedule_ids))
        )
        return {row.id: self._schedule(row) for row in rows.all()}

    def unplanned(self, now: datetime, limit: int) -> list[tuple[Schedule, datetime | None]]:
        c = t.schedule.c
        rows = self._db.execute(
            select(t.schedule)
            .join(t.patient)
            .where(
                c.active,
                # Planned through a pause, so that the first slot after it is asked.
                t.patient.c.status.in_(PLANNED_FOR),
                or_(
                    c.planned_until.is_(None),
                    c.planned_until < now + PLANNED,
                    c.planned_until > now + AHEAD + _CLOCK,  # planned by a clock that was ahead
                ),
            )
            .limit(limit)
            .with_for_update(of=t.schedule, skip_locked=True)
        ).all()
        return [(self._schedule(row), row.planned_until) for row in rows]

    def planned(self, schedule_ids: Sequence[str], until: datetime) -> None:
        self._db.execute(
            update(t.schedule)
            .where(among(self._db, t.schedule.c.id, schedule_ids))
            .values(planned_until=until)
        )

    def materialise(self, checkins: Iterable[CheckIn]) -> int:
        rows = [vars(c) | {"state": c.state.value} for c in checkins]
        return insert_new(self._db, t.check_in, rows)

    def cancel_due(self, patient_id: PatientId, schedule_id: str | None = None) -> int:
        c = t.check_in.c
        # What was never asked leaves its slot free for a new time.
        query = delete(t.check_in).where(c.patient_id == patient_id, c.state == _DUE, c.asks == 0)
        again = update(t.schedule).where(t.schedule.c.patient_id == patient_id)
        if schedule_id is not None:
            query = query.where(c.schedule_id == schedule_id)
            again = again.where(t.schedule.c.id == schedule_id)
        self._db.execute(again.values(planned_until=None))
        return self._db.execute(query).rowcount

    def forget_coming(self, schedule_ids: Collection[str], now: datetime) -> None:
        c = t.check_in.c
        # No bare state and time here: SQLite would read everybody's coming check-ins for them.
        never_asked = func.coalesce(c.state, "") == _DUE, c.asks == 0
        self._db.execute(
            delete(t.check_in).where(
                among(self._db, c.schedule_id, schedule_ids), *never_asked, c.due_at > now
            )
        )

    def due(self, now: datetime, limit: int) -> list[CheckIn]:
        c = t.check_in.c
        rows = self._db.execute(
            select(t.check_in)
            .where(c.state == _DUE, c.due_at <= now)
            .order_by(c.due_at)
            .limit(limit)
        )
        return [_checkin(row) for row in rows]

    def take_due(self, now: datetime, limit: int) -> list[CheckIn]:
        c = t.check_in.c
        waiting = (
            select(*_KEY)
            .join_from(t.check_in, t.patient_key, _KEY[0] == c.patient_id)
            .where(c.state == _DUE, c.due_at <= now)
            .order_by(c.due_at)
            .limit(limit)
        )
        return self._due_for(self._ours(waiting), now)

    def take_backlog(self, now: datetime, before: datetime, limit: int) -> list[CheckIn]:
        c = t.check_in.c
        waiting = (
            select(c.patient_id).distinct().where(c.state == _DUE, c.due_at <= before).limit(limit)
        )
        whose = self._ours(select(*_KEY).where(_KEY[0].in_(waiting)))
        # Whoever has lost their key is asked nothing any more, and must not stand before others.
        keyless = waiting.where(~exists().where(_KEY[0] == c.patient_id))
        return self._due_for(whose | set(self._db.scalars(keyless)), now)

    def _ours(self, keys: Select[str, str]) -> set[str]:
        """Whose key's row no other worker has taken in order to write to them; now we have."""
        locked = keys.with_for_update(of=t.patient_key, skip_locked=True, key_share=True)
        return self._vault.given(self._db.execute(locked).all())

    def _due_for(self, whose: Collection[str], now: datetime) -> list[CheckIn]:
        """All that is due for them: what reads the same becomes one message."""
        c = t.check_in.c
        # No bare time here: for each batch SQLite would read all that is due for everybody.
        due_at = func.coalesce(c.due_at, now)
        rows = self._db.execute(
            select(t.check_in)
            .where(among(self._db, c.patient_id, whose), c.state == _DUE, due_at <= now)
            .order_by(due_at)
            .with_for_update(skip_locked=True)
        )
        return [_checkin(row) for row in rows.all()]

    def streaks(
        self, schedule_ids: Collection[str], since: datetime, until: datetime
    ) -> dict[str, Streak]:
        c = t.check_in.c
        its = among(self._db, c.schedule_id, schedule_ids)
        answered = (
            select(c.schedule_id, func.max(c.due_at).label("at"))
            .where(its, c.due_at >= since, or_(c.answer != "", c.asks > 1))
            .group_by(c.schedule_id)
            .subquery()
        )
        rows = self._db.execute(
            select(
                c.schedule_id,
                func.sum(case((c.asks > 0, 1), else_=0)),
                func.max(case((c.asks > 0, c.due_at))),
                func.max(case((c.asks == 0, c.due_at))),
            )
            .join_from(t.check_in, t.schedule)
            .join(answered, answered.c.schedule_id == c.schedule_id, isouter=True)
            .where(
                its,
                or_(t.schedule.c.changed_at.is_(None), c.due_at > t.schedule.c.changed_at),
                c.due_at >= since,
                c.due_at < until,
                c.state != _DUE,
                or_(answered.c.at.is_(None), c.due_at > answered.c.at),
            )
            .group_by(c.schedule_id)
        )
        return {
            name: Streak(unanswered=asked, last_asked=last, last_rested=rested)
            for name, asked, last, rested in rows.all()
            if asked
        }

    def asked(self, checkins: Sequence[CheckIn]) -> None:
        c = t.check_in.c
        self._db.execute(
            update(t.check_in)
            .where(
                among(self._db, c.patient_id, {one.patient_id for one in checkins}),
                c.state == _ASKED,
                among(self._db, c.schedule_id, {one.schedule_id for one in checkins}),
            )
            .values(state=CheckInState.CANCELLED.value)
        )
        alike: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
        for one in checkins:
            alike[_as_asked(one)].append(one.id)
        for values, ids in alike.items():  # one statement for all of a kind, not one for each
            row = dict(zip(_ASKED_AS, values, strict=True))
            row["state"] = row["state"].value
            self._db.execute(update(t.check_in).where(among(self._db, c.id, ids)).values(row))

    def cancel(self, checkin_ids: Collection[str]) -> None:
        self._db.execute(
            update(t.check_in)
            .where(among(self._db, t.check_in.c.id, checkin_ids))
            .values(state=CheckInState.CANCELLED.value)
        )

    def silent(self, now: datetime, limit: int) -> list[CheckIn]:
        c = t.check_in.c
        rows = self._db.execute(
            select(t.check_in)
            .where(
                c.state == _ASKED,
                or_(and_(c.nagged_at.is_(None), c.nag_at <= now), c.miss_at <= now),
                ~IN_THE_POST,
            )
            .order_by(c.asked_at)
            .limit(limit)
        )
        return [_checkin(row) for row in rows]

    def get(self, checkin_id: str) -> CheckIn | None:
        row = self._db.execute(select(t.check_in).where(t.check_in.c.id == checkin_id)).first()
        return _checkin(row) if row else None

    def open_for(self, patient_id: PatientId) -> list[CheckIn]:
        return [_checkin(row) for row in _OPEN_FOR.all(self._db, {"patient": patient_id})]

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
        values: dict[str, Any] = dict(zip(_SCHEDULE, row, strict=True))
        sealed = values.pop("sealed")
        values.pop("planned_until")
        values["what"] = self._vault.open(values["patient_id"], sealed) if sealed else ""
        return whole(Schedule, values)


_KEY = t.patient_key.c.patient_id, t.patient_key.c.wrapped
_ASKED_AS = ("state", "asks", "asked_at", "nag_at", "miss_at", "nagged_at")
_as_asked = attrgetter(*_ASKED_AS)
# Ten thousand rows are read at once: by their place, which is quicker than by their names.
_CHECK_IN, _SCHEDULE = tuple(t.check_in.c.keys()), tuple(t.schedule.c.keys())


def _checkin(row: Row[Any]) -> CheckIn:
    values: dict[str, Any] = dict(zip(_CHECK_IN, row, strict=True))
    values["state"] = CheckInState(values["state"])
    return whole(CheckIn, values)
