"""The tables. A column named ``sealed`` is encrypted under the key of the row's patient."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Serial = BigInteger().with_variant(Integer, "sqlite")


def _of_patient(**kwargs: Any) -> Column[Any]:
    return Column("patient_id", String(40), ForeignKey("patient.id"), **kwargs)


patient = Table(
    "patient",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("language", String(8), nullable=False),
    Column("country", String(2), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("sex", String(8), nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("quiet_from", String(5), nullable=False, server_default="21:30"),
    Column("quiet_until", String(5), nullable=False, server_default="07:30"),
    Column("pause", String(8), nullable=False, server_default=""),
    Column("paused_until", Moment, index=True),
    Column("home_zone", String(64), nullable=False, server_default=""),
    Column("home_country", String(2), nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("sealed", Text),  # name, cities, birth date
)

patient_key = Table(
    "patient_key",
    metadata,
    Column("patient_id", String(40), ForeignKey("patient.id"), primary_key=True),
    Column("wrapped", Text, nullable=False),  # under the master key
)

consent = Table(
    "consent",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    _of_patient(nullable=False, index=True),
    Column("purpose", String(32), nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("version", String(16), nullable=False),
    Column("at", Moment, nullable=False),
)

contact = Table(
    "contact",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("bot", String(32), primary_key=True),
    Column("address", String(64), primary_key=True),
    _of_patient(nullable=False, index=True),
    Column("reachable", Boolean, nullable=False),
)

dialogue = Table(
    "dialogue",
    metadata,
    Column("patient_id", String(40), ForeignKey("patient.id"), primary_key=True),
    Column("sealed", Text),  # the topic
    Column("paused", Text),  # sealed: forms left half-way
    Column("held_by", String(40), nullable=False, server_default=""),
    Column("held_since", Moment),
)

invitation = Table(
    "invitation",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("bot", String(32), nullable=False),
    Column("external_id", String(64), nullable=False),
    Column("order_key", String(96), nullable=False),
    Column("patient_id", String(40)),
    Column("sealed", Text),  # under the house's key until the patient is known, then dropped
    Column("state", String(8), nullable=False),  # new · waiting · done · aside
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("received_at", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("reason", String(200), nullable=False, server_default=""),
    UniqueConstraint("channel", "bot", "external_id"),
    Index("ix_inbox_state_id", "state", "id"),
    Index("ix_inbox_order_key_state", "order_key", "state"),
    sqlite_autoincrement=True,
)

message = Table(
    "message",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(96), nullable=False, unique=True),
    _of_patient(nullable=False),
    Column("direction", String(8), nullable=False),
    Column("author", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("sealed", Text),
    Column("at", Moment, nullable=False),
    Index("ix_message_patient_id_seq", "patient_id", "seq"),
    sqlite_autoincrement=True,
)

attachment = Table(
    "attachment",
    metadata,
    Column("message_id", String(96), primary_key=True),
    _of_patient(nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("bot", String(32), nullable=False),
    Column("sealed", Text),  # reference and file name
    Column("media_type", String(80), nullable=False),
    Column("state", String(8), nullable=False),  # new · kept · lost
    Column("content", LargeBinary),  # sealed bytes
)

observation = Table(
    "observation",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(128), nullable=False, unique=True),
    _of_patient(nullable=False),
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
    _of_patient(nullable=False, index=True),
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
    _of_patient(nullable=False, index=True),
    Column("method", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("sealed", Text),
)

memory = Table(
    "memory",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(128), nullable=False, unique=True),
    _of_patient(nullable=False, index=True),
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
    _of_patient(nullable=False),
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
    _of_patient(nullable=False, index=True),
    Column("period", String(7), nullable=False),  # "2026-05"
    Column("method", String(64), nullable=False),  # extractive, or the language model's name
    Column("turns", Integer, nullable=False),  # how many it was made from
    Column("made_at", Moment, nullable=False),
    Column("sealed", Text),  # sentences, each with its sources
)

schedule = Table(
    "schedule",
    metadata,
    Column("id", String(64), primary_key=True),
    _of_patient(nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("time", String(5), nullable=False),
    Column("rule", JSON),
    Column("home_zone", String(64), nullable=False),
    Column("plan", String(64), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("sealed", Text),  # what it is about
    # Its check-ins are rows up to here; null: new, or its clock has changed.
    Column("planned_until", Moment, index=True),
)

check_in = Table(
    "check_in",
    metadata,
    Column("id", String(96), primary_key=True),
    Column("schedule_id", String(64), ForeignKey("schedule.id"), nullable=False),
    _of_patient(nullable=False),
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

escalation = Table(
    "escalation",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String(160), nullable=False, unique=True),
    _of_patient(index=True),
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
    _of_patient(nullable=False, index=True),
    Column("state", String(12), nullable=False),
    Column("next_at", Moment),
    Column("asked_at", Moment),
    Column("answered_at", Moment),
    Column("answer", String(12), nullable=False),
    Index("ix_call_question_next_at", "next_at"),
)

suggestion = Table(  # something to talk over with a patient
    "suggestion",
    metadata,
    Column("id", String(24), primary_key=True),
    _of_patient(nullable=False, index=True),
    Column("state", String(12), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("decided_by", String(40), nullable=False, server_default=""),
    Column("decided_at", Moment),
    Column("until", Moment),
    Column("sealed", Text),  # the rule, the medicine, and the lines of the record
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("type", String(48), nullable=False),
    Column("subject", String(160), nullable=False, index=True),
    Column("patient_id", String(40), index=True),
    Column("detail", JSON, nullable=False),
    sqlite_autoincrement=True,
)

audit_link = Table(  # the chain over the trail: each link holds the one before it
    "audit_link",
    metadata,
    Column("n", Serial, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap
    Column("event_seq", BigInteger, nullable=False, unique=True),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

evidence = Table(  # what a decision rested on; the trail keeps its digest, erasure takes it away
    "evidence",
    metadata,
    Column("id", String(128), primary_key=True),
    _of_patient(nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("sealed", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("channel", String(16), nullable=False),
    Column("bot", String(32), nullable=False),
    Column("address", String(254), nullable=False),  # a chat, or an e-mail address
    Column("thread", String(32)),
    Column("patient_id", String(40), index=True),
    Column("class", Integer, nullable=False),
    Column("sealed", Text),  # text and buttons; dropped once it is settled
    Column("picture", LargeBinary),
    Column("edit_of", String(200), nullable=False, server_default=""),
    Column("message_id", String(128), nullable=False, server_default=""),
    Column("escalation_id", String(160), nullable=False, server_default=""),
    Column("silent", Boolean, nullable=False),
    Column("mark", String(24), nullable=False, server_default=""),  # of the words, keyed
    Column("state", String(8), nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("useless_after", Moment),
    Column("lease_until", Moment),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("external_id", String(64), nullable=False, server_default=""),
    Column("reason", String(200), nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Index("ix_outbox_channel_bot_state_class_id", "channel", "bot", "state", "class", "id"),
    Index("ix_outbox_message_id", "message_id"),
    Index(
        "ix_outbox_escalation_id",
        "escalation_id",
        sqlite_where=text("escalation_id != ''"),
        postgresql_where=text("escalation_id != ''"),
    ),
    Index("ix_outbox_patient_id_created_at", "patient_id", "created_at"),
    sqlite_autoincrement=True,
)

care_team_member = Table(
    "care_team_member",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("role", String(16), nullable=False),
    Column("username", String(64), nullable=False, unique=True),
    Column("password_hash", String(256), nullable=False),
    Column("language", String(8), nullable=False),
    Column("on_shift", Boolean, nullable=False),
    Column("telegram_id", String(32), nullable=False, server_default="", index=True),
    Column("email", String(254), nullable=False, server_default=""),
    Column("failed_sign_ins", Integer, nullable=False, server_default="0"),
    Column("locked_until", Moment),
)

shift = Table(
    "shift",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("member_id", String(40), ForeignKey("care_team_member.id"), nullable=False, index=True),
    Column("weekdays", String(7), nullable=False),  # digits, 0 is Monday
    Column("begins", String(5), nullable=False),
    Column("ends", String(5), nullable=False),
    Column("timezone", String(64), nullable=False),
)

care_group = Table(
    "care_group",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("bot", String(32), primary_key=True),
    Column("address", String(64), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("topics", Boolean, nullable=False),
    Column("language", String(8), nullable=False),
)

topic = Table(
    "topic",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("address", String(64), primary_key=True),
    Column("patient_id", String(40), ForeignKey("patient.id"), primary_key=True),
    Column("thread", String(32), nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("member_id", String(40), ForeignKey("care_team_member.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("expires_at", Moment, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", Moment, nullable=False),
)

erasure = Table(  # a tombstone: erased stays erased after a restore
    "erasure",
    metadata,
    Column("patient_id", String(40), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("receipt", JSON, nullable=False),
)
