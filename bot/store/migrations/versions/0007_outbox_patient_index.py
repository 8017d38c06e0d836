"""One index less to write for each parcel: another begins with the same column."""

from alembic import op
from sqlalchemy import inspect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NAME = "ix_outbox_patient_id"


def upgrade() -> None:
    # A new database never had it: the first tables are made as they are now.
    if _NAME in {index["name"] for index in inspect(op.get_bind()).get_indexes("outbox")}:
        op.drop_index(_NAME, "outbox")


def downgrade() -> None:
    op.create_index(_NAME, "outbox", ["patient_id"])
