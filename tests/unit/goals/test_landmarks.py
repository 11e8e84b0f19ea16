"""A streak comes to a length worth telling once each time that it grows past it."""

from dataclasses import replace
from random import Random

import pytest

from services.goals.domain.days import Period
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Excused, Limit, Pattern
from services.goals.domain.landmarks import landmark_reached, may_reach
from services.goals.domain.streak import current_streak
from services.goals.domain.units import Ledger
from tests.unit.goals.history import a_goal, a_rule, day

TODAY = day("2026-03-20")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (0, 6, None), (6, 7, 7), (7, 8, None), (7, 7, None), (29, 30, 30), (99, 100, 100), (364, 365, 365),
        (365, 366, None), (400, 401, None),
        # A gap that was filled joins two runs: the longest length is told alone.
        (5, 40, 30), (3, 400, 365), (8, 29, None), (12, 31, 30),
        # Something taken away is nothing to tell.
        (30, 8, None), (40, 0, None),
    ],
)  # fmt: skip
def test_the_longest_landmark_between_is_told(before: int, after: int, told: int | None):
    assert landmark_reached(before, after) == told


def test_entries_without_some_are_those_that_were_there_before():
    kinds = [Kind.DONE, Kind.PROGRESS, Kind.NOT_DONE, Kind.PROGRESS, Kind.SKIP, Kind.PROGRESS, Kind.DONE]
    days = [10, 10, 11, 11, 12, 12, 12]
    before = Entries([encode(*each) for each in zip(days, kinds, strict=True)], [1.5, 2.0, 2.0], vacations=[(1, 2)])
    logged = [(9, Kind.DONE, None), (10, Kind.DONE, None), (11, Kind.NOT_DONE, None), (12, Kind.PROGRESS, 2.0)]
    after = before
    for on, kind, value in logged:
        after = after.with_entry(on, kind, value)

    again = after.without(logged)

    assert (again.done, again.skips, again.slips, again.amounts) == (
        before.done, before.skips, before.slips, before.amounts,
    )  # fmt: skip
    assert (again.first_day, again.last_day, again.count) == (10, 12, before.count)
    assert again.vacations == before.vacations


@pytest.mark.parametrize(
    ("streak", "days", "may"),
    [(6, [TODAY - 3], False), (7, [TODAY], True), (8, [TODAY], False), (8, [TODAY - 1], True), (100, [TODAY], True)],
)
def test_what_is_logged_today_lengthens_by_one(streak: int, days: list[int], may: bool):
    assert may_reach(a_goal("2026-01-01"), streak, days=days, today=TODAY, since=TODAY - 90) is may


@pytest.mark.parametrize(("streak", "since", "may"), [(32, 2, True), (32, 1, False), (30, 0, True), (31, 0, False)])
def test_a_limit_grows_by_a_day_for_each_that_passes(streak: int, since: int, may: bool):
    rule = replace(a_rule(day("2026-01-01")), limit=Limit("cups", 2))
    goal = replace(a_goal("2026-01-01", rule), pattern=Pattern.LIMIT)

    assert may_reach(goal, streak, days=[TODAY], today=TODAY, since=TODAY - since) is may


def test_a_rolling_window_looks_back():
    rule = a_rule(day("2026-01-01"), period=Period.WEEK, times=3)
    rolling = replace(rule, schedule=replace(rule.schedule, window_days=7))

    assert may_reach(a_goal("2026-01-01", rolling), 8, days=[TODAY], today=TODAY, since=TODAY)


@pytest.mark.parametrize("excused", list(Excused))
@pytest.mark.parametrize("period", [Period.DAY, Period.WEEK])
def test_nothing_that_is_told_is_ruled_out_beforehand(excused: Excused, period: Period):
    """Random histories: wherever an entry of today brings a streak to a landmark, it was not ruled out."""
    chance, told = Random(7), 0
    goal = a_goal("2025-10-01", period=period, excused=excused)
    for _ in range(300):
        kinds = [chance.choice((Kind.DONE, Kind.DONE, Kind.DONE, Kind.SKIP)) for _ in range(120)]
        codes = [encode(TODAY - 120 + at, kind) for at, kind in enumerate(kinds) if chance.random() < 0.97]
        before = Entries(codes)
        after = before.with_entry(TODAY, chance.choice((Kind.DONE, Kind.SKIP)))
        lengths = [current_streak(Ledger(goal, each, TODAY)) for each in (before, after)]
        if landmark_reached(*lengths) is not None:
            told += 1
            assert may_reach(goal, lengths[1], days=[TODAY], today=TODAY, since=before.last_day)
    assert told or excused is Excused.BREAKS or period is Period.WEEK
