"""Which entries stand on which day: what explanations name."""

from datetime import date
from uuid import UUID

from chassis.db import Transaction
from chassis.sql import text_statement
from services.goals.domain.explanation import Evidence

_BETWEEN = text_statement(
    """SELECT a.activity_id, a.local_date, a.type = 'progress' AS is_progress FROM goals.activities AS a
    WHERE a.goal_id = :goal_id AND a.local_date BETWEEN :first AND :last AND a.type NOT IN ('note', 'habit')
    ORDER BY a.local_date DESC, a.occurred_at DESC, a.activity_id DESC LIMIT :most"""
)


class EvidenceRepository:
    """Entries by id and day, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def between(self, goal_id: UUID, first: int, last: int, *, most: int) -> list[Evidence]:
        """The newest `most` entries of [first, last] that can mean something to a figure, in order."""
        rows = await self._transaction.fetch_all(
            _BETWEEN, goal_id=goal_id, first=date.fromordinal(first), last=date.fromordinal(last), most=most
        )
        return [
            Evidence(row["local_date"].toordinal(), row["activity_id"], row["is_progress"]) for row in reversed(rows)
        ]
