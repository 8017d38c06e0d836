"""Rows of escalations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, or_, select, update

from bot.domain import canary
from bot.domain.errors import KeyMissing
from bot.domain.escalation import CLIMBING, ERASED, OPEN, Escalation, EscalationState
from bot.domain.message import PatientId
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import insert_new, open_json, seal_json
from bot.store.straight import Straight

_PLAIN = (
    "id", "patient_id", "tier", "reason", "private_topic", "two_person", "step", "next_step_at",
    "accepted_by", "accepted_at", "contact_at", "completed_by", "completed_at", "rule_version",
    "ladder", "created_at",
)  # fmt: skip
#: The canary's matters are nobody's work: they are found by its id alone.
_SHOWN = or_(t.escalation.c.patient_id.is_(None), t.escalation.c.patient_id != canary.PATIENT)
_OPEN = tuple(state.value for state in OPEN)
_CLIMBING = tuple(state.value for state in CLIMBING)
_OF_PATIENT = Straight(
    select(t.escalation)
    .where(t.escalation.c.patient_id == bindparam("patient"))
    .order_by(t.escalation.c.seq)
)


class EscalationRows:
    """See ``bot.ports.escalations.Escalations``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def add(self, escalation: Escalation) -> bool:
        return insert_new(self._db, t.escalation, [self._values(escalation)]) == 1

    def get(self, escalation_id: str) -> Escalation | None:
        found = self._list(select(t.escalation).where(t.escalation.c.id == escalation_id))
        return found[0] if found else None

    def open(self, patient_id: PatientId | None = None) -> list[Escalation]:
        c = t.escalation.c
        query = select(t.escalation).where(c.state.in_(_OPEN))
        query = query.where(_SHOWN if patient_id is None else c.patient_id == patient_id)
        return self._list(query.order_by(c.tier, c.created_at))

    def of_patient(self, patient_id: PatientId) -> list[Escalation]:
        rows = _OF_PATIENT.all(self._db, {"patient": patient_id})
        return [self._escalation(row) for row in rows]

    def recent(self, limit: int) -> list[Escalation]:
        newest = select(t.escalation).where(_SHOWN).order_by(t.escalation.c.seq.desc())
        return self._list(newest.limit(limit))

    def due(self, now: datetime, limit: int) -> list[Escalation]:
        c = t.escalation.c
        return self._list(
            select(t.escalation)
            .where(c.state.in_(_OPEN), c.next_step_at <= now)
            .order_by(c.tier, c.next_step_at)
            .limit(limit)
        )

    def change(self, was: Escalation, new: Escalation) -> bool:
        c = t.escalation.c
        changed = self._db.execute(
            update(t.escalation)
            .where(c.id == was.id, c.state == was.state.value, c.step == was.step)
            .values(self._values_left(new))
        )
        return changed.rowcount == 1

    def _list(self, query: Select[Any]) -> list[Escalation]:
        return [self._escalation(row) for row in self._db.execute(query)]

    def _values(self, e: Escalation) -> dict[str, Any]:
        private = {"evidence": e.evidence, "outcome": e.outcome}
        return self._plain(e) | {"sealed": seal_json(self._vault, e.patient_id or "", private)}

    def _plain(self, e: Escalation) -> dict[str, Any]:
        return {name: getattr(e, name) for name in _PLAIN} | {"state": e.state.value}

    def _values_left(self, e: Escalation) -> dict[str, Any]:
        """Without a key the words stay as they lie: gone with the patient, or unreadable."""
        try:
            return self._values(e)
        except KeyMissing:
            return self._plain(e)

    def _escalation(self, row: Row[Any]) -> Escalation:
        try:
            private = open_json(self._vault, row.patient_id or "", row.sealed)
        except KeyMissing:
            private = {}  # an alert without its words is still an alert
        state = EscalationState(row.state)
        erased = row.sealed is None and state is EscalationState.COMPLETED
        return Escalation(
            **{name: getattr(row, name) for name in _PLAIN},
            state=state,
            evidence=private.get("evidence", {}),
            outcome=ERASED if erased else private.get("outcome", ""),
        )
