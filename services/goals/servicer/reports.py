"""RPCs of reports: how goals are going."""

from typing import Any, Final

from chassis.errors import InvalidArgument
from chassis.request import current
from services.goals.domain.hindsight import Hindsight
from services.goals.domain.progress import Reach
from services.goals.servicer import incoming, outgoing
from services.goals.usecases import UseCases
from tandem.goals.v1 import goals_service_pb2, progress_pb2

MAX_RECENT_ACTIVITIES: Final = 50
MAX_COMPLETED_GOALS: Final = 10


class ReportRpcs:
    """Progress and the dashboard."""

    _use_cases: UseCases

    async def GetProgress(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.GetProgressRequest, context: Any
    ) -> progress_pb2.Progress:
        """How a goal is going."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        reach = incoming.word_of(request.period, incoming.REACHES, "period") or Reach.WEEK
        hindsight = Hindsight(
            incoming.date_of(request.date, "date") if request.HasField("date") else None,
            incoming.instant_of(request.known_at, "known_at") if request.HasField("known_at") else None,
        )
        return outgoing.progress(
            await self._use_cases.reports.get_progress(current().principal, goal_id, reach, hindsight)
        )

    async def GetOverview(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.GetOverviewRequest, context: Any
    ) -> goals_service_pb2.Overview:
        """The caller's dashboard."""
        limits = {"recent_activity_count": MAX_RECENT_ACTIVITIES, "completed_goal_count": MAX_COMPLETED_GOALS}
        for field, limit in limits.items():
            if not 0 <= getattr(request, field) <= limit:
                raise InvalidArgument.of(field, f"must be between 0 and {limit}")
        return outgoing.overview(
            await self._use_cases.reports.get_overview(
                current().principal,
                activity_count=request.recent_activity_count,
                completed_count=request.completed_goal_count,
            ),
            member_id=current().principal.member_id,
        )
