"""Rows of what the care team knows of a patient: conditions, medicines, limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from bot.domain.clinical import ClinicalEntry, EntryKind
from bot.domain.message import PatientId
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import insert_new, open_json, seal_json
from bot.store.straight import Straight

_c = t.clinical_entry.c
_EVER = select(t.clinical_entry).where(_c.patient_id == bindparam("patient")).order_by(_c.seq)
_OF, _CURRENT = Straight(_EVER), Straight(_EVER.where(_c.ended_at.is_(None)))


class ClinicalRows:
    """See ``bot.ports.record.Clinical``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def add(self, entry: ClinicalEntry) -> bool:
        row = {
            "id": entry.id,
            "patient_id": entry.patient_id,
            "kind": entry.kind.value,
            "set_by": entry.set_by,
            "set_at": entry.set_at,
            "sealed": seal_json(
                self._vault, entry.patient_id, {"name": entry.name, "value": entry.value}
            ),
        }
        return insert_new(self._db, t.clinical_entry, [row]) == 1

    def end(self, patient_id: PatientId, entry_id: str, member_id: str, now: datetime) -> bool:
        ended = self._db.execute(
            update(t.clinical_entry)
            .where(_c.patient_id == patient_id, _c.id == entry_id, _c.ended_at.is_(None))
            .values(ended_by=member_id, ended_at=now)
        )
        return ended.rowcount == 1

    def of(self, patient_id: PatientId, *, ended: bool = False) -> list[ClinicalEntry]:
        query = _OF if ended else _CURRENT
        return [self._entry(row) for row in query.all(self._db, {"patient": patient_id})]

    def _entry(self, row: Row[Any]) -> ClinicalEntry:
        return ClinicalEntry(
            id=row.id,
            patient_id=PatientId(row.patient_id),
            kind=EntryKind(row.kind),
            set_by=row.set_by,
            set_at=row.set_at,
            ended_by=row.ended_by,
            ended_at=row.ended_at,
            **open_json(self._vault, row.patient_id, row.sealed),
        )
