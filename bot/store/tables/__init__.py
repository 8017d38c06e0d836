"""Every table. A column named ``sealed`` is encrypted under the key of the row's patient."""

from bot.store.tables.cases import coded_case
from bot.store.tables.checkins import check_in, schedule
from bot.store.tables.columns import metadata
from bot.store.tables.escalations import call_question, escalation
from bot.store.tables.keeping import audit_event, audit_link, erasure, evidence, lease
from bot.store.tables.memories import fact, memory, summary
from bot.store.tables.messages import attachment, dialogue, inbox, message, outbox
from bot.store.tables.people import (
    care_group,
    care_team_member,
    carer,
    consent,
    contact,
    invitation,
    patient,
    patient_key,
    session,
    shift,
    topic,
)
from bot.store.tables.record import clinical_entry, observation, risk_assessment, suggestion

__all__ = [
    "attachment",
    "audit_event",
    "audit_link",
    "call_question",
    "care_group",
    "care_team_member",
    "carer",
    "check_in",
    "clinical_entry",
    "coded_case",
    "consent",
    "contact",
    "dialogue",
    "erasure",
    "escalation",
    "evidence",
    "fact",
    "inbox",
    "invitation",
    "lease",
    "memory",
    "message",
    "metadata",
    "observation",
    "outbox",
    "patient",
    "patient_key",
    "risk_assessment",
    "schedule",
    "session",
    "shift",
    "suggestion",
    "summary",
    "topic",
]
