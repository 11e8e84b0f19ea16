"""What the contract says in messages and what the domain says are the same, in both directions."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from google.type.date_pb2 import Date

from chassis.errors import InvalidArgument
from services.goals.domain.activity import ActivityType
from services.goals.domain.care import (
    Care,
    Habit,
    Plan,
    PlannedHabit,
    PlannedSubgoal,
    Subgoal,
    SubgoalStatus,
)
from services.goals.domain.days import Period
from services.goals.domain.goal import Aggregation, Chain, Goal, Limit, Milestone, PastStep, Pattern, Target
from services.goals.domain.outlook import State, Summary
from services.goals.domain.schedule import Schedule
from services.goals.domain.terms import MilestoneDraft
from services.goals.repository.documents import milestones_document, read_milestones
from services.goals.repository.part_documents import habits_document, plan_document, read_care, subgoals_document
from services.goals.servicer import incoming, outgoing
from services.goals.usecases import ShownGoal
from tandem.goals.v1 import activity_pb2, goal_pb2
from tests.support.goals import iso, on
from tests.unit.goals.history import NOW, a_goal, day

FIRST, SECOND = (UUID(f"01920000-0000-7000-8000-00000000000{n}") for n in (3, 4))
SUMMARY = Summary(None, State.ON_TRACK, 0, due_today=False, done_today=False)


def shown(
    goal: Goal, care: Care | None = None, reached: dict[UUID, tuple[int, datetime]] | None = None
) -> goal_pb2.Goal:
    return outgoing.shown_goal(ShownGoal(goal, SUMMARY, care or Care(), reached or {}))


def test_a_target_comes_in_and_goes_out() -> None:
    asked = goal_pb2.Target(unit="kg", start_value=82.5, target_value=75, aggregation=goal_pb2.AGGREGATION_LAST)

    draft = incoming.goal_draft(goal_pb2.Goal(pattern=goal_pb2.PATTERN_TARGET, target=asked))

    assert draft.target == Target("kg", 82.5, 75, Aggregation.LAST)
    goal = replace(a_goal(), pattern=Pattern.TARGET)
    told = shown(replace(goal, rules=(replace(goal.rule, target=draft.target),)))
    assert told.target == asked
    assert not (told.HasField("schedule"))
    assert not (told.HasField("limit"))
    assert not (told.HasField("streak"))


def test_an_aggregation_left_out_is_the_sum() -> None:
    draft = incoming.goal_draft(goal_pb2.Goal(target=goal_pb2.Target(unit="km", target_value=9)))

    assert draft.target is not None
    assert draft.target.aggregation is Aggregation.SUM


def test_a_limit_comes_in_and_goes_out() -> None:
    asked = goal_pb2.Limit(unit="cups", max_value=0)

    draft = incoming.goal_draft(goal_pb2.Goal(limit=asked))

    assert draft.limit == Limit("cups", 0)
    goal = replace(a_goal(), pattern=Pattern.LIMIT)
    assert shown(replace(goal, rules=(replace(goal.rule, limit=draft.limit),))).limit == asked


def test_a_streak_comes_in_and_goes_out() -> None:
    asked = goal_pb2.StreakTerms(target_length=30, freezes_per_month=2)

    draft = incoming.goal_draft(goal_pb2.Goal(streak=asked))

    assert draft.chain == Chain(30, 2)
    goal = replace(a_goal(), pattern=Pattern.STREAK)
    told = shown(replace(goal, rules=(replace(goal.rule, chain=draft.chain),)))
    assert told.streak == asked
    assert told.HasField("schedule")


def test_milestones_come_in_with_and_without_weight() -> None:
    draft = incoming.goal_draft(
        goal_pb2.Goal(
            milestones=[
                goal_pb2.Milestone(title="Outline"),
                goal_pb2.Milestone(milestone_id=str(FIRST), title="Draft", weight=0, due_date=on("2026-05-01")),
            ]
        )
    )

    assert draft.milestones == (
        MilestoneDraft(None, "Outline", None, None),
        MilestoneDraft(FIRST, "Draft", 0.0, date(2026, 5, 1)),
    )


def test_milestones_go_out_with_when_they_were_done() -> None:
    steps = (Milestone(FIRST, "Outline", 2.5, day("2026-05-01")), Milestone(SECOND, "Draft"))
    goal = replace(a_goal(), pattern=Pattern.MILESTONE, milestones=steps)

    first, second = shown(goal, reached={FIRST: (day("2026-03-19"), NOW)}).milestones

    assert (first.milestone_id, first.title, first.weight, iso(first.due_date)) == (
        str(FIRST),
        "Outline",
        2.5,
        "2026-05-01",
    )
    assert first.done_time.ToDatetime(UTC) == NOW
    assert (second.weight, second.HasField("due_date"), second.HasField("done_time")) == (1, False, False)


@pytest.mark.parametrize(
    ("goal", "field"),
    [
        (goal_pb2.Goal(milestones=[goal_pb2.Milestone(milestone_id="x")]), "milestones[0].id"),
        (goal_pb2.Goal(milestones=[goal_pb2.Milestone(due_date=Date(year=2026))]), "milestones[0].due_date"),
        (goal_pb2.Goal(target=goal_pb2.Target(aggregation=9)), "target.aggregation"),  # type: ignore[arg-type]
        (goal_pb2.Goal(schedule=goal_pb2.Schedule(window=9)), "schedule.window"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_value_of_its_type_is_named(goal: goal_pb2.Goal, field: str) -> None:
    with pytest.raises(InvalidArgument) as problem:
        incoming.goal_draft(goal)

    assert [violation.field for violation in problem.value.violations] == [field]


def test_recurrence_rules_and_rolling_windows_go_out() -> None:
    rolling = outgoing.schedule_of(Schedule(Period.WEEK, 3, window_days=7))
    ruled = outgoing.schedule_of(Schedule(rrule="FREQ=DAILY;INTERVAL=2"))

    assert (rolling.window, rolling.window_days, rolling.times) == (goal_pb2.WINDOW_ROLLING, 7, 3)
    assert (ruled.window, ruled.HasField("window_days"), ruled.rrule) == (
        goal_pb2.WINDOW_CALENDAR,
        False,
        "FREQ=DAILY;INTERVAL=2",
    )


CARE = Care(
    habits=(Habit(FIRST, "Stretch", Schedule(Period.WEEK, 2, frozenset({1, 4})), 10, "If I wake, then I stretch"),),
    subgoals=(Subgoal(SECOND, "5 km", day("2026-04-01"), SubgoalStatus.DONE), Subgoal(FIRST, "10 km")),
    plan=Plan(
        "offline",
        "Slowly.",
        (PlannedSubgoal("5 km", day("2026-04-01")), PlannedSubgoal("10 km")),
        (PlannedHabit("Stretch", Schedule(), 10, ""),),
        True,
        ("Shortened.",),
        NOW,
    ),
)


def test_parts_go_out_with_the_goal() -> None:
    told = shown(a_goal(), CARE)

    assert [(part.title, part.status, part.HasField("due_date")) for part in told.subgoals] == [
        ("5 km", goal_pb2.SUBGOAL_STATUS_DONE, True),
        ("10 km", goal_pb2.SUBGOAL_STATUS_OPEN, False),
    ]
    [habit] = told.habits
    assert (habit.habit_id, habit.minutes, list(habit.schedule.weekdays)) == (str(FIRST), 10, [1, 4])
    assert (told.plan.source, told.plan.fits, list(told.plan.warnings)) == ("offline", True, ["Shortened."])
    assert [part.title for part in told.plan.subgoals] == ["5 km", "10 km"]
    assert told.plan.generate_time.ToDatetime(UTC) == NOW


def test_a_goal_without_parts_says_nothing_of_them() -> None:
    told = shown(a_goal())

    assert not (told.subgoals)
    assert not (told.habits)
    assert not (told.milestones)
    assert not (told.HasField("plan"))


def test_parts_are_read_as_they_were_written() -> None:
    steps = (Milestone(FIRST, "Outline", 2.5, day("2026-05-01")), Milestone(SECOND, "Draft"))

    assert (
        read_care(
            json.dumps(habits_document(CARE.habits)),
            json.dumps(subgoals_document(CARE.subgoals)),
            json.dumps(plan_document(CARE.plan)),
        )
        == CARE
    )
    past = (PastStep(replace(steps[0], known_from=NOW), NOW),)

    assert read_milestones(json.dumps(milestones_document(steps))) == (steps, ())
    assert read_milestones(json.dumps(milestones_document(steps, past))) == (steps, past)


def test_activities_name_their_milestone_or_habit() -> None:
    message = activity_pb2.Activity(
        type=activity_pb2.ACTIVITY_TYPE_MILESTONE, milestone_id=str(FIRST), habit_id=str(SECOND)
    )

    draft = incoming.activity_draft(message)

    assert (draft.type, draft.milestone_id, draft.habit_id) == (ActivityType.MILESTONE, FIRST, SECOND)
    for field in ("milestone_id", "habit_id"):
        with pytest.raises(InvalidArgument) as problem:
            incoming.activity_draft(activity_pb2.Activity(**{field: "x"}))  # type: ignore[arg-type]
        assert [violation.field for violation in problem.value.violations] == [field]
