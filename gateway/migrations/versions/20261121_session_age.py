"""Lets sessions be found by their age, so that those past it can be deleted without reading all of them."""

from alembic import op

revision = "20261121_session_age"
down_revision = "20261121_roles_version"


def upgrade() -> None:
    """Adds the index."""
    op.create_index("sessions_create_time", "sessions", ["create_time"], schema="gateway")
