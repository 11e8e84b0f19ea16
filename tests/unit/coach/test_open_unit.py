"""The unit that holds today: where it ends and what it still needs."""

from datetime import date

import pytest

from services.coach.domain.open_unit import Need, need_of, unit_at

SATURDAY = date(2026, 11, 21)
MONDAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("word", "last", "next_first"),
    [
        ("day", date(2026, 11, 21), None),
        ("week", date(2026, 11, 22), date(2026, 11, 23)),
        ("month", date(2026, 11, 30), date(2026, 12, 1)),
        ("quarter", date(2026, 12, 31), date(2027, 1, 1)),
        ("year", date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_a_unit_ends_with_its_stretch_of_the_calendar(word: str, last: date, next_first: date | None):
    unit = unit_at(word, SATURDAY, week_first=MONDAY)

    assert unit is not None
    assert unit.first <= SATURDAY
    assert (unit.last, unit.next_first) == (last, next_first)


def test_a_quarter_and_a_leap_month_begin_where_they_do():
    quarter = unit_at("quarter", date(2026, 5, 31), week_first=None)
    month = unit_at("month", date(2028, 2, 10), week_first=None)

    assert quarter is not None
    assert month is not None
    assert (quarter.first, quarter.last) == (date(2026, 4, 1), date(2026, 6, 30))
    assert month.last == date(2028, 2, 29)


@pytest.mark.parametrize(("word", "week_first"), [("step", MONDAY), ("", MONDAY), ("week", None)])
def test_what_is_no_stretch_of_the_calendar_has_no_unit(word: str, week_first: date | None):
    assert unit_at(word, SATURDAY, week_first=week_first) is None


@pytest.mark.parametrize(
    ("kept", "times", "left"),
    [
        ([MONDAY], 3, Need(2)),
        ([MONDAY], 4, Need(3, is_out_of_reach=True)),
        ([MONDAY, MONDAY], 2, Need(1)),
        ([MONDAY, SATURDAY], 3, Need(1)),
        ([MONDAY, SATURDAY], 4, Need(2, is_out_of_reach=True)),
        ([MONDAY, SATURDAY], 2, Need(0)),
        ([], 2, Need(2)),
    ],
)
def test_a_week_needs_distinct_days_of_those_that_are_left(kept: list[date], times: int, left: Need):
    unit = unit_at("week", SATURDAY, week_first=MONDAY)
    assert unit is not None

    assert need_of(unit, kept, times=times, today=SATURDAY, is_due=True) == left


@pytest.mark.parametrize(
    ("kept", "is_due", "left"), [([], True, 2), ([SATURDAY], True, 1), ([SATURDAY] * 2, False, 0), ([], False, 0)]
)
def test_a_day_needs_check_ins_while_it_is_due(kept: list[date], is_due: bool, left: int):
    unit = unit_at("day", SATURDAY, week_first=None)
    assert unit is not None

    assert need_of(unit, kept, times=2, today=SATURDAY, is_due=is_due) == Need(left)
