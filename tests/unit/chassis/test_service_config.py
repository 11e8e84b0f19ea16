"""What a channel is told of a service's config, and what every call is told instead."""

import pytest

from chassis.rpc.client import load_service_config, retries_alone, timeouts_s

SERVICES = ("goals", "coach", "mentor", "analytics", "notify", "platform")


@pytest.mark.parametrize("service", SERVICES)
def test_a_channel_is_told_no_deadline_because_grpc_shortens_it(service: str):
    told = retries_alone(load_service_config(service))

    assert [method for method in told["methodConfig"] if "timeout" in method] == []


@pytest.mark.parametrize("service", SERVICES)
def test_retries_stay_with_the_channel(service: str):
    config = load_service_config(service)

    told = retries_alone(config)

    assert [method.get("retryPolicy") for method in told["methodConfig"]] == [
        method.get("retryPolicy") for method in config["methodConfig"]
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_every_method_has_a_deadline_for_its_calls(service: str):
    config = load_service_config(service)

    named = {name["method"] for method in config["methodConfig"] for name in method["name"]}

    assert timeouts_s(config).keys() == named
    assert min(timeouts_s(config).values()) > 0
