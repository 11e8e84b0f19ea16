"""The demo's days: three kept weeks and today, whatever day it is."""

from datetime import date, timedelta

import pytest

from deploy.local.demo import run_days, weeks_of


@pytest.mark.parametrize("offset", range(7))
def test_whole_weeks_are_kept_whatever_day_it_is(offset: int) -> None:
    today = date(2026, 3, 2) + timedelta(days=offset)

    days = run_days(today)

    assert list(weeks_of(days).values()) == [3, 3, 3, 1]
    assert days == sorted(set(days))
    assert days[-1] == today
