"""Goals."""

from datetime import date
from typing import Final

from gateway.routes import views
from gateway.routes.messages.shared import WEEKDAY, Words, day
from gateway.routes.requests import AmountDraft, GoalChange, GoalDraft, PolicyDraft, ScheduleDraft
from tandem.goals.v1 import goal_pb2

PATTERN: Final[Words] = {word: number for number, word in enumerate(views.PATTERNS) if word}
STATUS: Final[Words] = {word: number for number, word in enumerate(views.STATUSES) if word}
PERIOD: Final[Words] = {word: number for number, word in enumerate(views.PERIODS) if word}
WINDOW: Final[Words] = {"calendar": 1, "rolling": 2}
EXCUSED: Final[Words] = {"neutral": 1, "counts": 2, "breaks": 3}
MONTH_END: Final[Words] = {"clamp": 1, "skip": 2}
NO_ENTRY: Final[Words] = {"ok": 1, "pessimistic": 2}


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
