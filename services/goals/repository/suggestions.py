"""Suggestions: kept for the member, listed newest first, decided once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import idempotency
from chassis.db import Record, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.sql import Statement, text_statement
from services.goals.domain.goal import MemberId
from services.goals.domain.suggestions import (
    AddHabit,
    AddSubgoal,
    AdoptPlan,
    Change,
    ChangeHabit,
    MoveDeadline,
    Operation,
    RemoveHabit,
    SplitSubgoal,
    Suggestion,
    SuggestionId,
    SuggestionStatus,
)
from services.goals.errors import GoalNotFound, TooMany
from services.goals.repository import part_documents as documents

MAX_OPEN = 50

_COLUMNS = """s.suggestion_id, s.goal_id, s.source, s.summary, s.operations, s.status, s.created_at, s.decided_at"""
_ADD = text_statement(
    """INSERT INTO goals.suggestions
        (suggestion_id, goal_id, member_id, source, summary, operations, status, created_at)
    SELECT CAST(:suggestion_id AS uuid), CAST(:goal_id AS uuid), CAST(:member_id AS uuid), CAST(:source AS text),
        CAST(:summary AS text), CAST(:operations AS jsonb), CAST(:status AS text), CAST(:created_at AS timestamptz)
    WHERE (SELECT count(*) FROM goals.suggestions AS s WHERE s.goal_id = :goal_id AND s.status = 'open')
        < CAST(:quota AS bigint)"""
)
_DECIDE = text_statement(
    """UPDATE goals.suggestions SET status = :status, decided_at = :decided_at
    WHERE suggestion_id = :suggestion_id AND status = 'open'"""
)
_GET = text_statement(
    f"""SELECT {_COLUMNS} FROM goals.suggestions AS s
    WHERE s.suggestion_id = :suggestion_id AND s.goal_id = :goal_id FOR UPDATE OF s"""  # noqa: S608 - constants
)
_KNOWN = text_statement(
    f"""SELECT g.goal_id, {idempotency.lookup("goals")} FROM goals.goals AS g
    WHERE g.goal_id = :goal_id FOR UPDATE OF g"""  # noqa: S608 - composed of constants
)


def _list_statement(*, is_first: bool) -> Statement:
    after = "" if is_first else "AND (s.created_at, s.suggestion_id) < (:created_at, :suggestion_id)"
    return text_statement(
        f"""SELECT {_COLUMNS} FROM goals.suggestions AS s
        WHERE s.goal_id = :goal_id AND (CAST(:status AS text) IS NULL OR s.status = :status) {after}
        ORDER BY s.created_at DESC, s.suggestion_id DESC LIMIT :limit"""  # noqa: S608 - composed of constants
    )


_LISTS: Final = {is_first: _list_statement(is_first=is_first) for is_first in (False, True)}


@dataclass(frozen=True, slots=True)
class SuggestionPosition:
    """Where a page ended."""

    created_at: datetime
    suggestion_id: UUID


class SuggestionRepository:
    """Suggestions, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def check_goal(self, goal_id: UUID, key: IdempotencyKey | None) -> None:
        """There is such a goal, for a request that is the first with its key; it stays until the end.

        Raises:
            GoalNotFound: There is none, or none that the principal may know of.
        """
        row = await self._transaction.fetch_one(_KNOWN, goal_id=goal_id, **idempotency.parameters(key))
        idempotency.recall(row, key)
        if row is None:
            raise GoalNotFound

    async def find_to_decide(self, goal_id: UUID, suggestion_id: UUID) -> Suggestion | None:
        """The suggestion, which nobody else decides until the end of the transaction."""
        row = await self._transaction.fetch_one(_GET, goal_id=goal_id, suggestion_id=suggestion_id)
        return _suggestion(row) if row else None

    async def list_of(
        self, goal_id: UUID, *, status: SuggestionStatus | None, after: SuggestionPosition | None, limit: int
    ) -> list[Suggestion]:
        """At most `limit` suggestions from behind `after`, newest first."""
        position = {} if after is None else {"created_at": after.created_at, "suggestion_id": after.suggestion_id}
        rows = await self._transaction.fetch_all(
            _LISTS[after is None], goal_id=goal_id, status=status, limit=limit, **position
        )
        return [_suggestion(row) for row in rows]

    def add(self, suggestion: Suggestion, member_id: MemberId) -> None:
        """Queues a suggestion; refused where `MAX_OPEN` wait already."""
        self._transaction.write(
            _ADD,
            expect=1,
            otherwise=TooMany(MAX_OPEN, "open suggestions for a goal"),
            quota=MAX_OPEN,
            suggestion_id=suggestion.id,
            goal_id=suggestion.goal_id,
            member_id=member_id,
            source=suggestion.source,
            summary=suggestion.summary,
            operations=[_operation_document(operation) for operation in suggestion.operations],
            status=suggestion.status,
            created_at=suggestion.create_time,
        )

    def decide(self, suggestion: Suggestion) -> None:
        """Queues the member's decision."""
        self._transaction.write(
            _DECIDE,
            expect=1,
            suggestion_id=suggestion.id,
            status=suggestion.status,
            decided_at=suggestion.decide_time,
        )


def position_of(suggestion: Suggestion) -> SuggestionPosition:
    """Where a page that ends with this suggestion ends."""
    return SuggestionPosition(suggestion.create_time, suggestion.id)


def _suggestion(row: Record) -> Suggestion:
    return Suggestion(
        SuggestionId(row["suggestion_id"]),
        row["goal_id"],
        row["source"],
        row["summary"],
        tuple(Operation(_change(each), each["reason"]) for each in row["operations"]),
        SuggestionStatus(row["status"]),
        row["created_at"],
        row["decided_at"],
    )


def _operation_document(operation: Operation) -> dict[str, Any]:
    return {"reason": operation.reason, **_change_document(operation.change)}


def _change_document(change: Change) -> dict[str, Any]:
    match change:
        case AddSubgoal(subgoal):
            return {"kind": "add_subgoal", "subgoal": documents.planned_subgoal_document(subgoal)}
        case SplitSubgoal(subgoal_id, parts):
            split = [documents.planned_subgoal_document(part) for part in parts]
            return {"kind": "split_subgoal", "subgoal_id": str(subgoal_id), "parts": split}
        case AddHabit(habit):
            return {"kind": "add_habit", "habit": documents.planned_habit_document(habit)}
        case ChangeHabit():
            return {
                "kind": "change_habit",
                "habit_id": str(change.habit_id),
                "title": change.title,
                "schedule": documents.schedule_document(change.schedule) if change.schedule else None,
                "minutes": change.minutes,
                "if_then": change.if_then,
            }
        case RemoveHabit(habit_id):
            return {"kind": "remove_habit", "habit_id": str(habit_id)}
        case MoveDeadline(deadline):
            return {"kind": "move_deadline", "deadline": date.fromordinal(deadline).isoformat()}
        case AdoptPlan(plan):
            return {"kind": "adopt_plan", "plan": documents.plan_document(plan)}


def _change(document: Mapping[str, Any]) -> Change:
    match document["kind"]:
        case "add_subgoal":
            return AddSubgoal(documents.read_planned_subgoal(document["subgoal"]))
        case "split_subgoal":
            parts = tuple(documents.read_planned_subgoal(part) for part in document["parts"])
            return SplitSubgoal(UUID(document["subgoal_id"]), parts)
        case "add_habit":
            return AddHabit(documents.read_planned_habit(document["habit"]))
        case "change_habit":
            schedule = document["schedule"]
            return ChangeHabit(
                UUID(document["habit_id"]),
                document["title"],
                documents.read_schedule(schedule) if schedule else None,
                document["minutes"],
                document["if_then"],
            )
        case "remove_habit":
            return RemoveHabit(UUID(document["habit_id"]))
        case "move_deadline":
            return MoveDeadline(date.fromisoformat(document["deadline"]).toordinal())
        case "adopt_plan":
            return AdoptPlan(documents.read_plan(document["plan"]))
        case kind:
            raise ValueError(f"a suggestion holds an operation of unknown kind {kind!r}")
