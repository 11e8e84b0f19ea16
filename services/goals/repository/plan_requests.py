"""Goals that wait for a plan: entered with the goal, taken up later by whoever comes first, removed with the plan."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.db import Record, Transaction
from chassis.sql import text_statement
from services.goals.domain.care import Constraints
from services.goals.domain.goal import GoalId, MemberId

MAX_ATTEMPTS: Final = 12
# Whoever made the goal waits for its plan; only after this does the queue take it up.
FIRST_RETRY: Final = timedelta(seconds=30)

_ADD = text_statement(
    """INSERT INTO goals.plan_requests
        (goal_id, member_id, minutes_per_week, deadline, attempts, due_at, created_at)
    VALUES (:goal_id, :member_id, :minutes_per_week, :deadline, 0, :due_at, :created_at)"""
)
_REMOVE = text_statement("DELETE FROM goals.plan_requests WHERE goal_id = :goal_id")
# Each failure doubles the wait, from two minutes to six hours; what a process that died had taken up is due again.
_TAKE = text_statement(
    """UPDATE goals.plan_requests AS p
    SET attempts = p.attempts + 1,
        due_at = CAST(:now AS timestamptz) + interval '1 minute' * least(2 ^ (p.attempts + 1), 360)
    WHERE p.goal_id IN (
        SELECT d.goal_id FROM goals.plan_requests AS d WHERE d.due_at <= :now
        ORDER BY d.due_at LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING p.goal_id, p.member_id, p.minutes_per_week, p.deadline, p.attempts"""
)


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """A goal that waits; `attempts` counts this one."""

    goal_id: GoalId
    member_id: MemberId
    constraints: Constraints
    attempts: int


class PlanRequestRepository:
    """Plan requests, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(
        self, goal_id: GoalId, member_id: MemberId, constraints: Constraints, *, due_at: datetime, now: datetime
    ) -> None:
        """Queues a request that is taken up at `due_at` unless the plan came before."""
        self._transaction.write(
            _ADD,
            expect=1,
            goal_id=goal_id,
            member_id=member_id,
            minutes_per_week=constraints.minutes_per_week,
            deadline=date.fromordinal(constraints.deadline) if constraints.deadline else None,
            due_at=due_at,
            created_at=now,
        )

    def remove(self, goal_id: UUID) -> None:
        """Queues its end."""
        self._transaction.write(_REMOVE, goal_id=goal_id)

    async def take(self, now: datetime, *, limit: int) -> list[PlanRequest]:
        """At most `limit` requests that are due, which nobody else takes for a while; on the system login."""
        return [_request(row) for row in await self._transaction.fetch_all(_TAKE, now=now, limit=limit)]


def _request(row: Record) -> PlanRequest:
    deadline: date | None = row["deadline"]
    return PlanRequest(
        GoalId(row["goal_id"]),
        MemberId(row["member_id"]),
        Constraints(row["minutes_per_week"], deadline.toordinal() if deadline else None),
        row["attempts"],
    )
