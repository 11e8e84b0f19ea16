"""Goals' figures over a span, for what the coach writes unasked: asked for by the service itself, not by a member."""

from datetime import date
from typing import Protocol
from uuid import UUID

from google.type import date_pb2

from chassis.errors import TandemError, Unavailable
from chassis.rpc.client import Caller
from services.coach.clients.goals import by_goal, entries_from, fact_from
from services.coach.domain.report import GoalReport, HabitFact, Outcome, Report, SubgoalFact, UnitFact
from tandem.goals.v1 import explanation_pb2, goal_pb2, goals_service_pb2_grpc, report_pb2

RECENT_ENTRIES = 200
TIMEOUT_S = 5.0
_OUTCOMES = {
    explanation_pb2.OUTCOME_DONE: Outcome.DONE,
    explanation_pb2.OUTCOME_PARTIAL: Outcome.PARTIAL,
    explanation_pb2.OUTCOME_MISSED: Outcome.MISSED,
    explanation_pb2.OUTCOME_EXCUSED: Outcome.EXCUSED,
    explanation_pb2.OUTCOME_PENDING: Outcome.PENDING,
}


class Reports(Protocol):
    """Where a member's figures over a span come from."""

    async def report(self, member_id: UUID, first: date, last: date) -> Report:
        """Goals and entries over [first, last], at most 100 days; never inside a transaction.

        Raises:
            TandemError: They cannot be read now.
        """
        ...


class ReportsClient:
    """Asks the goals service."""

    def __init__(self, caller: "Caller[goals_service_pb2_grpc.GoalsServiceAsyncStub]") -> None:
        self._caller = caller

    async def report(self, member_id: UUID, first: date, last: date) -> Report:
        """Goals and entries over [first, last]."""
        request = report_pb2.GetMemberReportRequest(
            member_id=str(member_id),
            start_date=_day(first),
            end_date=_day(last),
            recent_activity_count=RECENT_ENTRIES,
        )
        answer = await self._caller(self._caller.stub.GetMemberReport, request, timeout_s=TIMEOUT_S)
        return report_from(answer, member_id, first, last)


class FakeReports:
    """Answers with what it was given; raises when that is a failure."""

    def __init__(self, answer: Report | TandemError | None = None) -> None:
        self.answer = answer
        self.calls: list[tuple[UUID, date, date]] = []

    async def report(self, member_id: UUID, first: date, last: date) -> Report:
        """The given report."""
        self.calls.append((member_id, first, last))
        if isinstance(self.answer, TandemError):
            raise self.answer
        if self.answer is None:
            raise Unavailable("No goals service stands behind this fake.")
        return self.answer


def report_from(answer: report_pb2.MemberReport, member_id: UUID, first: date, last: date) -> Report:
    """The facts of an answer."""
    today = _date(answer.today)
    if today is None:
        raise Unavailable("The goals service answered without a day.")
    owners = {each.goal.goal_id: UUID(each.goal.member_id) for each in answer.goals}
    entries = entries_from(answer.recent_activities, owners, member_id)
    of_goals = by_goal(entries)
    return Report(
        first=first,
        last=last,
        today=today,
        goals=tuple(
            GoalReport(
                goal=fact_from(each, of_goals, today=today),
                units=tuple(_unit(unit) for unit in each.units),
                projected_end=_date(each.progress.pace.projected_end),
                completed_on=_date(each.goal.completed_on),
                begun_on=_begun_on(each.goal),
                plan_fits=not each.goal.HasField("plan") or each.goal.plan.fits,
                habits=tuple(map(_habit, each.goal.habits)),
                subgoals=tuple(
                    SubgoalFact(UUID(step.subgoal_id), step.title, _date(step.due_date))
                    for step in each.goal.subgoals
                    if step.status != goal_pb2.SUBGOAL_STATUS_DONE
                ),
            )
            for each in answer.goals
        ),
        entries=entries,
    )


def _begun_on(goal: goal_pb2.Goal) -> date | None:
    first = _date(goal.start_date)
    if first is None or not goal.HasField("create_time"):
        return first
    return max(first, goal.create_time.ToDatetime().date())


def _unit(unit: report_pb2.ReportUnit) -> UnitFact:
    first, last = _date(unit.start_date), _date(unit.end_date)
    if first is None or last is None:
        raise Unavailable("The goals service answered with a unit without days.")
    return UnitFact(first, last, _OUTCOMES.get(unit.outcome, Outcome.NOT_DUE))


def _habit(habit: goal_pb2.Habit) -> HabitFact:
    period = goal_pb2.Period.Name(habit.schedule.period).removeprefix("PERIOD_").lower()
    return HabitFact(
        UUID(habit.habit_id),
        habit.title,
        "day" if period == "unspecified" else period,
        max(1, habit.schedule.times),
        max(0, habit.minutes),
    )


def _date(value: date_pb2.Date) -> date | None:
    return date(value.year, value.month, value.day) if value.year and value.month and value.day else None


def _day(value: date) -> date_pb2.Date:
    return date_pb2.Date(year=value.year, month=value.month, day=value.day)
