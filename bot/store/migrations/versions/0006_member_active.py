"""Whether a member of the care team still is one."""

from alembic import op
from sqlalchemy import Boolean, Column, inspect, true

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A new database has it from the first tables, which make all that there are.
    known = {column["name"] for column in inspect(op.get_bind()).get_columns("care_team_member")}
    if "active" not in known:
        op.add_column(
            "care_team_member", Column("active", Boolean, nullable=False, server_default=true())
        )


def downgrade() -> None:
    op.drop_column("care_team_member", "active")
