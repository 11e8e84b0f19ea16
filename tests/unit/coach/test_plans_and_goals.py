"""What coach plans is what goals takes: every schedule, title, sentence and day passes the rules of a goal's parts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.coach.clients.texts import load_texts
from services.coach.domain.planning.planner import make_offline
from services.coach.domain.planning.schedules import Schedule
from services.coach.domain.planning.task import PlanTask
from services.coach.servicer.plans import plan_message
from services.goals.servicer.suggestions import made_plan
from tandem.coach.v1 import plan_pb2
from tests.unit.coach.goal_texts import Row, rows

TEXTS = load_texts().plans
NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
ROWS = [*rows("plans"), *rows("plans_held_back")]


@pytest.mark.parametrize("minutes_per_week", [0, 45])
@pytest.mark.parametrize("last_day", [None, date(2027, 1, 4) + timedelta(days=40)], ids=["open", "dated"])
def test_goals_takes_every_plan(minutes_per_week: int, last_day: date | None):
    for row in ROWS:
        _takes(row, minutes_per_week=minutes_per_week, last_day=last_day)


def _takes(row: Row, *, minutes_per_week: int, last_day: date | None) -> None:
    task = PlanTask(row.text, row.today, pattern="milestone", minutes_per_week=minutes_per_week, last_day=last_day)
    made = make_offline(task, TEXTS)

    taken = made_plan(plan_pb2.MakePlanResponse(plan=plan_message(made, NOW)))

    assert [habit.title for habit in taken.habits] == [habit.title for habit in made.habits]
    assert [step.title for step in taken.subgoals] == [step.title for step in made.subgoals]
    for habit in taken.habits:
        assert len(habit.if_then) <= 500


def test_every_form_of_schedule_arrives_as_it_was_sent():
    known = [
        Schedule(),
        Schedule("day", 2),
        Schedule(weekdays=frozenset({1, 3})),
        Schedule("week", 2, frozenset({6, 7})),
        Schedule("quarter", 1),
        Schedule("week", 3, window_days=7),
        Schedule(rrule="FREQ=DAILY;INTERVAL=2"),
        Schedule(rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
    ]
    for schedule in known:
        task = PlanTask("Move", date(2027, 1, 4), pattern="recurring", schedule=schedule)

        taken = made_plan(plan_pb2.MakePlanResponse(plan=plan_message(make_offline(task, TEXTS), NOW)))

        arrived = taken.habits[0].schedule
        assert (arrived.period.value, arrived.times, arrived.weekdays, arrived.rrule, arrived.window_days) == (
            schedule.period,
            schedule.times,
            schedule.weekdays,
            schedule.rrule,
            schedule.window_days,
        )
