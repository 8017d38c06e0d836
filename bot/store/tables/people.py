"""Tables of patients, the care team and where they are reached."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, true

from bot.store.tables.columns import Moment, Serial, metadata, of_patient

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
    of_patient(nullable=False, index=True),
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
    of_patient(nullable=False, index=True),
    Column("reachable", Boolean, nullable=False),
)

carer = Table(
    "carer",
    metadata,
    Column("id", String(40), primary_key=True),
    of_patient(nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("bot", String(32), nullable=False),
    Column("address", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("scopes", String(64), nullable=False),  # names of what they may be told; none: ""
    Column("added_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("sealed", Text),  # the name
    Index("ix_carer_address", "channel", "bot", "address"),
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
    Column("active", Boolean, nullable=False, server_default=true()),
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
