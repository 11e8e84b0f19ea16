"""A stand-in for goals: what members made, in memory."""
# ruff: noqa: N802 - methods have the names of the protocol

from typing import Any

from chassis import etags
from chassis.errors import EtagMismatch, InvalidArgument, MalformedRequest
from chassis.rpc.server import Servicing
from tandem.goals.v1 import (
    activity_pb2,
    care_pb2,
    explanation_pb2,
    goal_pb2,
    goals_service_pb2,
    goals_service_pb2_grpc,
    progress_pb2,
)
from tests.support.standins.challenges import StandInChallenges
from tests.support.standins.shared import fresh_id, member_id, now, servicing, today
from tests.support.standins.suggestions import StandInSuggestions
from tests.support.standins.transfer import StandInTransfer

_PARTS = {
    goal_pb2.PATTERN_MILESTONE: "milestones",
    goal_pb2.PATTERN_TARGET: "target",
    goal_pb2.PATTERN_STREAK: "streak",
    goal_pb2.PATTERN_LIMIT: "limit",
}
_WITHOUT_SCHEDULE = (goal_pb2.PATTERN_MILESTONE, goal_pb2.PATTERN_TARGET)


class StandInGoals(StandInTransfer, StandInSuggestions, StandInChallenges, goals_service_pb2_grpc.GoalsServiceServicer):
    """Goals, activities and what is told of them."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.last: Any = None

    async def CreateGoal(self, request: goals_service_pb2.CreateGoalRequest, context: Any) -> goal_pb2.Goal:
        self.calls += 1
        self.last = request
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        if request.template_id not in ("", "first-10k"):
            raise InvalidArgument.of("template_id", "names no template")
        _refuse_what_the_pattern_has_not(request.goal)
        goal = goal_pb2.Goal()
        goal.CopyFrom(request.goal)
        if goal.pattern not in _WITHOUT_SCHEDULE and not goal.HasField("schedule"):
            goal.schedule.CopyFrom(
                goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY, times=1, window=goal_pb2.WINDOW_CALENDAR)
            )
        if not goal.HasField("start_date"):
            goal.start_date.CopyFrom(today())
        self._number(goal)
        return self._replays.remember(request, self._add(goal))  # type: ignore[no-any-return]

    async def GetGoal(self, request: goals_service_pb2.GetGoalRequest, context: Any) -> goal_pb2.Goal:
        self.calls += 1
        return self._own(request.goal_id)

    async def ListGoals(
        self, request: goals_service_pb2.ListGoalsRequest, context: Any
    ) -> goals_service_pb2.ListGoalsResponse:
        if request.page_token:
            raise MalformedRequest("The page token is not one of ours.")
        own = [goal for goal in self.goals.values() if goal.member_id == member_id()]
        return goals_service_pb2.ListGoalsResponse(goals=own[: request.page_size])

    async def UpdateGoal(self, request: goals_service_pb2.UpdateGoalRequest, context: Any) -> goal_pb2.Goal:
        self.last = request
        goal = self._own(request.goal.goal_id)
        if not etags.allows(request.goal.etag, goal.etag):
            raise EtagMismatch("The goal changed since it was read.")
        request.update_mask.MergeMessage(request.goal, goal, True, True)
        self._number(goal)
        goal.etag = str(int(goal.etag) + 1)
        return goal

    async def ArchiveGoal(self, request: goals_service_pb2.ArchiveGoalRequest, context: Any) -> goal_pb2.Goal:
        goal = self._own(request.goal_id)
        if not etags.allows(request.etag, goal.etag):
            raise EtagMismatch("The goal changed since it was read.")
        goal.status = goal_pb2.STATUS_ARCHIVED
        return goal

    async def CopyGoal(self, request: care_pb2.CopyGoalRequest, context: Any) -> goal_pb2.Goal:
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        goal = goal_pb2.Goal()
        goal.CopyFrom(self._own(request.goal_id))
        return self._replays.remember(request, self._add(goal))  # type: ignore[no-any-return]

    async def RestoreGoal(self, request: care_pb2.RestoreGoalRequest, context: Any) -> goal_pb2.Goal:
        goal = self._own(request.goal_id)
        goal.status = goal_pb2.STATUS_ACTIVE
        return goal

    async def LogActivity(
        self, request: goals_service_pb2.LogActivityRequest, context: Any
    ) -> goals_service_pb2.LogActivityResponse:
        self._own(request.activity.goal_id)
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        answer = goals_service_pb2.LogActivityResponse(
            activity=self._log(request.activity), progress=_progress(request.activity.goal_id)
        )
        return self._replays.remember(request, answer)  # type: ignore[no-any-return]

    async def BatchLogActivities(
        self, request: goals_service_pb2.BatchLogActivitiesRequest, context: Any
    ) -> goals_service_pb2.BatchLogActivitiesResponse:
        for activity in request.activities:
            self._own(activity.goal_id)
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        logged = [self._log(activity) for activity in request.activities]
        answer = goals_service_pb2.BatchLogActivitiesResponse(activities=logged)
        return self._replays.remember(request, answer)  # type: ignore[no-any-return]

    async def UpdateActivity(
        self, request: goals_service_pb2.UpdateActivityRequest, context: Any
    ) -> goals_service_pb2.LogActivityResponse:
        self.last = request
        activities = self.activities[self._own(request.activity.goal_id).goal_id]
        activity = activities[self._place(activities, "activity_id", request.activity.activity_id)]
        request.update_mask.MergeMessage(request.activity, activity, True, True)
        activity.update_time.CopyFrom(now())
        return goals_service_pb2.LogActivityResponse(activity=activity, progress=_progress(activity.goal_id))

    async def DeleteActivity(
        self, request: goals_service_pb2.DeleteActivityRequest, context: Any
    ) -> goals_service_pb2.DeleteActivityResponse:
        activities = self.activities[self._own(request.goal_id).goal_id]
        del activities[self._place(activities, "activity_id", request.activity_id)]
        return goals_service_pb2.DeleteActivityResponse()

    async def ListActivities(
        self, request: goals_service_pb2.ListActivitiesRequest, context: Any
    ) -> goals_service_pb2.ListActivitiesResponse:
        self._own(request.goal_id)
        return goals_service_pb2.ListActivitiesResponse(activities=reversed(self.activities[request.goal_id]))

    async def GetProgress(self, request: goals_service_pb2.GetProgressRequest, context: Any) -> progress_pb2.Progress:
        self.last = request
        self._own(request.goal_id)
        return _progress(request.goal_id)

    async def GetCalendar(
        self, request: explanation_pb2.GetCalendarRequest, context: Any
    ) -> explanation_pb2.GetCalendarResponse:
        goal = self._own(request.goal_id)
        days = [
            explanation_pb2.CalendarDay(
                date=request.from_date, due=True, outcome=explanation_pb2.OUTCOME_DONE, value=1, unit=_unit()
            ),
            explanation_pb2.CalendarDay(
                date=request.to_date, outcome=explanation_pb2.OUTCOME_NOT_DUE, excused_by="vacation"
            ),
        ]
        return explanation_pb2.GetCalendarResponse(days=days, pattern=goal.pattern)

    async def GetExplanation(
        self, request: explanation_pb2.GetExplanationRequest, context: Any
    ) -> explanation_pb2.Explanation:
        self._own(request.goal_id)
        step = explanation_pb2.ExplainedStep(
            unit=_unit(), rule_version=1, activity_ids=[fresh_id()], effect="lengthens", value=1
        )
        return explanation_pb2.Explanation(
            goal_id=request.goal_id,
            metric=request.metric,
            date=request.date if request.HasField("date") else today(),
            value=1,
            steps=[step],
            rule="A unit done lengthens it.",
        )

    async def GetOverview(
        self, request: goals_service_pb2.GetOverviewRequest, context: Any
    ) -> goals_service_pb2.Overview:
        own = [goal for goal in self.goals.values() if goal.member_id == member_id()]
        return goals_service_pb2.Overview(
            today=today(),
            goals=[goals_service_pb2.OverviewGoal(goal=goal, progress=_progress(goal.goal_id)) for goal in own],
            due_today_goal_ids=[goal.goal_id for goal in own],
        )

    def _add(self, goal: goal_pb2.Goal) -> goal_pb2.Goal:
        goal.goal_id, goal.member_id = fresh_id(), member_id()
        goal.status, goal.etag = goal_pb2.STATUS_ACTIVE, "1"
        goal.create_time.CopyFrom(now())
        goal.update_time.CopyFrom(now())
        self.goals[goal.goal_id] = goal
        return goal

    def _log(self, asked: activity_pb2.Activity) -> activity_pb2.Activity:
        goal = self._own(asked.goal_id)
        if asked.HasField("value") and goal.pattern == goal_pb2.PATTERN_RECURRING:
            raise InvalidArgument.of("value", "does not belong to a recurring goal")
        if asked.milestone_id and asked.milestone_id not in [each.milestone_id for each in goal.milestones]:
            raise InvalidArgument.of("milestone_id", "names no milestone of this goal")
        if asked.habit_id and asked.habit_id not in [each.habit_id for each in goal.habits]:
            raise InvalidArgument.of("habit_id", "names no habit of this goal")
        activity = activity_pb2.Activity()
        activity.CopyFrom(asked)
        activity.activity_id, activity.timezone = fresh_id(), "UTC"
        if not activity.HasField("local_date"):
            activity.local_date.CopyFrom(today())
        if not activity.HasField("occur_time"):
            activity.occur_time.CopyFrom(now())
        for name in ("create_time", "update_time"):
            getattr(activity, name).CopyFrom(now())
        self.activities[activity.goal_id].append(activity)
        return activity

    @staticmethod
    def _number(goal: goal_pb2.Goal) -> None:
        for milestone in goal.milestones:
            milestone.milestone_id = milestone.milestone_id or fresh_id()
            milestone.weight = milestone.weight or 1.0


def goals_servicing(servicer: StandInGoals) -> Servicing:
    """The stand-in with policies that let every member in."""
    descriptor = goals_service_pb2.DESCRIPTOR.services_by_name["GoalsService"]
    return servicing(descriptor, servicer, goals_service_pb2_grpc.add_GoalsServiceServicer_to_server)


def _refuse_what_the_pattern_has_not(goal: goal_pb2.Goal) -> None:
    for pattern, name in _PARTS.items():
        if goal.pattern != pattern and getattr(goal, name) and name in {field.name for field, _ in goal.ListFields()}:
            word = goal_pb2.Pattern.Name(goal.pattern).removeprefix("PATTERN_").lower()
            raise InvalidArgument.of(name, f"does not belong to a {word} goal")


def _unit() -> explanation_pb2.Unit:
    return explanation_pb2.Unit(
        start_date=today(), end_date=today(), outcome=explanation_pb2.OUTCOME_DONE, done=1, needed=1
    )


def _progress(goal_id: str) -> progress_pb2.Progress:
    return progress_pb2.Progress(
        goal_id=goal_id,
        pattern=goal_pb2.PATTERN_RECURRING,
        period=progress_pb2.PROGRESS_PERIOD_WEEK,
        start_date=today(),
        end_date=today(),
        state=goal_pb2.PROGRESS_STATE_ON_TRACK,
        streak=progress_pb2.Streak(current=1, longest=1),
        pace=progress_pb2.Pace(),
        series=[progress_pb2.SeriesPoint(date=today(), value=1)],
    )
