"""Rows of carers: whose they are, where they write from, what they may be told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from bot.domain.carer import Carer, Scope
from bot.domain.message import PatientId
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import insert_new, open_json, seal_json

_c = t.carer.c


class CarerRows:
    """See ``bot.ports.people.Carers``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def add(self, carer: Carer) -> bool:
        row = {
            "id": carer.id,
            "patient_id": carer.patient_id,
            "channel": carer.channel,
            "bot": carer.bot,
            "address": carer.address,
            "language": carer.language,
            "scopes": _joined(carer.scopes),
            "added_at": carer.added_at,
            "sealed": seal_json(self._vault, carer.patient_id, {"name": carer.name}),
        }
        return insert_new(self._db, t.carer, [row]) == 1

    def at(self, channel: str, bot: str, address: str) -> Carer | None:
        row = self._db.execute(
            select(t.carer).where(
                _c.channel == channel, _c.bot == bot, _c.address == address, _c.ended_at.is_(None)
            )
        ).first()
        return self._carer(row) if row else None

    def of(self, patient_id: PatientId, *, ended: bool = False) -> list[Carer]:
        query = select(t.carer).where(_c.patient_id == patient_id).order_by(_c.added_at, _c.id)
        if not ended:
            query = query.where(_c.ended_at.is_(None))
        return [self._carer(row) for row in self._db.execute(query)]

    def change(self, carer: Carer) -> None:
        self._db.execute(
            update(t.carer)
            .where(_c.id == carer.id, _c.patient_id == carer.patient_id, _c.ended_at.is_(None))
            .values(scopes=_joined(carer.scopes), ended_at=carer.ended_at)
        )

    def _carer(self, row: Row[Any]) -> Carer:
        return Carer(
            id=row.id,
            patient_id=PatientId(row.patient_id),
            channel=row.channel,
            bot=row.bot,
            address=row.address,
            language=row.language,
            scopes=frozenset(Scope(one) for one in row.scopes.split()),
            added_at=row.added_at,
            ended_at=row.ended_at,
            **open_json(self._vault, row.patient_id, row.sealed),
        )


def _joined(scopes: frozenset[Scope]) -> str:
    return " ".join(sorted(scope.value for scope in scopes))
