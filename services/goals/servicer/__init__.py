"""The gRPC face of goals: proto to domain, use case, domain to proto."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from chassis import idempotency
from chassis.errors import InvalidArgument
from chassis.pages import PageTokens, page_size
from chassis.request import current
from chassis.rpc.policy import LIST, READ, WRITE, Allow
from chassis.rpc.server import Servicing
from services.goals.domain.goal import MAX_CATEGORY_LENGTH
from services.goals.domain.progress import Reach
from services.goals.repository import ActivityPosition, GoalFilter, GoalOrder, GoalPosition
from services.goals.repository import activities as activity_rows
from services.goals.repository import goals as goal_rows
from services.goals.servicer import incoming, outgoing
from services.goals.usecases import ActivityUseCases, GoalUseCases, ReportUseCases
from tandem.goals.v1 import goal_pb2, goals_service_pb2, goals_service_pb2_grpc, progress_pb2

POLICIES: Final = {
    "CreateGoal": Allow.members("gateway", deadline=WRITE),
    # Coach answers with the member's own figures, so it asks with the member's own passport.
    "GetGoal": Allow.members("gateway", "coach", deadline=READ),
    "ListGoals": Allow.members("gateway", "coach", deadline=LIST),
    "UpdateGoal": Allow.members("gateway", deadline=WRITE),
    "ArchiveGoal": Allow.members("gateway", deadline=WRITE),
    "LogActivity": Allow.members("gateway", deadline=WRITE),
    "ListActivities": Allow.members("gateway", "coach", deadline=LIST),
    "GetProgress": Allow.members("gateway", "coach", deadline=READ),
    "GetOverview": Allow.members("gateway", "coach", deadline=LIST),
    "UpdateActivity": Allow.members("gateway", deadline=WRITE),
    "DeleteActivity": Allow.members("gateway", deadline=WRITE),
    "BatchLogActivities": Allow.members("gateway", deadline=WRITE),
    "GetCalendar": Allow.members("gateway", deadline=READ),
    "GetExplanation": Allow.members("gateway", deadline=READ),
    "CreateVacation": Allow.members("gateway", deadline=WRITE),
    "ListVacations": Allow.members("gateway", deadline=LIST),
    "DeleteVacation": Allow.members("gateway", deadline=WRITE),
    "CreateHabit": Allow.members("gateway", deadline=WRITE),
    "UpdateHabit": Allow.members("gateway", deadline=WRITE),
    "DeleteHabit": Allow.members("gateway", deadline=WRITE),
    "CreateSubgoal": Allow.members("gateway", deadline=WRITE),
    "UpdateSubgoal": Allow.members("gateway", deadline=WRITE),
    "DeleteSubgoal": Allow.members("gateway", deadline=WRITE),
    "GetReminders": Allow.members("gateway", deadline=READ),
    "SetReminders": Allow.members("gateway", deadline=WRITE),
    "CopyGoal": Allow.members("gateway", deadline=WRITE),
    "RestoreGoal": Allow.members("gateway", deadline=WRITE),
}
MAX_RECENT_ACTIVITIES: Final = 50


class GoalsServicer(goals_service_pb2_grpc.GoalsServiceServicer):
    """Serves `tandem.goals.v1.GoalsService`."""

    def __init__(
        self, goals: GoalUseCases, activities: ActivityUseCases, reports: ReportUseCases, page_tokens: PageTokens
    ) -> None:
        self._goals = goals
        self._activities = activities
        self._reports = reports
        self._page_tokens = page_tokens

    async def CreateGoal(self, request: goals_service_pb2.CreateGoalRequest, context: Any) -> goal_pb2.Goal:  # noqa: N802 - the contract's name
        """A new goal of the caller."""
        draft = incoming.goal_draft(request.goal)
        key = idempotency.key_for(request, outgoing.shown_goal)
        return outgoing.shown_goal(await self._goals.create_goal(current().principal, draft, key=key))

    async def GetGoal(self, request: goals_service_pb2.GetGoalRequest, context: Any) -> goal_pb2.Goal:  # noqa: N802 - the contract's name
        """One goal."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        return outgoing.shown_goal(await self._goals.get_goal(current().principal, goal_id))

    async def ListGoals(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.ListGoalsRequest, context: Any
    ) -> goals_service_pb2.ListGoalsResponse:
        """A page of the caller's goals."""
        limit = page_size(request.page_size)
        order, descending = incoming.order_of(request.order_by)
        scope = self._scope("goals", request.order_by, request.status, request.pattern, request.category)
        # One more than asked tells whether there is another page.
        found = await self._goals.list_goals(
            current().principal,
            _filter(request),
            order=order,
            descending=descending,
            after=self._goal_position(scope, request.page_token, order),
            limit=limit + 1,
        )
        shown = found[:limit]
        token = ""
        if len(found) > limit:
            last = goal_rows.position_of(shown[-1].goal, order)
            key = last.key if isinstance(last.key, str) else last.key.isoformat()
            token = self._page_tokens.seal(scope, key, str(last.goal_id))
        return goals_service_pb2.ListGoalsResponse(
            goals=[outgoing.shown_goal(goal) for goal in shown], next_page_token=token
        )

    async def UpdateGoal(self, request: goals_service_pb2.UpdateGoalRequest, context: Any) -> goal_pb2.Goal:  # noqa: N802 - the contract's name
        """Changes the fields in the mask."""
        shown = await self._goals.update_goal(
            current().principal,
            incoming.uuid_of(request.goal.goal_id, "goal_id"),
            incoming.goal_draft(request.goal),
            fields=frozenset(request.update_mask.paths),
            etag=request.goal.etag,
            key=idempotency.key_for(request, outgoing.shown_goal),
        )
        return outgoing.shown_goal(shown)

    async def ArchiveGoal(self, request: goals_service_pb2.ArchiveGoalRequest, context: Any) -> goal_pb2.Goal:  # noqa: N802 - the contract's name
        """Puts a goal away."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        key = idempotency.key_for(request, outgoing.shown_goal)
        return outgoing.shown_goal(
            await self._goals.archive_goal(current().principal, goal_id, etag=request.etag, key=key)
        )

    async def LogActivity(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.LogActivityRequest, context: Any
    ) -> goals_service_pb2.LogActivityResponse:
        """Something done, skipped or noted on a goal."""
        goal_id = incoming.uuid_of(request.activity.goal_id, "goal_id")
        draft = incoming.activity_draft(request.activity)
        key = idempotency.key_for(request, outgoing.logged)
        return outgoing.logged(await self._activities.log_activity(current().principal, goal_id, draft, key=key))

    async def ListActivities(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.ListActivitiesRequest, context: Any
    ) -> goals_service_pb2.ListActivitiesResponse:
        """A page of a goal's activities, newest first."""
        limit = page_size(request.page_size)
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        days = incoming.bounds_of(
            incoming.date_of(request.from_date, "from") if request.HasField("from_date") else None,
            incoming.date_of(request.to_date, "to") if request.HasField("to_date") else None,
        )
        scope = self._scope("activities", goal_id, *days, request.type)
        found = await self._activities.list_activities(
            current().principal,
            goal_id,
            days=days,
            kind=incoming.word_of(request.type, incoming.ACTIVITY_TYPES, "type"),
            after=self._activity_position(scope, request.page_token),
            limit=limit + 1,
        )
        shown = found[:limit]
        token = ""
        if len(found) > limit:
            last = activity_rows.position_of(shown[-1])
            token = self._page_tokens.seal(
                scope, last.day.isoformat(), last.occurred_at.isoformat(), str(last.activity_id)
            )
        return goals_service_pb2.ListActivitiesResponse(
            activities=[outgoing.activity(activity) for activity in shown], next_page_token=token
        )

    async def GetProgress(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.GetProgressRequest, context: Any
    ) -> progress_pb2.Progress:
        """How a goal is going."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        reach = incoming.word_of(request.period, incoming.REACHES, "period") or Reach.WEEK
        return outgoing.progress(await self._reports.get_progress(current().principal, goal_id, reach))

    async def GetOverview(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.GetOverviewRequest, context: Any
    ) -> goals_service_pb2.Overview:
        """The caller's dashboard."""
        count = request.recent_activity_count
        if not 0 <= count <= MAX_RECENT_ACTIVITIES:
            raise InvalidArgument.of("recent_activity_count", f"must be between 0 and {MAX_RECENT_ACTIVITIES}")
        return outgoing.overview(await self._reports.get_overview(current().principal, activity_count=count))

    @staticmethod
    def _scope(name: str, *filters: object) -> str:
        """What a page token is good for: one list of one member under one set of filters."""
        return "|".join([f"goals.{name}", str(current().principal.member_id), *map(str, filters)])

    def _goal_position(self, scope: str, token: str, order: GoalOrder) -> GoalPosition | None:
        if not token:
            return None
        key, goal_id = self._page_tokens.open(scope, token)
        return GoalPosition(incoming.KEY_READERS[order](key), UUID(goal_id))

    def _activity_position(self, scope: str, token: str) -> ActivityPosition | None:
        if not token:
            return None
        day, occurred_at, activity_id = self._page_tokens.open(scope, token)
        return ActivityPosition(date.fromisoformat(day), datetime.fromisoformat(occurred_at), UUID(activity_id))


def servicing(
    goals: GoalUseCases, activities: ActivityUseCases, reports: ReportUseCases, page_tokens: PageTokens
) -> Servicing:
    """What the process serves."""
    return Servicing(
        add=goals_service_pb2_grpc.add_GoalsServiceServicer_to_server,
        # What is in the contract and not built answers UNIMPLEMENTED.
        servicer=GoalsServicer(goals, activities, reports, page_tokens),  # type: ignore[abstract]
        descriptor=goals_service_pb2.DESCRIPTOR.services_by_name["GoalsService"],
        policies=POLICIES,
    )


def _filter(request: goals_service_pb2.ListGoalsRequest) -> GoalFilter:
    if len(request.category) > MAX_CATEGORY_LENGTH or "\x00" in request.category:
        raise InvalidArgument.of("category", f"must have at most {MAX_CATEGORY_LENGTH} characters")
    return GoalFilter(
        status=incoming.word_of(request.status, incoming.STATUSES, "status"),
        pattern=incoming.word_of(request.pattern, incoming.PATTERNS, "pattern"),
        category=request.category,
    )
