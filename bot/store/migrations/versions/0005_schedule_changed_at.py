"""When somebody last set or moved a schedule."""

from alembic import op
from sqlalchemy import Column, inspect

from bot.store.tables.columns import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A new database has it from the first tables, which make all that there are.
    known = {column["name"] for column in inspect(op.get_bind()).get_columns("schedule")}
    if "changed_at" not in known:
        op.add_column("schedule", Column("changed_at", Moment))


def downgrade() -> None:
    op.drop_column("schedule", "changed_at")
