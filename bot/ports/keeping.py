"""The house itself: its trail, its leases, what lies still, how long rows are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.domain.audit import Chain, Head
from bot.domain.escalation import AuditEvent
from bot.domain.message import PatientId


class Audit(Protocol):
    """The append-only trail; the database refuses to change it."""

    def add(self, *events: AuditEvent) -> None: ...
    def of(self, subject: str, limit: int = 100) -> list[AuditEvent]: ...
    def views(self, patient_id: PatientId, limit: int) -> list[AuditEvent]:
        """Who opened this patient's pages and files or heard of them, the newest first.

        A page that stays open draws itself again; that is not another look.
        """

    def drafted(self, patient_id: PatientId, limit: int) -> list[AuditEvent]:
        """How a language model's answers to this patient came about, the newest first."""

    def last(self) -> int: ...
    def seal(
        self, patient_id: PatientId, evidence_id: str, at: datetime, value: dict[str, Any]
    ) -> dict[str, object]:
        """Keep what a decision rested on under the patient's key, once for ``evidence_id``.

        Returns what the event's detail holds of it: its id, and the digest of what was sealed.
        """

    def evidence(self, evidence_id: str) -> dict[str, Any] | None:
        """What was sealed; None: there is none, or it was erased with its patient."""

    def link(self, *, everything: bool = False) -> int:
        """Add links for the events that have none; returns how many. One process at a time."""

    def head(self) -> Head: ...
    def verify(
        self, now: datetime, *, evidence: bool = False, expected: Head | None = None
    ) -> Chain:
        """Compute the whole chain anew; ``expected``: a head noted down earlier."""


class Leases(Protocol):
    """Who may do what only one process may do at a time."""

    def take(self, name: str, holder: str, now: datetime, lasting: timedelta) -> bool: ...
    def release(self, name: str, holder: str) -> None: ...
    def until(self, name: str) -> datetime | None:
        """When this lease ends or ended; None: it was never taken."""

    def release_everything(self) -> None:
        """For the only process of an embedded house, at its start."""


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """Rows of one kind that should have moved on by now."""

    kind: str  #: "escalation", "check_in", "outbox" or "inbox"
    count: int
    ids: tuple[str, ...]  #: the first few


class Watch(Protocol):
    """What the auditor counts."""

    def overdue(self, now: datetime) -> list[Overdue]:
        """What lies still: two minutes past its time, or unread for one."""

    def last(self, subject: str, *types: str, actor: str = "") -> AuditEvent | None:
        """The newest event about ``subject`` of one of these types; of ``actor`` where named."""


class Retention(Protocol):
    """Rows that are over and older than a moment, by table."""

    def count(self, table: str, before: datetime) -> int: ...
    def delete(self, table: str, before: datetime) -> int:
        """Some thousands at most; how many went. 0: there are none left."""

    def delete_memories(self, before: datetime) -> Mapping[PatientId, list[str]]:
        """The same for memories; which ids of whom went, for the index to forget."""
