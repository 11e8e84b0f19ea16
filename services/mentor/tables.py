"""Mentor's tables.

Roles stand apart from the profile, so that row-level security can let a member write the one and not the other
(docs/adr/0060).
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

metadata = sa.MetaData(schema="mentor")

members = sa.Table(
    "members",
    metadata,
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
    sa.Index("members_created_at_idx", "created_at", "member_id"),
)

member_roles = sa.Table(
    "member_roles",
    metadata,
    sa.Column("member_id", sa.Uuid, sa.ForeignKey(members.c.member_id, ondelete="CASCADE"), primary_key=True),
    sa.Column("roles", ARRAY(sa.Text), nullable=False),
    sa.CheckConstraint(
        "roles <@ ARRAY['member', 'mentor', 'admin'] AND 'member' = ANY (roles)", name="member_roles_roles_check"
    ),
)
# The few admins are looked up by every change of roles.
sa.Index(
    "member_roles_admins_idx",
    member_roles.c.member_id,
    unique=True,
    postgresql_where=sa.text("'admin' = ANY (roles)"),
)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("member_id", sa.Uuid, sa.ForeignKey(members.c.member_id, ondelete="CASCADE"), primary_key=True),
    sa.Column("coach_reads_journal", sa.Boolean, nullable=False),
    sa.Column("ai_vendors", sa.Boolean, nullable=False),
    sa.Column("alert_mentor_on_risk", sa.Boolean, nullable=False),
    sa.Column("leaderboard", sa.Boolean, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)
