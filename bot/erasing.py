"""Erase a patient everywhere the house can reach, so that it can be shown and stays so."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.domain.erasure import Receipt, Tombstone
from bot.domain.escalation import ERASED, AuditEvent, EscalationState
from bot.domain.message import PatientId
from bot.domain.patient import PatientStatus
from bot.ports import Services, Store, Tombstones, UnitOfWork

_log = logging.getLogger(__name__)


def erase(services: Services, tombstones: Tombstones, patient_id: PatientId) -> Receipt:
    """Delete every row and page of a patient, destroy the key, and return the receipt.

    The list of erased patients is written first: should we die in between, the next start
    finishes it. Raises StoreError and IndexFailed.
    """
    now = services.clock()
    tombstones.add(Tombstone(patient_id=patient_id, at=now))
    vectors = services.memories.forget_patient(patient_id)
    with services.store.unit_of_work() as work:
        receipt = _erase(work, patient_id, now, "operator")
    # Again, now that the rows are gone: somebody may have been indexing them at that moment.
    vectors += services.memories.forget_patient(patient_id)
    services.store.forget_the_journal()
    return replace(receipt, removed={**receipt.removed, "vectors": vectors})


def erase_again(store: Store, tombstones: Iterable[Tombstone], now: datetime) -> list[PatientId]:
    """Erase those of the list whom an older database brought back; returns whom."""
    back = []
    with store.reading() as rows:
        gone = {one.patient_id for one in rows.patients.erased()}
        left = [one.patient_id for one in tombstones if one.patient_id not in gone]
    for patient_id in left:
        with store.unit_of_work() as work:
            known = work.patients.status(patient_id)
            if known in (None, PatientStatus.ERASED):
                continue
            _erase(work, patient_id, now, "bot")
        back.append(patient_id)
        _log.warning("patient %s was erased before and is erased again", patient_id)
    if back:
        store.forget_the_journal()
    return back


def _erase(work: UnitOfWork, patient_id: PatientId, now: datetime, actor: str) -> Receipt:
    receipt = work.patients.erase(patient_id, now)
    event = AuditEvent(
        at=now, actor=actor, type="patient.erased", subject=patient_id, patient_id=patient_id
    )
    for matter in work.escalations.open(patient_id):  # nobody can be helped by it any more
        done = replace(
            matter,
            state=EscalationState.COMPLETED,
            completed_by=actor,
            completed_at=now,
            next_step_at=None,
        )
        if work.escalations.change(matter, done):
            closed = replace(event, type="escalation.completed", subject=matter.id)
            work.audit.add(replace(closed, detail={"outcome": ERASED}))
    work.audit.add(event)
    return receipt
