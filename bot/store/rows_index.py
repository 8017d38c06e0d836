"""Which rows of memory still need their vectors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from bot.domain.message import PatientId
from bot.ports.memories import AGAIN, NO_KEY, ToIndex
from bot.store import tables as t
from bot.store.among import among
from bot.store.crypto import KeyVault
from bot.store.rows_record import RecordRows

_c = t.memory.c
_NEW = ""


class IndexRows:
    """See ``bot.ports.memories.Index``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault
        self._record = RecordRows(connection, vault)

    def new(self, limit: int) -> ToIndex:
        return self._readable(
            select(t.memory).where(_c.encoder == _NEW).order_by(_c.seq).limit(limit)
        )

    def again(self) -> ToIndex:
        owner = (
            select(_c.patient_id).where(_c.encoder == AGAIN).order_by(_c.seq).limit(1)
        ).scalar_subquery()
        return self._readable(select(t.memory).where(_c.patient_id == owner).order_by(_c.seq))

    def encoded(self, ids: Collection[str], encoder: str, now: datetime) -> set[str]:
        kept = self._db.execute(
            update(t.memory)
            .where(among(self._db, _c.id, ids))
            .values(encoder=encoder, indexed_at=now)
            .returning(_c.id)
        )
        return set(kept.scalars())

    def late(self, patient_id: PatientId, ids: Collection[str]) -> int:
        """What came while these were being written anew: perhaps swept away with the old pages."""
        others = update(t.memory).where(
            _c.patient_id == patient_id,
            _c.encoder != _NEW,
            ~among(self._db, _c.id, ids),
        )
        return self._db.execute(others.values(encoder=_NEW, indexed_at=None)).rowcount

    def keyless(self, patient_ids: Collection[str]) -> None:
        self._db.execute(
            update(t.memory)
            .where(among(self._db, _c.patient_id, patient_ids))
            .values(encoder=NO_KEY, indexed_at=None)
        )

    def counts(self) -> Mapping[PatientId, int]:
        rows = self._db.execute(
            select(_c.patient_id, func.count())
            .where(_c.indexed_at.is_not(None))
            .group_by(_c.patient_id)
        )
        return {PatientId(owner): count for owner, count in rows}

    def lost(self, patient_ids: Collection[str] | None = None) -> int:
        these = update(t.memory).where(_c.encoder != _NEW)
        if patient_ids is not None:
            these = these.where(among(self._db, _c.patient_id, patient_ids))
        return self._db.execute(these.values(encoder=AGAIN, indexed_at=None)).rowcount

    def refresh(self, encoder: str | None = None) -> int:
        these = update(t.memory).where(_c.indexed_at.is_not(None), _c.encoder != AGAIN)
        if encoder is not None:
            these = these.where(_c.encoder != encoder)
        return self._db.execute(these.values(encoder=AGAIN)).rowcount

    def refresh_of(self, patient_ids: Collection[str]) -> int:
        these = update(t.memory).where(
            _c.indexed_at.is_not(None), among(self._db, _c.patient_id, patient_ids)
        )
        return self._db.execute(these.values(encoder=AGAIN)).rowcount

    def models(self) -> Mapping[str, int]:
        rows = self._db.execute(select(_c.encoder, func.count()).group_by(_c.encoder))
        return {row.encoder: row[1] for row in rows}

    def without_key(self) -> Sequence[PatientId]:
        rows = self._db.scalars(select(_c.patient_id).where(_c.encoder == NO_KEY).distinct())
        return [PatientId(owner) for owner in rows]

    def _readable(self, query: Any) -> ToIndex:
        rows: Sequence[Row[Any]] = self._db.execute(query).all()
        lost = self._vault.warm({row.patient_id for row in rows}, self._db)
        return ToIndex(
            memories=tuple(self._record.opened(r for r in rows if r.patient_id not in lost)),
            keyless=tuple(sorted(PatientId(owner) for owner in lost)),
        )
