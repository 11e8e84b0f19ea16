"""Beeminder's files: what its goals become by their types."""

import json
from datetime import date
from typing import Any

import pytest

from chassis.errors import InvalidArgument
from services.goals.domain.days import Period
from services.goals.domain.goal import Aggregation, Amount, Limit, Pattern, Status, Target
from services.goals.domain.transfer import Arrangement, Source
from tests.support.foreign import beeminder_file, beeminder_goal, point
from tests.unit.goals.transfers import arranged, by_title, days, reasons


def of(*goals: dict[str, Any]) -> Arrangement:
    return arranged(Source.BEEMINDER, json.dumps(list(goals)).encode())


def test_goals_become_what_their_types_ask_for():
    goals = {title: each.goal for title, each in by_title(arranged(Source.BEEMINDER, beeminder_file())).items()}

    write, books, smoke, weight = (goals[title] for title in ("Write", "Books", "Smoke", "Weight"))
    assert (write.rule.schedule.period, write.rule.amount) == (Period.WEEK, Amount("hours", 3))
    assert write.deadline is None, "Beeminder's word for never"
    assert books.rule.target == Target("books", 0, 24, Aggregation.SUM)
    assert books.deadline == date(2026, 12, 31).toordinal()
    assert (smoke.rule.schedule.period, smoke.rule.limit) == (Period.DAY, Limit("cigarettes", 20))
    assert weight.rule.target == Target("kg", 80, 75, Aggregation.LAST)
    assert weight.status is Status.PAUSED, "frozen"


def test_datapoints_become_entries_of_their_daystamps():
    arrangement = arranged(Source.BEEMINDER, beeminder_file())

    write = by_title(arrangement)["Write"]
    assert days(write) == ["2026-03-02", "2026-03-02", "2026-03-09"]
    assert [each.value for each in write.activities] == [1.5, 0.5, 2.0]
    assert write.activities[0].note == "first"
    assert write.activities[0].occur_time.hour == 18
    assert reasons(arrangement)["goals[2], entries"] == "value must not be negative"
    told = [each.reason for each in arrangement.skipped if each.where == "goals[0].datapoints"]
    assert told == ["is Beeminder's own and not the member's (is_dummy)", "is a placeholder for the start (is_initial)"]


@pytest.mark.parametrize(
    ("runits", "period", "amount"),
    [
        ("h", Period.WEEK, 168.0), ("d", Period.WEEK, 7.0), ("w", Period.WEEK, 1.0), ("m", Period.MONTH, 1.0),
        ("y", Period.YEAR, 1.0),
    ],
)  # fmt: skip
def test_rates_are_asked_for_over_days(runits: str, period: Period, amount: float):
    rule = of(beeminder_goal("x", rate=1, runits=runits)).arrivals[0].goal.rule

    assert (rule.schedule.period, rule.amount) == (period, Amount("hours", amount))


def test_what_beeminder_worked_out_stands_in_for_what_is_left_out():
    rated = of(beeminder_goal("x", rate=None, mathishard=[1798675200, 100, 2.5])).arrivals[0].goal
    valued = of(
        beeminder_goal("x", goal_type="gainer", kyoom=False, goalval=None, initval=50, mathishard=[1798675200, 60, 1])
    )

    assert rated.rule.amount == Amount("hours", 2.5)
    assert valued.arrivals[0].goal.rule.target == Target("hours", 50, 60, Aggregation.LAST)


@pytest.mark.parametrize(
    ("fields", "pattern"),
    [
        ({"kyoom": True, "yaw": 1}, Pattern.RECURRING),
        ({"kyoom": True, "yaw": -1}, Pattern.LIMIT),
        ({"kyoom": False, "goalval": 9, "initval": 1}, Pattern.TARGET),
    ],
)
def test_a_custom_goal_says_by_its_settings_what_it_is(fields: dict[str, Any], pattern: Pattern):
    assert of(beeminder_goal("x", goal_type="custom", **fields)).arrivals[0].goal.pattern is pattern


def test_a_value_reached_completes_the_goal_and_a_won_one_is_archived():
    reached = of(beeminder_goal("x", goalval=2, rate=None, datapoints=[point(1, "2026-03-02", 2)]))
    won = of(beeminder_goal("y", won=True))

    assert reached.arrivals[0].goal.status is Status.COMPLETED
    assert won.arrivals[0].goal.status is Status.ARCHIVED


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"goal_type": "mystery", "kyoom": None}, "its goal_type is not known here"),
        ({"rate": 0}, "its rate asks for nothing"),
        ({"rate": None, "mathishard": None}, "it has no rate"),
        ({"runits": "fortnight"}, "its runits are none of y, m, w, d and h"),
        ({"goal_type": "drinker", "rate": -1}, "its rate is negative, and nothing can be done less than never"),
        ({"goal_type": "fatloser", "goalval": 5, "initval": 5}, "it ends at the value that it starts with"),
        ({"goal_type": "fatloser", "goalval": None, "mathishard": []}, "it has no goalval"),
        ({"rate": "three"}, "goal.rate must be a number"),
        ({"goaldate": 1e300}, "the time is none of the calendar"),
        ({"datapoints": {}}, "goal.datapoints must be a list"),
        ({"id": "", "slug": ""}, "it has neither id nor slug"),
        ({"goalval": 1e300, "rate": None}, "target.target_value must be a finite number between -1e12 and 1e12"),
    ],
)
def test_a_goal_that_cannot_come_in_is_told(fields: dict[str, Any], reason: str):
    arrangement = of({**beeminder_goal("x"), **fields})

    assert arrangement.arrivals == []
    assert reason in [each.reason for each in arrangement.skipped]


@pytest.mark.parametrize(
    "fields",
    [
        {"value": "much"}, {"value": None}, {"value": True}, {"daystamp": "20261340"}, {"daystamp": "18991231"},
        {"daystamp": None, "timestamp": None}, {"daystamp": None, "timestamp": -1e18}, {"comment": 7},
    ],
)  # fmt: skip
def test_a_datapoint_that_cannot_come_in_is_told(fields: dict[str, Any]):
    arrangement = of(
        beeminder_goal("x", datapoints=[{**point(1, "2026-03-02", 1), **fields}, point(2, "2026-03-03", 1)])
    )

    assert days(arrangement.arrivals[0]) == ["2026-03-03"]
    assert [each.where for each in arrangement.skipped] == ["goals[0].datapoints"]


@pytest.mark.parametrize("content", [b"{}", b"[", b"7", b'"x"', b"null", b'{"goals": 7}'])
def test_a_file_that_is_none_of_beeminder_is_refused(content: bytes):
    with pytest.raises(InvalidArgument) as refused:
        arranged(Source.BEEMINDER, content)

    assert refused.value.violations[0].field == "file"


def test_no_two_goals_and_datapoints_of_one_id():
    arrangement = of(
        beeminder_goal("x", datapoints=[point(1, "2026-03-02", 1), point(1, "2026-03-03", 1)]), beeminder_goal("x")
    )

    assert len(arrangement.arrivals) == 1
    assert {each.reason for each in arrangement.skipped} == {"has the id of a datapoint before it", "is there twice"}
