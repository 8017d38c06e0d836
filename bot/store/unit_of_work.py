"""One transaction and the rows it can reach."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from sqlalchemy import Connection

from bot.store.crypto import KeyVault
from bot.store.rows_audit import AuditRows
from bot.store.rows_calls import CallRows
from bot.store.rows_care_team import CareTeamRows, LeaseRows
from bot.store.rows_carers import CarerRows
from bot.store.rows_cases import CaseRows
from bot.store.rows_checkins import CheckInRows
from bot.store.rows_clinical import ClinicalRows
from bot.store.rows_conversation import ConversationRows
from bot.store.rows_escalations import EscalationRows
from bot.store.rows_facts import FactRows
from bot.store.rows_inbox import InboxRows
from bot.store.rows_index import IndexRows
from bot.store.rows_invitations import InvitationRows
from bot.store.rows_outbox import OutboxRows
from bot.store.rows_patients import PatientRows
from bot.store.rows_record import RecordRows
from bot.store.rows_retention import RetentionRows
from bot.store.rows_suggestions import SuggestionRows
from bot.store.rows_summaries import SummaryRows
from bot.store.rows_watch import WatchRows


class SqlUnitOfWork:
    """Every repository on the same connection; the caller's block is the transaction."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self.connection = connection
        self._vault = vault

    @property
    def wakes(self) -> Collection[str]:
        """The bells of those who carry what was put in the outbox."""
        return self.outbox.wakes if "outbox" in self.__dict__ else ()

    @cached_property
    def patients(self) -> PatientRows:
        return PatientRows(self.connection, self._vault)

    @cached_property
    def carers(self) -> CarerRows:
        return CarerRows(self.connection, self._vault)

    @cached_property
    def invitations(self) -> InvitationRows:
        return InvitationRows(self.connection)

    @cached_property
    def inbox(self) -> InboxRows:
        return InboxRows(self.connection, self._vault)

    @cached_property
    def conversation(self) -> ConversationRows:
        return ConversationRows(self.connection, self._vault)

    @cached_property
    def record(self) -> RecordRows:
        return RecordRows(self.connection, self._vault)

    @cached_property
    def clinical(self) -> ClinicalRows:
        return ClinicalRows(self.connection, self._vault)

    @cached_property
    def index(self) -> IndexRows:
        return IndexRows(self.connection, self._vault)

    @cached_property
    def facts(self) -> FactRows:
        return FactRows(self.connection, self._vault)

    @cached_property
    def summaries(self) -> SummaryRows:
        return SummaryRows(self.connection, self._vault)

    @cached_property
    def suggestions(self) -> SuggestionRows:
        return SuggestionRows(self.connection, self._vault)

    @cached_property
    def cases(self) -> CaseRows:
        return CaseRows(self.connection, self._vault)

    @cached_property
    def checkins(self) -> CheckInRows:
        return CheckInRows(self.connection, self._vault)

    @cached_property
    def escalations(self) -> EscalationRows:
        return EscalationRows(self.connection, self._vault)

    @cached_property
    def calls(self) -> CallRows:
        return CallRows(self.connection)

    @cached_property
    def audit(self) -> AuditRows:
        return AuditRows(self.connection, self._vault)

    @cached_property
    def outbox(self) -> OutboxRows:
        return OutboxRows(self.connection, self._vault)

    @cached_property
    def care_team(self) -> CareTeamRows:
        return CareTeamRows(self.connection)

    @cached_property
    def leases(self) -> LeaseRows:
        return LeaseRows(self.connection)

    @cached_property
    def watch(self) -> WatchRows:
        return WatchRows(self.connection)

    @cached_property
    def retention(self) -> RetentionRows:
        return RetentionRows(self.connection)
