"""Erasure: the rows that go, the rows that stay, and the receipt for both."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, exists, func, or_, select, update

from bot.domain.erasure import Receipt
from bot.domain.message import PatientId
from bot.domain.patient import PatientStatus
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.rows_cases import CaseRows
from bot.store.sealing import put

#: Deleted on erasure, children before parents. Audit events stay: they hold ids only.
ERASED = (
    t.attachment, t.message, t.observation, t.risk_assessment, t.memory, t.fact, t.summary,
    t.check_in, t.schedule, t.call_question, t.evidence, t.clinical_entry, t.outbox, t.inbox,
    t.suggestion, t.dialogue, t.consent,
    t.carer, t.contact, t.topic,
)  # fmt: skip

#: Not deleted on erasure; bot/retention.toml says why.
KEPT = (t.audit_event, t.escalation)


def erase(connection: Connection, vault: KeyVault, patient_id: PatientId, now: datetime) -> Receipt:
    """Delete every row and the key; what went and what stays."""
    vault.hold(patient_id, connection)
    counts = {"inbox": _erase_inbox(connection, patient_id)}
    # While the key is there: without it nobody can say which cases were this patient's.
    counts["coded_case"] = CaseRows(connection, vault).forget(patient_id)
    for table in ERASED:
        gone = connection.execute(delete(table).where(table.c.patient_id == patient_id))
        counts[table.name] = counts.get(table.name, 0) + gone.rowcount
    counts["invitation"] = connection.execute(
        delete(t.invitation).where(
            t.invitation.c.purpose.in_(("patient", "carer")), t.invitation.c.subject == patient_id
        )
    ).rowcount
    # The care team's record of what was escalated stays; its words become unreadable.
    connection.execute(
        update(t.escalation).where(t.escalation.c.patient_id == patient_id).values(sealed=None)
    )
    gone = connection.execute(delete(t.patient_key).where(t.patient_key.c.patient_id == patient_id))
    counts["patient_key"] = gone.rowcount
    connection.execute(
        update(t.patient)
        .where(t.patient.c.id == patient_id)
        .values(
            status=PatientStatus.ERASED.value,
            sealed=None,
            country="",
            timezone="UTC",
            sex="",
            home_zone="",
            home_country="",
        )
    )
    kept = {
        table.name: connection.scalar(
            select(func.count()).select_from(table).where(table.c.patient_id == patient_id)
        )
        or 0
        for table in KEPT
    } | {"patient": 1}
    receipt = Receipt(patient_id=patient_id, at=now, removed=counts, kept=kept)
    row = {"patient_id": patient_id, "at": now, "receipt": {"removed": counts, "kept": kept}}
    put(connection, t.erasure, row)
    vault.drop(patient_id)
    return receipt


def _erase_inbox(connection: Connection, patient_id: PatientId) -> int:
    """What patient and carers sent and nobody read yet, so that no row names them."""
    c, at = t.inbox.c, t.contact.c
    by = t.carer.c
    theirs = exists().where(
        at.patient_id == patient_id,
        c.order_key == at.channel + ":" + at.bot + ":" + at.address,
    )
    carers = exists().where(
        by.patient_id == patient_id,
        c.order_key == by.channel + ":" + by.bot + ":" + by.address,
    )
    return connection.execute(delete(t.inbox).where(or_(theirs, carers))).rowcount
