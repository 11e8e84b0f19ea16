"""Habitica's files: what habits, dailies and to-dos become."""

import json
from datetime import date
from typing import Any

import pytest

from chassis.errors import InvalidArgument
from services.goals.domain.activity import ActivityType
from services.goals.domain.goal import Limit, Pattern, Status
from services.goals.domain.transfer import Arrangement, Source
from tests.support.foreign import at_ms, habitica_file
from tests.unit.goals.transfers import arranged, by_title, days, reasons


def of(**kinds: Any) -> Arrangement:
    none: dict[str, list[object]] = {"habits": [], "dailys": [], "todos": [], "rewards": []}
    return arranged(Source.HABITICA, habitica_file(**{**none, **kinds}))


def daily(**fields: Any) -> dict[str, Any]:
    return {"_id": "d", "text": "D", "frequency": "weekly", "startDate": "2026-03-01T00:00:00.000Z", **fields}


def test_habits_are_done_again_and_again_or_not_at_all():
    goals = by_title(arranged(Source.HABITICA, habitica_file()))

    stairs, smoke = goals["Take the **stairs**"], goals["Smoke"]
    assert stairs.goal.pattern is Pattern.RECURRING
    assert days(stairs) == ["2026-03-17", "2026-03-17", "2026-03-18"]
    assert (smoke.goal.pattern, smoke.goal.rule.limit) == (Pattern.LIMIT, Limit("times", 0))
    assert [each.value for each in smoke.activities] == [3.0]


def test_dailies_are_due_on_the_same_days():
    goals = by_title(arranged(Source.HABITICA, habitica_file()))

    assert goals["Stretch"].goal.rule.schedule.weekdays == {1, 3, 5}
    assert goals["Water plants"].goal.rule.schedule.rrule == "FREQ=DAILY;INTERVAL=3"
    assert goals["Water plants"].goal.start_day == date(2026, 3, 1).toordinal()
    assert goals["Rent"].goal.rule.schedule.rrule == "FREQ=MONTHLY;BYMONTHDAY=31"
    assert days(goals["Stretch"]) == ["2026-03-16"], "what was missed follows from the schedule"


@pytest.mark.parametrize(
    ("fields", "rrule"),
    [
        ({"everyX": 2, "repeat": {"m": True, "su": True}}, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU"),
        ({"frequency": "monthly", "weeksOfMonth": [1], "repeat": {"t": True}}, "FREQ=MONTHLY;BYDAY=2TU"),
        ({"frequency": "monthly", "everyX": 3, "daysOfMonth": [1, 15]}, "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1,15"),
        ({"frequency": "yearly"}, "FREQ=YEARLY"),
        ({"repeat": dict.fromkeys(("m", "t", "w", "th", "f", "s", "su"), True)}, ""),
    ],
)
def test_frequencies_become_rules(fields: dict[str, Any], rrule: str):
    assert of(dailys=[daily(**fields)]).arrivals[0].goal.rule.schedule.rrule == rrule


def test_old_histories_say_by_their_values_what_was_done():
    points = [{"date": at_ms(f"2026-03-{day}T08:00:00+00:00"), "value": value} for day, value in
              (("10", 1.0), ("11", 2.0), ("12", 1.5), ("13", 2.4))]  # fmt: skip

    assert days(of(dailys=[daily(history=points)]).arrivals[0]) == ["2026-03-10", "2026-03-11", "2026-03-13"]


def test_to_dos_become_steps():
    goals = by_title(arranged(Source.HABITICA, habitica_file()))

    move, call = goals["Move house"], goals["Call the bank"]
    assert [step.title for step in move.goal.milestones] == ["Boxes", "Van"]
    assert move.goal.deadline == date(2026, 5, 1).toordinal()
    assert [each.type for each in move.activities] == [ActivityType.MILESTONE]
    assert move.activities[0].milestone_id == move.goal.milestones[0].id
    assert move.goal.status is Status.ACTIVE
    assert [step.title for step in call.goal.milestones] == ["Call the bank"]
    assert call.goal.status is Status.COMPLETED
    assert call.goal.completed_day == date(2026, 3, 5).toordinal()


def test_a_to_do_that_was_due_before_it_was_made_keeps_its_day():
    todo = {"_id": "t", "text": "T", "createdAt": "2026-03-10T00:00:00Z", "date": "2026-03-05T00:00:00Z"}

    goal = of(todos=[todo]).arrivals[0].goal

    assert goal.deadline == goal.start_day == date(2026, 3, 5).toordinal()


def test_what_stays_behind_is_told():
    told = reasons(arranged(Source.HABITICA, habitica_file()))

    assert told["rewards"] == "there is nothing here that a reward could become"
    assert "begins anew" in told["dailys[0].checklist"]


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        ({"dailys": [daily(everyX=0)]}, "everyX must be between 1 and 999; 0 is never due"),
        ({"dailys": [daily(repeat={"m": False})]}, "it is due on no day of the week"),
        ({"dailys": [daily(frequency="monthly", daysOfMonth=[0])]}, "daysOfMonth must be numbers from 1 to 31"),
        ({"dailys": [daily(frequency="hourly")]}, "its frequency is not known here"),
        ({"dailys": [daily(_id="")]}, "has no id, or one that stands before it"),
        ({"habits": [{"_id": "h", "text": "H", "up": False, "down": False}]}, "it can be scored neither up nor down"),
        ({"habits": ["no task"]}, "task must be an object"),
        ({"todos": [{"_id": "t", "text": ["T"]}]}, "task.text must be a text"),
    ],
)
def test_a_task_that_cannot_come_in_is_told(kinds: dict[str, Any], reason: str):
    arrangement = of(**kinds)

    assert arrangement.arrivals == []
    assert reason in [each.reason for each in arrangement.skipped]


def test_a_due_date_that_somebody_typed_is_told_and_left_out():
    arrangement = of(todos=[{"_id": "t", "text": "T", "date": "3/13"}])

    assert arrangement.arrivals[0].goal.deadline is None
    assert reasons(arrangement)["todos[0].date"] == "the time cannot be read"


def test_long_titles_are_cut_and_breaks_become_blanks():
    goal = of(todos=[{"_id": "t", "text": "A\nB\u202e" + "x" * 300}]).arrivals[0].goal

    assert goal.title.startswith("A B")
    assert len(goal.title) == 200


def test_a_list_of_tasks_is_read_as_well():
    tasks = [{"_id": "t", "type": "todo", "text": "T"}, {"_id": "d", "type": "daily", "text": "D"}]

    arrangement = arranged(Source.HABITICA, json.dumps({"success": True, "data": tasks}).encode())

    assert {each.goal.title for each in arrangement.arrivals} == {"T", "D"}


@pytest.mark.parametrize("content", [b"{}", b"[]", b"7", b'{"tasks": 7}', b'{"tasks": {"habits": 7}}'])
def test_a_file_that_is_none_of_habitica_is_refused(content: bytes):
    with pytest.raises(InvalidArgument) as refused:
        arranged(Source.HABITICA, content)

    assert refused.value.violations[0].field == "file"
