"""A goal with the entries and vacations that were known at an instant."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Transaction
from chassis.sql import text_statement
from services.goals.repository.loads import GOAL, Loaded, folded, folding, loaded

_KNOWN = """SELECT * FROM (
            SELECT activity_id, local_date, occurred_at, code, value, mood, milestone_id
            FROM goals.activities WHERE goal_id = g.goal_id AND updated_at <= :known_at
            UNION ALL
            SELECT activity_id, local_date, occurred_at, code, value, mood, milestone_id
            FROM goals.activity_history
            WHERE goal_id = g.goal_id AND valid_from <= :known_at AND valid_to > :known_at
        ) AS known ORDER BY local_date, occurred_at, activity_id"""
_AWAY = "v.created_at <= :known_at AND (v.removed_at IS NULL OR v.removed_at > :known_at)"
_LOAD = text_statement(
    f"""SELECT {GOAL}, {folded(_AWAY, "g.goal_id", "g.member_id")},
        (SELECT max(a.local_date) FROM goals.activities AS a WHERE a.goal_id = g.goal_id) AS latest
    FROM goals.goals AS g {folding(_KNOWN)}
    WHERE g.goal_id = :goal_id"""  # noqa: S608 - composed of constants
)


@dataclass(frozen=True, slots=True)
class KnownThen:
    """A goal with what was known then.

    Attributes:
        loaded: Entries and vacations as they were known; rules and phases still as they are now.
        latest_day: The latest day logged on by now; 0 where nothing was.
    """

    loaded: Loaded
    latest_day: int


class HindsightRepository:
    """What was known, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find(self, goal_id: UUID, known_at: datetime) -> KnownThen | None:
        """The goal, if the principal may see it."""
        row = await self._transaction.fetch_one(_LOAD, goal_id=goal_id, known_at=known_at)
        if row is None:
            return None
        return KnownThen(loaded(row), row["latest"].toordinal() if row["latest"] else 0)
