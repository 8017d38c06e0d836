"""Tables of what is known of a patient."""

from sqlalchemy import Column, Index, String, Table, Text

from bot.store.tables.columns import Moment, Serial, metadata, of_patient

observation = Table(
    "observation",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(128), nullable=False, unique=True),
    of_patient(nullable=False),
    Column("code", String(32), nullable=False),
    Column("status", String(20), nullable=False),
    Column("source", String(96), nullable=False),
    Column("at", Moment, nullable=False),
    Column("sealed", Text),  # the value
    Index("ix_observation_patient_id_code_at", "patient_id", "code", "at"),
    sqlite_autoincrement=True,
)

clinical_entry = Table(
    "clinical_entry",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(40), nullable=False, unique=True),
    of_patient(nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("set_by", String(40), nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("ended_by", String(40), nullable=False, server_default=""),
    Column("ended_at", Moment),
    Column("sealed", Text),  # name and value
    sqlite_autoincrement=True,
)

risk_assessment = Table(
    "risk_assessment",
    metadata,
    Column("id", String(128), primary_key=True),
    of_patient(nullable=False, index=True),
    Column("method", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("sealed", Text),
)

suggestion = Table(  # something to talk over with a patient
    "suggestion",
    metadata,
    Column("id", String(24), primary_key=True),
    of_patient(nullable=False, index=True),
    Column("state", String(12), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("decided_by", String(40), nullable=False, server_default=""),
    Column("decided_at", Moment),
    Column("until", Moment),
    Column("sealed", Text),  # the rule, the medicine, and the lines of the record
)
