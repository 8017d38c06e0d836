"""Earlier cases in codes, as rows."""

from alembic import op

from bot.store.tables import coded_case

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A new database has it from the first tables, which make all that there are.
    coded_case.create(op.get_bind(), checkfirst=True)


def downgrade() -> None:
    coded_case.drop(op.get_bind())
