"""Keeps what imported goals and activities are called in the file that they came from."""

import sqlalchemy as sa
from alembic import op

revision = "20260304_imports"
down_revision = "20260303_suggestions"

_OWNERS = {"goals": "member_id", "activities": "goal_id"}


def upgrade() -> None:
    """Adds the keys; what members made here has none, so the indexes hold imported rows only."""
    for table, owner in _OWNERS.items():
        op.add_column(table, sa.Column("import_key", sa.Text), schema="goals")
        op.create_check_constraint(
            f"{table}_import_key_check", table, "char_length(import_key) BETWEEN 1 AND 120", schema="goals"
        )
        op.create_index(
            f"{table}_import_key",
            table,
            [owner, "import_key"],
            unique=True,
            schema="goals",
            postgresql_where=sa.text("import_key IS NOT NULL"),
        )
