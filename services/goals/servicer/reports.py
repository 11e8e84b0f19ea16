"""RPCs of reports: how goals are going."""

from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from chassis.errors import InvalidArgument
from chassis.request import current
from services.goals.domain.hindsight import Hindsight
from services.goals.domain.logged_days import LoggedDay
from services.goals.domain.progress import Reach
from services.goals.servicer import incoming, outgoing
from services.goals.usecases import Overview, OverviewGoal, UseCases
from tandem.goals.v1 import goals_service_pb2, progress_pb2

MAX_RECENT_ACTIVITIES: Final = 50
MAX_COMPLETED_GOALS: Final = 10
MAX_LOGGED_DAYS: Final = 31

_TOLD: Final = WeakKeyDictionary[OverviewGoal, goals_service_pb2.OverviewGoal]()


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
        limits = {
            "recent_activity_count": MAX_RECENT_ACTIVITIES,
            "completed_goal_count": MAX_COMPLETED_GOALS,
            "logged_day_count": MAX_LOGGED_DAYS,
        }
        for field, limit in limits.items():
            if not 0 <= getattr(request, field) <= limit:
                raise InvalidArgument.of(field, f"must be between 0 and {limit}")
        shown = await self._use_cases.reports.get_overview(
            current().principal,
            activity_count=0 if request.brief_activities else request.recent_activity_count,
            brief_count=request.recent_activity_count if request.brief_activities else 0,
            completed_count=request.completed_goal_count,
            logged_day_count=request.logged_day_count,
        )
        return _overview(shown, member_id=current().principal.member_id)


def _overview(shown: Overview, *, member_id: UUID | None) -> goals_service_pb2.Overview:
    return goals_service_pb2.Overview(
        today=outgoing.day(shown.today),
        goals=[_goal(each) for each in shown.goals],
        due_today_goal_ids=[str(each.shown.goal.id) for each in shown.goals if each.shown.summary.due_today],
        completion_rate_7d=shown.rate_7d,
        completion_rate_30d=shown.rate_30d,
        recent_activities=[*map(outgoing.activity, shown.activities), *map(outgoing.brief_activity, shown.brief)],
        completed_goals=[
            goals_service_pb2.CompletedGoal(
                goal_id=str(each.goal_id),
                member_id=str(member_id),
                title=each.title,
                completed_on=outgoing.day(each.completed_on.toordinal()),
            )
            for each in shown.completed
        ],
        logged_from_date=outgoing.day(shown.logged_from) if shown.logged_from is not None else None,
    )


def _goal(each: OverviewGoal) -> goals_service_pb2.OverviewGoal:
    """The same message as long as that is shown, so nobody may change it."""
    message = _TOLD.get(each)
    if message is None:
        message = _TOLD[each] = goals_service_pb2.OverviewGoal(
            goal=outgoing.shown_goal(each.shown),
            progress=outgoing.progress(each.progress),
            last_entry_date=outgoing.day(each.last_entry_day) if each.last_entry_day else None,
            logged_days=[_logged(logged) for logged in each.logged],
        )
    return message


def _logged(logged: LoggedDay) -> goals_service_pb2.LoggedDay:
    return goals_service_pb2.LoggedDay(
        date=outgoing.day(logged.day),
        kept=logged.kept,
        slipped=logged.slipped,
        skipped=logged.skipped,
        value=logged.value,
    )
