"""The trail nobody can change, the chain over it, and the sealed evidence beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, select, text

from bot.domain.audit import Broken, Chain, Head
from bot.domain.errors import KeyMissing
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId
from bot.store import tables as t
from bot.store.crypto import KeyVault
from bot.store.sealing import insert_new, open_json, seal_json
from bot.store.straight import Straight

_LOCK = 7_204_552  #: any number, the same in every process: who adds links on PostgreSQL
_BEHIND = 1_000  #: events of later number that may be linked before a slow transaction commits
_AT_ONCE = 5_000  #: events linked in one step, rows verified in one fetch
_SETTLED = timedelta(minutes=5)  #: an event this old must have its link
_START = "0" * 64  #: what the first link holds instead of a link before it

_event, _link = t.audit_event.c, t.audit_link.c
_ADD = Straight(t.audit_event.insert().inline())  # nobody asks for the number it gets
_UNLINKED = (
    select(t.audit_event)
    .outerjoin(t.audit_link, _link.event_seq == _event.seq)
    .where(_link.event_seq.is_(None), _event.seq > bindparam("floor"))
    .order_by(_event.seq)
    .limit(_AT_ONCE)
)
_LAST_LINK = select(t.audit_link).order_by(_link.n.desc()).limit(1)
_CHAINED = (
    select(_link.n, _link.event_seq, _link.prev_hash, _link.hash, t.audit_event)
    .outerjoin(t.audit_event, _link.event_seq == _event.seq)
    .where(_link.n > bindparam("after"))
    .order_by(_link.n)
    .limit(_AT_ONCE)
)


class AuditRows:
    """See ``bot.ports.keeping.Audit``."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self._db, self._vault = connection, vault

    def add(self, *events: AuditEvent) -> None:
        rows = [
            {
                "at": e.at,
                "actor": e.actor,
                "type": e.type,
                "subject": e.subject,
                "patient_id": e.patient_id,
                "detail": e.detail,
            }
            for e in events
        ]
        if rows:
            _ADD.add(self._db, rows)

    def seal(
        self, patient_id: PatientId, evidence_id: str, at: datetime, value: dict[str, Any]
    ) -> dict[str, object]:
        sealed = seal_json(self._vault, patient_id, value)
        row = {"id": evidence_id, "patient_id": patient_id, "at": at, "sealed": sealed}
        if not insert_new(self._db, t.evidence, [row]):
            return {"evidence": evidence_id}
        return {"evidence": evidence_id, "digest": _digest(sealed)}

    def evidence(self, evidence_id: str) -> dict[str, Any] | None:
        row = self._db.execute(
            select(t.evidence).where(t.evidence.c.id == evidence_id)
        ).one_or_none()
        if row is None:
            return None
        try:
            return open_json(self._vault, row.patient_id, row.sealed)
        except KeyMissing:
            return None

    def views(self, patient_id: PatientId, limit: int) -> list[AuditEvent]:
        return self._events(
            select(t.audit_event)
            .where(
                _event.patient_id == patient_id,
                _event.type.startswith("viewed."),
                _event.type != "viewed.patient_live",
            )
            .order_by(_event.seq.desc())
            .limit(limit)
        )

    def drafted(self, patient_id: PatientId, limit: int) -> list[AuditEvent]:
        return self._events(
            select(t.audit_event)
            .where(_event.patient_id == patient_id, _event.type == "answer.drafted")
            .order_by(_event.seq.desc())
            .limit(limit)
        )

    def of(self, subject: str, limit: int = 100) -> list[AuditEvent]:
        return self._events(
            select(t.audit_event).where(_event.subject == subject).order_by(_event.seq).limit(limit)
        )

    def _events(self, query: Select[Any]) -> list[AuditEvent]:
        rows = self._db.execute(query)
        return [
            AuditEvent(
                at=r.at,
                actor=r.actor,
                type=r.type,
                subject=r.subject,
                patient_id=PatientId(r.patient_id) if r.patient_id else None,
                detail=r.detail,
            )
            for r in rows
        ]

    def last(self) -> int:
        return self._db.scalar(select(func.max(_event.seq))) or 0

    def link(self, *, everything: bool = False) -> int:
        if self._db.dialect.name == "postgresql" and not self._db.scalar(
            text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}
        ):
            return 0
        last = self._db.execute(_LAST_LINK).one_or_none()
        n, before = (last.n, last.hash) if last else (0, _START)
        floor = 0 if everything or last is None else max(0, last.event_seq - _BEHIND)
        links = []
        for event in self._db.execute(_UNLINKED, {"floor": floor}):
            n += 1
            now = _hash(n, before, event)
            links.append({"n": n, "event_seq": event.seq, "prev_hash": before, "hash": now})
            before = now
        if links:
            self._db.execute(t.audit_link.insert(), links)
        return len(links)

    def head(self) -> Head:
        last = self._db.execute(_LAST_LINK).one_or_none()
        return Head(n=last.n, hash=last.hash) if last else Head(n=0, hash=_START)

    def verify(
        self, now: datetime, *, evidence: bool = False, expected: Head | None = None
    ) -> Chain:
        n, before, digests = 0, _START, 0
        for row in self._chained():
            broken = _wrong(row, n, before)
            if broken is not None:
                return Chain(head=self.head(), events=n, broken=broken)
            n, before = row.n, row.hash
            if expected is not None and n == expected.n and before != expected.hash:
                return Chain(head=self.head(), events=n, broken=Broken("replaced", row.event_seq))
            if evidence and isinstance(row.detail, dict) and "digest" in row.detail:
                digests += 1
                if not self._as_it_was(row.detail):
                    broken = Broken("evidence changed", row.event_seq)
                    return Chain(head=self.head(), events=n, broken=broken)
        head = Head(n=n, hash=before)
        if expected is not None and expected.n > n:
            return Chain(head=head, events=n, broken=Broken("cut off", 0))
        late = self._db.scalar(
            select(func.min(_event.seq))
            .select_from(t.audit_event.outerjoin(t.audit_link, _link.event_seq == _event.seq))
            .where(and_(_link.event_seq.is_(None), _event.at < now - _SETTLED))
        )
        if late is not None:
            return Chain(head=head, events=n, broken=Broken("not linked", late))
        return Chain(head=head, events=n, digests=digests)

    def _chained(self) -> Iterator[Row[Any]]:
        after = 0
        while rows := self._db.execute(_CHAINED, {"after": after}).all():
            yield from rows
            after = rows[-1].n

    def _as_it_was(self, detail: dict[str, Any]) -> bool:
        """True where the evidence is what was sealed, or was erased with its patient."""
        row = self._db.execute(
            select(t.evidence.c.sealed).where(t.evidence.c.id == detail["evidence"])
        ).one_or_none()
        return row is None or _digest(row.sealed) == detail["digest"]


def _digest(sealed: str) -> str:
    """Of the ciphertext: it binds the evidence, and tells nothing once the key is gone."""
    return hashlib.sha256(sealed.encode()).hexdigest()


def _hash(n: int, before: str, event: Row[Any]) -> str:
    """SHA-256 over the link before and the canonical JSON of the event."""
    plain = {
        "n": n,
        "prev": before,
        "seq": event.seq,
        "at": event.at.isoformat(timespec="microseconds"),
        "actor": event.actor,
        "type": event.type,
        "subject": event.subject,
        "patient": event.patient_id,
        "detail": event.detail,
    }
    canonical = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _wrong(row: Row[Any], n: int, before: str) -> Broken | None:
    """What is wrong with the link after link ``n``, if anything."""
    if row.n != n + 1:
        return Broken("link missing", row.event_seq)
    if row.seq is None:
        return Broken("event missing", row.event_seq)
    if row.prev_hash != before:
        return Broken("links do not join", row.event_seq)
    if row.hash != _hash(row.n, before, row):
        return Broken("event changed", row.event_seq)
    return None
