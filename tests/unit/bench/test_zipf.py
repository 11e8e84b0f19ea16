"""The law by which members are drawn stays within the limits of the busiest."""

import math

import pytest

from tests.bench import zipf

MEMBERS = 2_000


def test_shares_sum_to_one_and_fall():
    shares = zipf.shares(MEMBERS, 0.5)

    assert math.isclose(sum(shares), 1)
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("rate", [200, 1_000, 3_000, 6_000])
def test_the_busiest_member_stays_below_the_refill(rate: int):
    exponent = zipf.choose_exponent(rate, MEMBERS, duration_s=6)

    assert rate * zipf.shares(MEMBERS, exponent)[0] < 10


def test_the_faster_the_system_the_more_even_the_draws():
    exponents = [zipf.choose_exponent(rate, MEMBERS, duration_s=6) for rate in (200, 1_000, 3_000, 6_000)]

    assert exponents == sorted(exponents, reverse=True)


def test_one_step_more_uneven_would_be_refused():
    exponent = zipf.choose_exponent(1_000, MEMBERS, duration_s=6)

    more = zipf.expected_refusals(1_000, MEMBERS, exponent + 0.01, duration_s=6)

    assert more >= zipf.MOST_REFUSALS


def test_long_rounds_respect_the_slow_bucket():
    busiest = 2_000 * zipf.shares(MEMBERS, zipf.choose_exponent(2_000, MEMBERS, duration_s=60))[0]

    assert busiest * 60 < 100 + 60


def test_too_fast_a_system_has_no_law():
    with pytest.raises(ValueError, match="too many"):
        zipf.choose_exponent(50_000, MEMBERS, duration_s=6)
