"""All SQL of the gateway: accounts, sessions, and what has ended lately.

Statements are put together from column lists of this module only; values travel as parameters.
"""
# ruff: noqa: S608

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.db import Record, Transaction
from chassis.sql import text_statement
from gateway.accounts.model import Account
from gateway.tokens.refresh import Family
from gateway.tokens.revocations import Change, Ended

_ACCOUNT_COLUMNS: Final = (
    "member_id, email, password_hash, roles, pending_profile, not_before, closed_at, "
    "registration_key, registration_fingerprint, create_time"
)
_FAMILY_COLUMNS: Final = "family_id, member_id, number, rotated_at, create_time, ended_at"

_ADD_ACCOUNT: Final = text_statement(
    "INSERT INTO gateway.accounts (member_id, email, password_hash, roles, pending_profile, registration_key,"
    " registration_fingerprint, create_time, update_time)"
    " VALUES (:member_id, :email, :password_hash, :roles, :pending_profile, :registration_key,"
    " :registration_fingerprint, :now, :now)"
    f" ON CONFLICT (email) DO NOTHING RETURNING {_ACCOUNT_COLUMNS}"
)
_ACCOUNT_BY_EMAIL: Final = text_statement(f"SELECT {_ACCOUNT_COLUMNS} FROM gateway.accounts WHERE email = :email")
_ACCOUNT_BY_ID: Final = text_statement(f"SELECT {_ACCOUNT_COLUMNS} FROM gateway.accounts WHERE member_id = :member_id")
_EMAILS: Final = text_statement(
    "SELECT member_id, email FROM gateway.accounts WHERE member_id = ANY (CAST(:member_ids AS uuid[]))"
)
_PENDING: Final = text_statement(
    f"SELECT {_ACCOUNT_COLUMNS} FROM gateway.accounts WHERE pending_profile IS NOT NULL AND closed_at IS NULL"
    " AND create_time < :before AND member_id <> ALL (CAST(:except_for AS uuid[])) ORDER BY create_time LIMIT :count"
)
_SETTLE: Final = text_statement(
    "UPDATE gateway.accounts SET pending_profile = NULL, update_time = :now"
    " WHERE member_id = :member_id AND pending_profile IS NOT NULL"
)
_SET_HASH: Final = text_statement(
    "UPDATE gateway.accounts SET password_hash = :password_hash, update_time = :now"
    " WHERE member_id = :member_id AND password_hash = :replaced"
)
# A change may be told twice and late: an older one must not undo a newer one, the same roles end no token.
_SET_ROLES: Final = text_statement(
    "UPDATE gateway.accounts SET roles = CAST(:roles AS text[]), roles_version = :version, update_time = :now,"
    " not_before = CASE WHEN roles = CAST(:roles AS text[]) THEN not_before"
    " ELSE greatest(not_before, CAST(:now AS timestamptz)) END"
    " WHERE member_id = :member_id AND roles_version < :version"
)
_ADD_SESSION: Final = text_statement(
    "INSERT INTO gateway.sessions (family_id, member_id, rotated_at, create_time, opened_key)"
    " VALUES (:family_id, :member_id, :now, :now, :opened_key)"
    " ON CONFLICT (member_id, opened_key) WHERE opened_key IS NOT NULL DO NOTHING"
    f" RETURNING {_FAMILY_COLUMNS}"
)
_SESSION_BY_KEY: Final = text_statement(
    f"SELECT {_FAMILY_COLUMNS} FROM gateway.sessions WHERE member_id = :member_id AND opened_key = :opened_key"
)
_FORGET_KEY: Final = text_statement(
    "UPDATE gateway.sessions SET opened_key = NULL WHERE member_id = :member_id AND opened_key = :opened_key"
    " AND create_time < :before"
)
_LOCK_SESSION: Final = text_statement(
    f"SELECT {_FAMILY_COLUMNS} FROM gateway.sessions WHERE family_id = :family_id FOR UPDATE"
)
_ROTATE: Final = text_statement(
    "UPDATE gateway.sessions SET number = number + 1, rotated_at = :now WHERE family_id = :family_id"
)
_END_SESSION: Final = text_statement(
    "UPDATE gateway.sessions SET ended_at = :now, ended_because = :because"
    " WHERE family_id = :family_id AND ended_at IS NULL"
)
# Each half by its own index; an OR would read all sessions.
PURGE_SESSIONS: Final = text_statement(
    "DELETE FROM gateway.sessions WHERE family_id IN (SELECT family_id FROM ("
    "(SELECT family_id FROM gateway.sessions WHERE create_time < :before ORDER BY create_time LIMIT :count)"
    " UNION (SELECT family_id FROM gateway.sessions WHERE ended_at < :ended_before ORDER BY ended_at LIMIT :count)"
    ") AS old LIMIT :count) RETURNING 1"
)
_ENDED: Final = text_statement(
    "SELECT 'session' AS kind, family_id AS id, ended_at AS at, NULL AS roles FROM gateway.sessions"
    " WHERE ended_at > :since"
    " UNION ALL SELECT 'member', member_id, not_before, roles FROM gateway.accounts WHERE not_before > :since"
    " UNION ALL SELECT 'closed', member_id, closed_at, NULL FROM gateway.accounts WHERE closed_at > :since"
)


class AccountRepository:
    """Accounts and sessions within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(self, account: Account) -> Account | None:
        """Adds an account; None when the address is taken."""
        row = await self._tx.fetch_one(
            _ADD_ACCOUNT,
            member_id=account.member_id,
            email=account.email,
            password_hash=account.password_hash,
            roles=sorted(account.roles),
            pending_profile=account.pending_profile,
            registration_key=account.registration_key,
            registration_fingerprint=account.registration_fingerprint,
            now=account.created_at,
        )
        return _account(row) if row is not None else None

    async def find_by_email(self, email: str) -> Account | None:
        """The account with this address."""
        row = await self._tx.fetch_one(_ACCOUNT_BY_EMAIL, email=email)
        return _account(row) if row is not None else None

    async def find(self, member_id: UUID) -> Account | None:
        """The account of a member."""
        row = await self._tx.fetch_one(_ACCOUNT_BY_ID, member_id=member_id)
        return _account(row) if row is not None else None

    async def emails_of(self, member_ids: Sequence[UUID]) -> dict[UUID, str]:
        """Addresses by member."""
        rows = await self._tx.fetch_all(_EMAILS, member_ids=list(member_ids))
        return {row["member_id"]: row["email"] for row in rows}

    async def list_pending(self, *, before: datetime, count: int, except_for: Collection[UUID]) -> list[Account]:
        """Accounts whose profile has not reached the mentor service, oldest first."""
        rows = await self._tx.fetch_all(_PENDING, before=before, count=count, except_for=list(except_for))
        return [_account(row) for row in rows]

    def settle(self, member_id: UUID, now: datetime) -> None:
        """Forgets the profile: the mentor service has it."""
        self._tx.write(_SETTLE, member_id=member_id, now=now)

    def set_hash(self, account: Account, password_hash: str, now: datetime) -> None:
        """Replaces the password's hash, unless somebody else has just done so."""
        self._tx.write(
            _SET_HASH,
            member_id=account.member_id,
            password_hash=password_hash,
            replaced=account.password_hash,
            now=now,
        )

    def set_roles(self, member_id: UUID, roles: frozenset[str], *, version: int, now: datetime) -> None:
        """Replaces the roles, and voids access tokens from before when they differ.

        Args:
            member_id: Whose.
            roles: All of them.
            version: Of the member that has these roles; what is not newer than what is here does nothing.
            now: When. Tokens with the old roles were issued until now, whenever the mentor service changed them.
        """
        self._tx.write(_SET_ROLES, member_id=member_id, roles=sorted(roles), version=version, now=now)

    async def add_session(self, family_id: UUID, member_id: UUID, *, now: datetime, key: str | None) -> Family | None:
        """Opens a session; None when the key has opened one before."""
        row = await self._tx.fetch_one(_ADD_SESSION, family_id=family_id, member_id=member_id, now=now, opened_key=key)
        return _family(row) if row is not None else None

    async def find_session_by_key(self, member_id: UUID, key: str) -> Family | None:
        """The session that a key has opened."""
        row = await self._tx.fetch_one(_SESSION_BY_KEY, member_id=member_id, opened_key=key)
        return _family(row) if row is not None else None

    def forget_key(self, member_id: UUID, key: str, *, before: datetime) -> None:
        """Frees a key that was used before then."""
        self._tx.write(_FORGET_KEY, member_id=member_id, opened_key=key, before=before)

    async def lock_session(self, family_id: UUID) -> Family | None:
        """A session, held until the transaction ends."""
        row = await self._tx.fetch_one(_LOCK_SESSION, family_id=family_id)
        return _family(row) if row is not None else None

    def rotate(self, family_id: UUID, now: datetime) -> None:
        """Moves a session on to its next token."""
        self._tx.write(_ROTATE, family_id=family_id, now=now, expect=1)

    def end_session(self, family_id: UUID, *, because: str, now: datetime) -> None:
        """Ends a session; one that has ended keeps its reason."""
        self._tx.write(_END_SESSION, family_id=family_id, because=because, now=now)

    async def purge_sessions(self, *, before: datetime, ended_before: datetime, count: int) -> int:
        """Deletes sessions that no token can belong to any more, at most `count`; returns how many."""
        rows = await self._tx.fetch_all(PURGE_SESSIONS, before=before, ended_before=ended_before, count=count)
        return len(rows)

    async def read_ended(self, since: datetime) -> Ended:
        """What has ended since then."""
        rows = await self._tx.fetch_all(_ENDED, since=since)
        return Ended(
            sessions=frozenset(row["id"] for row in rows if row["kind"] == "session"),
            changed={row["id"]: Change(row["at"], frozenset(row["roles"])) for row in rows if row["kind"] == "member"},
            closed=frozenset(row["id"] for row in rows if row["kind"] == "closed"),
        )


def _account(row: Record) -> Account:
    return Account(
        member_id=row["member_id"],
        email=row["email"],
        password_hash=row["password_hash"],
        roles=frozenset(row["roles"]),
        pending_profile=row["pending_profile"],
        not_before=row["not_before"],
        closed_at=row["closed_at"],
        registration_key=row["registration_key"],
        registration_fingerprint=row["registration_fingerprint"],
        created_at=row["create_time"],
    )


def _family(row: Record) -> Family:
    return Family(
        family_id=row["family_id"],
        member_id=row["member_id"],
        number=row["number"],
        rotated_at=row["rotated_at"],
        created_at=row["create_time"],
        ended_at=row["ended_at"],
    )
