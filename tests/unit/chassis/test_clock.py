"""Ids sort by time and clocks move as told."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.clock import FixedClock, SystemClock, new_id


def test_an_id_is_a_uuid_of_version_7_that_carries_the_time():
    clock = FixedClock(datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC))

    made = new_id(clock)

    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == int(clock.now().timestamp() * 1000)


def test_ids_of_later_moments_sort_later():
    clock = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
    first = new_id(clock)
    clock.advance(timedelta(milliseconds=1))

    assert new_id(clock) > first


def test_ids_of_one_moment_differ():
    clock = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))

    assert len({new_id(clock) for _ in range(1000)}) == 1000


def test_turning_the_wall_clock_leaves_monotonic_time():
    clock = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
    before = clock.monotonic()

    clock.turn_to(datetime(2025, 1, 1, tzinfo=UTC))

    assert clock.monotonic() == before


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 3, 1))


def test_the_system_clock_is_aware():
    assert SystemClock().now().tzinfo is UTC
