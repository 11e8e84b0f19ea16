"""Caps on what is in flight: a flood in one place leaves room in the others."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from chassis.clock import FixedClock
from chassis.resilience import BreakerOpen
from gateway.breakers import MAX_IN_FLIGHT, MAX_PER_SERVICE, MAX_UNRESERVED, Breakers, InFlight
from gateway.errors import TooBusy
from gateway.limits.buckets import AUTH, CALLER, Level, Verdict
from gateway.limits.limiter import count_refusal
from gateway.routes.table import all_operations


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def test_the_caps_are_those_of_the_design():
    assert (MAX_IN_FLIGHT, MAX_UNRESERVED, MAX_PER_SERVICE) == (200, 160, 100)


def test_a_fifth_is_kept_for_signing_in_and_for_probes():
    in_flight = InFlight()
    for _ in range(160):
        in_flight.enter(is_reserved=False)
    before = counted("tandem_http_shed_total", cap="requests")

    with pytest.raises(TooBusy) as refused:
        in_flight.enter(is_reserved=False)
    for _ in range(40):
        in_flight.enter(is_reserved=True)
    with pytest.raises(TooBusy):
        in_flight.enter(is_reserved=True)

    assert refused.value.reason == "TEMPORARY_REDUCED_CAPACITY"
    assert in_flight.requests == 200
    assert counted("tandem_http_shed_total", cap="requests") == before + 2


def test_what_may_be_a_cry_for_help_is_let_in_to_be_read():
    cries = {(each.method, each.path) for each in all_operations() if each.shows_help and each.is_reserved}

    assert cries >= {("POST", "/v1/chat"), ("POST", "/v1/dating-goals"), ("POST", "/v1/journal")}
    assert [each.path for each in all_operations() if each.shows_help and not each.is_reserved] == []
    assert MAX_PER_SERVICE < MAX_UNRESERVED


def test_breakers_open_as_the_design_says():
    clock = FixedClock(datetime(2026, 11, 30, tzinfo=UTC))
    breakers = Breakers(clock)

    assert set(breakers.services) == {"goals", "coach", "mentor", "analytics", "notify"}
    for breaker, failures, open_for in (
        *((each, 5, timedelta(seconds=1)) for each in breakers.services.values()),
        (breakers.redis, 3, timedelta(seconds=30)),
    ):
        for _ in range(failures):
            breaker.record(breaker.admit(), succeeded=False)
        with pytest.raises(BreakerOpen):
            breaker.admit()
        clock.advance(open_for - timedelta(milliseconds=1))
        with pytest.raises(BreakerOpen):
            breaker.admit()
        clock.advance(timedelta(milliseconds=1))
        breaker.admit()


def test_who_leaves_makes_room():
    in_flight = InFlight()
    for _ in range(160):
        in_flight.enter(is_reserved=False)

    in_flight.leave()
    in_flight.enter(is_reserved=False)

    with pytest.raises(TooBusy):
        in_flight.enter(is_reserved=False)


def test_a_refusal_counts_for_the_bucket_that_is_empty():
    before = [counted("tandem_http_limited_total", limit=name) for name in ("auth", "caller")]

    count_refusal(Verdict(admitted=False, levels=(Level(CALLER, 0), Level(AUTH, AUTH.window_us))))

    after = [counted("tandem_http_limited_total", limit=name) for name in ("auth", "caller")]
    assert after == [before[0] + 1, before[1]]
