"""All SQL of mentor: rows in, members and consents out. Row-level security decides again what each query may see."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis import idempotency
from chassis.db import Record, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.sql import text_statement
from services.mentor.domain.consents import Consents
from services.mentor.domain.member import Member, Position, Role
from services.mentor.domain.profile import Profile

_MEMBER = """m.member_id, m.name, m.timezone, m.locale, m.country, m.birth_year, m.day_start_hour, m.week_start,
    m.created_at, m.updated_at, m.version, r.roles"""
_CONSENTS = """c.member_id, c.coach_reads_journal, c.ai_vendors, c.alert_mentor_on_risk, c.leaderboard, c.updated_at,
    c.version"""

# One row even where there is no member, because the idempotency look-up rides along.
_LOAD_MEMBER = text_statement(
    f"""SELECT {_MEMBER}, {idempotency.lookup("mentor")}
    FROM (SELECT 1) AS always
    LEFT JOIN mentor.members AS m ON m.member_id = :member_id
    LEFT JOIN mentor.member_roles AS r ON r.member_id = m.member_id"""  # noqa: S608 - composed of constants
)
_LOAD_CONSENTS = text_statement(
    f"""SELECT {_CONSENTS}, {idempotency.lookup("mentor")}
    FROM (SELECT 1) AS always
    LEFT JOIN mentor.consents AS c ON c.member_id = :member_id"""  # noqa: S608 - composed of constants
)
_FIRST_PAGE = text_statement(
    f"""SELECT {_MEMBER}
    FROM mentor.members AS m JOIN mentor.member_roles AS r ON r.member_id = m.member_id
    ORDER BY m.created_at DESC, m.member_id DESC
    LIMIT :limit"""  # noqa: S608 - composed of constants
)
_PAGE_AFTER = text_statement(
    f"""SELECT {_MEMBER}
    FROM mentor.members AS m JOIN mentor.member_roles AS r ON r.member_id = m.member_id
    WHERE (m.created_at, m.member_id) < (:created_at, :member_id)
    ORDER BY m.created_at DESC, m.member_id DESC
    LIMIT :limit"""  # noqa: S608 - composed of constants
)
# Locked, so that two admins cannot each remove the other at the same moment.
_LOCK_ADMINS = text_statement(
    """SELECT member_id FROM mentor.member_roles WHERE 'admin' = ANY (roles) ORDER BY member_id FOR UPDATE"""
)
_ADD_MEMBER = text_statement(
    """INSERT INTO mentor.members (member_id, name, timezone, locale, country, birth_year, day_start_hour, week_start,
        created_at, updated_at, version)
    VALUES (:member_id, :name, :timezone, :locale, :country, :birth_year, :day_start_hour, :week_start,
        :created_at, :updated_at, :version)
    ON CONFLICT DO NOTHING"""
)
_ADD_ROLES = text_statement(
    "INSERT INTO mentor.member_roles (member_id, roles) VALUES (:member_id, :roles) ON CONFLICT DO NOTHING"
)
_ADD_CONSENTS = text_statement(
    """INSERT INTO mentor.consents (member_id, coach_reads_journal, ai_vendors, alert_mentor_on_risk, leaderboard,
        updated_at, version)
    VALUES (:member_id, :coach_reads_journal, :ai_vendors, :alert_mentor_on_risk, :leaderboard, :updated_at, :version)
    ON CONFLICT DO NOTHING"""
)
_SAVE_MEMBER = text_statement(
    """UPDATE mentor.members
    SET name = :name, timezone = :timezone, locale = :locale, country = :country, birth_year = :birth_year,
        day_start_hour = :day_start_hour, week_start = :week_start, updated_at = :updated_at, version = :version
    WHERE member_id = :member_id AND version = :version - 1"""
)
_SAVE_ROLES = text_statement("UPDATE mentor.member_roles SET roles = :roles WHERE member_id = :member_id")
_SAVE_CONSENTS = text_statement(
    """UPDATE mentor.consents
    SET coach_reads_journal = :coach_reads_journal, ai_vendors = :ai_vendors,
        alert_mentor_on_risk = :alert_mentor_on_risk, leaderboard = :leaderboard, updated_at = :updated_at,
        version = :version
    WHERE member_id = :member_id AND version = :version - 1"""
)


class MemberRepository:
    """Members, their roles and their consents, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def load(self, member_id: UUID, key: IdempotencyKey | None = None) -> Member | None:
        """The member as far as the principal may see one, for a request that is the first with its key."""
        row = await self._transaction.fetch_one(_LOAD_MEMBER, member_id=member_id, **idempotency.parameters(key))
        idempotency.recall(row, key)
        return _member(row) if row and row["member_id"] else None

    async def list_after(self, position: Position | None, *, limit: int) -> Sequence[Member]:
        """At most `limit` members, newest first, from behind `position`."""
        if position is None:
            rows = await self._transaction.fetch_all(_FIRST_PAGE, limit=limit)
        else:
            rows = await self._transaction.fetch_all(
                _PAGE_AFTER, created_at=position.created_at, member_id=position.member_id, limit=limit
            )
        return [_member(row) for row in rows]

    async def lock_admins(self) -> frozenset[UUID]:
        """All admins; no other change of an admin's roles passes until this transaction ends. For admins."""
        return frozenset(row["member_id"] for row in await self._transaction.fetch_all(_LOCK_ADMINS))

    def add(self, member: Member, consents: Consents) -> None:
        """Queues a new member; if a twin was first, the whole transaction runs again and finds it."""
        write = self._transaction.write
        write(_ADD_MEMBER, expect=1, created_at=member.created_at, **_member_values(member))
        write(_ADD_ROLES, expect=1, **_role_values(member))
        write(_ADD_CONSENTS, expect=1, **_consent_values(member.member_id, consents))

    def save(self, member: Member) -> None:
        """Queues a change of the profile; if somebody else was first, the whole transaction runs again."""
        self._transaction.write(_SAVE_MEMBER, expect=1, **_member_values(member))

    def save_roles(self, member: Member) -> None:
        """Queues a change of the roles, which is a change of the member as well."""
        self.save(member)
        self._transaction.write(_SAVE_ROLES, expect=1, **_role_values(member))

    async def load_consents(self, member_id: UUID, key: IdempotencyKey | None = None) -> Consents | None:
        """The member's consents as far as the principal may see them, for a request that is the first with its key."""
        row = await self._transaction.fetch_one(_LOAD_CONSENTS, member_id=member_id, **idempotency.parameters(key))
        idempotency.recall(row, key)
        return _consents(row) if row and row["member_id"] else None

    def save_consents(self, member_id: UUID, consents: Consents) -> None:
        """Queues a change of the consents; if somebody else was first, the whole transaction runs again."""
        self._transaction.write(_SAVE_CONSENTS, expect=1, **_consent_values(member_id, consents))


def _member(row: Record) -> Member:
    return Member(
        member_id=row["member_id"],
        profile=Profile(
            name=row["name"],
            timezone=row["timezone"],
            locale=row["locale"],
            country=row["country"] or "",
            birth_year=row["birth_year"] or 0,
            day_start_hour=row["day_start_hour"],
            week_start=row["week_start"],
        ),
        roles=frozenset(Role(role) for role in row["roles"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        version=row["version"],
    )


def _member_values(member: Member) -> dict[str, Any]:
    profile = member.profile
    return {
        "member_id": member.member_id,
        "name": profile.name,
        "timezone": profile.timezone,
        "locale": profile.locale,
        "country": profile.country or None,
        "birth_year": profile.birth_year or None,
        "day_start_hour": profile.day_start_hour,
        "week_start": profile.week_start,
        "updated_at": member.updated_at,
        "version": member.version,
    }


def _role_values(member: Member) -> dict[str, Any]:
    return {"member_id": member.member_id, "roles": sorted(member.roles)}


def _consents(row: Record) -> Consents:
    return Consents(
        updated_at=row["updated_at"],
        coach_reads_journal=row["coach_reads_journal"],
        ai_vendors=row["ai_vendors"],
        alert_mentor_on_risk=row["alert_mentor_on_risk"],
        leaderboard=row["leaderboard"],
        version=row["version"],
    )


def _consent_values(member_id: UUID, consents: Consents) -> dict[str, Any]:
    return {
        "member_id": member_id,
        "coach_reads_journal": consents.coach_reads_journal,
        "ai_vendors": consents.ai_vendors,
        "alert_mentor_on_risk": consents.alert_mentor_on_risk,
        "leaderboard": consents.leaderboard,
        "updated_at": consents.updated_at,
        "version": consents.version,
    }
