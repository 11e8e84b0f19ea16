"""Caps on what is in flight: a flood in one place leaves room in the others."""

import pytest
from prometheus_client import REGISTRY

from gateway.breakers import MAX_IN_FLIGHT, MAX_PER_SERVICE, MAX_UNRESERVED, InFlight
from gateway.errors import TooBusy
from gateway.limits.buckets import AUTH, CALLER, Level, Verdict
from gateway.limits.limiter import count_refusal


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
