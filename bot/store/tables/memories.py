"""Tables of what is kept of what a patient said."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from bot.store.tables.columns import Moment, Serial, metadata, of_patient

memory = Table(
    "memory",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(128), nullable=False, unique=True),
    of_patient(nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("said_by", String(16), nullable=False),
    Column("source", String(96), nullable=False),
    Column("language", String(8), nullable=False),
    Column("status", String(16), nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("position", Integer, nullable=False),  # 0, 1, 2 … within the patient
    Column("sealed", Text),
    Column("indexed_at", Moment),  # null: recall reads it from here
    # The model of its vector; "": not encoded yet, "again": to be encoded anew, "no key": cannot be
    Column("encoder", String(96), nullable=False, server_default=""),
    Column("read_at", Moment),  # a language model was asked what it states
    Index("ix_memory_encoder_seq", "encoder", "seq"),
    Index("ix_memory_recorded_at", "recorded_at"),
    sqlite_autoincrement=True,
)

fact = Table(  # a dated statement; superseded ones stay, forgotten ones lose their words
    "fact",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(128), nullable=False, unique=True),
    of_patient(nullable=False),
    Column("kind", String(24), nullable=False),
    Column("status", String(16), nullable=False),
    Column("verification", String(12), nullable=False),
    Column("said_by", String(16), nullable=False),
    Column("author", String(40), nullable=False, server_default=""),
    Column("source", String(96), nullable=False, server_default=""),
    Column("language", String(8), nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("valid_from", Moment),
    Column("valid_until", Moment),
    Column("replaced_by", String(128), nullable=False, server_default=""),
    Column("disputes", String(128), nullable=False, server_default=""),
    Column("sealed", Text),  # its words and values
    Index("ix_fact_patient_id_seq", "patient_id", "seq"),
    sqlite_autoincrement=True,
)

summary = Table(  # a month of what a patient said, in a few sentences
    "summary",
    metadata,
    Column("id", String(64), primary_key=True),  # patient and period
    of_patient(nullable=False, index=True),
    Column("period", String(7), nullable=False),  # "2026-05"
    Column("method", String(64), nullable=False),  # extractive, or the language model's name
    Column("turns", Integer, nullable=False),  # how many it was made from
    Column("made_at", Moment, nullable=False),
    Column("sealed", Text),  # sentences, each with its sources
)
