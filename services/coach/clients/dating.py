"""Where confirmed dating goals become goals: the goals service, with the member's own passport."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from google.type.date_pb2 import Date

from chassis.clock import Clock, new_id
from chassis.errors import Code, TandemError
from chassis.rpc.client import Caller
from services.coach.domain.intake.adoption import CATEGORY, DatingGoalDraft
from services.coach.domain.planning.schedules import Schedule
from tandem.goals.v1 import goal_pb2, goals_service_pb2, goals_service_pb2_grpc

_PERIODS = {
    "day": goal_pb2.PERIOD_DAY,
    "week": goal_pb2.PERIOD_WEEK,
    "month": goal_pb2.PERIOD_MONTH,
    "quarter": goal_pb2.PERIOD_QUARTER,
    "year": goal_pb2.PERIOD_YEAR,
}


@dataclass(frozen=True, slots=True)
class MadeGoal:
    """A goal as goals shows it.

    Attributes:
        shown: The serialized message, which only the servicer looks into.
    """

    goal_id: UUID
    shown: bytes

    def __repr__(self) -> str:
        """Without the title."""
        return f"MadeGoal(goal_id={self.goal_id})"


class DatingGoalMaker(Protocol):
    """Makes goals for the member at hand; never inside a transaction."""

    async def make(self, draft: DatingGoalDraft, *, key: str) -> MadeGoal:
        """A new goal; the same key makes one once.

        Raises:
            TandemError: As goals says.
        """
        ...

    async def find(self, goal_id: UUID) -> MadeGoal | None:
        """A goal that was made before; None where it is no more.

        Raises:
            TandemError: It cannot be read now.
        """
        ...


class DatingGoalsClient:
    """Asks the goals service."""

    def __init__(self, caller: "Caller[goals_service_pb2_grpc.GoalsServiceAsyncStub]") -> None:
        self._caller = caller

    async def make(self, draft: DatingGoalDraft, *, key: str) -> MadeGoal:
        """A new recurring goal."""
        request = goals_service_pb2.CreateGoalRequest(goal=goal_from(draft), idempotency_key=key)
        return _made(await self._caller(self._caller.stub.CreateGoal, request))

    async def find(self, goal_id: UUID) -> MadeGoal | None:
        """The goal as it is now."""
        request = goals_service_pb2.GetGoalRequest(goal_id=str(goal_id))
        try:
            return _made(await self._caller(self._caller.stub.GetGoal, request))
        except TandemError as problem:
            if problem.code is Code.NOT_FOUND:
                return None
            raise


class FakeDatingGoals:
    """Makes goals in memory; raises what it is given for a title."""

    def __init__(self, clock: Clock) -> None:
        self.made: dict[str, tuple[DatingGoalDraft, MadeGoal]] = {}
        self.failures: dict[str, TandemError] = {}
        self._clock = clock

    async def make(self, draft: DatingGoalDraft, *, key: str) -> MadeGoal:
        """One goal a key."""
        if draft.title in self.failures:
            raise self.failures[draft.title]
        if key not in self.made:
            goal = goal_from(draft)
            goal.goal_id = str(new_id(self._clock))
            self.made[key] = (draft, _made(goal))
        return self.made[key][1]

    async def find(self, goal_id: UUID) -> MadeGoal | None:
        """One that was made."""
        return next((made for _, made in self.made.values() if made.goal_id == goal_id), None)


def goal_from(draft: DatingGoalDraft) -> goal_pb2.Goal:
    """A draft as goals takes it."""
    day = draft.deadline
    return goal_pb2.Goal(
        title=draft.title,
        pattern=goal_pb2.PATTERN_RECURRING,
        category=CATEGORY,
        schedule=_schedule(draft.schedule),
        deadline=Date(year=day.year, month=day.month, day=day.day) if day else None,
    )


def _schedule(due: Schedule) -> goal_pb2.Schedule:
    return goal_pb2.Schedule(
        period=_PERIODS[due.period],
        times=due.times,
        weekdays=sorted(due.weekdays),
        rrule=due.rrule,
        window=goal_pb2.WINDOW_CALENDAR,
    )


def _made(goal: goal_pb2.Goal) -> MadeGoal:
    return MadeGoal(UUID(goal.goal_id), goal.SerializeToString(deterministic=True))
