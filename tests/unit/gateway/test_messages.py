"""Requests as they are passed on to services."""

from typing import Any

import orjson
import pytest

from gateway.app.binding import bind_body
from gateway.routes import messages, requests
from tandem.goals.v1 import goal_pb2

ID = "01A1FC72-0759-72FE-905F-9D4C0C81841C"


def read(model: Any, body: Any) -> Any:
    return bind_body(model, orjson.dumps(body))


def test_a_change_carries_exactly_the_fields_given():
    change = requests.GoalChange(title="Walk", deadline=None)

    goal, paths = messages.goal_change("g", change, "7")

    assert paths == ["deadline", "title"]
    assert (goal.title, goal.etag, goal.HasField("deadline")) == ("Walk", "7", False)


def test_a_profile_change_may_clear_what_may_be_missing():
    change = requests.ProfileChange(country=None, week_start="sun")

    member, paths = messages.profile_change("m", change, "")

    assert paths == ["country", "week_start"]
    assert (member.country, member.week_start) == ("", 7)


def test_parts_of_a_pattern_are_passed_on():
    draft = read(
        requests.GoalDraft,
        {
            "title": "x",
            "pattern": "target",
            "target": {"unit": "kg", "start_value": 90, "target_value": 80, "aggregation": "max"},
            "limit": {"max_value": 0, "unit": "cups"},
            "streak": {"target_length": 30},
            "milestones": [{"title": "a"}, {"id": ID, "title": "b", "weight": 2, "due_date": "2026-03-01"}],
        },
    )

    goal = messages.goal(draft)

    assert goal.target == goal_pb2.Target(
        unit="kg", start_value=90, target_value=80, aggregation=goal_pb2.AGGREGATION_MAX
    )
    assert goal.HasField("limit")
    assert (goal.limit.unit, goal.limit.max_value) == ("cups", 0)
    assert (goal.streak.target_length, goal.streak.freezes_per_month) == (30, 0)
    first, second = goal.milestones
    assert (first.milestone_id, first.HasField("weight"), first.HasField("due_date")) == ("", False, False)
    assert (second.milestone_id, second.weight, second.due_date.day) == (ID.lower(), 2.0, 1)
    assert not goal.HasField("schedule")


def test_a_target_that_says_no_more_is_a_sum_from_nothing():
    draft = read(
        requests.GoalDraft, {"title": "x", "pattern": "target", "target": {"unit": "books", "target_value": 12}}
    )

    assert messages.goal(draft).target == goal_pb2.Target(
        unit="books", target_value=12, aggregation=goal_pb2.AGGREGATION_SUM
    )


@pytest.mark.parametrize("name", ["deadline", "amount", "schedule", "policy", "start_date"])
def test_null_is_a_path_without_a_value(name: str):
    goal, paths = messages.goal_change("g", read(requests.GoalChange, {name: None}), "")

    assert paths == [name]
    assert name not in {field.name for field, _ in goal.ListFields()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("target", {"unit": "kg", "start_value": 1, "target_value": 2, "aggregation": "last"}),
        ("limit", {"max_value": 3, "unit": "cups"}),
        ("streak", {"target_length": 3}),
        ("milestones", [{"title": "a"}]),
        ("schedule", {"period": "week"}),
        ("deadline", "2026-03-01"),
    ],
)
def test_a_changed_part_is_a_path_with_its_value(name: str, value: Any):
    goal, paths = messages.goal_change("g", read(requests.GoalChange, {name: value}), "")

    assert paths == [name]
    assert {field.name for field, _ in goal.ListFields()} == {"goal_id", name}


def test_an_activity_names_its_milestone_and_habit_in_small_letters():
    draft = read(requests.ActivityDraft, {"type": "milestone", "milestone_id": ID, "habit_id": ID})

    activity = messages.activity("g", draft)

    assert (activity.milestone_id, activity.habit_id) == (ID.lower(), ID.lower())


def test_a_correction_carries_exactly_the_fields_given():
    change = read(
        requests.ActivityChange,
        {"note": None, "mood": None, "value": 0, "occurred_at": "2026-03-01T00:00:00Z", "context": {"energy": 2}},
    )

    activity, paths = messages.activity_change("g", "a", change)

    assert paths == ["context", "mood", "note", "occur_time", "value"]
    assert (activity.goal_id, activity.activity_id, activity.note, activity.mood) == ("g", "a", "", 0)
    assert activity.HasField("value")
    assert (activity.context.energy, activity.occur_time.ToJsonString()) == (2, "2026-03-01T00:00:00Z")
    assert not activity.HasField("completed")


def test_a_habit_without_a_schedule_leaves_it_to_the_service():
    assert not messages.habit(read(requests.HabitDraft, {"title": "Read"})).HasField("schedule")


def test_changes_of_parts_clear_what_may_be_missing():
    habit, habit_paths = messages.habit_change("h", read(requests.HabitChange, {"minutes": None, "if_then": None}))
    subgoal, subgoal_paths = messages.subgoal_change("s", read(requests.SubgoalChange, {"due_date": None}))

    assert (habit.habit_id, habit.minutes, habit_paths) == ("h", 0, ["if_then", "minutes"])
    assert (subgoal.subgoal_id, subgoal.HasField("due_date"), subgoal_paths) == ("s", False, ["due_date"])


@pytest.mark.parametrize(("time", "minute"), [("00:00", 0), ("07:30", 450), ("23:59", 1_439)])
def test_a_reminder_is_a_minute_of_the_day(time: str, minute: int):
    (reminder,) = messages.reminders(read(requests.RemindersDraft, [{"time": time, "weekdays": ["sun", "mon", "sun"]}]))

    assert (reminder.minute_of_day, list(reminder.weekdays)) == (minute, [1, 7])


def test_reminders_as_a_list_and_as_an_object_are_the_same():
    items = [{"time": "07:30"}]

    assert read(requests.RemindersDraft, items) == read(requests.RemindersDraft, {"items": items})
