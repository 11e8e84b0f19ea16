"""What dashboards and the coach are told of all goals of a member, in one statement.

A trip to the database costs more than what it brings: the latest entries and the goals reached lately come beside the
active goals, as arrays of rows in a row of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from chassis.db import Transaction
from chassis.sql import text_statement
from services.goals.domain.goal import MAX_ACTIVE_GOALS, Status
from services.goals.repository.goals import GoalOrder, listed
from services.goals.repository.loads import Completed, KnownRows, Loaded

# The columns of `BriefActivity` and of `Completed`, in their order. A check-in of its habit alone is one as well.
_BRIEFLY: Final = """SELECT ROW(a.activity_id, a.goal_id, CASE a.type WHEN 'habit' THEN 'check_in' ELSE a.type END,
        a.local_date - '0001-01-01'::date + 1, a.completed, a.value, a.note, coalesce(a.mood, 0))
    FROM goals.activities AS a WHERE a.member_id = :member_id
    ORDER BY a.local_date DESC, a.occurred_at DESC, a.activity_id DESC LIMIT :brief_limit"""
_COMPLETED: Final = """SELECT ROW(c.goal_id, c.title, c.completed_on)
    FROM goals.goals AS c
    WHERE c.member_id = :member_id AND c.status = 'completed' AND c.completed_on >= CAST(:since AS date)
    ORDER BY c.completed_on DESC, c.goal_id DESC LIMIT :completed_limit"""
# The row of both is the last one, and all that it has of a goal is NULL.
_READ = text_statement(
    f"""SELECT g.*, beside.brief, beside.completed
    FROM ({listed(GoalOrder.CREATE_TIME, descending=True, is_first=True)}) AS g
    FULL JOIN (SELECT ARRAY({_BRIEFLY}) AS brief, ARRAY({_COMPLETED}) AS completed) AS beside ON false
    ORDER BY g.sort_key DESC NULLS LAST, g.goal_id DESC"""  # noqa: S608 - composed of constants
)


class BriefActivity(NamedTuple):
    """What an activity says, without its circumstances; days are ordinals. A row is one as it comes."""

    id: UUID
    goal_id: UUID
    type: str
    local_day: int
    completed: bool | None
    value: float | None
    note: str
    mood: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was read.

    Attributes:
        active: Goals with their entries, newest first.
        brief: The latest activities over all goals, newest first.
        completed: Goals completed since the day that was asked for, the latest first.
    """

    active: Sequence[Loaded]
    brief: Sequence[BriefActivity]
    completed: Sequence[Completed]


class OverviewRepository:
    """Overviews, within one transaction."""

    def __init__(self, transaction: Transaction, known: KnownRows) -> None:
        """Takes the rows of goals that were read before, which come back as what was made of them."""
        self._transaction = transaction
        self._known = known

    async def find(self, member_id: UUID, *, brief_limit: int, since: date, completed_limit: int) -> Found:
        """The active goals of a member, and so much of the rest."""
        *goals, beside = await self._transaction.fetch_all(
            _READ,
            member_id=member_id,
            status=Status.ACTIVE,
            pattern=None,
            category=None,
            limit=MAX_ACTIVE_GOALS,
            brief_limit=brief_limit,
            since=since,
            completed_limit=completed_limit,
        )
        return Found(
            [self._known.loaded(row) for row in goals],
            [BriefActivity(*row) for row in beside["brief"]],
            [Completed(*row) for row in beside["completed"]],
        )
