"""Rows of summaries: a month of what a patient said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, select

from bot.domain.message import PatientId
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import open_json, put, seal_json
from memory import Summary
from memory.summary import Sentence, period_of, without

_SENTENCES = TypeAdapter(tuple[Sentence, ...])
_c = t.memory.c


class SummaryRows:
    """See ``bot.ports.memories.Summaries``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def put(self, summary: Summary) -> None:
        said = _SENTENCES.dump_python(summary.sentences, mode="json")
        row = {
            "id": f"{summary.patient_id}/{summary.period}",
            "patient_id": summary.patient_id,
            "period": summary.period,
            "method": summary.method[:64],
            "turns": summary.turns,
            "made_at": summary.made_at,
            "sealed": seal_json(self._vault, summary.patient_id, {"sentences": said}),
        }
        put(self._db, t.summary, row)

    def of(self, patient_id: PatientId) -> list[Summary]:
        rows = self._db.execute(
            select(t.summary)
            .where(t.summary.c.patient_id == patient_id)
            .order_by(t.summary.c.period)
        )
        return [
            Summary(
                patient_id=row.patient_id,
                period=row.period,
                method=row.method,
                turns=row.turns,
                made_at=row.made_at,
                sentences=_SENTENCES.validate_python(
                    open_json(self._vault, row.patient_id, row.sealed)["sentences"]
                ),
            )
            for row in rows
        ]

    def forget(self, patient_id: PatientId, sources: Collection[str]) -> None:
        for summary in self.of(patient_id):
            left = without(summary, sources)
            if left != summary:
                self.put(left)

    def behind(self, since: datetime, least: int, limit: int) -> list[tuple[PatientId, str]]:
        lately = select(_c.patient_id).where(_c.recorded_at >= since).distinct()
        found: list[tuple[PatientId, str]] = []
        for patient_id in self._db.scalars(lately).all():
            months = Counter(
                period_of(at)
                for at in self._db.scalars(
                    select(_c.recorded_at).where(
                        _c.patient_id == patient_id, _c.kind == "turn", _c.said_by == "patient"
                    )
                )
            )
            if months.total() < least:
                continue
            done = self._turns(patient_id)
            found += [(PatientId(patient_id), m) for m in sorted(months) if done[m] != months[m]]
            if len(found) >= limit:
                break
        return found[:limit]

    def _turns(self, patient_id: str) -> Counter[str]:
        c = t.summary.c
        rows = self._db.execute(select(c.period, c.turns).where(c.patient_id == patient_id))
        return Counter({row.period: row.turns for row in rows})
