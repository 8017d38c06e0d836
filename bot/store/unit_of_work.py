"""One transaction and the rows it can reach."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.store.crypto import KeyVault
from bot.store.rows_audit import AuditRows
from bot.store.rows_calls import CallRows
from bot.store.rows_care_team import CareTeamRows, LeaseRows
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
from bot.store.rows_summaries import SummaryRows
from bot.store.rows_watch import WatchRows


class SqlUnitOfWork:
    """Every repository on the same connection; the caller's block is the transaction."""

    def __init__(self, connection: Connection, vault: KeyVault) -> None:
        self.connection = connection
        self.patients = PatientRows(connection, vault)
        self.invitations = InvitationRows(connection)
        self.inbox = InboxRows(connection, vault)
        self.conversation = ConversationRows(connection, vault)
        self.record = RecordRows(connection, vault)
        self.clinical = ClinicalRows(connection, vault)
        self.index = IndexRows(connection, vault)
        self.facts = FactRows(connection, vault)
        self.summaries = SummaryRows(connection, vault)
        self.checkins = CheckInRows(connection, vault)
        self.escalations = EscalationRows(connection, vault)
        self.calls = CallRows(connection)
        self.audit = AuditRows(connection, vault)
        self.outbox = OutboxRows(connection, vault)
        self.care_team = CareTeamRows(connection)
        self.leases = LeaseRows(connection)
        self.watch = WatchRows(connection)
        self.retention = RetentionRows(connection)
