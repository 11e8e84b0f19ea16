"""Keeps which notes and titles the safety screen has told of, so that each is told of once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "20260309_noticed"
down_revision = "20260308_retention"


def upgrade() -> None:
    """Adds the column; who does not know it yet leaves it empty."""
    op.add_column(
        "safety_states",
        sa.Column("noticed_ids", ARRAY(sa.Uuid), nullable=False, server_default="{}"),
        schema="coach",
    )
