"""From request models to protobuf."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from gateway.routes import views
from gateway.routes.requests import (
    ActivityDraft,
    AmountDraft,
    CheckIn,
    ConsentsChange,
    ContextDraft,
    GoalChange,
    GoalDraft,
    PolicyDraft,
    ProfileChange,
    ScheduleDraft,
)
from tandem.goals.v1 import activity_pb2, goal_pb2
from tandem.mentor.v1 import mentor_pb2

# Enum numbers by word of the API. The stubs give every enum a type of its own; at run time they are numbers.
Words = Mapping[str, Any]
PATTERN: Final[Words] = {word: number for number, word in enumerate(views.PATTERNS) if word}
STATUS: Final[Words] = {word: number for number, word in enumerate(views.STATUSES) if word}
PERIOD: Final[Words] = {word: number for number, word in enumerate(views.PERIODS) if word}
WINDOW: Final[Words] = {"calendar": 1, "rolling": 2}
EXCUSED: Final[Words] = {"neutral": 1, "counts": 2, "breaks": 3}
MONTH_END: Final[Words] = {"clamp": 1, "skip": 2}
NO_ENTRY: Final[Words] = {"ok": 1, "pessimistic": 2}
WEEKDAY: Final[Words] = {word: number for number, word in enumerate(views.WEEKDAYS) if word}
ACTIVITY_TYPE: Final[Words] = {word: number for number, word in enumerate(views.ACTIVITY_TYPES) if word}
PROGRESS_PERIOD: Final[Words] = {word: number for number, word in enumerate(views.PROGRESS_PERIODS) if word}
ROLE: Final[Words] = {word: number for number, word in enumerate(views.ROLES) if word}


def goal(draft: GoalDraft) -> goal_pb2.Goal:
    """A new goal."""
    message = goal_pb2.Goal(
        title=draft.title,
        description=draft.description,
        pattern=PATTERN[draft.pattern],
        category=draft.category or "",
    )
    _set_days(message, draft.start_date, draft.deadline)
    _set_rules(message, draft.schedule, draft.policy, draft.amount)
    return message


def goal_change(goal_id: str, change: GoalChange, etag: str) -> tuple[goal_pb2.Goal, list[str]]:
    """The new values, and the paths of the fields that change."""
    given = change.model_fields_set
    message = goal_pb2.Goal(goal_id=goal_id, etag=etag)
    if "title" in given:
        message.title = change.title
    if "description" in given:
        message.description = change.description or ""
    if "category" in given:
        message.category = change.category or ""
    if "status" in given:
        message.status = STATUS[change.status]
    if "pattern" in given:
        message.pattern = PATTERN[change.pattern]
    _set_days(
        message,
        change.start_date if "start_date" in given else None,
        change.deadline if "deadline" in given else None,
    )
    _set_rules(
        message,
        change.schedule if "schedule" in given else None,
        change.policy if "policy" in given else None,
        change.amount if "amount" in given else None,
    )
    return message, sorted(given)


def activity(goal_id: str, draft: ActivityDraft) -> activity_pb2.Activity:
    """Something to log."""
    message = activity_pb2.Activity(goal_id=goal_id, type=ACTIVITY_TYPE[draft.type], note=draft.note or "")
    if draft.local_date is not None:
        message.local_date.CopyFrom(day(draft.local_date))
    if draft.occurred_at is not None:
        message.occur_time.CopyFrom(instant(draft.occurred_at))
    if draft.completed is not None:
        message.completed = draft.completed
    if draft.value is not None:
        message.value = draft.value
    if draft.mood is not None:
        message.mood = draft.mood
    if draft.context is not None:
        message.context.CopyFrom(_context(draft.context))
    return message


def check_in(goal_id: str, draft: CheckIn) -> activity_pb2.Activity:
    """A check-in."""
    message = activity_pb2.Activity(
        goal_id=goal_id,
        type=activity_pb2.ACTIVITY_TYPE_CHECK_IN,
        completed=draft.completed,
        note=draft.note or "",
    )
    if draft.local_date is not None:
        message.local_date.CopyFrom(day(draft.local_date))
    return message


def profile_change(member_id: str, change: ProfileChange, etag: str) -> tuple[mentor_pb2.Member, list[str]]:
    """The new values, and the paths of the fields that change."""
    given = change.model_fields_set
    message = mentor_pb2.Member(member_id=member_id, etag=etag)
    for name in given - {"week_start"}:
        value = getattr(change, name)
        if value is not None:
            setattr(message, name, value)
    if "week_start" in given:
        message.week_start = WEEKDAY[change.week_start]
    return message, sorted(given)


def consents_change(change: ConsentsChange) -> tuple[mentor_pb2.Consents, list[str]]:
    """The new values, and the paths of the fields that change."""
    given = sorted(change.model_fields_set)
    return mentor_pb2.Consents(**{name: getattr(change, name) for name in given}), given


def roles(words: list[str]) -> list[mentor_pb2.Role.ValueType]:
    """Roles, each once."""
    return [mentor_pb2.Role.ValueType(ROLE[word]) for word in sorted(set(words))]


def day(value: date) -> Date:
    """A civil day."""
    return Date(year=value.year, month=value.month, day=value.day)


def instant(value: datetime) -> Timestamp:
    """An instant."""
    message = Timestamp()
    message.FromDatetime(value)
    return message


def _set_days(message: goal_pb2.Goal, start_date: date | None, deadline: date | None) -> None:
    if start_date is not None:
        message.start_date.CopyFrom(day(start_date))
    if deadline is not None:
        message.deadline.CopyFrom(day(deadline))


def _set_rules(
    message: goal_pb2.Goal, schedule: ScheduleDraft | None, policy: PolicyDraft | None, amount: AmountDraft | None
) -> None:
    if schedule is not None:
        message.schedule.CopyFrom(_schedule(schedule))
    if policy is not None:
        message.policy.CopyFrom(_policy(policy))
    if amount is not None:
        message.amount.CopyFrom(goal_pb2.Amount(unit=amount.unit, min_value=amount.min_value))


def _schedule(draft: ScheduleDraft) -> goal_pb2.Schedule:
    message = goal_pb2.Schedule(
        period=PERIOD[draft.period],
        times=draft.times,
        weekdays=sorted({WEEKDAY[word] for word in draft.weekdays or ()}),
        rrule=draft.rrule or "",
        window=WINDOW[draft.window],
    )
    if draft.window_days is not None:
        message.window_days = draft.window_days
    return message


def _policy(draft: PolicyDraft) -> goal_pb2.Policy:
    return goal_pb2.Policy(
        excused=EXCUSED[draft.excused], month_end=MONTH_END[draft.month_end], no_entry=NO_ENTRY[draft.no_entry]
    )


def _context(draft: ContextDraft) -> activity_pb2.ActivityContext:
    return activity_pb2.ActivityContext(
        location=draft.location or "", energy=draft.energy or 0, with_wingman=draft.with_wingman, tags=draft.tags
    )
