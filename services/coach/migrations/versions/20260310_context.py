"""Makes the database hold what was only true by habit: no reply is done without what it was made from."""

from alembic import op

revision = "20260310_context"
down_revision = "20260309_noticed"


def upgrade() -> None:
    """Adds the constraint and checks the rows under a lock that stops no writer; the version before keeps to it."""
    op.execute(
        """ALTER TABLE coach.replies ADD CONSTRAINT replies_context_check
        CHECK (state <> 'done' OR context_used IS NOT NULL) NOT VALID"""
    )
    op.execute("ALTER TABLE coach.replies VALIDATE CONSTRAINT replies_context_check")
