"""Rows of the question that follows an emergency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from bot.domain.call import CallQuestion, CallState
from bot.domain.message import PatientId
from bot.store import tables as t
from bot.store.sealing import insert_new


class CallRows:
    """See ``bot.ports.escalations.Calls``."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, questions: Iterable[CallQuestion]) -> int:
        return insert_new(self._db, t.call_question, [_values(q) for q in questions])

    def get(self, question_id: str) -> CallQuestion | None:
        found = self._list(select(t.call_question).where(t.call_question.c.id == question_id))
        return found[0] if found else None

    def due(self, now: datetime, limit: int) -> list[CallQuestion]:
        c = t.call_question.c
        return self._list(
            select(t.call_question).where(c.next_at <= now).order_by(c.next_at).limit(limit)
        )

    def of(self, escalation_id: str) -> list[CallQuestion]:
        c = t.call_question.c
        return self._list(
            select(t.call_question).where(c.escalation_id == escalation_id).order_by(c.id)
        )

    def asked_since(self, patient_id: PatientId, since: datetime) -> bool:
        c = t.call_question.c
        asked = select(c.id).where(c.patient_id == patient_id, c.asked_at > since)
        return self._db.execute(asked.limit(1)).first() is not None

    def change(self, was: CallQuestion, new: CallQuestion) -> bool:
        c = t.call_question.c
        changed = self._db.execute(
            update(t.call_question)
            .where(c.id == was.id, c.state == was.state.value)
            .values(_values(new))
        )
        return changed.rowcount == 1

    def _list(self, query: Select[Any]) -> list[CallQuestion]:
        return [_question(row) for row in self._db.execute(query)]


def _values(question: CallQuestion) -> dict[str, Any]:
    return asdict(question) | {"state": question.state.value}


def _question(row: Row[Any]) -> CallQuestion:
    return CallQuestion(**{**row._mapping, "state": CallState(row.state)})
