"""Tables of the house itself: its trail, its leases, its tombstones."""

from sqlalchemy import JSON, BigInteger, Column, String, Table, Text

from bot.store.tables.columns import Moment, Serial, metadata, of_patient

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
    of_patient(nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("sealed", Text, nullable=False),
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
