"""Rows of earlier cases, found again by a pseudonym under the patient's key."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, delete, func, select

from bot.domain.case import Case, KeptCase
from bot.domain.errors import KeyMissing
from bot.domain.message import PatientId
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import insert_new, open_json, seal_json

_CASE = TypeAdapter(Case)
_HOUSE = ""  #: the key of the house seals the codes: they are read together
_PLAIN = ("about", "age_band", "month")
_c = t.coded_case.c


class CaseRows:
    """See ``bot.ports.cases.Cases``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def keep(self, patient_id: PatientId, matter_id: str, case: Case) -> bool:
        codes = _CASE.dump_python(case, mode="json")
        row = {
            "id": self._vault.pseudonym(patient_id, f"case/{matter_id}", self._db),
            "owner": self._owner(patient_id),
            **{name: codes.pop(name) for name in _PLAIN},
            "sealed": seal_json(self._vault, _HOUSE, codes),
        }
        return insert_new(self._db, t.coded_case, [row]) == 1

    def of(self, patient_id: PatientId) -> list[Case]:
        mine = select(t.coded_case).where(_c.owner == self._owner(patient_id))
        return [self._case(row) for row in self._db.execute(mine.order_by(_c.month, _c.id))]

    def of_others(self, patient_id: PatientId | None) -> list[KeptCase]:
        asked = select(t.coded_case).order_by(_c.month.desc(), _c.id)
        if patient_id is not None:
            asked = asked.where(_c.owner != self._owner(patient_id))
        return [KeptCase(owner=row.owner, case=self._case(row)) for row in self._db.execute(asked)]

    def forget(self, patient_id: PatientId) -> int:
        try:
            owner = self._owner(patient_id)
        except KeyMissing:
            return 0
        return self._db.execute(delete(t.coded_case).where(_c.owner == owner)).rowcount

    def count(self) -> int:
        return self._db.scalar(select(func.count()).select_from(t.coded_case)) or 0

    def _owner(self, patient_id: PatientId) -> str:
        return self._vault.pseudonym(patient_id, "cases", self._db)

    def _case(self, row: Row[Any]) -> Case:
        codes = open_json(self._vault, _HOUSE, row.sealed)
        return _CASE.validate_python(codes | {name: getattr(row, name) for name in _PLAIN})
