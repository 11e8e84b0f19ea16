"""Stand-ins for the services behind the gateway: enough behaviour to see what the gateway does with answers.

They run behind the real pipeline, so that passports, deadlines and errors are the real thing. Rows belong to the
member of the passport; keys replay, as the services do it.
"""
# ruff: noqa: N802 - methods have the names of the protocol

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, date
from typing import Any
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from chassis import etags
from chassis.clock import SystemClock, new_id
from chassis.errors import (
    EtagMismatch,
    IdempotencyKeyReused,
    InvalidArgument,
    MalformedRequest,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from chassis.request import current
from chassis.rpc.policy import Allow
from chassis.rpc.server import Servicing
from tandem.coach.v1 import coach_pb2, coach_pb2_grpc
from tandem.goals.v1 import activity_pb2, goal_pb2, goals_service_pb2, goals_service_pb2_grpc, progress_pb2
from tandem.mentor.v1 import mentor_pb2, mentor_pb2_grpc

_CLOCK = SystemClock()


class Replays:
    """Answers by member, operation and key."""

    def __init__(self) -> None:
        self._kept: dict[tuple[UUID | None, str, str], tuple[bytes, Any]] = {}

    def recall(self, request: Any) -> Any:
        """The first answer to this request, or None."""
        kept = self._kept.get(self._scope(request))
        if kept is None:
            return None
        if kept[0] != self._words(request):
            raise IdempotencyKeyReused("This key came with another request.")
        current().replayed = True
        return kept[1]

    def remember(self, request: Any, answer: Any) -> Any:
        """Keeps the answer and returns it."""
        self._kept[self._scope(request)] = (self._words(request), answer)
        return answer

    @staticmethod
    def _scope(request: Any) -> tuple[UUID | None, str, str]:
        return current().principal.member_id, current().method, request.idempotency_key

    @staticmethod
    def _words(request: Any) -> bytes:
        bare = type(request)()
        bare.CopyFrom(request)
        bare.ClearField("idempotency_key")
        return bytes(bare.SerializeToString(deterministic=True))


class StandInGoals(goals_service_pb2_grpc.GoalsServiceServicer):
    """Goals in memory."""

    def __init__(self) -> None:
        self.goals: dict[str, goal_pb2.Goal] = {}
        self.activities: dict[str, list[activity_pb2.Activity]] = defaultdict(list)
        self.calls = 0
        self._replays = Replays()

    async def CreateGoal(self, request: goals_service_pb2.CreateGoalRequest, context: Any) -> goal_pb2.Goal:
        self.calls += 1
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        goal = goal_pb2.Goal()
        goal.CopyFrom(request.goal)
        goal.goal_id = str(new_id(_CLOCK))
        goal.member_id = _member()
        goal.status = goal_pb2.STATUS_ACTIVE
        goal.etag = "1"
        if not goal.HasField("schedule"):
            goal.schedule.CopyFrom(
                goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY, times=1, window=goal_pb2.WINDOW_CALENDAR)
            )
        if not goal.HasField("start_date"):
            goal.start_date.CopyFrom(_today())
        goal.create_time.CopyFrom(_now())
        goal.update_time.CopyFrom(_now())
        self.goals[goal.goal_id] = goal
        return self._replays.remember(request, goal)  # type: ignore[no-any-return]

    async def GetGoal(self, request: goals_service_pb2.GetGoalRequest, context: Any) -> goal_pb2.Goal:
        self.calls += 1
        return self._own(request.goal_id)

    async def ListGoals(
        self, request: goals_service_pb2.ListGoalsRequest, context: Any
    ) -> goals_service_pb2.ListGoalsResponse:
        if request.page_token:
            raise MalformedRequest("The page token is not one of ours.")
        own = [goal for goal in self.goals.values() if goal.member_id == _member()]
        return goals_service_pb2.ListGoalsResponse(goals=own[: request.page_size])

    async def UpdateGoal(self, request: goals_service_pb2.UpdateGoalRequest, context: Any) -> goal_pb2.Goal:
        goal = self._own(request.goal.goal_id)
        if not etags.allows(request.goal.etag, goal.etag):
            raise EtagMismatch("The goal changed since it was read.")
        request.update_mask.MergeMessage(request.goal, goal)
        goal.etag = str(int(goal.etag) + 1)
        return goal

    async def ArchiveGoal(self, request: goals_service_pb2.ArchiveGoalRequest, context: Any) -> goal_pb2.Goal:
        goal = self._own(request.goal_id)
        if not etags.allows(request.etag, goal.etag):
            raise EtagMismatch("The goal changed since it was read.")
        goal.status = goal_pb2.STATUS_ARCHIVED
        return goal

    async def LogActivity(
        self, request: goals_service_pb2.LogActivityRequest, context: Any
    ) -> goals_service_pb2.LogActivityResponse:
        self._own(request.activity.goal_id)
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        if request.activity.HasField("value"):
            raise InvalidArgument.of("value", "does not belong to a recurring goal")
        activity = activity_pb2.Activity()
        activity.CopyFrom(request.activity)
        activity.activity_id = str(new_id(_CLOCK))
        activity.timezone = "UTC"
        if not activity.HasField("local_date"):
            activity.local_date.CopyFrom(_today())
        for name in ("occur_time", "create_time", "update_time"):
            getattr(activity, name).CopyFrom(_now())
        self.activities[activity.goal_id].append(activity)
        answer = goals_service_pb2.LogActivityResponse(activity=activity, progress=_progress(activity.goal_id))
        return self._replays.remember(request, answer)  # type: ignore[no-any-return]

    async def ListActivities(
        self, request: goals_service_pb2.ListActivitiesRequest, context: Any
    ) -> goals_service_pb2.ListActivitiesResponse:
        self._own(request.goal_id)
        return goals_service_pb2.ListActivitiesResponse(activities=reversed(self.activities[request.goal_id]))

    async def GetProgress(self, request: goals_service_pb2.GetProgressRequest, context: Any) -> progress_pb2.Progress:
        self._own(request.goal_id)
        return _progress(request.goal_id)

    async def GetOverview(
        self, request: goals_service_pb2.GetOverviewRequest, context: Any
    ) -> goals_service_pb2.Overview:
        own = [goal for goal in self.goals.values() if goal.member_id == _member()]
        return goals_service_pb2.Overview(
            today=_today(),
            goals=[goals_service_pb2.OverviewGoal(goal=goal, progress=_progress(goal.goal_id)) for goal in own],
            due_today_goal_ids=[goal.goal_id for goal in own],
        )

    def _own(self, goal_id: str) -> goal_pb2.Goal:
        goal = self.goals.get(goal_id)
        if goal is None or goal.member_id != _member():
            raise NotFound("There is no such goal.")
        return goal


class StandInMentor(mentor_pb2_grpc.MentorServiceServicer):
    """Members in memory."""

    def __init__(self) -> None:
        self.members: dict[str, mentor_pb2.Member] = {}
        self.consents: dict[str, mentor_pb2.Consents] = {}

    async def EnsureMember(self, request: mentor_pb2.EnsureMemberRequest, context: Any) -> mentor_pb2.Member:
        if request.member.member_id != _member():
            raise PermissionDenied("Only oneself can be made.")
        member = self.members.get(request.member.member_id)
        if member is None:
            member = mentor_pb2.Member()
            member.CopyFrom(request.member)
            member.week_start, member.etag, member.version = 1, "1", 1
            member.create_time.CopyFrom(_now())
            member.update_time.CopyFrom(_now())
            self.members[member.member_id] = member
        return member

    async def GetMember(self, request: mentor_pb2.GetMemberRequest, context: Any) -> mentor_pb2.Member:
        return self._seen(request.member_id)

    async def ListMembers(self, request: mentor_pb2.ListMembersRequest, context: Any) -> mentor_pb2.ListMembersResponse:
        return mentor_pb2.ListMembersResponse(members=list(self.members.values())[: request.page_size])

    async def UpdateMember(self, request: mentor_pb2.UpdateMemberRequest, context: Any) -> mentor_pb2.Member:
        member = self._seen(request.member.member_id)
        if not etags.allows(request.member.etag, member.etag):
            raise EtagMismatch("The member changed since it was read.")
        request.update_mask.MergeMessage(request.member, member)
        return _next(member)

    async def SetMemberRoles(self, request: mentor_pb2.SetMemberRolesRequest, context: Any) -> mentor_pb2.Member:
        member = self._seen(request.member_id)
        if not etags.allows(request.etag, member.etag):
            raise EtagMismatch("The member changed since it was read.")
        del member.roles[:]
        member.roles.extend(sorted({mentor_pb2.ROLE_MEMBER, *request.roles}))
        return _next(member)

    async def GetConsents(self, request: mentor_pb2.GetConsentsRequest, context: Any) -> mentor_pb2.Consents:
        return self.consents.setdefault(_member(), mentor_pb2.Consents(coach_reads_journal=True, ai_vendors=True))

    async def UpdateConsents(self, request: mentor_pb2.UpdateConsentsRequest, context: Any) -> mentor_pb2.Consents:
        consents = await self.GetConsents(mentor_pb2.GetConsentsRequest(), context)
        request.update_mask.MergeMessage(request.consents, consents)
        return consents

    def _seen(self, member_id: str) -> mentor_pb2.Member:
        member = self.members.get(member_id)
        if member is None or (member_id != _member() and not current().principal.is_admin):
            raise NotFound("There is no such member.")
        return member


class StandInCoach(coach_pb2_grpc.CoachServiceServicer):
    """A coach that repeats what it hears; some words make it do otherwise."""

    def __init__(self) -> None:
        self._replays = Replays()

    async def SendMessage(self, request: coach_pb2.SendMessageRequest, context: Any) -> coach_pb2.SendMessageResponse:
        if request.text == "be away":
            raise Unavailable("The coach is away.")
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        return self._replays.remember(request, self._exchange(request))  # type: ignore[no-any-return]

    def _exchange(self, request: coach_pb2.SendMessageRequest) -> coach_pb2.SendMessageResponse:
        thread_id = request.thread_id or str(new_id(_CLOCK))
        return coach_pb2.SendMessageResponse(
            user_message=_message(thread_id, coach_pb2.AUTHOR_MEMBER, request.text),
            reply=_message(thread_id, coach_pb2.AUTHOR_COACH, f"You said: {request.text}"),
            action_steps=["Breathe"],
            provider="offline",
            safety=coach_pb2.Safety(tier=coach_pb2.SAFETY_TIER_NONE),
            unsaved=request.text == "forget this",
        )

    async def StreamMessage(
        self, request: coach_pb2.SendMessageRequest, context: Any
    ) -> AsyncIterator[coach_pb2.StreamMessageResponse]:
        done = await self.SendMessage(request, context)
        for word in request.text.split():
            yield coach_pb2.StreamMessageResponse(delta=f"{word} ")
        if request.text == "stop short":
            raise Unavailable("The coach went away.")
        yield coach_pb2.StreamMessageResponse(done=done)


def goals_servicing(servicer: StandInGoals) -> Servicing:
    """The stand-in with policies that let every member in."""
    descriptor = goals_service_pb2.DESCRIPTOR.services_by_name["GoalsService"]
    return _servicing(descriptor, servicer, goals_service_pb2_grpc.add_GoalsServiceServicer_to_server)


def mentor_servicing(servicer: StandInMentor) -> Servicing:
    """The stand-in with policies that let every member in."""
    descriptor = mentor_pb2.DESCRIPTOR.services_by_name["MentorService"]
    return _servicing(descriptor, servicer, mentor_pb2_grpc.add_MentorServiceServicer_to_server)


def coach_servicing(servicer: StandInCoach) -> Servicing:
    """The stand-in with policies that let every member in."""
    descriptor = coach_pb2.DESCRIPTOR.services_by_name["CoachService"]
    return _servicing(descriptor, servicer, coach_pb2_grpc.add_CoachServiceServicer_to_server)


def _servicing(descriptor: Any, servicer: Any, add: Any) -> Servicing:
    from chassis.rpc.policy import WRITE

    policies = {method.name: Allow.members("gateway", deadline=WRITE) for method in descriptor.methods}
    return Servicing(descriptor=descriptor, servicer=servicer, add=add, policies=policies)


def _member() -> str:
    return str(current().principal.member_id)


def _next(member: mentor_pb2.Member) -> mentor_pb2.Member:
    member.version += 1
    member.etag = str(member.version)
    return member


def _now() -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(_CLOCK.now())
    return stamp


def _today() -> Date:
    today: date = _CLOCK.now().astimezone(UTC).date()
    return Date(year=today.year, month=today.month, day=today.day)


def _message(thread_id: str, author: coach_pb2.Author.ValueType, text: str) -> coach_pb2.Message:
    return coach_pb2.Message(
        message_id=str(new_id(_CLOCK)), thread_id=thread_id, author=author, text=text, create_time=_now()
    )


def _progress(goal_id: str) -> progress_pb2.Progress:
    return progress_pb2.Progress(
        goal_id=goal_id,
        pattern=goal_pb2.PATTERN_RECURRING,
        period=progress_pb2.PROGRESS_PERIOD_WEEK,
        start_date=_today(),
        end_date=_today(),
        state=goal_pb2.PROGRESS_STATE_ON_TRACK,
        streak=progress_pb2.Streak(current=1, longest=1),
        pace=progress_pb2.Pace(),
        series=[progress_pb2.SeriesPoint(date=_today(), value=1)],
    )
