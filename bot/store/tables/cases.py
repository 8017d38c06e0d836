"""The table of earlier cases: codes alone, and nothing that names whose they were."""

from sqlalchemy import Column, String, Table, Text

from bot.store.tables.columns import metadata

coded_case = Table(
    "coded_case",
    metadata,
    Column("id", String(32), primary_key=True),  # under the patient's key, as the next
    Column("owner", String(32), nullable=False, index=True),
    Column("about", String(64), nullable=False),
    Column("age_band", String(8), nullable=False),
    Column("month", String(7), nullable=False),
    Column("sealed", Text, nullable=False),  # the other codes, under the house's key
    sqlite_with_rowid=False,  # a row's place would tell when it came
)
