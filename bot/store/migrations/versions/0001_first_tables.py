"""The first tables, and a trail the database refuses to change."""

from alembic import op

from bot.store.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


#: Appended to, never changed: the trail, and the chain over it.
_FINAL = {"audit_event": "seq", "audit_link": "n"}


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        for table, key in _FINAL.items():
            _final_on_sqlite(table, key)
    else:
        op.execute(
            "CREATE FUNCTION audit_event_is_final() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit events are never changed'; END $$"
        )
        for table in _FINAL:
            op.execute(
                f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON "
                f"{table} FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_final()"
            )


def _final_on_sqlite(table: str, key: str) -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END"
    for act in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {refuse}")
    # INSERT OR REPLACE deletes without asking the trigger for DELETE.
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) {refuse}"
    )


def downgrade() -> None:
    raise NotImplementedError("the first tables are not taken away")
