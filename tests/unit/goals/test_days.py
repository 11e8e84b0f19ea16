"""Civil days, zones and periods."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.goals.domain.days import (
    Calendar,
    Period,
    count_weekdays,
    day_begins,
    instant_of,
    is_zone,
    iso_weekday,
    local_day,
    local_today,
    period_bounds,
)

BERLIN = Calendar("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("instant", "hour", "expected"),
    [
        ("2026-03-19T22:59:00+00:00", 0, date(2026, 3, 19)),
        ("2026-03-19T23:00:00+00:00", 0, date(2026, 3, 20)),
        ("2026-03-20T02:59:00+00:00", 4, date(2026, 3, 19)),
        ("2026-03-20T03:00:00+00:00", 4, date(2026, 3, 20)),
    ],
)
def test_a_day_begins_at_the_members_hour(instant: str, hour: int, expected: date) -> None:
    assert local_day(at(instant), Calendar("Europe/Berlin", hour)) == expected.toordinal()


def test_today_never_goes_back() -> None:
    logged = date(2026, 3, 20).toordinal()

    assert local_today(at("2026-03-20T02:00:00+00:00"), Calendar("America/New_York"), logged) == logged


def test_a_time_in_a_gap_is_the_end_of_the_gap() -> None:
    assert instant_of(datetime(2026, 3, 29, 2, 30), "Europe/Berlin") == at("2026-03-29T01:00:00+00:00")


def test_a_time_in_an_overlap_is_the_first_of_two() -> None:
    assert instant_of(datetime(2026, 10, 25, 2, 30), "Europe/Berlin") == at("2026-10-25T00:30:00+00:00")


def test_a_day_that_a_zone_left_out_begins_with_the_next() -> None:
    """Samoa went over the date line and had no 30 December 2011."""
    skipped = date(2011, 12, 30).toordinal()

    assert day_begins(skipped, Calendar("Pacific/Apia")) == day_begins(skipped + 1, Calendar("Pacific/Apia"))


def test_each_day_of_a_year_begins_on_itself() -> None:
    for zone in ("Europe/Berlin", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe", "America/Asuncion"):
        for hour in (0, 3):
            calendar = Calendar(zone, hour)
            for day in range(date(2026, 1, 1).toordinal(), date(2027, 1, 1).toordinal()):
                begin = day_begins(day, calendar)
                assert local_day(begin, calendar) == day
                assert local_day(begin - timedelta(seconds=1), calendar) == day - 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "localtime", "GMT+25", "", "Mars/Base", "Factory", "posixrules"])
def test_only_zones_of_tzdata_are_zones(name: str) -> None:
    assert not is_zone(name)


def test_known_zones_are_zones() -> None:
    assert all(is_zone(name) for name in ("UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"))


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (Period.DAY, date(2026, 2, 18), date(2026, 2, 18)),
        (Period.WEEK, date(2026, 2, 16), date(2026, 2, 22)),
        (Period.MONTH, date(2026, 2, 1), date(2026, 2, 28)),
        (Period.QUARTER, date(2026, 1, 1), date(2026, 3, 31)),
        (Period.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_periods_of_the_calendar(period: Period, first: date, last: date) -> None:
    assert period_bounds(period, date(2026, 2, 18).toordinal()) == (first.toordinal(), last.toordinal())


def test_weeks_start_where_the_member_says() -> None:
    first, last = period_bounds(Period.WEEK, date(2026, 2, 18).toordinal(), week_start=7)

    assert (iso_weekday(first), iso_weekday(last)) == (7, 6)


def test_weekdays_are_counted() -> None:
    first = date(2026, 2, 1).toordinal()

    assert count_weekdays(first, first + 27, frozenset({1, 5})) == 8
    assert count_weekdays(first, first, frozenset({1})) == 0
    assert count_weekdays(first, first + 9, frozenset()) == 10


def test_instants_are_in_utc() -> None:
    assert day_begins(date(2026, 3, 20).toordinal(), BERLIN).tzinfo is UTC
