"""RPCs of plans: a goal and what its plan has to keep to, in; a plan as goals takes it, out."""

from datetime import date, datetime
from typing import Any

from google.type.date_pb2 import Date

from services.coach.domain.planning import proposal
from services.coach.domain.planning.schedules import WEEK_MINUTES, Schedule
from services.coach.domain.planning.slots import Allowance, Quantity
from services.coach.domain.planning.task import SCHEDULED, OwnHabit, PlanTask, Step, TargetTerms
from services.coach.errors import invalid_plan_request
from services.coach.servicer.fields import uuid_of
from services.coach.usecases import UseCases
from tandem.coach.v1 import plan_pb2 as pb
from tandem.goals.v1 import goal_pb2

_PATTERNS = {
    goal_pb2.PATTERN_RECURRING: "recurring",
    goal_pb2.PATTERN_MILESTONE: "milestone",
    goal_pb2.PATTERN_TARGET: "target",
    goal_pb2.PATTERN_STREAK: "streak",
    goal_pb2.PATTERN_LIMIT: "limit",
}
_PERIODS = {
    "day": goal_pb2.PERIOD_DAY,
    "week": goal_pb2.PERIOD_WEEK,
    "month": goal_pb2.PERIOD_MONTH,
    "quarter": goal_pb2.PERIOD_QUARTER,
    "year": goal_pb2.PERIOD_YEAR,
}
_PERIOD_NAMES = {number: name for name, number in _PERIODS.items()}
_WINDOW_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}


class PlanRpcs:
    """Planning how a goal is reached."""

    _use_cases: UseCases

    async def MakePlan(self, request: pb.MakePlanRequest, context: Any) -> pb.MakePlanResponse:  # noqa: N802
        """How a goal is to be reached. A repetition is answered anew; by rules it reads the same."""
        made = await self._use_cases.plans.make_plan(
            _task(request),
            member_id=uuid_of(request.member_id, "member_id"),
            goal_id=uuid_of(request.goal.goal_id, "goal.goal_id") if request.goal.goal_id else None,
            by_rules=request.by_rules,
        )
        return pb.MakePlanResponse(plan=plan_message(made.plan, made.generate_time), degraded=made.degraded)


def plan_message(plan: proposal.Plan, made_at: datetime) -> goal_pb2.Plan:
    """A plan as goals takes it."""
    message = goal_pb2.Plan(
        source=plan.source,
        summary=plan.summary,
        subgoals=[_planned_subgoal(step) for step in plan.subgoals],
        habits=[_planned_habit(habit) for habit in plan.habits],
        fits=plan.fits,
        warnings=plan.warnings,
    )
    message.generate_time.FromDatetime(made_at)
    return message


def _task(request: pb.MakePlanRequest) -> PlanTask:
    """What there is to plan.

    Raises:
        InvalidArgument: The day, the title or a number is not what it can be.
    """
    goal, constraints = request.goal, request.constraints
    if not request.HasField("today"):
        raise invalid_plan_request("today", "must be the member's civil day")
    if not goal.title.strip():
        raise invalid_plan_request("goal.title", "must not be empty")
    if not 0 <= constraints.minutes_per_week <= WEEK_MINUTES:
        raise invalid_plan_request("constraints.minutes_per_week", f"must be between 1 and {WEEK_MINUTES}")
    last_days = [
        _date(days.deadline, f"{field}.deadline")
        for field, days in (("goal", goal), ("constraints", constraints))
        if days.HasField("deadline")
    ]
    pattern = _PATTERNS.get(goal.pattern, "recurring")
    planned = {step.title for step in goal.plan.subgoals}
    brought = {(habit.title, habit.minutes, habit.if_then) for habit in goal.plan.habits}
    return PlanTask(
        title=goal.title,
        today=_date(request.today, "today"),
        pattern=pattern,
        description=goal.description,
        category=goal.category,
        start_date=_date(goal.start_date, "goal.start_date") if goal.HasField("start_date") else None,
        last_day=min(last_days, default=None),
        schedule=_schedule(goal.schedule) if goal.HasField("schedule") and pattern in SCHEDULED else None,
        amount=Quantity(goal.amount.min_value, goal.amount.unit) if goal.HasField("amount") else None,
        target=TargetTerms(goal.target.unit, goal.target.start_value, goal.target.target_value)
        if goal.HasField("target")
        else None,
        limit=Allowance(Quantity(goal.limit.max_value, goal.limit.unit), _schedule(goal.schedule).period)
        if goal.HasField("limit")
        else None,
        streak_length=max(0, goal.streak.target_length),
        milestones=tuple(_step(step) for step in goal.milestones if not step.HasField("done_time")),
        # What an earlier plan brought makes room for the new one; the rest is the member's own and stays.
        own_habits=tuple(
            OwnHabit(habit.title, _schedule(habit.schedule), max(0, habit.minutes))
            for habit in goal.habits
            if (habit.title, habit.minutes, habit.if_then) not in brought
        ),
        own_subgoals=tuple(
            step.title
            for step in goal.subgoals
            if step.status == goal_pb2.SUBGOAL_STATUS_DONE or step.title not in planned
        ),
        minutes_per_week=constraints.minutes_per_week,
    )


def _date(day: Date, field: str) -> date:
    try:
        return date(day.year, day.month, day.day)
    except ValueError:
        raise invalid_plan_request(field, "must be a day of the calendar") from None


def _step(step: goal_pb2.Milestone) -> Step:
    return Step(step.title, _date(step.due_date, "goal.milestones.due_date") if step.HasField("due_date") else None)


def _schedule(message: goal_pb2.Schedule) -> Schedule:
    period = _PERIOD_NAMES.get(message.period, "day")
    rolling = message.window == goal_pb2.WINDOW_ROLLING
    return Schedule(
        period=period,
        times=max(1, message.times) if message.HasField("times") else 1,
        weekdays=frozenset(message.weekdays),
        rrule=message.rrule,
        window_days=max(1, message.window_days or _WINDOW_DAYS[period]) if rolling else 0,
    )


def _planned_subgoal(step: proposal.Subgoal) -> goal_pb2.PlannedSubgoal:
    day = step.due_date
    return goal_pb2.PlannedSubgoal(
        title=step.title, due_date=Date(year=day.year, month=day.month, day=day.day) if day else None
    )


def _planned_habit(habit: proposal.Habit) -> goal_pb2.PlannedHabit:
    due = habit.schedule
    return goal_pb2.PlannedHabit(
        title=habit.title,
        schedule=goal_pb2.Schedule(
            period=_PERIODS[due.period],
            times=due.times,
            weekdays=sorted(due.weekdays),
            rrule=due.rrule,
            window=goal_pb2.WINDOW_ROLLING if due.window_days else goal_pb2.WINDOW_CALENDAR,
            window_days=due.window_days or None,
        ),
        minutes=habit.minutes,
        if_then=habit.said,
    )
