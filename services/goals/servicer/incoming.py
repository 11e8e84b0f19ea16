"""Proto to domain. What is no value of its type is refused here, under the name that clients know the field by."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from chassis.errors import InvalidArgument
from services.goals.domain.activity import ActivityDraft, ActivityType, Context
from services.goals.domain.care import SubgoalStatus
from services.goals.domain.days import Period
from services.goals.domain.fields import MAX_DATE, MIN_DATE
from services.goals.domain.goal import (
    Aggregation,
    Amount,
    Chain,
    Excused,
    Limit,
    MonthEnd,
    NoEntry,
    Pattern,
    Policy,
    Status,
    Target,
)
from services.goals.domain.planning import GoalDraft
from services.goals.domain.progress import Reach
from services.goals.domain.schedule import ScheduleDraft, Window
from services.goals.domain.terms import MilestoneDraft
from services.goals.repository import GoalOrder
from tandem.goals.v1 import activity_pb2, goal_pb2, progress_pb2

_Number = TypeVar("_Number", bound=int)
_Word = TypeVar("_Word")
_UUID_LENGTH: Final = 36
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

PATTERNS: Final = {
    goal_pb2.PATTERN_RECURRING: Pattern.RECURRING,
    goal_pb2.PATTERN_MILESTONE: Pattern.MILESTONE,
    goal_pb2.PATTERN_TARGET: Pattern.TARGET,
    goal_pb2.PATTERN_STREAK: Pattern.STREAK,
    goal_pb2.PATTERN_LIMIT: Pattern.LIMIT,
}
STATUSES: Final = {
    goal_pb2.STATUS_ACTIVE: Status.ACTIVE,
    goal_pb2.STATUS_PAUSED: Status.PAUSED,
    goal_pb2.STATUS_COMPLETED: Status.COMPLETED,
    goal_pb2.STATUS_ARCHIVED: Status.ARCHIVED,
}
PERIODS: Final = {
    goal_pb2.PERIOD_DAY: Period.DAY,
    goal_pb2.PERIOD_WEEK: Period.WEEK,
    goal_pb2.PERIOD_MONTH: Period.MONTH,
    goal_pb2.PERIOD_QUARTER: Period.QUARTER,
    goal_pb2.PERIOD_YEAR: Period.YEAR,
}
WINDOWS: Final = {goal_pb2.WINDOW_CALENDAR: Window.CALENDAR, goal_pb2.WINDOW_ROLLING: Window.ROLLING}
EXCUSED: Final = {
    goal_pb2.EXCUSED_POLICY_NEUTRAL: Excused.NEUTRAL,
    goal_pb2.EXCUSED_POLICY_COUNTS: Excused.COUNTS,
    goal_pb2.EXCUSED_POLICY_BREAKS: Excused.BREAKS,
}
MONTH_ENDS: Final = {
    goal_pb2.MONTH_END_POLICY_CLAMP: MonthEnd.CLAMP,
    goal_pb2.MONTH_END_POLICY_SKIP: MonthEnd.SKIP,
}
NO_ENTRIES: Final = {
    goal_pb2.NO_ENTRY_POLICY_OK: NoEntry.OK,
    goal_pb2.NO_ENTRY_POLICY_PESSIMISTIC: NoEntry.PESSIMISTIC,
}
AGGREGATIONS: Final = {
    goal_pb2.AGGREGATION_SUM: Aggregation.SUM,
    goal_pb2.AGGREGATION_LAST: Aggregation.LAST,
    goal_pb2.AGGREGATION_MAX: Aggregation.MAX,
}
SUBGOAL_STATUSES: Final = {
    goal_pb2.SUBGOAL_STATUS_OPEN: SubgoalStatus.OPEN,
    goal_pb2.SUBGOAL_STATUS_DONE: SubgoalStatus.DONE,
}
ACTIVITY_TYPES: Final = {
    activity_pb2.ACTIVITY_TYPE_CHECK_IN: ActivityType.CHECK_IN,
    activity_pb2.ACTIVITY_TYPE_PROGRESS: ActivityType.PROGRESS,
    activity_pb2.ACTIVITY_TYPE_MILESTONE: ActivityType.MILESTONE,
    activity_pb2.ACTIVITY_TYPE_SKIP: ActivityType.SKIP,
    activity_pb2.ACTIVITY_TYPE_NOTE: ActivityType.NOTE,
}
REACHES: Final = {
    progress_pb2.PROGRESS_PERIOD_WEEK: Reach.WEEK,
    progress_pb2.PROGRESS_PERIOD_MONTH: Reach.MONTH,
    progress_pb2.PROGRESS_PERIOD_QUARTER: Reach.QUARTER,
    progress_pb2.PROGRESS_PERIOD_YEAR: Reach.YEAR,
    progress_pb2.PROGRESS_PERIOD_ALL: Reach.ALL,
}

_ORDERS: Final = {order.value: order for order in GoalOrder}


def uuid_of(text: str, field: str) -> UUID:
    """A UUID in its canonical form."""
    try:
        if len(text) != _UUID_LENGTH:
            raise ValueError
        return UUID(text)
    except ValueError:
        raise InvalidArgument.of(field, "must be a UUID") from None


def optional_uuid(text: str, field: str) -> UUID | None:
    """A UUID, or None for an empty text."""
    return uuid_of(text, field) if text else None


def word_of(number: _Number, words: Mapping[_Number, _Word], field: str) -> _Word | None:
    """The word of an enum's number; None for the unspecified one."""
    if number == 0:
        return None
    if number not in words:
        raise InvalidArgument.of(field, "is not a known value")
    return words[number]


def date_of(message: Date, field: str) -> date:
    """A whole calendar date."""
    try:
        return date(message.year, message.month, message.day)
    except (ValueError, OverflowError):
        raise InvalidArgument.of(field, "must be a date of the calendar") from None


def instant_of(message: Timestamp, field: str) -> datetime:
    """An instant in UTC, to the microsecond."""
    try:
        return _EPOCH + timedelta(seconds=message.seconds, microseconds=message.nanos // 1000)
    except OverflowError:
        raise InvalidArgument.of(field, "must lie between 1900 and 2200") from None


def goal_draft(message: goal_pb2.Goal) -> GoalDraft:
    """A goal as asked for."""
    return GoalDraft(
        title=message.title,
        description=message.description,
        pattern=word_of(message.pattern, PATTERNS, "pattern"),
        category=message.category,
        start_date=date_of(message.start_date, "start_date") if message.HasField("start_date") else None,
        deadline=date_of(message.deadline, "deadline") if message.HasField("deadline") else None,
        schedule=schedule_draft(message.schedule) if message.HasField("schedule") else None,
        policy=_policy(message.policy) if message.HasField("policy") else None,
        amount=Amount(message.amount.unit, message.amount.min_value) if message.HasField("amount") else None,
        status=word_of(message.status, STATUSES, "status"),
        target=_target(message.target) if message.HasField("target") else None,
        limit=Limit(message.limit.unit, message.limit.max_value) if message.HasField("limit") else None,
        chain=Chain(message.streak.target_length, message.streak.freezes_per_month)
        if message.HasField("streak")
        else None,
        milestones=tuple([_milestone(step, f"milestones[{n}]") for n, step in enumerate(message.milestones)]),
    )


def _target(message: goal_pb2.Target) -> Target:
    aggregation = word_of(message.aggregation, AGGREGATIONS, "target.aggregation") or Aggregation.SUM
    return Target(message.unit, message.start_value, message.target_value, aggregation)


def _milestone(message: goal_pb2.Milestone, field: str) -> MilestoneDraft:
    return MilestoneDraft(
        id=optional_uuid(message.milestone_id, f"{field}.id"),
        title=message.title,
        weight=message.weight if message.HasField("weight") else None,
        due_date=date_of(message.due_date, f"{field}.due_date") if message.HasField("due_date") else None,
    )


def schedule_draft(message: goal_pb2.Schedule) -> ScheduleDraft:
    """A schedule as asked for, of a goal or of a habit."""
    return ScheduleDraft(
        period=word_of(message.period, PERIODS, "schedule.period"),
        times=message.times if message.HasField("times") else None,
        weekdays=tuple(message.weekdays),
        rrule=message.rrule,
        window=word_of(message.window, WINDOWS, "schedule.window"),
        window_days=message.window_days if message.HasField("window_days") else None,
    )


def _policy(message: goal_pb2.Policy) -> Policy:
    return Policy(
        word_of(message.excused, EXCUSED, "policy.excused") or Excused.NEUTRAL,
        word_of(message.month_end, MONTH_ENDS, "policy.month_end") or MonthEnd.CLAMP,
        word_of(message.no_entry, NO_ENTRIES, "policy.no_entry") or NoEntry.OK,
    )


def activity_draft(message: activity_pb2.Activity) -> ActivityDraft:
    """An activity as asked for."""
    return ActivityDraft(
        type=word_of(message.type, ACTIVITY_TYPES, "type"),
        local_date=date_of(message.local_date, "local_date") if message.HasField("local_date") else None,
        occur_time=instant_of(message.occur_time, "occurred_at") if message.HasField("occur_time") else None,
        completed=message.completed if message.HasField("completed") else None,
        value=message.value if message.HasField("value") else None,
        note=message.note,
        mood=message.mood,
        context=_context(message.context) if message.HasField("context") else None,
        milestone_id=optional_uuid(message.milestone_id, "milestone_id"),
        habit_id=optional_uuid(message.habit_id, "habit_id"),
    )


def _context(message: activity_pb2.ActivityContext) -> Context:
    return Context(message.location, message.energy, message.with_wingman, tuple(message.tags))


def order_of(text: str) -> tuple[GoalOrder, bool]:
    """What to sort goals by, and whether descending."""
    wanted = text or "-create_time"
    descending, name = wanted.startswith("-"), wanted.removeprefix("-")
    if name not in _ORDERS:
        raise InvalidArgument.of("sort", f"must be one of {', '.join(_ORDERS)}, descending with a leading minus")
    return _ORDERS[name], descending


def bounds_of(from_date: date | None, to_date: date | None) -> tuple[date, date]:
    """The days of a list of activities, open ends at the ends of the calendar."""
    first, last = from_date or MIN_DATE, to_date or MAX_DATE
    for field, day in (("from", first), ("to", last)):
        if not MIN_DATE <= day <= MAX_DATE:
            raise InvalidArgument.of(field, "must lie between 1900-01-01 and 2200-12-31")
    if last < first:
        raise InvalidArgument.of("to", "must not lie before from")
    return first, last


KEY_READERS: Final[Mapping[GoalOrder, Callable[[str], datetime | date | str]]] = {
    GoalOrder.CREATE_TIME: datetime.fromisoformat,
    GoalOrder.UPDATE_TIME: datetime.fromisoformat,
    GoalOrder.DEADLINE: date.fromisoformat,
    GoalOrder.TITLE: str,
}
"""How the sort key in a page token is read, by order."""
