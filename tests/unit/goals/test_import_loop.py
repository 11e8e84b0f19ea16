"""Loop Habit Tracker's files: what its habits become, in both of its forms."""

from datetime import date

import pytest

from services.goals.domain.activity import ActivityType
from services.goals.domain.care import Reminder
from services.goals.domain.days import Period
from services.goals.domain.goal import Amount, Excused, Limit, Pattern, Status
from services.goals.domain.schedule import Schedule
from services.goals.domain.transfer import Source
from tests.support.foreign import HABITS_HEADER, LOOP_HABITS, loop_archive, loop_backup, packed, plain_backup
from tests.unit.goals.transfers import arranged, by_title, days, reasons

FILES = {"archive": loop_archive(), "backup": plain_backup()}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_habits_become_goals_that_ask_for_the_same(content: bytes):
    goals = {title: each.goal for title, each in by_title(arranged(Source.LOOP, content)).items()}

    assert goals.keys() == {"Meditate", "Gym", "Run", "Coffee", "Wake up early"}
    assert goals["Meditate"].rule.schedule == Schedule()
    assert goals["Gym"].rule.schedule == Schedule(Period.WEEK, 3, window_days=7)
    assert goals["Run"].rule.schedule == Schedule(Period.WEEK)
    assert goals["Run"].rule.amount == Amount("miles", 10)
    assert (goals["Coffee"].pattern, goals["Coffee"].rule.limit) == (Pattern.LIMIT, Limit("cups", 2))
    assert {goal.rule.policy.excused for goal in goals.values()} == {Excused.COUNTS}
    assert goals["Wake up early"].status is Status.ARCHIVED
    assert goals["Meditate"].start_day == date(2026, 3, 16).toordinal()


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_entries_keep_their_days_values_and_notes(content: bytes):
    goals = by_title(arranged(Source.LOOP, content))

    meditate = dict(zip(days(goals["Meditate"]), goals["Meditate"].activities, strict=True))
    assert {day: each.type for day, each in meditate.items()} == {
        "2026-03-19": ActivityType.CHECK_IN, "2026-03-18": ActivityType.SKIP, "2026-03-16": ActivityType.CHECK_IN,
    }  # fmt: skip
    assert meditate["2026-03-19"].note == "calm"
    assert days(goals["Gym"]) == ["2026-03-18"], "what Loop fills in by itself is derived here as well"
    assert [each.value for each in goals["Run"].activities] == [4.2, 6.0]
    assert [each.value for each in goals["Coffee"].activities] == [1.0, 3.0]


def test_an_archived_habit_asks_for_nothing_after_its_last_entry():
    goal = by_title(arranged(Source.LOOP, FILES["archive"]))["Wake up early"].goal

    assert goal.phases[-1].effective_from == date(2026, 1, 3).toordinal()


def test_a_backup_brings_reminders():
    """Loop counts days from Saturday; five bits from the third on are Monday to Friday."""
    assert by_title(arranged(Source.LOOP, FILES["backup"]))["Meditate"].reminders == (
        Reminder(7 * 60 + 30, (1, 2, 3, 4, 5)),
    )


def test_an_archive_without_folders_is_read_from_the_table_at_the_top():
    table = "Date,Meditate,Gym,Run,Coffee,Wake up early,\n2026-03-19,YES_MANUAL,NO,1500,UNKNOWN,SKIP,\n"

    goals = by_title(arranged(Source.LOOP, packed({"Habits.csv": LOOP_HABITS, "Checkmarks.csv": table})))

    assert days(goals["Meditate"]) == ["2026-03-19"]
    assert [each.value for each in goals["Run"].activities] == [1.5]
    assert days(goals["Gym"]) == []


def test_an_old_archive_names_columns_and_values_otherwise():
    habits = "Position,Name,Question,Description,NumRepetitions,Interval,Color\n001,Read,,,2,3,#F57C00\n"
    content = packed({"Habits.csv": habits, "001 Read/Checkmarks.csv": "2026-03-19,2\n2026-03-18,1\n2026-03-17,0\n"})

    read = by_title(arranged(Source.LOOP, content))["Read"]

    assert (read.goal.rule.schedule.times, read.goal.rule.schedule.window_days) == (2, 3)
    assert days(read) == ["2026-03-19"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("001,A,YES_NO,,,3,400,,,,,false", "a frequency must be at least once in 1 to 366 days"),
        ("001,A,YES_NO,,,x,7,,,,,false", "the frequency is no number"),
        ("001,A,NUMERICAL,,,1,3,,km,AT_LEAST,5,false", "amounts are asked for by the day, the week or the month only"),
        ("001,A,NUMERICAL,,,1,1,,km,AT_LEAST,0,false", "a target of 0 asks for nothing"),
        ("001,A,NUMERICAL,,,1,1,,km,AT_LEAST,nan,false", "the value is no number"),
    ],
)
def test_a_habit_that_cannot_come_in_is_told(line: str, reason: str):
    content = packed({"Habits.csv": f"{HABITS_HEADER}\n{line}\n", "001 A/Checkmarks.csv": "Date,Value\n"})

    arrangement = arranged(Source.LOOP, content)

    assert arrangement.arrivals == []
    assert reason in reasons(arrangement).values()


def test_faults_of_entries_are_counted_and_the_rest_comes_in():
    marks = (
        "Date,Value,Notes\n2026-03-19,YES_MANUAL,\n2026-03-19,YES_MANUAL,\n1899-12-31,YES_MANUAL,\n2026-02-30,SKIP,\n"
        "2026-03-18,MAYBE,\n2026-03-21,YES_MANUAL,\n2026-03-22,YES_MANUAL,\n"
    )

    arrangement = arranged(
        Source.LOOP,
        packed({"Habits.csv": f"{HABITS_HEADER}\n1,A,YES_NO,,,1,1,,,,,false\n", "001 A/Checkmarks.csv": marks}),
    )

    told = {each.reason for each in arrangement.skipped}
    assert days(arrangement.arrivals[0]) == ["2026-03-19"]
    assert told == {
        "the date does not lie between 1900 and 2200",
        "the date is none of the calendar",
        "there is an entry on that day already",
        "the value is none of Loop's",
        "an entry lies in the future (2 times)",
    }


def test_two_habits_of_one_name_stay_two():
    rows = f"{HABITS_HEADER}\n001,A,YES_NO,,,1,1,,,,,false\n002,A,YES_NO,,,1,1,,,,,false\n"

    arrangement = arranged(Source.LOOP, packed({"Habits.csv": rows}))

    assert [each.key for each in arrangement.arrivals] == ["A", "A#2"]


def test_a_backup_with_write_ahead_logging_is_read():
    content = bytearray(plain_backup())
    content[18:20] = b"\x02\x02"

    assert len(arranged(Source.LOOP, bytes(content)).arrivals) == 5


def test_rows_of_wrong_types_are_told():
    content = loop_backup(
        [
            {"id": 1, "name": "A", "freq_num": "often", "freq_den": 1},
            {"id": 2, "name": None, "freq_num": 1, "freq_den": 1},
        ],
        [(2, 10**18, 2, ""), (2, "2026-03-19", "yes", ""), (2, "2026-03-18", 2, ""), (7, "2026-03-18", 2, "")],
    )

    arrangement = arranged(Source.LOOP, content)

    assert [each.goal.title for each in arrangement.arrivals] == ["Habit"]
    assert days(arrangement.arrivals[0]) == ["2026-03-18"]
    assert sorted(each.reason for each in arrangement.skipped) == [
        "belongs to no habit",
        "the frequency is no number",
        "the time is none of the calendar",
        "the value is none of Loop's",
    ]
