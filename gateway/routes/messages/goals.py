"""Goals of all patterns."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from gateway.routes import views
from gateway.routes.messages.shared import Words, day, weekdays
from gateway.routes.requests import (
    AmountDraft,
    ConstraintsDraft,
    GoalChange,
    GoalDraft,
    LimitDraft,
    MilestoneDraft,
    PolicyDraft,
    ScheduleDraft,
    StreakDraft,
    TargetDraft,
)
from tandem.goals.v1 import goal_pb2

PATTERN: Final[Words] = {word: number for number, word in enumerate(views.PATTERNS) if word}
STATUS: Final[Words] = {word: number for number, word in enumerate(views.STATUSES) if word}
PERIOD: Final[Words] = {word: number for number, word in enumerate(views.PERIODS) if word}
WINDOW: Final[Words] = {"calendar": 1, "rolling": 2}
EXCUSED: Final[Words] = {"neutral": 1, "counts": 2, "breaks": 3}
MONTH_END: Final[Words] = {"clamp": 1, "skip": 2}
NO_ENTRY: Final[Words] = {"ok": 1, "pessimistic": 2}
AGGREGATION: Final[Words] = {"sum": 1, "last": 2, "max": 3}


def goal(draft: GoalDraft) -> goal_pb2.Goal:
    """A new goal."""
    message = goal_pb2.Goal(
        title=draft.title or "",
        description=draft.description,
        pattern=PATTERN.get(draft.pattern, 0),
        category=draft.category or "",
    )
    _set_parts(message, draft, _PARTS)
    message.milestones.extend([_milestone(each) for each in draft.milestones or ()])
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
    _set_parts(message, change, given & _PARTS.keys())
    if "milestones" in given:
        message.milestones.extend([_milestone(each) for each in change.milestones])
    return message, sorted(given)


def constraints(draft: ConstraintsDraft) -> goal_pb2.PlanConstraints:
    """What a plan has to keep to."""
    return goal_pb2.PlanConstraints(
        minutes_per_week=draft.minutes_per_week or 0,
        deadline=day(draft.deadline) if draft.deadline is not None else None,
    )


def schedule(draft: ScheduleDraft) -> goal_pb2.Schedule:
    """When something is due."""
    message = goal_pb2.Schedule(
        period=PERIOD[draft.period],
        times=draft.times,
        weekdays=weekdays(draft.weekdays),
        rrule=draft.rrule or "",
        window=WINDOW[draft.window],
    )
    if draft.window_days is not None:
        message.window_days = draft.window_days
    return message


def _set_parts(message: goal_pb2.Goal, asked: GoalDraft | GoalChange, names: Iterable[str]) -> None:
    """Sets what is there; what is None stays absent, which in a change clears it."""
    for name in names:
        value = getattr(asked, name)
        if value is not None:
            getattr(message, name).CopyFrom(_PARTS[name](value))


def _policy(draft: PolicyDraft) -> goal_pb2.Policy:
    return goal_pb2.Policy(
        excused=EXCUSED[draft.excused], month_end=MONTH_END[draft.month_end], no_entry=NO_ENTRY[draft.no_entry]
    )


def _amount(draft: AmountDraft) -> goal_pb2.Amount:
    return goal_pb2.Amount(unit=draft.unit, min_value=draft.min_value)


def _target(draft: TargetDraft) -> goal_pb2.Target:
    return goal_pb2.Target(
        unit=draft.unit,
        start_value=draft.start_value,
        target_value=draft.target_value,
        aggregation=AGGREGATION[draft.aggregation],
    )


def _limit(draft: LimitDraft) -> goal_pb2.Limit:
    return goal_pb2.Limit(unit=draft.unit, max_value=draft.max_value)


def _streak(draft: StreakDraft) -> goal_pb2.StreakTerms:
    return goal_pb2.StreakTerms(target_length=draft.target_length, freezes_per_month=draft.freezes_per_month)


def _milestone(draft: MilestoneDraft) -> goal_pb2.Milestone:
    message = goal_pb2.Milestone(milestone_id=(draft.id or "").lower(), title=draft.title)
    if "weight" in draft.model_fields_set:
        message.weight = draft.weight
    if draft.due_date is not None:
        message.due_date.CopyFrom(day(draft.due_date))
    return message


# How each part of a goal that is a message of its own is made.
_PARTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "start_date": day,
    "deadline": day,
    "schedule": schedule,
    "policy": _policy,
    "amount": _amount,
    "target": _target,
    "limit": _limit,
    "streak": _streak,
}
