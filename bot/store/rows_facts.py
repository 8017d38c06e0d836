"""Rows of dated statements about patients."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from bot.domain.errors import KeyMissing
from bot.domain.message import PatientId
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import insert_new, open_json, seal_json
from bot.store.straight import Straight
from memory import Fact, Memory

_OPEN = (
    "id", "patient_id", "kind", "status", "verification", "said_by", "author", "source",
    "language", "recorded_at", "valid_from", "valid_until", "replaced_by", "disputes",
)  # fmt: skip
_CHANGED = ("status", "verification", "valid_until", "replaced_by", "disputes")
_KEPT = (
    select(t.fact)
    .where(t.fact.c.patient_id == bindparam("patient"), t.fact.c.status != "forgotten")
    .order_by(t.fact.c.seq)
)
_OF, _CURRENT = Straight(_KEPT), Straight(_KEPT.where(t.fact.c.status == "current"))


class FactRows:
    """See ``bot.ports.memories.Facts``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def add(self, facts: Iterable[Fact]) -> int:
        rows = [
            {name: getattr(fact, name) for name in _OPEN} | {"sealed": self._sealed(fact)}
            for fact in facts
        ]
        return insert_new(self._db, t.fact, rows)

    def of(self, patient_id: PatientId, *, everything: bool = False) -> list[Fact]:
        query = _OF if everything else _CURRENT
        return [self._fact(row) for row in query.all(self._db, {"patient": patient_id})]

    def change(self, facts: Iterable[Fact]) -> None:
        c = t.fact.c
        for fact in facts:
            values: dict[str, Any] = {name: getattr(fact, name) for name in _CHANGED}
            if fact.status == "forgotten":
                values["sealed"] = None
            self._db.execute(
                update(t.fact)
                .where(c.patient_id == fact.patient_id, c.id == fact.id)
                .values(**values)
            )

    def unread(self, since: datetime, limit: int) -> tuple[list[Memory], list[str]]:
        c = t.memory.c
        rows = self._db.execute(
            select(t.memory)
            .where(
                c.read_at.is_(None),
                c.recorded_at >= since,
                c.kind == "turn",
                c.said_by == "patient",
            )
            .order_by(c.seq)
            .limit(limit)
        )
        found: list[Memory] = []
        keyless: list[str] = []
        for row in rows:
            try:
                text = self._vault.open(row.patient_id, row.sealed)
            except KeyMissing:
                keyless.append(row.id)
                continue
            found.append(
                Memory(
                    id=row.id,
                    patient_id=row.patient_id,
                    text=text,
                    source=row.source,
                    language=row.language,
                    recorded_at=row.recorded_at,
                )
            )
        return found, keyless

    def read(self, memory_ids: Collection[str], now: datetime) -> None:
        self._db.execute(update(t.memory).where(t.memory.c.id.in_(memory_ids)).values(read_at=now))

    def _sealed(self, fact: Fact) -> str:
        return seal_json(
            self._vault, fact.patient_id, {"text": fact.text, "values": dict(fact.values)}
        )

    def _fact(self, row: Row[Any]) -> Fact:
        values = {name: getattr(row, name) for name in _OPEN}
        return Fact(**values, **open_json(self._vault, row.patient_id, row.sealed))
