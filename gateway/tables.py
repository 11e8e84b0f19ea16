"""Tables of the gateway's schema: accounts and sessions.

They have no row-level security: nobody is signed in yet when they are read. `gateway_app` alone may reach them.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

SCHEMA: Final = "gateway"
metadata: Final = MetaData(schema=SCHEMA)

_INSTANT: Final = TIMESTAMP(timezone=True)

accounts: Final = Table(
    "accounts",
    metadata,
    Column("member_id", UUID, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    # Of the member whose roles these are; 0 until they have been changed once.
    Column("roles_version", BigInteger, nullable=False, server_default=text("0")),
    # The profile as registered, until the mentor service has it; NULL from then on.
    Column("pending_profile", JSONB),
    # Access tokens issued up to then are void.
    Column("not_before", _INSTANT),
    Column("closed_at", _INSTANT),
    # What makes a repeated registration the same one.
    Column("registration_key", Text),
    Column("registration_fingerprint", LargeBinary),
    Column("create_time", _INSTANT, nullable=False),
    Column("update_time", _INSTANT, nullable=False),
    CheckConstraint("email = lower(email) AND char_length(email) BETWEEN 3 AND 254", name="accounts_email_form"),
    CheckConstraint("roles <@ ARRAY['member', 'mentor', 'admin'] AND 'member' = ANY (roles)", name="accounts_roles"),
    CheckConstraint("char_length(registration_key) <= 255", name="accounts_registration_key_length"),
    Index("accounts_not_before", "not_before", postgresql_where=text("not_before IS NOT NULL")),
    Index("accounts_closed_at", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    Index("accounts_pending", "create_time", postgresql_where=text("pending_profile IS NOT NULL")),
)

# A session is a family of refresh tokens: each use makes the next number.
sessions: Final = Table(
    "sessions",
    metadata,
    Column("family_id", UUID, primary_key=True),
    Column("member_id", UUID, ForeignKey("gateway.accounts.member_id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False, server_default=text("1")),
    Column("rotated_at", _INSTANT, nullable=False),
    Column("create_time", _INSTANT, nullable=False),
    Column("ended_at", _INSTANT),
    Column("ended_because", Text),
    # The idempotency key of the login that opened it.
    Column("opened_key", Text),
    CheckConstraint("number > 0", name="sessions_number"),
    CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", name="sessions_end"),
    CheckConstraint("ended_because IN ('logout', 'reuse', 'expired')", name="sessions_ended_because"),
    Index("sessions_member", "member_id"),
    Index("sessions_create_time", "create_time"),
    Index("sessions_ended_at", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    Index(
        "sessions_opened_key",
        "member_id",
        "opened_key",
        unique=True,
        postgresql_where=text("opened_key IS NOT NULL"),
    ),
)
