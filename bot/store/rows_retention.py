"""Rows that are older than their class is kept for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, or_, select

from bot.domain.message import PatientId
from bot.domain.outbox import OutboxState
from bot.store import tables as t

_UNSENT = (OutboxState.CLEARED, OutboxState.DENIED, OutboxState.ENOUGH)
_AT_ONCE = 2_000  #: rows deleted in one transaction, so that nobody waits long

_Old = Callable[[datetime], ColumnElement[bool]]


def _old_attachment(before: datetime) -> ColumnElement[bool]:
    old = select(t.message.c.id).where(t.message.c.at < before)
    return t.attachment.c.message_id.in_(old)


def _old_parcel(before: datetime) -> ColumnElement[bool]:
    """Settled; or never sent, which has no moment of its own."""
    c = t.outbox.c
    unsent = c.state.in_([state.value for state in _UNSENT])
    return or_(c.settled_at < before, and_(c.settled_at.is_(None), unsent, c.created_at < before))


#: Which rows of a table are over, and older than a moment. Only what is named here may be deleted.
_OVER: Mapping[str, tuple[Table, _Old]] = {
    "inbox": (
        t.inbox,
        lambda before: and_(t.inbox.c.state.in_(("done", "aside")), t.inbox.c.received_at < before),
    ),
    "outbox": (t.outbox, _old_parcel),
    "session": (t.session, lambda before: t.session.c.expires_at < before),
    "invitation": (
        t.invitation,
        lambda before: or_(t.invitation.c.used_at < before, t.invitation.c.expires_at < before),
    ),
    "attachment": (t.attachment, _old_attachment),
    "message": (t.message, lambda before: t.message.c.at < before),
    "observation": (t.observation, lambda before: t.observation.c.at < before),
    "risk_assessment": (t.risk_assessment, lambda before: t.risk_assessment.c.at < before),
    "clinical_entry": (t.clinical_entry, lambda before: t.clinical_entry.c.ended_at < before),
    "call_question": (
        t.call_question,
        lambda before: and_(
            t.call_question.c.next_at.is_(None), t.call_question.c.asked_at < before
        ),
    ),
    "fact": (
        t.fact,
        lambda before: and_(t.fact.c.status != "current", t.fact.c.recorded_at < before),
    ),
    "summary": (t.summary, lambda before: t.summary.c.period < f"{before:%Y-%m}"),
    "memory": (t.memory, lambda before: t.memory.c.recorded_at < before),
    "check_in": (
        t.check_in,
        lambda before: and_(
            t.check_in.c.state.in_(("answered", "missed", "cancelled")),
            t.check_in.c.due_at < before,
        ),
    ),
    "carer": (t.carer, lambda before: t.carer.c.ended_at < before),
    "suggestion": (
        t.suggestion,
        lambda before: func.coalesce(t.suggestion.c.until, t.suggestion.c.decided_at) < before,
    ),
    "coded_case": (t.coded_case, lambda before: t.coded_case.c.month < f"{before:%Y-%m}"),
    "evidence": (t.evidence, lambda before: t.evidence.c.at < before),
}
#: Attachments go before the messages they came with.
TABLES = tuple(_OVER)


class RetentionRows:
    """See ``bot.ports.keeping.Retention``."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def count(self, table: str, before: datetime) -> int:
        its, old = _OVER[table]
        return self._db.scalar(select(func.count()).select_from(its).where(old(before))) or 0

    def delete(self, table: str, before: datetime) -> int:
        its, old = _OVER[table]
        key = _key(its)
        some = select(key).where(old(before)).limit(_AT_ONCE)
        return self._db.execute(delete(its).where(key.in_(some))).rowcount

    def delete_memories(self, before: datetime) -> Mapping[PatientId, list[str]]:
        c = t.memory.c
        some = select(c.seq).where(_OVER["memory"][1](before)).limit(_AT_ONCE)
        gone: defaultdict[PatientId, list[str]] = defaultdict(list)
        rows = self._db.execute(
            delete(t.memory).where(c.seq.in_(some)).returning(c.patient_id, c.id)
        )
        for owner, id_ in rows:
            gone[PatientId(owner)].append(id_)
        return gone


def _key(table: Table) -> ColumnElement[Any]:
    [column] = table.primary_key
    return column
