"""What should have moved on by now, counted across the tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select

from bot.domain.checkin import CheckInState
from bot.domain.escalation import CLIMBING, AuditEvent, EscalationState
from bot.domain.message import PatientId
from bot.domain.outbox import MessageClass, OutboxState
from bot.ports import Overdue
from bot.store import tables as t
from bot.store.rows_checkins import PLANNED, PLANNED_FOR

LATE = timedelta(minutes=2)
UNREAD = timedelta(minutes=1)
_ROWS = PLANNED / 2
_NAMED = 10  #: ids told of each kind


class WatchRows:
    """See ``bot.ports.keeping.Watch``."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def overdue(self, now: datetime) -> list[Overdue]:
        late = now - LATE
        found = (
            self._look("escalation", t.escalation, t.escalation.c.id, _stuck(late)),
            self._look("schedule", t.schedule, t.schedule.c.id, _unplanned(now)),
            self._look("check_in", t.check_in, t.check_in.c.id, _unasked(late)),
            self._look("call_question", t.call_question, t.call_question.c.id, _uncalled(late)),
            self._look("outbox", t.outbox, t.outbox.c.id, _unsent(late)),
            self._look("inbox", t.inbox, t.inbox.c.id, _unread(now - UNREAD)),
        )
        return [one for one in found if one is not None]

    def last(self, subject: str, *types: str, actor: str = "") -> AuditEvent | None:
        c = t.audit_event.c
        row = self._db.execute(
            select(t.audit_event)
            .where(c.subject == subject, c.type.in_(types), *([c.actor == actor] if actor else []))
            .order_by(c.seq.desc())
            .limit(1)
        ).first()
        if row is None:
            return None
        return AuditEvent(
            at=row.at,
            actor=row.actor,
            type=row.type,
            subject=row.subject,
            patient_id=PatientId(row.patient_id) if row.patient_id else None,
            detail=row.detail,
        )

    def _look(
        self, kind: str, table: Table, key: ColumnElement[Any], where: ColumnElement[bool]
    ) -> Overdue | None:
        ids = self._db.scalars(select(key).where(where).order_by(key).limit(_NAMED)).all()
        if not ids:
            return None
        count = self._db.scalar(select(func.count()).select_from(table).where(where)) or 0
        return Overdue(kind=kind, count=count, ids=tuple(str(one) for one in ids))


def _stuck(late: datetime) -> ColumnElement[bool]:
    """Climbing without a next step, or with one that nobody took."""
    c = t.escalation.c
    climbing = c.state.in_([state.value for state in CLIMBING])
    accepted = c.state == EscalationState.ACCEPTED.value
    return or_(
        and_(climbing, or_(c.next_step_at.is_(None), c.next_step_at < late)),
        and_(accepted, c.next_step_at < late),
    )


def _unasked(late: datetime) -> ColumnElement[bool]:
    """Due and not asked; asked, silent past the end, and told to nobody."""
    c = t.check_in.c
    return or_(
        and_(c.state == CheckInState.DUE.value, c.due_at < late),
        and_(c.state == CheckInState.ASKED.value, c.miss_at < late),
    )


def _unplanned(now: datetime) -> ColumnElement[bool]:
    """Its coming questions are no rows: nothing would fall due, and nothing be missed."""
    c = t.schedule.c
    welcome = select(t.patient.c.id).where(t.patient.c.status.in_(PLANNED_FOR))
    return and_(c.active, c.planned_until < now + _ROWS, c.patient_id.in_(welcome))


def _uncalled(late: datetime) -> ColumnElement[bool]:
    """ "Have you been able to call?" that nobody asked, or whose silence nobody took for one."""
    return t.call_question.c.next_at < late


def _unsent(late: datetime) -> ColumnElement[bool]:
    """Waiting past its time; an emergency also while each try puts its time off again."""
    c = t.outbox.c
    urgent = and_(c["class"] == int(MessageClass.EMERGENCY), c.created_at < late)
    return or_(
        and_(c.state == OutboxState.NEW.value, or_(c.not_before < late, urgent)),
        and_(c.state == OutboxState.HELD.value, c.not_before < late),
        and_(c.state == OutboxState.SENDING.value, c.lease_until < late),
    )


def _unread(late: datetime) -> ColumnElement[bool]:
    c = t.inbox.c
    return and_(c.state == "new", c.received_at < late)
