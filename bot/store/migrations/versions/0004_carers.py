"""Carers of a patient and what they may be told, as rows."""

from alembic import op

from bot.store.tables import carer

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A new database has it from the first tables, which make all that there are.
    carer.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    carer.drop(op.get_bind())
