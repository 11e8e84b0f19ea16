"""Activities: what a member logs on a goal, which day it stands on, and what of it can be corrected."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NewType
from uuid import UUID

from chassis.errors import FieldViolation, InvalidArgument, TandemError
from services.goals.domain.days import local_day
from services.goals.domain.entries import Kind
from services.goals.domain.fields import MAX_DATE, MIN_DATE, Checks
from services.goals.domain.goal import Goal, GoalId, Pattern, Status
from services.goals.domain.terms import COUNTED
from services.goals.errors import GoalClosed, GoalNotFound, MilestoneDone

ActivityId = NewType("ActivityId", UUID)

MAX_NOTE_LENGTH = 10_000
MAX_LOCATION_LENGTH = 200
MAX_TAGS = 20
MAX_TAG_LENGTH = 50
MAX_BATCH = 500

CORRECTABLE = frozenset({"completed", "value", "note", "mood", "context", "occur_time"})

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


_BY_COUNT = (ActivityType.CHECK_IN, ActivityType.SKIP, ActivityType.NOTE)
_ALLOWED = {
    Pattern.RECURRING: _BY_COUNT,
    Pattern.STREAK: _BY_COUNT,
    Pattern.MILESTONE: (ActivityType.MILESTONE, ActivityType.NOTE),
    Pattern.TARGET: (ActivityType.PROGRESS, ActivityType.SKIP, ActivityType.NOTE),
    Pattern.LIMIT: (ActivityType.PROGRESS, ActivityType.CHECK_IN, ActivityType.NOTE),
}


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
    milestone_id: UUID | None = None
    habit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """Something logged; its `local_day` (an ordinal) and `timezone` are those of the moment of writing.

    `milestone_id` and `habit_id` name parts that the goal had then. Without `counts` it is a check-in of its habit
    alone, because the goal is not kept by check-ins.
    """

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
    milestone_id: UUID | None = None
    habit_id: UUID | None = None
    counts: bool = True

    @property
    def kind(self) -> Kind | None:
        """What it means to the goal's units; None for what means nothing to them."""
        if not self.counts:
            return None
        if self.type is ActivityType.CHECK_IN:
            return Kind.DONE if self.completed else Kind.NOT_DONE
        return {ActivityType.PROGRESS: Kind.PROGRESS, ActivityType.SKIP: Kind.SKIP}.get(self.type)


@dataclass(frozen=True, slots=True)
class Place:
    """What stands where an activity is to be logged.

    Attributes:
        today: The member's civil day, an ordinal.
        habits: Ids of the goal's habits.
        reached: Ids of the milestones that are done already.
    """

    goal: Goal
    today: int
    habits: Collection[UUID] = ()
    reached: Collection[UUID] = ()


def record_activity(draft: ActivityDraft, place: Place, *, activity_id: ActivityId, now: datetime) -> Activity:
    """Completes and checks a draft.

    Raises:
        InvalidArgument: A field breaks a rule, or says what the goal's pattern cannot take.
        GoalClosed: The goal takes no activities any more.
        MilestoneDone: The milestone was reached before.
    """
    checks, goal = Checks(), place.goal
    kind = _type(draft, goal, checks)
    day, occur_time = _when(draft, goal, place.today, now, checks)
    completed, value = _what(draft, kind, goal, checks)
    _check_parts(draft, kind, place, checks)
    _check_circumstances(draft, checks)
    checks.finish()
    check_takes_activities(goal)
    if draft.milestone_id is not None and draft.milestone_id in place.reached:
        raise MilestoneDone
    return Activity(
        id=activity_id,
        goal_id=goal.id,
        type=kind,
        local_day=day,
        occur_time=occur_time,
        timezone=goal.rule.calendar.timezone,
        completed=completed,
        value=value,
        note=draft.note,
        mood=draft.mood,
        context=draft.context,
        create_time=now,
        update_time=now,
        milestone_id=draft.milestone_id,
        habit_id=draft.habit_id,
        counts=draft.habit_id is None or goal.pattern in COUNTED,
    )


def record_batch(
    asked: Sequence[tuple[ActivityDraft, Place | None]], *, new_id: Callable[[], UUID], now: datetime
) -> list[Activity]:
    """Completes and checks many drafts, all or none; each sees the milestones that those before it reach.

    Args:
        asked: Drafts with where each is to be logged, None where there is no such goal.
        new_id: Makes the activities' ids.
        now: The instant of writing.

    Raises:
        InvalidArgument: Fields break rules; `activities[3].value` is the value of the fourth draft.
        GoalNotFound, GoalClosed, MilestoneDone: As for one; the metadata name the `field`.
    """
    violations: list[FieldViolation] = []
    failures: list[TandemError] = []
    recorded: list[Activity] = []
    reached: set[tuple[GoalId, UUID]] = set()
    for index, (draft, place) in enumerate(asked):
        field = f"activities[{index}]"
        try:
            recorded.append(_record_in_batch(draft, place, field, activity_id=ActivityId(new_id()), now=now))
        except InvalidArgument as problem:
            violations += [FieldViolation(f"{field}.{each.field}", each.message) for each in problem.violations]
        except TandemError as failure:
            failures.append(failure)
        if draft.milestone_id is not None and place is not None:
            # Goals that came from one another's exports may share the ids of their steps.
            step = (place.goal.id, draft.milestone_id)
            if step in reached:
                failures.append(MilestoneDone(f"{field}.milestone_id"))
            reached.add(step)
    if violations:
        raise InvalidArgument(f"{violations[0].field}: {violations[0].message}", violations=tuple(violations))
    if failures:
        raise failures[0]
    return recorded


def _record_in_batch(
    draft: ActivityDraft, place: Place | None, field: str, *, activity_id: ActivityId, now: datetime
) -> Activity:
    """As `record_activity`; failures of the state name the field that they come from."""
    if place is None:
        raise GoalNotFound(f"{field}.goal_id")
    try:
        return record_activity(draft, place, activity_id=activity_id, now=now)
    except GoalClosed:
        raise GoalClosed(place.goal.status, f"{field}.goal_id") from None
    except MilestoneDone:
        raise MilestoneDone(f"{field}.milestone_id") from None


def correct_activity(
    activity: Activity, draft: ActivityDraft, fields: Collection[str], *, goal: Goal, now: datetime
) -> Activity:
    """Takes over the named fields of the draft; returns the activity unchanged when nothing differs.

    Its type, day and parts stay: what stands on another day or part is another activity.

    Raises:
        InvalidArgument: A field breaks a rule, or cannot be corrected.
        GoalClosed: The goal is archived.
    """
    checks = Checks()
    _check_correctable(fields, checks)
    corrected = _overlaid(activity, draft, fields)
    occur_time = activity.occur_time
    if "occur_time" in fields:
        occur_time = _corrected_instant(draft.occur_time, now, checks)
    if "completed" in fields and activity.type is ActivityType.CHECK_IN and draft.completed is None:
        checks.fail("completed", "must be given")
    completed, value = _what(corrected, activity.type, goal, checks)
    _check_circumstances(corrected, checks)
    checks.finish()
    check_takes_corrections(goal)
    changed = replace(
        activity,
        occur_time=occur_time,
        completed=completed,
        value=value,
        note=corrected.note,
        mood=corrected.mood,
        context=corrected.context,
    )
    if changed == activity:
        return activity
    return replace(changed, update_time=superseded_at(activity, now))


def check_takes_activities(goal: Goal) -> None:
    """Something may be logged on the goal.

    Raises:
        GoalClosed: It is completed or archived.
    """
    if goal.status in (Status.ARCHIVED, Status.COMPLETED):
        raise GoalClosed(goal.status)


def check_takes_corrections(goal: Goal) -> None:
    """Entries of the goal may be corrected and taken back; those of a completed goal may.

    Raises:
        GoalClosed: It is archived.
    """
    if goal.status is Status.ARCHIVED:
        raise GoalClosed(goal.status)


def superseded_at(activity: Activity, now: datetime) -> datetime:
    """When this version ends: after it began, whatever the clocks of two processes say."""
    return max(now, activity.update_time + timedelta(microseconds=1))


def _check_correctable(fields: Collection[str], checks: Checks) -> None:
    for field in sorted(set(fields) - CORRECTABLE):
        if field == "local_date":
            checks.fail(field, "cannot be changed; take the entry back and log it anew")
        else:
            checks.fail(field[:100], "cannot be changed")


def _overlaid(activity: Activity, draft: ActivityDraft, fields: Collection[str]) -> ActivityDraft:
    """The activity as if it were asked for with the corrections in it."""
    given = {field: getattr(draft, field) for field in CORRECTABLE & set(fields)}
    present = {field: getattr(activity, field) for field in CORRECTABLE}
    return ActivityDraft(type=activity.type, **present | given)


def _corrected_instant(occur_time: datetime | None, now: datetime, checks: Checks) -> datetime:
    if occur_time is None:
        checks.fail("occurred_at", "must be given")
    return _instant(occur_time, now, checks)


def _type(draft: ActivityDraft, goal: Goal, checks: Checks) -> ActivityType:
    allowed: Sequence[ActivityType] = _ALLOWED[goal.pattern]
    if goal.rule.amount is not None:
        allowed = (*allowed, ActivityType.PROGRESS)
    if draft.habit_id is not None:
        allowed = (*allowed, ActivityType.CHECK_IN)
    if draft.type is None:
        checks.fail("type", "must be given")
    elif draft.type not in allowed:
        checks.fail("type", f"must be one of {', '.join(dict.fromkeys(allowed))} on this goal")
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


def _what(draft: ActivityDraft, kind: ActivityType, goal: Goal, checks: Checks) -> tuple[bool | None, float | None]:
    """Whether it was done, and the value; each only where the type has it."""
    if draft.completed is not None and draft.type is not None and kind is not ActivityType.CHECK_IN:
        checks.fail("completed", "goes only with a check-in")
    if kind is not ActivityType.PROGRESS and draft.value is not None:
        checks.fail("value", "goes only with progress")
    if kind is ActivityType.CHECK_IN:
        return draft.completed is not False, None
    return None, _value(draft.value, goal, checks) if kind is ActivityType.PROGRESS else None


def _value(given: float | None, goal: Goal, checks: Checks) -> float | None:
    if given is None:
        checks.fail("value", "must be given")
        return None
    value = checks.number("value", given)
    if value < 0 and goal.pattern is not Pattern.TARGET:
        checks.fail("value", "must not be negative")
    return value


def _check_parts(draft: ActivityDraft, kind: ActivityType, place: Place, checks: Checks) -> None:
    """Milestone and habit are the goal's, and go with the type that has them."""
    milestone_id, habit_id = draft.milestone_id, draft.habit_id
    if kind is ActivityType.MILESTONE:
        if milestone_id is None:
            checks.fail("milestone_id", "must be given")
        elif all(step.id != milestone_id for step in place.goal.milestones):
            checks.fail("milestone_id", "names no milestone of this goal")
    elif milestone_id is not None:
        checks.fail("milestone_id", "goes only with a milestone")
    if habit_id is None:
        return
    if kind is not ActivityType.CHECK_IN:
        checks.fail("habit_id", "goes only with a check-in")
    elif habit_id not in place.habits:
        checks.fail("habit_id", "names no habit of this goal")


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
