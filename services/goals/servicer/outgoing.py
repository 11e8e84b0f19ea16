"""Domain to proto. These run for every goal of every answer, so fields are set once and nothing is parsed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from services.goals.clients import PlanSubject
from services.goals.domain.activity import Activity
from services.goals.domain.care import (
    Care,
    Habit,
    Plan,
    PlannedHabit,
    PlannedSubgoal,
    Reminder,
    Subgoal,
    Vacation,
)
from services.goals.domain.entries import Done
from services.goals.domain.goal import Goal, Milestone, Pattern, Policy, Rule, Status, Target
from services.goals.domain.insights import Fact
from services.goals.domain.outlook import State
from services.goals.domain.pace import Pace
from services.goals.domain.progress import Progress
from services.goals.domain.schedule import Schedule
from services.goals.domain.terms import SCHEDULED
from services.goals.repository import BriefActivity
from services.goals.servicer import incoming
from services.goals.usecases import LoggedActivity, ShownGoal
from tandem.coach.v1 import plan_pb2
from tandem.goals.v1 import activity_pb2, care_pb2, goal_pb2, goals_service_pb2, progress_pb2

_Number = TypeVar("_Number", bound=int)
_Word = TypeVar("_Word")
_LISTED: Final = WeakKeyDictionary[ShownGoal, goal_pb2.Goal]()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _numbers(words: Mapping[_Number, _Word]) -> dict[_Word, _Number]:
    return {word: number for number, word in words.items()}


_PATTERNS: Final = _numbers(incoming.PATTERNS)
_STATUSES: Final = _numbers(incoming.STATUSES)
_PERIODS: Final = _numbers(incoming.PERIODS)
_EXCUSED: Final = _numbers(incoming.EXCUSED)
_MONTH_ENDS: Final = _numbers(incoming.MONTH_ENDS)
_NO_ENTRIES: Final = _numbers(incoming.NO_ENTRIES)
_WINDOWS: Final = _numbers(incoming.WINDOWS)
_AGGREGATIONS: Final = _numbers(incoming.AGGREGATIONS)
_SUBGOAL_STATUSES: Final = _numbers(incoming.SUBGOAL_STATUSES)
_TYPES: Final = _numbers(incoming.ACTIVITY_TYPES)
_TYPES_BY_WORD: Final = {str(kind): number for kind, number in _TYPES.items()}
_REACHES: Final = _numbers(incoming.REACHES)
_STATES: Final = {
    State.AHEAD: goal_pb2.PROGRESS_STATE_AHEAD,
    State.ON_TRACK: goal_pb2.PROGRESS_STATE_ON_TRACK,
    State.BEHIND: goal_pb2.PROGRESS_STATE_BEHIND,
    State.AT_RISK: goal_pb2.PROGRESS_STATE_AT_RISK,
    State.DONE: goal_pb2.PROGRESS_STATE_DONE,
}


def shown_goal(shown: ShownGoal) -> goal_pb2.Goal:
    """A goal with its parts and its summary."""
    message, summary = _goal(shown.goal, shown.care, shown.reached), shown.summary
    message.progress_summary.CopyFrom(
        goal_pb2.ProgressSummary(
            percent=summary.percent,
            state=_STATES[summary.state],
            current_streak=summary.current_streak,
            due_today=summary.due_today,
            done_today=summary.done_today,
        )
    )
    return message


def listed_goal(shown: ShownGoal) -> goal_pb2.Goal:
    """The same for a list: the same message as long as that is shown, so nobody may change it."""
    message = _LISTED.get(shown)
    if message is None:
        message = _LISTED[shown] = shown_goal(shown)
    return message


def plan_request(subject: PlanSubject, by_rules: bool) -> plan_pb2.MakePlanRequest:
    """What coach is asked."""
    constraints = subject.constraints
    return plan_pb2.MakePlanRequest(
        member_id=str(subject.goal.member_id),
        goal=_goal(subject.goal, subject.care, {}),
        constraints=goal_pb2.PlanConstraints(
            minutes_per_week=constraints.minutes_per_week,
            deadline=day(constraints.deadline) if constraints.deadline else None,
        ),
        today=day(subject.today),
        by_rules=by_rules,
    )


def _goal(goal: Goal, care: Care, reached: Mapping[UUID, Done]) -> goal_pb2.Goal:
    rule = goal.rule
    return goal_pb2.Goal(
        goal_id=str(goal.id),
        member_id=str(goal.member_id),
        title=goal.title,
        description=goal.description,
        pattern=_PATTERNS[goal.pattern],
        status=_STATUSES[goal.status],
        category=goal.category,
        start_date=day(goal.start_day),
        deadline=day(goal.deadline) if goal.deadline else None,
        schedule=schedule_of(rule.schedule) if goal.pattern in SCHEDULED else None,
        policy=policy(rule.policy),
        amount=goal_pb2.Amount(unit=rule.amount.unit, min_value=rule.amount.min_value) if rule.amount else None,
        completed_on=day(goal.completed_day) if goal.completed_day else None,
        create_time=instant(goal.create_time),
        update_time=instant(goal.update_time),
        etag=goal.etag,
        **_terms(rule),
        milestones=[_milestone(step, reached.get(step.id)) for step in goal.milestones],
        subgoals=[subgoal(part) for part in care.subgoals],
        habits=[habit(part) for part in care.habits],
        plan=plan(care.plan) if care.plan else None,
    )


def _terms(rule: Rule) -> Mapping[str, Any]:
    """What one pattern has and others have not; most goals have nothing of it."""
    if rule.target:
        return {"target": target(rule.target)}
    if rule.limit:
        return {"limit": goal_pb2.Limit(unit=rule.limit.unit, max_value=rule.limit.max_value)}
    if rule.chain:
        chain = rule.chain
        terms = goal_pb2.StreakTerms(target_length=chain.target_length, freezes_per_month=chain.freezes_per_month)
        return {"streak": terms}
    return {}


def target(terms: Target) -> goal_pb2.Target:
    """A value to reach."""
    return goal_pb2.Target(
        unit=terms.unit,
        start_value=terms.start_value,
        target_value=terms.target_value,
        aggregation=_AGGREGATIONS[terms.aggregation],
    )


def _milestone(step: Milestone, done: Done | None) -> goal_pb2.Milestone:
    return goal_pb2.Milestone(
        milestone_id=str(step.id),
        title=step.title,
        weight=step.weight,
        due_date=day(step.due_day) if step.due_day else None,
        done_time=instant(done[1]) if done else None,
    )


def subgoal(part: Subgoal) -> goal_pb2.Subgoal:
    """A subgoal."""
    return goal_pb2.Subgoal(
        subgoal_id=str(part.id),
        title=part.title,
        due_date=day(part.due_day) if part.due_day else None,
        status=_SUBGOAL_STATUSES[part.status],
    )


def habit(part: Habit) -> goal_pb2.Habit:
    """A habit."""
    return goal_pb2.Habit(
        habit_id=str(part.id),
        title=part.title,
        schedule=schedule_of(part.schedule),
        minutes=part.minutes,
        if_then=part.if_then,
    )


def reminders(shown: Sequence[Reminder]) -> care_pb2.Reminders:
    """All reminders of a goal."""
    return care_pb2.Reminders(
        reminders=[care_pb2.Reminder(minute_of_day=each.minute_of_day, weekdays=each.weekdays) for each in shown]
    )


def vacation(shown: Vacation) -> care_pb2.Vacation:
    """A vacation."""
    return care_pb2.Vacation(
        vacation_id=str(shown.id),
        goal_id=str(shown.goal_id) if shown.goal_id else "",
        from_date=day(shown.first),
        to_date=day(shown.last),
        reason=shown.reason,
        create_time=instant(shown.create_time),
    )


def plan(made: Plan) -> goal_pb2.Plan:
    """A plan as it was proposed."""
    return goal_pb2.Plan(
        source=made.source,
        summary=made.summary,
        subgoals=[planned_subgoal(part) for part in made.subgoals],
        habits=[planned_habit(part) for part in made.habits],
        fits=made.fits,
        warnings=made.warnings,
        generate_time=instant(made.generate_time),
    )


def planned_subgoal(part: PlannedSubgoal) -> goal_pb2.PlannedSubgoal:
    """A subgoal that is proposed."""
    return goal_pb2.PlannedSubgoal(title=part.title, due_date=day(part.due_day) if part.due_day else None)


def planned_habit(part: PlannedHabit) -> goal_pb2.PlannedHabit:
    """A habit that is proposed."""
    return goal_pb2.PlannedHabit(
        title=part.title, schedule=schedule_of(part.schedule), minutes=part.minutes, if_then=part.if_then
    )


@lru_cache(maxsize=1024)
def schedule_of(schedule: Schedule) -> goal_pb2.Schedule:
    """The same message for the same schedule, so nobody may change it."""
    return goal_pb2.Schedule(
        period=_PERIODS[schedule.period],
        times=schedule.times,
        weekdays=sorted(schedule.weekdays),
        rrule=schedule.rrule,
        window=_WINDOWS[schedule.window],
        window_days=schedule.window_days or None,
    )


@lru_cache(maxsize=64)
def policy(rules: Policy) -> goal_pb2.Policy:
    """The same message for the same policy, so nobody may change it."""
    return goal_pb2.Policy(
        excused=_EXCUSED[rules.excused],
        month_end=_MONTH_ENDS[rules.month_end],
        no_entry=_NO_ENTRIES[rules.no_entry],
    )


def activity(shown: Activity) -> activity_pb2.Activity:
    """An activity as stored."""
    context, created = shown.context, instant(shown.create_time)
    return activity_pb2.Activity(
        activity_id=str(shown.id),
        goal_id=str(shown.goal_id),
        type=_TYPES[shown.type],
        local_date=day(shown.local_day),
        occur_time=created if shown.occur_time is shown.create_time else instant(shown.occur_time),
        timezone=shown.timezone,
        completed=shown.completed,
        value=shown.value,
        note=shown.note,
        mood=shown.mood,
        context=activity_pb2.ActivityContext(
            location=context.location,
            energy=context.energy,
            with_wingman=context.with_wingman,
            tags=context.tags,
        )
        if context
        else None,
        create_time=created,
        update_time=created if shown.update_time is shown.create_time else instant(shown.update_time),
        milestone_id=str(shown.milestone_id) if shown.milestone_id else "",
        habit_id=str(shown.habit_id) if shown.habit_id else "",
    )


def brief_activity(shown: BriefActivity) -> activity_pb2.Activity:
    """What an activity says, without its circumstances."""
    return activity_pb2.Activity(
        activity_id=str(shown.id),
        goal_id=str(shown.goal_id),
        type=_TYPES_BY_WORD[shown.type],
        local_date=day(shown.local_day),
        completed=shown.completed,
        value=shown.value,
        note=shown.note,
        mood=shown.mood,
    )


def logged(shown: LoggedActivity) -> goals_service_pb2.LogActivityResponse:
    """An activity with the progress that follows from it."""
    return goals_service_pb2.LogActivityResponse(activity=activity(shown.activity), progress=progress(shown.progress))


def logged_batch(shown: Sequence[Activity]) -> goals_service_pb2.BatchLogActivitiesResponse:
    """Activities in the order in which they were asked for."""
    return goals_service_pb2.BatchLogActivitiesResponse(activities=[activity(each) for each in shown])


def progress(shown: Progress) -> progress_pb2.Progress:
    """How a goal is going."""
    counts, streak = shown.counts, shown.streak
    return progress_pb2.Progress(
        goal_id=str(shown.goal.id),
        pattern=_PATTERNS[shown.pattern],
        period=_REACHES[shown.reach],
        start_date=day(shown.first),
        end_date=day(shown.last),
        percent=shown.percent,
        state=_STATES[shown.state],
        due=counts.counting,
        done=counts.done,
        missed=counts.missed + counts.partial,
        skipped=counts.excused,
        adherence=shown.adherence,
        streak=progress_pb2.Streak(
            current=streak.current.length if streak.current else 0,
            longest=streak.longest.length if streak.longest else 0,
            freezes_left=streak.freezes_left,
        ),
        pace=_pace(shown.pace),
        strength=shown.strength,
        series=[
            progress_pb2.SeriesPoint(date=day(begins), value=value)
            for begins, value in zip(shown.series_days, shown.series, strict=True)
        ],
        insights=[fact.text for fact in shown.facts],
        recommendations=shown.recommendations,
        facts=[_fact(fact) for fact in shown.facts],
    )


def _pace(pace: Pace) -> progress_pb2.Pace:
    return progress_pb2.Pace(
        expected=pace.expected,
        actual=pace.actual,
        delta=pace.delta,
        safe_days=pace.safe_days,
        needed_today=pace.needed_today,
        projected_end=day(pace.projected_end) if pace.projected_end else None,
    )


def _fact(fact: Fact) -> progress_pb2.Fact:
    first, last = fact.days
    return progress_pb2.Fact(
        fact_id=fact.id,
        goal_id=str(fact.goal_id),
        kind=fact.kind,
        text=fact.text,
        numbers=fact.numbers,
        start_date=day(first.toordinal()),
        end_date=day(last.toordinal()),
    )


def pattern_of(pattern: Pattern) -> goal_pb2.Pattern.ValueType:
    """A pattern's number."""
    return _PATTERNS[pattern]


def status_of(status: Status) -> goal_pb2.Status.ValueType:
    """A status's number."""
    return _STATUSES[status]


@lru_cache(maxsize=4096)
def day(ordinal: int) -> Date:
    """The date of a day; the same message every time, so nobody may change it."""
    at = date.fromordinal(ordinal)
    return Date(year=at.year, month=at.month, day=at.day)


def instant(at: datetime) -> Timestamp:
    """An instant, to the microsecond."""
    since = at - _EPOCH
    return Timestamp(seconds=since.days * 86_400 + since.seconds, nanos=since.microseconds * 1000)
