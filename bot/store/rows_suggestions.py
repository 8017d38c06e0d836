"""Rows of suggestions: what there is to talk over with a patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, func, select, update

from bot.domain.message import PatientId
from bot.domain.suggestion import KeptSuggestion, Suggestion, SuggestionState
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import insert_new, open_json, seal_json

_SUGGESTION = TypeAdapter(Suggestion)
_c = t.suggestion.c


class SuggestionRows:
    """See ``bot.ports.record.Suggestions``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def add(self, suggestions: Iterable[KeptSuggestion]) -> int:
        return insert_new(self._db, t.suggestion, [self._values(one) for one in suggestions])

    def of(self, patient_id: PatientId) -> list[KeptSuggestion]:
        rows = self._db.execute(
            select(t.suggestion).where(_c.patient_id == patient_id).order_by(_c.made_at, _c.id)
        )
        return [
            KeptSuggestion(
                id=row.id,
                patient_id=PatientId(row.patient_id),
                suggestion=_SUGGESTION.validate_python(
                    open_json(self._vault, row.patient_id, row.sealed)
                ),
                state=SuggestionState(row.state),
                made_at=row.made_at,
                decided_by=row.decided_by,
                decided_at=row.decided_at,
                until=row.until,
            )
            for row in rows
        ]

    def waiting(self) -> Mapping[PatientId, int]:
        rows = self._db.execute(
            select(_c.patient_id, func.count())
            .where(_c.state == SuggestionState.OPEN.value)
            .group_by(_c.patient_id)
        )
        return {PatientId(patient_id): count for patient_id, count in rows}

    def change(self, was: KeptSuggestion, new: KeptSuggestion) -> bool:
        changed = self._db.execute(
            update(t.suggestion)
            .where(_c.id == was.id, _c.state == was.state.value)
            .values(self._values(new))
        )
        return changed.rowcount == 1

    def _values(self, kept: KeptSuggestion) -> dict[str, Any]:
        said = _SUGGESTION.dump_python(kept.suggestion, mode="json")
        return {
            "id": kept.id,
            "patient_id": kept.patient_id,
            "state": kept.state.value,
            "made_at": kept.made_at,
            "decided_by": kept.decided_by,
            "decided_at": kept.decided_at,
            "until": kept.until,
            "sealed": seal_json(self._vault, kept.patient_id, said),
        }
