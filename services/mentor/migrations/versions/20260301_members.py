"""Makes the platform's tables, members, their roles and their consents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.migrations import enable_rls, platform_v1

revision = "20260301_members"
down_revision = None

_IS_ADMIN = "(SELECT sec.roles()) @> ARRAY['admin']"
_IS_OWN = "member_id = (SELECT sec.member_id())"
_POLICIES = (
    # Operators see every member and correct profiles; they make none.
    f"CREATE POLICY admin_reads ON mentor.members FOR SELECT TO mentor_app USING ({_IS_ADMIN})",
    f"CREATE POLICY admin_changes ON mentor.members FOR UPDATE TO mentor_app USING ({_IS_ADMIN})",
    # Nobody gives themselves a role: a first sign-in brings those that its passport carries, then only admins change.
    "ALTER TABLE mentor.member_roles ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE mentor.member_roles FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY member_reads ON mentor.member_roles FOR SELECT TO mentor_app USING ({_IS_OWN})",
    f"""CREATE POLICY member_registers ON mentor.member_roles FOR INSERT TO mentor_app
        WITH CHECK ({_IS_OWN} AND roles <@ ((SELECT sec.roles()) || ARRAY['member']))""",
    f"CREATE POLICY admin_reads ON mentor.member_roles FOR SELECT TO mentor_app USING ({_IS_ADMIN})",
    f"CREATE POLICY admin_changes ON mentor.member_roles FOR UPDATE TO mentor_app USING ({_IS_ADMIN})",
    # Leaving is erasure, which is not answered by this login.
    "REVOKE DELETE ON mentor.members, mentor.member_roles, mentor.consents FROM mentor_app",
)


def upgrade() -> None:
    """Makes all tables with their policies."""
    platform_v1(op, "mentor")
    _make_members()
    _make_member_roles()
    _make_consents()
    enable_rls(op, "mentor", "members", "member_id")
    enable_rls(op, "mentor", "consents", "member_id")
    for statement in _POLICIES:
        op.execute(statement)


def _make_members() -> None:
    op.create_table(
        "members",
        sa.Column("member_id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("country", sa.Text),
        sa.Column("birth_year", sa.SmallInteger),
        sa.Column("day_start_hour", sa.SmallInteger, nullable=False),
        sa.Column("week_start", sa.SmallInteger, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="members_name_check"),
        sa.CheckConstraint("day_start_hour BETWEEN 0 AND 12", name="members_day_start_hour_check"),
        sa.CheckConstraint("week_start BETWEEN 1 AND 7", name="members_week_start_check"),
        schema="mentor",
    )
    op.create_index("members_created_at_idx", "members", ["created_at", "member_id"], schema="mentor")


def _make_member_roles() -> None:
    op.create_table(
        "member_roles",
        _member_key(),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.CheckConstraint(
            "roles <@ ARRAY['member', 'mentor', 'admin'] AND 'member' = ANY (roles)", name="member_roles_roles_check"
        ),
        schema="mentor",
    )
    op.create_index(
        "member_roles_admins_idx",
        "member_roles",
        ["member_id"],
        unique=True,
        schema="mentor",
        postgresql_where=sa.text("'admin' = ANY (roles)"),
    )


def _make_consents() -> None:
    op.create_table(
        "consents",
        _member_key(),
        sa.Column("coach_reads_journal", sa.Boolean, nullable=False),
        sa.Column("ai_vendors", sa.Boolean, nullable=False),
        sa.Column("alert_mentor_on_risk", sa.Boolean, nullable=False),
        sa.Column("leaderboard", sa.Boolean, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        schema="mentor",
    )


def _member_key() -> "sa.Column[object]":
    reference = sa.ForeignKey("mentor.members.member_id", ondelete="CASCADE")
    return sa.Column("member_id", sa.Uuid, reference, primary_key=True)
