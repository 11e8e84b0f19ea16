"""The demo's days: three kept weeks and today, whatever day it is."""

from datetime import date, timedelta

import pytest

from deploy.local.demo import names_goal_and_figure, needed, run_days, weeks_in_words, weeks_of


@pytest.mark.parametrize("offset", range(7))
def test_whole_weeks_are_kept_whatever_day_it_is(offset: int) -> None:
    today = date(2026, 3, 2) + timedelta(days=offset)

    days = run_days(today)

    assert list(weeks_of(days).values()) == [3, 3, 3, 1]
    assert days == sorted(set(days))
    assert days[-1] == today


@pytest.mark.parametrize(
    ("reply", "is_enough"),
    [
        ("You've kept “Run 3x per week” going 3 weeks in a row.", True),
        ("You've kept your goal going 3 weeks in a row.", False),
        ("You've kept “Run 3x per week” going.", False),
        ("Your run on “Run 3x per week” is at 3.", False),
        ("", False),
    ],
)
def test_the_coach_has_to_name_the_goal_and_its_figure(reply: str, is_enough: bool) -> None:
    assert names_goal_and_figure(reply, streak=3) is is_enough


def test_weeks_are_said_as_weeks() -> None:
    assert [weeks_in_words(count) for count in (0, 1, 3)] == ["0 weeks", "1 week", "3 weeks"]


@pytest.mark.parametrize(
    ("offset", "runs", "words"),
    [
        (0, 1, "2 more runs until Sun 08 Mar"),
        (4, 2, "1 more run until Sun 08 Mar"),
        (4, 3, "nothing more, it is kept"),
        (5, 1, "too few days left for 3; the next week begins Mon 09 Mar"),
        (6, 1, "too few days left for 3; the next week begins Mon 09 Mar"),
    ],
)
def test_what_a_week_still_needs_fits_the_days_it_has(offset: int, runs: int, words: str) -> None:
    monday = date(2026, 3, 2)

    assert needed({monday: runs}, monday + timedelta(days=offset)) == words
