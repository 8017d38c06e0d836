"""Tables of matters for the care team."""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text

from bot.store.tables.columns import Moment, Serial, metadata, of_patient

escalation = Table(
    "escalation",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(160), nullable=False, unique=True),
    of_patient(index=True),
    Column("tier", String(2), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("private_topic", Boolean, nullable=False),
    Column("two_person", Boolean, nullable=False),
    Column("step", Integer, nullable=False),
    Column("next_step_at", Moment),
    Column("accepted_by", String(40), nullable=False),
    Column("accepted_at", Moment),
    Column("contact_at", Moment),
    Column("completed_by", String(96), nullable=False),
    Column("completed_at", Moment),
    Column("rule_version", String(64), nullable=False),
    Column("ladder", JSON, nullable=False),  # as it was when the escalation began; ids only
    Column("created_at", Moment, nullable=False),
    Column("sealed", Text),  # evidence and outcome
    Index("ix_escalation_state_next_step_at", "state", "next_step_at"),
    sqlite_autoincrement=True,
)

call_question = Table(  # "Have you been able to call?"
    "call_question",
    metadata,
    Column("id", String(96), primary_key=True),
    Column("escalation_id", String(160), nullable=False, index=True),
    of_patient(nullable=False, index=True),
    Column("state", String(12), nullable=False),
    Column("next_at", Moment),
    Column("asked_at", Moment),
    Column("answered_at", Moment),
    Column("answer", String(12), nullable=False),
    Index("ix_call_question_next_at", "next_at"),
)
