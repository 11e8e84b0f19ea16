"""Gives accounts the version of their roles, so that a change that comes late undoes no newer one."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_roles_version"
down_revision = "20260301_accounts"


def upgrade() -> None:
    """Adds the column; 0 is older than any version there is."""
    op.add_column(
        "accounts",
        sa.Column("roles_version", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        schema="gateway",
    )
