"""Rows of observations, risk assessments and memories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Integer, Row, Select, bindparam, func, select, update

from bot.domain.message import PatientId
from bot.domain.observation import Observation, ObservationStatus
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import insert_new, insert_unless_kept, open_json, seal_json
from bot.store.straight import Straight
from memory import Memory
from risk import RiskAssessment

_ASSESSMENT = TypeAdapter(RiskAssessment)
_PRIVATE_VALUE = ("value", "diastolic", "unit", "said", "given")


_ALL_OBSERVED = (
    select(t.observation)
    .where(
        t.observation.c.patient_id == bindparam("patient"),
        t.observation.c.status != ObservationStatus.ENTERED_IN_ERROR.value,
    )
    .order_by(t.observation.c.at.desc(), t.observation.c.seq.desc())
    .limit(bindparam("most", type_=Integer))
)
_OBSERVED = Straight(_ALL_OBSERVED)
_NEXT = select(func.coalesce(func.max(t.memory.c.position) + 1, 0)).where(
    t.memory.c.patient_id == bindparam("patient")
)
_UNINDEXED = Straight(
    select(t.memory)
    .where(t.memory.c.indexed_at.is_(None), t.memory.c.patient_id == bindparam("patient"))
    .order_by(t.memory.c.seq)
)


@cache
def _remember(dialect: str) -> Straight:
    insert = insert_unless_kept(dialect, t.memory)
    return Straight(insert.values(position=_NEXT.scalar_subquery()))


class RecordRows:
    """See ``bot.ports.record.Record``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def observe(self, observations: Iterable[Observation]) -> None:
        rows = [
            {
                "id": o.id,
                "patient_id": o.patient_id,
                "code": o.code,
                "status": o.status.value,
                "source": o.source,
                "at": o.at,
                "sealed": seal_json(
                    self._vault, o.patient_id, {name: getattr(o, name) for name in _PRIVATE_VALUE}
                ),
            }
            for o in observations
        ]
        insert_new(self._db, t.observation, rows)

    def observations(
        self, patient_id: PatientId, code: str | None = None, limit: int = 200
    ) -> list[Observation]:
        given = {"patient": patient_id, "most": limit}
        if code is None:
            rows = _OBSERVED.all(self._db, given)
        else:
            query = _ALL_OBSERVED.where(t.observation.c.code == code)
            rows = self._db.execute(query, given).all()
        return [
            Observation(
                id=row.id,
                patient_id=PatientId(row.patient_id),
                code=row.code,
                status=ObservationStatus(row.status),
                source=row.source,
                at=row.at,
                **open_json(self._vault, row.patient_id, row.sealed),
            )
            for row in rows
        ]

    def withdraw(self, patient_id: PatientId, observation_id: str) -> None:
        c = t.observation.c
        self._db.execute(
            update(t.observation)
            .where(c.patient_id == patient_id, c.id == observation_id)
            .values(status=ObservationStatus.ENTERED_IN_ERROR.value)
        )

    def assess(self, assessment: RiskAssessment) -> None:
        row = {
            "id": assessment.id,
            "patient_id": assessment.patient_id,
            "method": assessment.method,
            "at": assessment.occurred_at,
            "sealed": self._vault.seal(
                assessment.patient_id, _ASSESSMENT.dump_json(assessment, warnings=False).decode()
            ),
        }
        insert_new(self._db, t.risk_assessment, [row])

    def assessments(self, patient_id: PatientId) -> list[RiskAssessment]:
        c = t.risk_assessment.c
        rows = self._db.execute(
            select(t.risk_assessment).where(c.patient_id == patient_id).order_by(c.at.desc())
        )
        return [
            _ASSESSMENT.validate_json(self._vault.open(row.patient_id, row.sealed)) for row in rows
        ]

    def assessments_since(self, since: datetime) -> list[RiskAssessment]:
        c = t.risk_assessment.c
        rows = self._db.execute(
            select(t.risk_assessment).where(c.at >= since).order_by(c.at, c.id)
        ).all()
        lost = self._vault.warm((row.patient_id for row in rows), self._db)
        return [
            _ASSESSMENT.validate_json(self._vault.open(row.patient_id, row.sealed))
            for row in rows
            if row.patient_id not in lost
        ]

    def remember(self, memories: Iterable[Memory]) -> None:
        """Keep memories of one patient, in order."""
        memories = tuple(memories)
        if not memories:
            return
        rows = [
            {
                "id": m.id,
                "patient_id": m.patient_id,
                "kind": m.kind,
                "said_by": m.said_by,
                "source": m.source,
                "language": m.language,
                "status": m.status,
                "recorded_at": m.recorded_at,
                "patient": m.patient_id,
                "sealed": self._vault.seal(m.patient_id, m.text),
            }
            for m in memories
        ]
        statement = _remember(self._db.dialect.name)
        for row in rows:  # one after the other: each looks up the position of the one before
            statement.change(self._db, row)

    def memories(self, patient_id: PatientId, kind: str | None = None) -> list[Memory]:
        c = t.memory.c
        query = select(t.memory).where(c.patient_id == patient_id)
        if kind is not None:
            query = query.where(c.kind == kind)
        return self._memories(query.order_by(c.seq))

    def forget(self, patient_id: PatientId, ids: Sequence[str]) -> int:
        c = t.memory.c
        gone = self._db.execute(t.memory.delete().where(c.patient_id == patient_id, c.id.in_(ids)))
        return gone.rowcount

    def unindexed_of(self, patient_id: PatientId) -> list[Memory]:
        return self.opened(_UNINDEXED.all(self._db, {"patient": patient_id}))

    def opened(self, rows: Iterable[Row[Any]]) -> list[Memory]:
        """Rows of the table, read under their patients' keys."""
        return [self._memory(row) for row in rows]

    def _memories(self, query: Select[Any]) -> list[Memory]:
        return [self._memory(row) for row in self._db.execute(query)]

    def _memory(self, row: Row[Any]) -> Memory:
        return Memory(
            id=row.id,
            patient_id=row.patient_id,
            text=self._vault.open(row.patient_id, row.sealed),
            kind=row.kind,
            said_by=row.said_by,
            source=row.source,
            language=row.language,
            recorded_at=row.recorded_at,
            position=row.position,
            status=row.status,
        )
