"""Tables of when patients are asked."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.store.tables.columns import Moment, metadata, of_patient

schedule = Table(
    "schedule",
    metadata,
    Column("id", String(64), primary_key=True),
    of_patient(nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("time", String(5), nullable=False),
    Column("rule", JSON),
    Column("home_zone", String(64), nullable=False),
    Column("plan", String(64), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("sealed", Text),  # what it is about
    # Its check-ins are rows up to here; null: new, or its clock has changed.
    Column("planned_until", Moment, index=True),
    Column("changed_at", Moment),  # by a person; null: before this was kept
)

check_in = Table(
    "check_in",
    metadata,
    Column("id", String(96), primary_key=True),
    Column("schedule_id", String(64), ForeignKey("schedule.id"), nullable=False),
    of_patient(nullable=False),
    Column("kind", String(16), nullable=False),
    Column("slot", String(17), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("state", String(12), nullable=False),
    Column("asks", Integer, nullable=False),
    Column("asked_at", Moment),
    Column("nag_at", Moment),
    Column("miss_at", Moment),
    Column("nagged_at", Moment),
    Column("answered_at", Moment),
    Column("answer", String(16), nullable=False),
    UniqueConstraint("schedule_id", "slot"),
    Index("ix_check_in_state_due_at", "state", "due_at"),
    Index("ix_check_in_patient_id_state", "patient_id", "state"),
)
