"""Vacations: added, listed the latest first, removed and kept for what was known then."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from chassis.db import Record, Transaction
from chassis.sql import Statement, text_statement
from services.goals.domain.care import MAX_VACATIONS, Vacation
from services.goals.domain.goal import MemberId
from services.goals.errors import PartNotFound, TooMany

_ADD = text_statement(
    """INSERT INTO goals.vacations (vacation_id, goal_id, member_id, from_date, to_date, reason, created_at)
    SELECT CAST(:vacation_id AS uuid), CAST(:goal_id AS uuid), CAST(:member_id AS uuid), CAST(:from_date AS date),
        CAST(:to_date AS date), CAST(:reason AS text), CAST(:created_at AS timestamptz)
    WHERE (SELECT count(*) FROM goals.vacations AS v
        WHERE v.holder_id = coalesce(CAST(:goal_id AS uuid), CAST(:member_id AS uuid)) AND v.removed_at IS NULL)
        < CAST(:quota AS bigint)"""
)
_REMOVE = text_statement(
    """UPDATE goals.vacations SET removed_at = :removed_at
    WHERE vacation_id = :vacation_id AND holder_id = :holder_id AND removed_at IS NULL"""
)


def _list_statement(*, is_first: bool) -> Statement:
    after = "" if is_first else "AND (v.from_date, v.vacation_id) < (:from_date, :vacation_id)"
    return text_statement(
        f"""SELECT v.vacation_id, v.goal_id, v.from_date, v.to_date, v.reason, v.created_at
        FROM goals.vacations AS v
        WHERE v.holder_id = :holder_id AND v.removed_at IS NULL {after}
        ORDER BY v.from_date DESC, v.vacation_id DESC LIMIT :limit"""  # noqa: S608 - composed of constants
    )


_LISTS: Final = {is_first: _list_statement(is_first=is_first) for is_first in (False, True)}


@dataclass(frozen=True, slots=True)
class VacationPosition:
    """Where a page ended."""

    from_date: date
    vacation_id: UUID


class VacationRepository:
    """Vacations, within one transaction. Their holder is a goal, or the member for all goals."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def list_of(self, holder_id: UUID, *, after: VacationPosition | None, limit: int) -> list[Vacation]:
        """At most `limit` vacations from behind `after`, the latest first."""
        position = {} if after is None else {"from_date": after.from_date, "vacation_id": after.vacation_id}
        rows = await self._transaction.fetch_all(_LISTS[after is None], holder_id=holder_id, limit=limit, **position)
        return [vacation_of(row) for row in rows]

    def add(self, vacation: Vacation, member_id: MemberId) -> None:
        """Queues a new vacation; refused where the holder has `MAX_VACATIONS`, which needs the holder locked."""
        self._transaction.write(
            _ADD,
            expect=1,
            otherwise=TooMany(MAX_VACATIONS, "vacations"),
            quota=MAX_VACATIONS,
            vacation_id=vacation.id,
            goal_id=vacation.goal_id,
            member_id=member_id,
            from_date=date.fromordinal(vacation.first),
            to_date=date.fromordinal(vacation.last),
            reason=vacation.reason,
            created_at=vacation.create_time,
        )

    def remove(self, vacation_id: UUID, *, holder_id: UUID, at: datetime) -> None:
        """Queues that the vacation is taken back; refused where the holder has none of this id."""
        self._transaction.write(
            _REMOVE,
            expect=1,
            otherwise=PartNotFound("vacation"),
            vacation_id=vacation_id,
            holder_id=holder_id,
            removed_at=at,
        )


def position_of(vacation: Vacation) -> VacationPosition:
    """Where a page that ends with this vacation ends."""
    return VacationPosition(date.fromordinal(vacation.first), vacation.id)


def vacation_of(row: Record) -> Vacation:
    """The vacation in a row."""
    return Vacation(
        row["vacation_id"],
        row["goal_id"],
        row["from_date"].toordinal(),
        row["to_date"].toordinal(),
        row["reason"],
        row["created_at"],
    )
