"""Tables of what comes in, what was said and what goes out."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.store.tables.columns import Moment, Serial, metadata, of_patient

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
    of_patient(nullable=False),
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
    of_patient(nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("bot", String(32), nullable=False),
    Column("sealed", Text),  # reference and file name
    Column("media_type", String(80), nullable=False),
    Column("state", String(8), nullable=False),  # new · kept · lost
    Column("content", LargeBinary),  # sealed bytes
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

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False, unique=True),
    Column("channel", String(16), nullable=False),
    Column("bot", String(32), nullable=False),
    Column("address", String(254), nullable=False),  # a chat, or an e-mail address
    Column("thread", String(32)),
    Column("patient_id", String(40)),
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
