"""What each pattern takes, part by part, and what of an entry can be corrected."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.errors import InvalidArgument
from services.goals.domain.activity import (
    Activity,
    ActivityDraft,
    ActivityId,
    ActivityType,
    Place,
    correct_activity,
    record_activity,
    record_batch,
    superseded_at,
)
from services.goals.domain.entries import Kind
from services.goals.domain.goal import (
    Amount,
    Chain,
    Goal,
    GoalId,
    Limit,
    Milestone,
    Pattern,
    Status,
    Target,
)
from services.goals.errors import GoalClosed, GoalNotFound, MilestoneDone
from tests.unit.goals.history import NOW, a_goal, day

TODAY = day("2026-03-20")
ID = ActivityId(UUID("01920000-0000-7000-8000-0000000000aa"))
STEP, OTHER_STEP, HABIT = (UUID(f"01920000-0000-7000-8000-00000000000{n}") for n in (3, 4, 5))
CHECK_IN, PROGRESS, MILESTONE, SKIP, NOTE = (
    ActivityType.CHECK_IN,
    ActivityType.PROGRESS,
    ActivityType.MILESTONE,
    ActivityType.SKIP,
    ActivityType.NOTE,
)
# The least that each type needs.
NEEDED: dict[ActivityType, dict[str, object]] = {PROGRESS: {"value": 2.0}, MILESTONE: {"milestone_id": STEP}}


def goal_of(pattern: Pattern) -> Goal:
    goal = a_goal()
    parts = {
        Pattern.STREAK: {"chain": Chain(10)},
        Pattern.TARGET: {"target": Target("kg", 80, 70)},
        Pattern.LIMIT: {"limit": Limit("cups", 2)},
    }
    rule = replace(goal.rule, **parts.get(pattern, {}))  # type: ignore[arg-type]
    steps = (Milestone(STEP, "Outline"), Milestone(OTHER_STEP, "Draft")) if pattern is Pattern.MILESTONE else ()
    return replace(goal, pattern=pattern, rules=(rule,), milestones=steps)


def place_of(goal: Goal, reached: tuple[UUID, ...] = ()) -> Place:
    return Place(goal, TODAY, frozenset({HABIT}), reached)


def recorded(goal: Goal, kind: ActivityType, **fields: object) -> Activity:
    draft = ActivityDraft(type=kind, **NEEDED.get(kind, {}) | fields)  # type: ignore[arg-type]
    return record_activity(draft, place_of(goal), activity_id=ID, now=NOW)


def named_by(problem: pytest.ExceptionInfo[InvalidArgument]) -> list[str]:
    return [violation.field for violation in problem.value.violations]


TAKEN = {
    Pattern.RECURRING: {CHECK_IN, SKIP, NOTE},
    Pattern.STREAK: {CHECK_IN, SKIP, NOTE},
    Pattern.MILESTONE: {MILESTONE, NOTE},
    Pattern.TARGET: {PROGRESS, SKIP, NOTE},
    Pattern.LIMIT: {PROGRESS, CHECK_IN, NOTE},
}


@pytest.mark.parametrize("pattern", Pattern)
@pytest.mark.parametrize("kind", ActivityType)
def test_a_pattern_takes_its_types_and_no_others(pattern: Pattern, kind: ActivityType) -> None:
    goal = goal_of(pattern)

    if kind in TAKEN[pattern]:
        assert recorded(goal, kind).type is kind
        return
    with pytest.raises(InvalidArgument) as problem:
        recorded(goal, kind)
    assert "type" in named_by(problem)


@pytest.mark.parametrize("pattern", [Pattern.RECURRING, Pattern.STREAK])
def test_progress_goes_with_an_amount(pattern: Pattern) -> None:
    goal = goal_of(pattern)
    goal = replace(goal, rules=(replace(goal.rule, amount=Amount("km", 5)),))

    assert recorded(goal, PROGRESS, value=3.5).value == 3.5


def test_a_targets_progress_may_be_negative() -> None:
    assert recorded(goal_of(Pattern.TARGET), PROGRESS, value=-1.5).value == -1.5


def test_a_limits_progress_may_not_be_negative() -> None:
    assert recorded(goal_of(Pattern.LIMIT), PROGRESS, value=0).value == 0
    with pytest.raises(InvalidArgument) as problem:
        recorded(goal_of(Pattern.LIMIT), PROGRESS, value=-0.1)
    assert named_by(problem) == ["value"]


@pytest.mark.parametrize("pattern", [Pattern.TARGET, Pattern.LIMIT])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 1.1e12, -1.1e12, None])
def test_values_are_numbers_within_bounds(pattern: Pattern, value: float | None) -> None:
    with pytest.raises(InvalidArgument) as problem:
        recorded(goal_of(pattern), PROGRESS, value=value)
    assert "value" in named_by(problem)


@pytest.mark.parametrize("value", [1e12, -1e12])
def test_values_on_the_bounds_are_taken(value: float) -> None:
    assert recorded(goal_of(Pattern.TARGET), PROGRESS, value=value).value == value


def test_values_are_kept_to_nine_decimals() -> None:
    assert recorded(goal_of(Pattern.TARGET), PROGRESS, value=-0.12345678949).value == -0.123456789


def test_a_milestone_must_be_named() -> None:
    with pytest.raises(InvalidArgument) as problem:
        recorded(goal_of(Pattern.MILESTONE), MILESTONE, milestone_id=None)
    assert named_by(problem) == ["milestone_id"]


def test_a_milestone_must_be_the_goals() -> None:
    with pytest.raises(InvalidArgument) as problem:
        recorded(goal_of(Pattern.MILESTONE), MILESTONE, milestone_id=HABIT)
    assert named_by(problem) == ["milestone_id"]


@pytest.mark.parametrize("kind", [CHECK_IN, SKIP, NOTE])
def test_a_milestone_goes_only_with_its_type(kind: ActivityType) -> None:
    with pytest.raises(InvalidArgument) as problem:
        recorded(goal_of(Pattern.RECURRING), kind, milestone_id=STEP)
    assert named_by(problem) == ["milestone_id"]


def test_a_milestone_is_done_once() -> None:
    draft = ActivityDraft(type=MILESTONE, milestone_id=STEP)

    with pytest.raises(MilestoneDone):
        record_activity(draft, place_of(goal_of(Pattern.MILESTONE), (STEP,)), activity_id=ID, now=NOW)


@pytest.mark.parametrize("pattern", list(Pattern))
def test_a_check_in_may_name_a_habit_and_counts_where_the_goal_is_kept_by_check_ins(pattern: Pattern) -> None:
    done = recorded(goal_of(pattern), CHECK_IN, habit_id=HABIT)
    not_done = recorded(goal_of(pattern), CHECK_IN, habit_id=HABIT, completed=False)

    counts = pattern in (Pattern.RECURRING, Pattern.STREAK)
    assert (done.habit_id, done.completed, not_done.completed) == (HABIT, True, False)
    assert (done.kind, not_done.kind) == ((Kind.DONE, Kind.NOT_DONE) if counts else (None, None))


@pytest.mark.parametrize("pattern", [Pattern.TARGET, Pattern.MILESTONE])
def test_a_check_in_of_no_habit_is_refused_where_nothing_takes_it(pattern: Pattern) -> None:
    with pytest.raises(InvalidArgument) as problem:
        recorded(goal_of(pattern), CHECK_IN)
    assert named_by(problem) == ["type"]


@pytest.mark.parametrize("kind", [SKIP, NOTE])
def test_a_habit_goes_only_with_a_check_in(kind: ActivityType) -> None:
    with pytest.raises(InvalidArgument) as problem:
        recorded(goal_of(Pattern.RECURRING), kind, habit_id=HABIT)
    assert named_by(problem) == ["habit_id"]


def test_a_habit_must_be_the_goals() -> None:
    with pytest.raises(InvalidArgument) as problem:
        recorded(goal_of(Pattern.RECURRING), CHECK_IN, habit_id=STEP)
    assert named_by(problem) == ["habit_id"]


# Corrections.


def corrected(activity: Activity, *fields: str, goal: Goal | None = None, **changes: Any) -> Activity:
    draft = ActivityDraft(**changes)
    later = NOW + timedelta(hours=1)
    return correct_activity(activity, draft, fields or tuple(changes), goal=goal or a_goal(), now=later)


def test_a_correction_changes_what_is_named() -> None:
    before = recorded(a_goal(), CHECK_IN, note="before", mood=2)

    after = corrected(before, completed=False, mood=4)

    assert (after.completed, after.mood, after.note, after.local_day) == (False, 4, "before", before.local_day)
    assert (after.create_time, after.update_time) == (NOW, NOW + timedelta(hours=1))


def test_a_correction_to_what_is_there_is_none() -> None:
    before = recorded(a_goal(), CHECK_IN, note="same")

    assert corrected(before, note="same", completed=True) is before


def test_an_instant_can_be_corrected_and_the_day_stays() -> None:
    before = recorded(a_goal(), CHECK_IN)

    after = corrected(before, occur_time=datetime(2026, 3, 18, 7, tzinfo=UTC))

    assert (after.occur_time.day, after.local_day) == (18, TODAY)


@pytest.mark.parametrize(
    ("fields", "changes", "named"),
    [
        (("local_date",), {"local_date": date(2026, 3, 19)}, "local_date"),
        (("type",), {"type": NOTE}, "type"),
        (("milestone_id",), {}, "milestone_id"),
        (("habit_id",), {}, "habit_id"),
        (("goal_id",), {}, "goal_id"),
        (("completed",), {}, "completed"),
        (("occur_time",), {}, "occurred_at"),
        (("occur_time",), {"occur_time": NOW + timedelta(days=1)}, "occurred_at"),
        (("value",), {"value": 3.0}, "value"),
        (("note",), {"note": "\x00"}, "note"),
        (("mood",), {"mood": 6}, "mood"),
    ],
)
def test_a_correction_that_breaks_a_rule_names_its_field(
    fields: tuple[str, ...], changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(InvalidArgument) as problem:
        corrected(recorded(a_goal(), CHECK_IN), *fields, **changes)
    assert named_by(problem) == [named]


def test_a_value_cannot_be_corrected_away() -> None:
    goal = goal_of(Pattern.TARGET)

    with pytest.raises(InvalidArgument) as problem:
        corrected(recorded(goal, PROGRESS, value=-2), "value", goal=goal)
    assert named_by(problem) == ["value"]


def test_a_completed_goal_takes_corrections_and_an_archived_one_none() -> None:
    before = recorded(a_goal(), CHECK_IN)

    assert corrected(before, goal=replace(a_goal(), status=Status.COMPLETED), note="n").note == "n"
    with pytest.raises(GoalClosed):
        corrected(before, goal=replace(a_goal(), status=Status.ARCHIVED), note="n")


def test_a_version_ends_after_it_began_whatever_the_clock_says() -> None:
    before = recorded(a_goal(), CHECK_IN)

    assert superseded_at(before, NOW - timedelta(hours=1)) == NOW + timedelta(microseconds=1)


# Batches.


def batch(*asked: tuple[ActivityDraft, Place | None]) -> list[Activity]:
    ids = iter(range(1000))
    return record_batch(asked, new_id=lambda: UUID(int=next(ids)), now=NOW)


def test_a_batch_is_recorded_in_order() -> None:
    goals = [a_goal(), replace(a_goal(), id=GoalId(UUID(int=9)))]

    logged = batch(*((ActivityDraft(type=CHECK_IN), place_of(goals[n % 2])) for n in range(4)))

    assert [activity.goal_id for activity in logged] == [goals[n % 2].id for n in range(4)]
    assert len({activity.id for activity in logged}) == 4


def test_a_batch_names_every_field_with_its_place() -> None:
    place = place_of(a_goal())

    with pytest.raises(InvalidArgument) as problem:
        batch(
            (ActivityDraft(type=CHECK_IN), place),
            (ActivityDraft(type=CHECK_IN, mood=9, note="\x00"), place),
            (ActivityDraft(type=PROGRESS, value=1.0), place),
        )
    assert named_by(problem) == ["activities[1].note", "activities[1].mood", "activities[2].type"]


def test_a_batch_does_a_milestone_once_and_names_the_second() -> None:
    place = place_of(goal_of(Pattern.MILESTONE))

    with pytest.raises(MilestoneDone) as done:
        batch(*((ActivityDraft(type=MILESTONE, milestone_id=step), place) for step in (STEP, OTHER_STEP, STEP)))
    assert done.value.metadata["field"] == "activities[2].milestone_id"


def test_steps_of_two_goals_that_share_an_id_are_two() -> None:
    """As where a goal went to somebody by a file, and came back by theirs."""
    one = goal_of(Pattern.MILESTONE)
    places = place_of(one), place_of(replace(one, id=GoalId(UUID(int=9))))

    logged = batch(*((ActivityDraft(type=MILESTONE, milestone_id=STEP), place) for place in places))

    assert [activity.milestone_id for activity in logged] == [STEP, STEP]


def test_failures_of_the_state_name_their_field() -> None:
    fine = (ActivityDraft(type=CHECK_IN), place_of(a_goal()))
    milestones = place_of(goal_of(Pattern.MILESTONE), (STEP,))
    archived = place_of(replace(a_goal(), status=Status.ARCHIVED))

    with pytest.raises(GoalNotFound) as nowhere:
        batch(fine, (ActivityDraft(type=CHECK_IN), None))
    with pytest.raises(GoalClosed) as closed:
        batch(fine, fine, (ActivityDraft(type=CHECK_IN), archived))
    with pytest.raises(MilestoneDone) as done:
        batch((ActivityDraft(type=MILESTONE, milestone_id=STEP), milestones))

    assert [problem.value.metadata["field"] for problem in (nowhere, closed, done)] == [
        "activities[1].goal_id",
        "activities[2].goal_id",
        "activities[0].milestone_id",
    ]
