"""Goals' answer as facts."""

from datetime import date

import pytest
from google.type.date_pb2 import Date

from chassis.errors import Unavailable
from services.coach.clients.goals import RECENT_ENTRIES, overview_from
from tandem.goals.v1 import activity_pb2, goal_pb2, goals_service_pb2, progress_pb2
from tests.unit.coach.factories import ANNA, uuid


def a_day(day: int) -> Date:
    return Date(year=2026, month=11, day=day)


def an_activity(number: int, day: int, *, completed: bool = True, goal: int = 1) -> activity_pb2.Activity:
    return activity_pb2.Activity(
        activity_id=str(uuid(number)),
        goal_id=str(uuid(goal)),
        type=activity_pb2.ACTIVITY_TYPE_CHECK_IN,
        local_date=a_day(day),
        completed=completed,
    )


def an_answer(*entries: activity_pb2.Activity) -> goals_service_pb2.Overview:
    goal = goal_pb2.Goal(
        goal_id=str(uuid(1)),
        member_id=str(ANNA),
        title="Run",
        pattern=goal_pb2.PATTERN_RECURRING,
        schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=3),
    )
    progress = progress_pb2.Progress(start_date=a_day(16), adherence=66.6)
    return goals_service_pb2.Overview(
        today=a_day(21),
        goals=[goals_service_pb2.OverviewGoal(goal=goal, progress=progress)],
        due_today_goal_ids=[str(uuid(1))],
        recent_activities=entries,
    )


def test_an_answer_becomes_facts_with_owners():
    overview = overview_from(an_answer(an_activity(100, 20)), ANNA)

    goal = overview.goals[0]
    assert overview.today == date(2026, 11, 21)
    assert (goal.owner_id, goal.title, goal.pattern, goal.period, goal.times) == (ANNA, "Run", "recurring", "week", 3)
    assert goal.adherence == 66.6
    assert goal.percent is None
    assert goal.due_today
    assert goal.last_logged_on == date(2026, 11, 20)
    assert overview.entries[0].owner_id == ANNA
    assert overview.rate_7d is None


def test_days_of_this_week_count_once_and_only_when_kept():
    entries = (
        an_activity(100, 20),
        an_activity(101, 20),
        an_activity(102, 19, completed=False),
        an_activity(103, 16),
        an_activity(104, 15),
    )

    assert overview_from(an_answer(*entries), ANNA).goals[0].week_logged == 2


def test_a_count_that_may_be_cut_short_is_not_given():
    """As many entries as one call brings, none older than this week: there may be more."""
    entries = tuple(an_activity(100 + number, 20) for number in range(RECENT_ENTRIES))

    assert overview_from(an_answer(*entries), ANNA).goals[0].week_logged is None


def cut_short(*entries: activity_pb2.Activity) -> goals_service_pb2.Overview:
    """An answer with as many entries as one call brings: those given, and others on other goals, of the 18th on."""
    others = [
        an_activity(200 + number, 21 - number // 15, goal=2 + number % 15)
        for number in range(RECENT_ENTRIES - len(entries))
    ]
    return an_answer(*entries, *others)


def test_of_the_oldest_day_that_was_read_there_may_be_more():
    overview = overview_from(cut_short(), ANNA)

    assert min(entry.local_date for entry in overview.entries) == date(2026, 11, 18)
    assert overview.reaches_back_to == date(2026, 11, 19)
    assert overview_from(an_answer(an_activity(100, 20)), ANNA).reaches_back_to == date.min


def test_a_goal_is_read_whole_when_it_began_within_what_was_read():
    answer = cut_short()
    before, since = answer.goals[0].goal, cut_short()
    before.start_date.CopyFrom(a_day(18))
    since.goals[0].goal.start_date.CopyFrom(a_day(19))

    assert not overview_from(answer, ANNA).goals[0].is_read_whole
    assert overview_from(since, ANNA).goals[0].is_read_whole
    assert not overview_from(cut_short(), ANNA).goals[0].is_read_whole
    assert overview_from(an_answer(), ANNA).goals[0].is_read_whole


def test_the_last_entry_of_a_goal_may_be_older_than_all_that_were_read():
    answer, read_later = cut_short(), cut_short(an_activity(100, 20))
    for each in (answer, read_later):
        each.goals[0].last_entry_date.CopyFrom(a_day(3))

    goal = overview_from(answer, ANNA).goals[0]

    assert (goal.last_logged_on, goal.last_kept_on) == (date(2026, 11, 3), None)
    assert overview_from(read_later, ANNA).goals[0].last_logged_on == date(2026, 11, 20)


def test_the_open_week_is_told_with_its_need_and_its_end():
    goal = overview_from(an_answer(an_activity(100, 20), an_activity(101, 15)), ANNA).goals[0]

    assert (goal.unit, goal.needed) == ("week", 2)
    assert (goal.open_until, goal.next_from) == (date(2026, 11, 22), date(2026, 11, 23))
    assert (goal.safe_days, goal.weak_weekday, goal.is_out_of_reach) == (None, None, False)


def test_a_week_with_too_few_days_left_is_told_as_such():
    goal = overview_from(an_answer(an_activity(100, 21)), ANNA).goals[0]

    assert (goal.needed, goal.is_out_of_reach) == (2, True)


def test_room_and_the_hardest_weekday_are_taken_over():
    answer = an_answer()
    answer.goals[0].progress.pace.safe_days = 0
    answer.goals[0].progress.facts.add(kind="best_weekday", numbers={"weekday": 2})
    answer.goals[0].progress.facts.add(kind="worst_weekday", numbers={"weekday": 7})

    goal = overview_from(answer, ANNA).goals[0]

    assert (goal.safe_days, goal.weak_weekday) == (0, 7)


@pytest.mark.parametrize(
    ("change", "unit"),
    [
        (goal_pb2.Goal(), "week"),
        (goal_pb2.Goal(schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY)), "day"),
        (goal_pb2.Goal(schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_MONTH)), "month"),
        (goal_pb2.Goal(schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_QUARTER)), "quarter"),
        (goal_pb2.Goal(schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_YEAR)), "year"),
        (goal_pb2.Goal(schedule=goal_pb2.Schedule(window=goal_pb2.WINDOW_ROLLING)), "day"),
        (goal_pb2.Goal(pattern=goal_pb2.PATTERN_MILESTONE), "step"),
        (goal_pb2.Goal(pattern=goal_pb2.PATTERN_TARGET), ""),
    ],
)
def test_streaks_are_counted_as_goals_counts_them(change: goal_pb2.Goal, unit: str):
    answer = an_answer()
    answer.goals[0].goal.MergeFrom(change)

    assert overview_from(answer, ANNA).goals[0].unit == unit


def test_a_need_that_is_no_count_of_check_ins_is_not_given():
    amount, limit = an_answer(), an_answer()
    amount.goals[0].goal.amount.min_value = 20
    limit.goals[0].goal.pattern = goal_pb2.PATTERN_LIMIT

    assert overview_from(amount, ANNA).goals[0].needed is None
    assert overview_from(limit, ANNA).goals[0].needed is None


def test_an_answer_without_a_day_is_no_answer():
    with pytest.raises(Unavailable):
        overview_from(goals_service_pb2.Overview(), ANNA)
