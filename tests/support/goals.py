"""Members who call goals over a real channel, on a clock that tests turn."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
from google.type.date_pb2 import Date

from chassis.clock import Clock, SystemClock, new_id
from chassis.errors import InvalidArgument, TandemError
from chassis.identity.passport import AssertionMinter
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from chassis.resilience import Breaker
from chassis.rpc.client import Caller
from services.goals.clients import FakeMembers, MemberProfile
from services.goals.domain.days import Calendar
from tandem.event.v1 import event_pb2
from tandem.goals.v1 import activity_pb2, care_pb2, goal_pb2
from tandem.goals.v1 import goals_service_pb2 as pb
from tandem.goals.v1.goals_service_pb2_grpc import GoalsServiceStub
from tandem.goals.v1.progress_pb2 import Progress
from tests.support.identities import Identities

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    from tandem.goals.v1.goals_service_pb2_grpc import GoalsServiceAsyncStub
else:
    Connection = asyncpg.Connection

SYSTEM = SystemClock()
CHECK_IN = activity_pb2.ACTIVITY_TYPE_CHECK_IN
RECURRING = goal_pb2.PATTERN_RECURRING


def on(text: str) -> Date:
    """A date of the contract."""
    day = date.fromisoformat(text)
    return Date(year=day.year, month=day.month, day=day.day)


def iso(message: Date) -> str:
    """A date of the contract, readable."""
    return f"{message.year:04}-{message.month:02}-{message.day:02}"


@dataclass
class GoalsMember:
    """A member signed in, calling goals through one service."""

    caller: "Caller[GoalsServiceAsyncStub]"
    identities: Identities
    member_id: UUID
    replayed: bool = False

    async def call(self, method: str, request: Any) -> Any:
        """Calls `method` as this member."""
        passport = self.identities.passport(self.member_id, "member")
        context = RequestContext("test", "0" * 32, Principal.member(self.member_id), passport=passport)
        with answering(context):
            try:
                return await self.caller(getattr(self.caller.stub, method), request)
            finally:
                self.replayed = context.replayed

    async def stream(self, method: str, request: Any) -> list[bytes]:
        """The pieces that `method` streams to this member."""
        passport = self.identities.passport(self.member_id, "member")
        context = RequestContext("test", "0" * 32, Principal.member(self.member_id), passport=passport)
        with answering(context):
            return [piece.data async for piece in self.caller.stream(getattr(self.caller.stub, method), request)]

    async def create(self, title: str = "Run", *, key: str = "", **fields: Any) -> goal_pb2.Goal:
        """Makes a goal, recurring by default."""
        goal = goal_pb2.Goal(title=title, **{"pattern": RECURRING, **fields})
        made: goal_pb2.Goal = await self.call("CreateGoal", pb.CreateGoalRequest(goal=goal, idempotency_key=key))
        return made

    async def get(self, goal_id: str) -> goal_pb2.Goal:
        """Reads a goal."""
        found: goal_pb2.Goal = await self.call("GetGoal", pb.GetGoalRequest(goal_id=goal_id))
        return found

    async def list_goals(self, **fields: Any) -> pb.ListGoalsResponse:
        """A page of goals."""
        page: pb.ListGoalsResponse = await self.call("ListGoals", pb.ListGoalsRequest(**fields))
        return page

    async def update(self, goal_id: str, *paths: str, key: str = "", etag: str = "", **fields: Any) -> goal_pb2.Goal:
        """Changes a goal: the fields given, or those named."""
        request = pb.UpdateGoalRequest(goal=goal_pb2.Goal(goal_id=goal_id, etag=etag, **fields), idempotency_key=key)
        request.update_mask.paths.extend(paths or fields)
        changed: goal_pb2.Goal = await self.call("UpdateGoal", request)
        return changed

    async def archive(self, goal_id: str, *, etag: str = "", key: str = "") -> goal_pb2.Goal:
        """Archives a goal."""
        request = pb.ArchiveGoalRequest(goal_id=goal_id, etag=etag, idempotency_key=key)
        archived: goal_pb2.Goal = await self.call("ArchiveGoal", request)
        return archived

    async def log(
        self, goal_id: str, day: str | None = None, *, key: str = "", **fields: Any
    ) -> pb.LogActivityResponse:
        """Logs an activity, a check-in by default."""
        activity = activity_pb2.Activity(goal_id=goal_id, **{"type": CHECK_IN, **fields})
        if day is not None:
            activity.local_date.CopyFrom(on(day))
        request = pb.LogActivityRequest(activity=activity, idempotency_key=key)
        logged: pb.LogActivityResponse = await self.call("LogActivity", request)
        return logged

    async def correct(
        self, activity: activity_pb2.Activity, *paths: str, key: str = "", **fields: Any
    ) -> pb.LogActivityResponse:
        """Corrects an activity: the fields given, or those named."""
        corrected = activity_pb2.Activity(goal_id=activity.goal_id, activity_id=activity.activity_id, **fields)
        request = pb.UpdateActivityRequest(activity=corrected, idempotency_key=key)
        request.update_mask.paths.extend(paths or fields)
        answer: pb.LogActivityResponse = await self.call("UpdateActivity", request)
        return answer

    async def take_back(self, activity: activity_pb2.Activity, *, key: str = "") -> None:
        """Takes an activity back."""
        request = pb.DeleteActivityRequest(
            goal_id=activity.goal_id, activity_id=activity.activity_id, idempotency_key=key
        )
        await self.call("DeleteActivity", request)

    async def batch(self, *activities: activity_pb2.Activity, key: str = "") -> Sequence[activity_pb2.Activity]:
        """Logs many activities."""
        request = pb.BatchLogActivitiesRequest(activities=activities, idempotency_key=key)
        logged: pb.BatchLogActivitiesResponse = await self.call("BatchLogActivities", request)
        return logged.activities

    async def vacation(
        self, first: str | None, last: str | None, *, goal_id: str = "", reason: str = "", key: str = ""
    ) -> care_pb2.Vacation:
        """Enters a vacation of a goal, or of all."""
        asked = care_pb2.Vacation(
            goal_id=goal_id,
            reason=reason,
            from_date=on(first) if first else None,
            to_date=on(last) if last else None,
        )
        request = care_pb2.CreateVacationRequest(vacation=asked, idempotency_key=key)
        made: care_pb2.Vacation = await self.call("CreateVacation", request)
        return made

    async def vacations(self, goal_id: str = "", **fields: Any) -> care_pb2.ListVacationsResponse:
        """A page of vacations."""
        request = care_pb2.ListVacationsRequest(goal_id=goal_id, **fields)
        page: care_pb2.ListVacationsResponse = await self.call("ListVacations", request)
        return page

    async def end_vacation(self, vacation: care_pb2.Vacation, *, key: str = "") -> None:
        """Takes a vacation back."""
        request = care_pb2.DeleteVacationRequest(
            vacation_id=vacation.vacation_id, goal_id=vacation.goal_id, idempotency_key=key
        )
        await self.call("DeleteVacation", request)

    async def add_habit(self, goal_id: str, title: str = "Stretch", *, key: str = "", **fields: Any) -> goal_pb2.Habit:
        """Adds a habit."""
        habit = goal_pb2.Habit(title=title, **fields)
        request = care_pb2.CreateHabitRequest(goal_id=goal_id, habit=habit, idempotency_key=key)
        made: goal_pb2.Habit = await self.call("CreateHabit", request)
        return made

    async def change_habit(
        self, goal_id: str, habit_id: str, *paths: str, key: str = "", **fields: Any
    ) -> goal_pb2.Habit:
        """Changes a habit: the fields given, or those named."""
        habit = goal_pb2.Habit(habit_id=habit_id, **fields)
        request = care_pb2.UpdateHabitRequest(goal_id=goal_id, habit=habit, idempotency_key=key)
        request.update_mask.paths.extend(paths or fields)
        changed: goal_pb2.Habit = await self.call("UpdateHabit", request)
        return changed

    async def remove_habit(self, goal_id: str, habit_id: str, *, key: str = "") -> None:
        """Removes a habit."""
        request = care_pb2.DeleteHabitRequest(goal_id=goal_id, habit_id=habit_id, idempotency_key=key)
        await self.call("DeleteHabit", request)

    async def add_subgoal(
        self, goal_id: str, title: str = "Half of it", *, key: str = "", **fields: Any
    ) -> goal_pb2.Subgoal:
        """Adds a subgoal."""
        subgoal = goal_pb2.Subgoal(title=title, **fields)
        request = care_pb2.CreateSubgoalRequest(goal_id=goal_id, subgoal=subgoal, idempotency_key=key)
        made: goal_pb2.Subgoal = await self.call("CreateSubgoal", request)
        return made

    async def change_subgoal(
        self, goal_id: str, subgoal_id: str, *paths: str, key: str = "", **fields: Any
    ) -> goal_pb2.Subgoal:
        """Changes a subgoal: the fields given, or those named."""
        subgoal = goal_pb2.Subgoal(subgoal_id=subgoal_id, **fields)
        request = care_pb2.UpdateSubgoalRequest(goal_id=goal_id, subgoal=subgoal, idempotency_key=key)
        request.update_mask.paths.extend(paths or fields)
        changed: goal_pb2.Subgoal = await self.call("UpdateSubgoal", request)
        return changed

    async def remove_subgoal(self, goal_id: str, subgoal_id: str, *, key: str = "") -> None:
        """Removes a subgoal."""
        request = care_pb2.DeleteSubgoalRequest(goal_id=goal_id, subgoal_id=subgoal_id, idempotency_key=key)
        await self.call("DeleteSubgoal", request)

    async def reminders(self, goal_id: str) -> Sequence[care_pb2.Reminder]:
        """A goal's reminders."""
        found: care_pb2.Reminders = await self.call("GetReminders", care_pb2.GetRemindersRequest(goal_id=goal_id))
        return found.reminders

    async def remind(self, goal_id: str, *reminders: care_pb2.Reminder, key: str = "") -> Sequence[care_pb2.Reminder]:
        """Replaces a goal's reminders."""
        request = care_pb2.SetRemindersRequest(goal_id=goal_id, reminders=reminders, idempotency_key=key)
        kept: care_pb2.Reminders = await self.call("SetReminders", request)
        return kept.reminders

    async def copy(self, goal_id: str, *, key: str = "") -> goal_pb2.Goal:
        """Repeats a goal."""
        request = care_pb2.CopyGoalRequest(goal_id=goal_id, idempotency_key=key)
        made: goal_pb2.Goal = await self.call("CopyGoal", request)
        return made

    async def restore(self, goal_id: str, *, key: str = "") -> goal_pb2.Goal:
        """Takes a goal out of the archive."""
        request = care_pb2.RestoreGoalRequest(goal_id=goal_id, idempotency_key=key)
        restored: goal_pb2.Goal = await self.call("RestoreGoal", request)
        return restored

    async def activities(self, goal_id: str, **fields: Any) -> pb.ListActivitiesResponse:
        """A page of activities."""
        page: pb.ListActivitiesResponse = await self.call(
            "ListActivities", pb.ListActivitiesRequest(goal_id=goal_id, **fields)
        )
        return page

    async def progress(self, goal_id: str, **fields: Any) -> Progress:
        """How a goal is going."""
        found: Progress = await self.call("GetProgress", pb.GetProgressRequest(goal_id=goal_id, **fields))
        return found

    async def overview(
        self, count: int = 10, *, completed: int = 0, logged_days: int = 0, brief: bool = False
    ) -> pb.Overview:
        """The dashboard."""
        request = pb.GetOverviewRequest(
            recent_activity_count=count,
            completed_goal_count=completed,
            logged_day_count=logged_days,
            brief_activities=brief,
        )
        found: pb.Overview = await self.call("GetOverview", request)
        return found


class GoalsMembers:
    """Makes members whom mentor knows."""

    def __init__(self, address: str, identities: Identities, people: FakeMembers) -> None:
        self.people = people
        self._address = address
        self._identities = identities
        self._callers: dict[str, Caller[GoalsServiceAsyncStub]] = {}

    def member(
        self, timezone: str = "UTC", *, day_start_hour: int = 0, week_start: int = 1, birth_year: int = 1990
    ) -> GoalsMember:
        """Somebody new."""
        member_id = new_id(SYSTEM)
        calendar = Calendar(timezone, day_start_hour, week_start)
        self.people.people[member_id] = MemberProfile(calendar, birth_year, datetime(2026, 1, 1, tzinfo=UTC))
        return GoalsMember(self._caller("gateway"), self._identities, member_id)

    def through(self, service: str, member: GoalsMember) -> GoalsMember:
        """The same member through another service."""
        return GoalsMember(self._caller(service), self._identities, member.member_id)

    async def as_service(self, service: str, method: str, request: Any) -> Any:
        """Calls `method` as another service that acts for nobody."""
        caller = self._caller(service)
        with answering(RequestContext("test", "0" * 32, Principal.system(service))):
            return await caller(getattr(caller.stub, method), request)

    async def close(self) -> None:
        """Closes all channels."""
        for caller in self._callers.values():
            await caller.close()

    def _caller(self, service: str, clock: Clock = SYSTEM) -> "Caller[GoalsServiceAsyncStub]":
        if service not in self._callers:
            key = self._identities.keys[service]
            self._callers[service] = Caller(
                GoalsServiceStub,
                "goals",
                self._address,
                clock=clock,
                breaker=Breaker("goals", clock),
                assertions=None if service == "gateway" else AssertionMinter(key, service, clock),
            )
        return self._callers[service]


async def refused(reason: str, work: Awaitable[object]) -> TandemError:
    """The failure that `work` must end in."""
    failure: TandemError | None = None
    try:
        await work
    except TandemError as error:
        failure = error
    assert failure is not None
    assert failure.reason == reason
    return failure


def fields_of(error: TandemError) -> list[str]:
    """The fields that a refusal names."""
    assert isinstance(error, InvalidArgument)
    return [violation.field for violation in error.violations]


async def goal_events(behind: Connection, member: GoalsMember) -> Sequence[event_pb2.Event]:
    """What goals has told about a member, in order."""
    rows = await behind.fetch("SELECT payload FROM goals.outbox ORDER BY xid, position")
    events = [event_pb2.Event.FromString(row["payload"]) for row in rows]
    return [event for event in events if event.member_id == str(member.member_id)]
