"""How often each member calls: a Zipf law, as uneven as the rate limits of a single member bear.

The k-th member has a share of k^-s. Limits stay on during the measurement, so that their cost is in it; the exponent is
the largest at which they are not expected to refuse anybody, computed from the rate at hand.
"""

import math
from collections.abc import Sequence
from itertools import accumulate

from gateway.limits.buckets import CALLER, MICROSECONDS, PUBLIC, LimitClass

MOST_REFUSALS = 1e-3
_STEPS = 100


def shares(members: int, exponent: float) -> list[float]:
    """The share of each member, the busiest first; they sum to 1."""
    weights = [rank**-exponent for rank in range(1, members + 1)]
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def cumulative(members: int, exponent: float) -> Sequence[float]:
    """Sums of the shares up to each member."""
    return list(accumulate(shares(members, exponent)))


def choose_exponent(rate: float, members: int, *, duration_s: float) -> float:
    """The largest exponent, in steps of 0.01 up to 1, at which fewer than `MOST_REFUSALS` refusals are expected.

    Args:
        rate: Requests a second of all members together, at most.
        members: How many there are.
        duration_s: How long, from full buckets.

    Raises:
        ValueError: Not even evenly drawn members stay within their limits.
    """
    for step in range(_STEPS, -1, -1):
        exponent = step / _STEPS
        if expected_refusals(rate, members, exponent, duration_s=duration_s) < MOST_REFUSALS:
            return exponent
    raise ValueError(f"{rate:.0f} requests a second are too many for the limits of {members} members")


def expected_refusals(rate: float, members: int, exponent: float, *, duration_s: float) -> float:
    """An upper bound of the refusals, with each member's requests as a Poisson stream."""
    refused = 0.0
    for share in shares(members, exponent):
        own = rate * share
        chance = min(1.0, _overflow(own, CALLER) + _exhausted(own, PUBLIC, duration_s))
        refused += own * duration_s * chance
        if refused > MOST_REFUSALS:
            break
    return refused


def _overflow(rate: float, limit: LimitClass) -> float:
    """Bound of the chance to find the bucket empty in the long run.

    The tokens taken and not yet back are the waiting line of an M/D/1 queue; by Cramér and Lundberg its tail falls by
    e^-theta per place, where theta solves rate * (e^theta - 1) = refill * theta.
    """
    refill = MICROSECONDS / limit.refill_us
    if rate >= refill:
        return 1.0
    low, high = 0.0, 50.0
    for _ in range(60):
        middle = (low + high) / 2
        if rate * math.expm1(middle) > refill * middle:
            high = middle
        else:
            low = middle
    return math.exp(-low * (limit.capacity - 1))


def _exhausted(rate: float, limit: LimitClass, duration_s: float) -> float:
    """Chernoff's bound of the chance that more requests come than the bucket gives out in that time."""
    given = limit.capacity + math.floor(duration_s * MICROSECONDS / limit.refill_us)
    expected = rate * duration_s
    if expected >= given:
        return 1.0
    return math.exp(given - expected - given * math.log(given / expected))
