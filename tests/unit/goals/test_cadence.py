"""Cadences in plain English."""

import time

import pytest

from services.goals.domain.cadence import find_cadence
from services.goals.domain.days import Period
from services.goals.domain.schedule import Schedule

DAY, WEEK, MONTH, QUARTER, YEAR = Period


def named(*weekdays: int) -> Schedule:
    return Schedule(weekdays=frozenset(weekdays))


@pytest.mark.parametrize(
    ("title", "schedule"),
    [
        ("Run 3x per week", Schedule(WEEK, 3)),
        ("run 3 x a week", Schedule(WEEK, 3)),
        ("Run 3×/week", Schedule(WEEK, 3)),
        ("Run three times a week", Schedule(WEEK, 3)),
        ("Run (3 times per week)", Schedule(WEEK, 3)),
        ("Go running 3 times weekly", Schedule(WEEK, 3)),
        ("3/week run", Schedule(WEEK, 3)),
        ("Run 3 per week", Schedule(WEEK, 3)),
        ("Gym thrice weekly", Schedule(WEEK, 3)),
        ("Twice-weekly run", Schedule(WEEK, 2)),
        ("Go to the gym 4 days a week", Schedule(WEEK, 4)),
        ("Do 3 workouts each week", Schedule(WEEK, 3)),
        ("Exercise 30 minutes 3 times a week", Schedule(WEEK, 3)),
        ("Call mum twice a month", Schedule(MONTH, 2)),
        ("Learn Spanish once a week", Schedule(WEEK, 1)),
        ("Stretch 3 times a day", Schedule(DAY, 3)),
        ("Read 20 books a year", Schedule(YEAR, 20)),
        ("Read 20 pages a day", Schedule(DAY, 1)),
        ("Drink 8 glasses of water a day", Schedule(DAY, 1)),
        ("Run 20 km per week", Schedule(WEEK, 1)),
        ("Save $100 a month", Schedule(MONTH, 1)),
        ("Yoga every Monday and Thursday", named(1, 4)),
        ("Gym Mon/Wed/Fri", named(1, 3, 5)),
        ("gym mon, wed, and fri", named(1, 3, 5)),
        ("every tue & thu", named(2, 4)),
        ("Call mom every sunday", named(7)),
        ("Long run on Sundays", named(7)),
        ("Write every weekday", named(1, 2, 3, 4, 5)),
        ("Gym monday to friday", named(1, 2, 3, 4, 5)),
        ("Shift Fri-Mon", named(1, 5, 6, 7)),
        ("Hike on weekends", named(6, 7)),
        ("Clean the flat every weekend", Schedule(WEEK, 1, frozenset({6, 7}))),
        ("Meditate daily", Schedule(DAY, 1)),
        ("Meditate 10 min every day", Schedule(DAY, 1)),
        ("Floss each night", Schedule(DAY, 1)),
        ("Weekly review", Schedule(WEEK, 1)),
        ("Review finances quarterly", Schedule(QUARTER, 1)),
        ("Journal every other day", Schedule(WEEK, 3)),
        ("Every 3 days water plants", Schedule(WEEK, 2)),
        ("Date night every two weeks", Schedule(MONTH, 2)),
        ("Clean the oven fortnightly", Schedule(MONTH, 2)),
        ("Dentist every 6 months", Schedule(YEAR, 2)),
        ("In bed by 10 every night", Schedule(DAY, 1)),
        ("In bed by ten every night", Schedule(DAY, 1)),
        ("Wake up at 6 every day", Schedule(DAY, 1)),
        ("Wake up at 6:30 a.m. every day", Schedule(DAY, 1)),
        ("No screens after 9 per day", Schedule(DAY, 1)),
        ("Lights out at 11 every night", Schedule(DAY, 1)),
        ("Lights out 11pm every night", Schedule(DAY, 1)),
        ("Run at 7 3x per week", Schedule(WEEK, 3)),
        ("Run 3-4x per week", Schedule(WEEK, 3)),
        ("Run 3–4 times a week", Schedule(WEEK, 3)),
        ("Run 3 to 5 times a week", Schedule(WEEK, 3)),
        ("Run from 3 to 5 times a week", Schedule(WEEK, 3)),
        ("Run between two and four times a week", Schedule(WEEK, 2)),
        ("2 or 3 workouts a week", Schedule(WEEK, 2)),
        ("Run once or twice a week", Schedule(WEEK, 1)),
        ("run mon wed fri", named(1, 3, 5)),
        ("Run Mon-Wed-Fri", named(1, 3, 5)),
    ],
)
def test_a_cadence_is_read_from_the_title(title: str, schedule: Schedule) -> None:
    assert find_cadence(title) == schedule


@pytest.mark.parametrize(
    "title",
    ["", "Practice piano", "Sit in the sun", "Lose 10 kg in a year", "Take a day off", "One day I will run",
     "1000 times a day", "Swim 10x per week", "Swim 10 times a week", "Run 8 days a week", "Swim 10x/week",
     "0 times a week", "每天跑步", "Run marathon", "every 0 days"],
)  # fmt: skip
def test_no_cadence_is_made_up(title: str) -> None:
    assert find_cadence(title) is None


@pytest.mark.parametrize(
    "title", ["3 " * 100, "a" * 200, "mon," * 50, "3 a " * 50, "every " * 33, "1 a-" * 50, "mon and " * 25, "9" * 200]
)
def test_long_titles_are_read_at_once(title: str) -> None:
    started = time.perf_counter()

    find_cadence(title)

    assert time.perf_counter() - started < 0.05
