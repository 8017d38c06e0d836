"""Something to talk over with a patient, as rows."""

from alembic import op

from bot.store.tables import suggestion

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A new database has it from the first tables, which make all that there are.
    suggestion.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    suggestion.drop(op.get_bind())
