"""Activities: what a member logs on a goal, and which day it stands on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from services.goals.domain.days import local_day
from services.goals.domain.entries import Kind
from services.goals.domain.fields import MAX_DATE, MIN_DATE, Checks
from services.goals.domain.goal import Goal, GoalId, Status
from services.goals.errors import GoalClosed

ActivityId = NewType("ActivityId", UUID)

MAX_NOTE_LENGTH = 10_000
MAX_LOCATION_LENGTH = 200
MAX_TAGS = 20
MAX_TAG_LENGTH = 50

# Clocks of phones and servers differ; what is this little ahead is now.
CLOCK_TOLERANCE = timedelta(seconds=10)

# Instants whose civil day is within bounds in every zone and for every start of the day.
_EARLIEST = datetime(MIN_DATE.year, 1, 3, tzinfo=UTC)
_LATEST = datetime(MAX_DATE.year, 12, 29, tzinfo=UTC)


class ActivityType(StrEnum):
    """What an activity says."""

    CHECK_IN = "check_in"
    PROGRESS = "progress"
    MILESTONE = "milestone"
    SKIP = "skip"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances; empty values where nothing was said. `energy` is 1 to 5, or 0."""

    location: str = ""
    energy: int = 0
    with_wingman: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActivityDraft:
    """An activity as asked for; None is left out. `mood` is 1 to 5, or 0."""

    type: ActivityType | None = None
    local_date: date | None = None
    occur_time: datetime | None = None
    completed: bool | None = None
    value: float | None = None
    note: str = ""
    mood: int = 0
    context: Context | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """Something logged; its `local_day` (an ordinal) and `timezone` are those of the moment of writing."""

    id: ActivityId
    goal_id: GoalId
    type: ActivityType
    local_day: int
    occur_time: datetime
    timezone: str
    completed: bool | None
    value: float | None
    note: str
    mood: int
    context: Context | None
    create_time: datetime
    update_time: datetime

    @property
    def kind(self) -> Kind | None:
        """What it means to the goal's units; None for what means nothing to them."""
        if self.type is ActivityType.CHECK_IN:
            return Kind.DONE if self.completed else Kind.NOT_DONE
        return {ActivityType.PROGRESS: Kind.PROGRESS, ActivityType.SKIP: Kind.SKIP}.get(self.type)


def record_activity(
    draft: ActivityDraft, goal: Goal, *, activity_id: ActivityId, today: int, now: datetime
) -> Activity:
    """Completes and checks a draft.

    Raises:
        InvalidArgument: A field breaks a rule, or says what the goal's pattern cannot take.
        GoalClosed: The goal takes no activities any more.
    """
    checks = Checks()
    kind = _type(draft, goal, checks)
    day, occur_time = _when(draft, goal, today, now, checks)
    value = _value(draft, kind, checks)
    _check_circumstances(draft, checks)
    checks.finish()
    if goal.status in (Status.ARCHIVED, Status.COMPLETED):
        raise GoalClosed(goal.status)
    return Activity(
        id=activity_id,
        goal_id=goal.id,
        type=kind,
        local_day=day,
        occur_time=occur_time,
        timezone=goal.rule.calendar.timezone,
        completed=_completed(draft, kind),
        value=value,
        note=draft.note,
        mood=draft.mood,
        context=draft.context,
        create_time=now,
        update_time=now,
    )


def _type(draft: ActivityDraft, goal: Goal, checks: Checks) -> ActivityType:
    allowed: Sequence[ActivityType] = (ActivityType.CHECK_IN, ActivityType.SKIP, ActivityType.NOTE)
    if goal.rule.amount is not None:
        allowed = (*allowed, ActivityType.PROGRESS)
    if draft.type is None:
        checks.fail("type", "must be given")
    elif draft.type not in allowed:
        checks.fail("type", f"must be one of {', '.join(allowed)} on this goal")
    return draft.type or ActivityType.NOTE


def _when(draft: ActivityDraft, goal: Goal, today: int, now: datetime, checks: Checks) -> tuple[int, datetime]:
    """The local day and the instant: a day given wins, else it follows from the instant, else from now."""
    occur_time = _instant(draft.occur_time, now, checks)
    if draft.local_date is not None:
        day, field = checks.day("local_date", draft.local_date).toordinal(), "local_date"
    elif draft.occur_time is not None:
        day, field = local_day(occur_time, goal.rule.calendar), "occurred_at"
    else:
        day, field = today, "local_date"
    if day > today:
        checks.fail(field, "must not lie in the future")
    elif day < goal.start_day:
        checks.fail(field, "must not lie before the goal's start date")
    return day, occur_time


def _instant(occur_time: datetime | None, now: datetime, checks: Checks) -> datetime:
    if occur_time is None:
        return now
    if not _EARLIEST <= occur_time <= _LATEST:
        checks.fail("occurred_at", "must lie between 1900 and 2200")
        return now
    if occur_time > now + CLOCK_TOLERANCE:
        checks.fail("occurred_at", "must not lie in the future")
    return min(occur_time, now)


def _completed(draft: ActivityDraft, kind: ActivityType) -> bool | None:
    if kind is not ActivityType.CHECK_IN:
        return None
    return True if draft.completed is None else draft.completed


def _value(draft: ActivityDraft, kind: ActivityType, checks: Checks) -> float | None:
    if draft.completed is not None and draft.type is not None and kind is not ActivityType.CHECK_IN:
        checks.fail("completed", "goes only with a check-in")
    if kind is not ActivityType.PROGRESS:
        if draft.value is not None:
            checks.fail("value", "goes only with progress")
        return None
    if draft.value is None:
        checks.fail("value", "must be given")
        return None
    value = checks.number("value", draft.value)
    if value < 0:
        checks.fail("value", "must not be negative")
    return value


def _check_circumstances(draft: ActivityDraft, checks: Checks) -> None:
    checks.body("note", draft.note, longest=MAX_NOTE_LENGTH)
    if not 0 <= draft.mood <= 5:
        checks.fail("mood", "must be between 1 and 5")
    context = draft.context
    if context is None:
        return
    checks.line("context.location", context.location, longest=MAX_LOCATION_LENGTH)
    if not 0 <= context.energy <= 5:
        checks.fail("context.energy", "must be between 1 and 5")
    if len(context.tags) > MAX_TAGS:
        checks.fail("context.tags", f"must have at most {MAX_TAGS} tags")
        return
    for index, tag in enumerate(context.tags):
        checks.line(f"context.tags[{index}]", tag, longest=MAX_TAG_LENGTH, required=True)
