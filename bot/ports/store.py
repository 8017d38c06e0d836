"""The database: its transactions, and the rows that one can reach."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from bot.domain.erasure import Tombstone
from bot.ports.cases import Cases
from bot.ports.checkins import CheckIns
from bot.ports.escalations import Calls, Escalations
from bot.ports.keeping import Audit, Leases, Retention, Watch
from bot.ports.memories import Facts, Index, Summaries
from bot.ports.messages import Conversation, Inbox, Outbox
from bot.ports.people import Carers, CareTeam, Invitations, Patients
from bot.ports.record import Clinical, Record, Suggestions


class UnitOfWork(Protocol):
    """One transaction: commits at the end of its block, rolls back on an error."""

    @property
    def patients(self) -> Patients: ...
    @property
    def carers(self) -> Carers: ...
    @property
    def invitations(self) -> Invitations: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def conversation(self) -> Conversation: ...
    @property
    def record(self) -> Record: ...
    @property
    def clinical(self) -> Clinical: ...
    @property
    def index(self) -> Index: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def summaries(self) -> Summaries: ...
    @property
    def suggestions(self) -> Suggestions: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def checkins(self) -> CheckIns: ...
    @property
    def escalations(self) -> Escalations: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def care_team(self) -> CareTeam: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def watch(self) -> Watch: ...
    @property
    def retention(self) -> Retention: ...


Reading = UnitOfWork  #: the same rows, in a transaction that writes nothing


class Store(Protocol):
    """The database. Its calls block: from async code they run in a thread."""

    @property
    def writers(self) -> int:
        """How many writing transactions of one process are worth having at once."""

    def unit_of_work(self) -> AbstractContextManager[UnitOfWork]:
        """A writing transaction, kept when its block has ended well. Raises StoreError."""

    def claiming(self) -> AbstractContextManager[UnitOfWork]:
        """A writing transaction that a power cut may undo, for leases. Raises StoreError."""

    def reading(self) -> AbstractContextManager[Reading]:
        """A reading snapshot. Raises StoreError."""

    def forget_the_journal(self) -> None:
        """After an erasure: the database's files keep nothing of what was deleted."""


class Tombstones(Protocol):
    """Who was erased, kept beside the database: an older backup cannot undo it."""

    def add(self, *tombstones: Tombstone) -> None:
        """On the disk when it returns."""

    def read(self) -> list[Tombstone]:
        """All of them. Raises StoreError."""
