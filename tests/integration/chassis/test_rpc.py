"""The RPC layer over a real channel: identity, policy, deadlines, limits, and errors there and back."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from prometheus_client import REGISTRY

from chassis.clock import SystemClock
from chassis.errors import (
    DeadlineExceeded,
    FieldViolation,
    InvalidArgument,
    NotFound,
    NotImplementedYet,
    TandemError,
    Unavailable,
)
from chassis.identity.passport import AssertionMinter
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering, current
from chassis.resilience import Breaker, BreakerOpen, BreakerState
from chassis.rpc import wire
from chassis.rpc.client import Caller
from chassis.rpc.policy import LIST, Allow, PolicyGap, by_full_name, largest_request_bytes
from chassis.rpc.server import Servicing
from chassis.rpc.wire import server_options
from tandem.feed.v1 import change_feed_pb2, change_feed_pb2_grpc
from tandem.notify.v1 import notify_pb2, notify_pb2_grpc
from tests.support.identities import Identities
from tests.support.rpc import serving

METHOD = "/tandem.notify.v1.NotifyService/ListNotifications"
SERVICE = notify_pb2.DESCRIPTOR.services_by_name["NotifyService"]


class Servicer(notify_pb2_grpc.NotifyServiceServicer):
    """Does what the page token says."""

    def __init__(self) -> None:
        self.seen: list[RequestContext] = []

    async def ListNotifications(self, request, context):  # noqa: N802
        self.seen.append(current())
        match request.page_token:
            case "missing":
                raise NotFound("There is no such notification.", metadata={"kind": "notification"})
            case "invalid":
                raise InvalidArgument("Bad page.", violations=(FieldViolation("page_size", "must be 1 to 200"),))
            case "busy":
                raise Unavailable("Come back.", retry_after=timedelta(seconds=7))
            case "secret":
                raise RuntimeError("postgresql://user:canary-7f3@host")
            case "unbuilt":
                raise NotImplementedError
            case "slow":
                await asyncio.sleep(30)
            case "replayed":
                current().replayed = True
            case "replayed failure":
                current().replayed = True
                raise NotFound("There was no such notification.")
        return notify_pb2.ListNotificationsResponse(next_page_token="fine")


@pytest.fixture(scope="module")
def identities() -> Identities:
    return Identities()


@pytest.fixture
def servicer() -> Servicer:
    return Servicer()


@pytest.fixture
async def address(servicer: Servicer, identities: Identities, tmp_path: Path) -> AsyncIterator[str]:
    policies = {"ListNotifications": Allow.members("gateway", "coach", deadline=LIST)}
    servicing = Servicing(notify_pb2_grpc.add_NotifyServiceServicer_to_server, servicer, SERVICE, policies)
    async with serving(servicing, tmp_path, identities, audience="notify", max_in_flight=5) as address:
        yield address


@pytest.fixture
async def caller(address: str) -> AsyncIterator[Caller[Any]]:
    clock = SystemClock()
    made = Caller(
        notify_pb2_grpc.NotifyServiceStub,
        "notify",
        address,
        clock=clock,
        breaker=Breaker("notify", clock),
        assertions=None,
    )
    yield made
    await made.close()


async def _ask(caller: Caller[Any], identities: Identities, what: str = "", *, deadline: float | None = None):
    request = RequestContext(
        "test", "0123456789abcdef", Principal.system("gateway"), deadline=deadline, passport=identities.passport()
    )
    with answering(request):
        response = await caller(caller.stub.ListNotifications, notify_pb2.ListNotificationsRequest(page_token=what))
    return response, request


async def _raw(address: str, metadata: list[tuple[str, str]], **options):
    async with grpc.aio.insecure_channel(address) as channel:
        call = notify_pb2_grpc.NotifyServiceStub(channel).ListNotifications
        return await call(notify_pb2.ListNotificationsRequest(**options), metadata=metadata, timeout=5)


async def test_a_call_carries_identity_request_id_and_trace(caller, identities, servicer):
    await _ask(caller, identities)

    seen = servicer.seen[0]
    assert seen.method == METHOD
    assert seen.request_id == "0123456789abcdef"
    assert seen.principal.roles == {"member"}
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", seen.traceparent)


async def test_a_failure_arrives_as_it_was_raised(caller, identities):
    with pytest.raises(NotFound) as failure:
        await _ask(caller, identities, "missing")

    assert failure.value.message == "There is no such notification."
    assert failure.value.reason == "NOT_FOUND"
    assert failure.value.metadata == {"kind": "notification"}


async def test_field_violations_arrive(caller, identities):
    with pytest.raises(InvalidArgument) as failure:
        await _ask(caller, identities, "invalid")

    assert failure.value.violations == (FieldViolation("page_size", "must be 1 to 200"),)


async def test_when_to_come_back_arrives(caller, identities):
    with pytest.raises(Unavailable) as failure:
        await _ask(caller, identities, "busy")

    assert failure.value.retry_after == timedelta(seconds=7)


async def test_the_text_of_an_unforeseen_failure_stays_inside(caller, identities):
    with pytest.raises(TandemError) as failure:
        await _ask(caller, identities, "secret")

    assert failure.value.reason == "INTERNAL"
    assert "canary-7f3" not in str(failure.value)


async def test_what_is_not_built_says_so_through_the_funnel(caller, identities):
    with pytest.raises(NotImplementedYet) as failure:
        await _ask(caller, identities, "unbuilt")

    assert failure.value.reason == "NOT_IMPLEMENTED"


async def test_a_replay_is_told_to_the_caller(caller, identities):
    _, request = await _ask(caller, identities, "replayed")

    assert request.replayed


async def test_a_replayed_failure_is_told_to_the_caller(caller, identities):
    request = RequestContext("test", "0123456789abcdef", Principal.system("gateway"), passport=identities.passport())

    with answering(request), pytest.raises(NotFound):
        await caller(caller.stub.ListNotifications, notify_pb2.ListNotificationsRequest(page_token="replayed failure"))

    assert request.replayed


async def test_an_ordinary_answer_is_no_replay(caller, identities):
    _, request = await _ask(caller, identities)

    assert not request.replayed


async def test_the_deadline_of_the_request_bounds_the_call(caller, identities):
    began = asyncio.get_running_loop().time()

    with pytest.raises(DeadlineExceeded):
        await _ask(caller, identities, "slow", deadline=SystemClock().monotonic() + 0.3)

    assert asyncio.get_running_loop().time() - began < 1


async def test_no_call_is_made_when_no_time_is_left(caller, identities, servicer):
    with pytest.raises(DeadlineExceeded):
        await _ask(caller, identities, deadline=SystemClock().monotonic() + 0.06)

    assert servicer.seen == []


async def test_a_missing_or_huge_deadline_is_clamped(address, identities, servicer):
    async with grpc.aio.insecure_channel(address) as channel:
        method = notify_pb2_grpc.NotifyServiceStub(channel).ListNotifications
        for timeout in (None, 10 * 365 * 86400):
            await method(
                notify_pb2.ListNotificationsRequest(),
                metadata=[(wire.PASSPORT, identities.passport())],
                timeout=timeout,
            )

    for seen in servicer.seen:
        assert seen.deadline - SystemClock().monotonic() <= LIST.total_seconds()


@pytest.mark.parametrize("who", ["nobody", "garbage", "another deployment", "a service that may not", "user token"])
async def test_strangers_are_refused(address, identities, servicer, who):
    metadata = {
        "nobody": [],
        "garbage": [(wire.PASSPORT, "garbage")],
        "another deployment": [(wire.PASSPORT, Identities().passport())],
        "a service that may not": [(wire.ASSERTION, identities.assertion("jobs", "notify"))],
        "user token": [("authorization", "Bearer " + identities.passport())],
    }[who]

    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await _raw(address, metadata)

    expected = grpc.StatusCode.PERMISSION_DENIED if who == "a service that may not" else grpc.StatusCode.UNAUTHENTICATED
    assert failure.value.code() is expected
    assert servicer.seen == []


async def test_a_caller_outside_the_methods_list_is_refused(address, identities, servicer):
    metadata = [(wire.PASSPORT, identities.passport()), (wire.ASSERTION, identities.assertion("analytics", "notify"))]

    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await _raw(address, metadata)

    assert failure.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert servicer.seen == []


async def test_an_unknown_method_is_unimplemented(address, identities):
    async with grpc.aio.insecure_channel(address) as channel:
        method: Any = channel.unary_unary("/tandem.notify.v1.NotifyService/DropEverything")
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await method(b"", metadata=[(wire.PASSPORT, identities.passport())])

    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("words", [b"\xff\xff", b"\x12\x02\xff\xfe", b"{}"], ids=["garbage", "no UTF-8", "JSON"])
async def test_bytes_that_are_no_request_are_refused_and_a_stranger_s_not_read(address, identities, servicer, words):
    async with grpc.aio.insecure_channel(address) as channel:
        method: Any = channel.unary_unary(METHOD)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await method(words, metadata=[(wire.PASSPORT, identities.passport())])
        with pytest.raises(grpc.aio.AioRpcError) as stranger:
            await method(words)

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details() == "The message is not what this method takes."
    assert stranger.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert servicer.seen == []


async def test_a_message_over_the_limit_is_refused(address, identities, servicer):
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await _raw(address, [(wire.PASSPORT, identities.passport())], page_token="x" * (wire.MAX_MESSAGE_BYTES + 1))

    assert failure.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert servicer.seen == []


async def test_a_method_has_its_own_limit_beside_that_of_the_server(identities, servicer, tmp_path):
    """The transport takes as much as the largest method; what another method does not take is refused unread."""
    small = Allow.members("gateway", deadline=LIST, max_request_bytes=64)
    servicing = Servicing(
        notify_pb2_grpc.add_NotifyServiceServicer_to_server, servicer, SERVICE, {"ListNotifications": small}
    )
    options = server_options(2 * wire.MAX_MESSAGE_BYTES)
    async with serving(servicing, tmp_path, identities, audience="notify", options=options) as address:
        await _raw(address, [(wire.PASSPORT, identities.passport())], page_token="x" * 32)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await _raw(address, [(wire.PASSPORT, identities.passport())], page_token="x" * 65)
        with pytest.raises(grpc.aio.AioRpcError) as stranger:
            await _raw(address, [], page_token="x" * 65)

    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert stranger.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert len(servicer.seen) == 1


def test_a_server_takes_what_its_largest_method_takes():
    large = Allow.members("gateway", deadline=LIST, max_request_bytes=3 * wire.MAX_MESSAGE_BYTES)
    plain = Allow.members("gateway", deadline=LIST)

    assert largest_request_bytes({"a": plain, "b": large}) == 3 * wire.MAX_MESSAGE_BYTES
    assert largest_request_bytes({"a": plain}) == wire.MAX_MESSAGE_BYTES


@pytest.mark.parametrize("size", [5 * 1024, 9 * 1024, 17 * 1024])
async def test_metadata_over_the_limit_is_refused(address, identities, servicer, size):
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await _raw(address, [(wire.PASSPORT, identities.passport()), ("x-filler", "y" * size)])

    assert failure.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert servicer.seen == []


async def test_too_many_calls_at_once_are_shed(identities, caller, servicer):
    slow = [asyncio.create_task(_ask(caller, identities, "slow")) for _ in range(5)]
    async with asyncio.timeout(5):
        while len(servicer.seen) < 5:  # noqa: ASYNC110 - counted without events
            await asyncio.sleep(0.01)

    with pytest.raises(Unavailable) as failure:
        await _ask(caller, identities)
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)

    assert failure.value.reason == "TEMPORARY_REDUCED_CAPACITY"


async def test_a_service_that_is_gone_opens_the_breaker(identities, tmp_path):
    clock = SystemClock()
    breaker = Breaker("notify", clock, failures=3)
    caller = Caller(
        notify_pb2_grpc.NotifyServiceStub,
        "notify",
        f"unix:{tmp_path}/absent.sock",
        clock=clock,
        breaker=breaker,
        assertions=None,
    )
    for _ in range(3):
        with pytest.raises(Unavailable) as failure:
            await _ask(caller, identities)
        assert str(tmp_path) not in str(failure.value)

    with pytest.raises(BreakerOpen):
        await _ask(caller, identities)
    await caller.close()


async def test_a_failure_that_the_service_tells_does_not_open_the_breaker(caller, identities):
    for _ in range(10):
        with pytest.raises(Unavailable):
            await _ask(caller, identities, "busy")

    assert caller.breaker.failures == 0


async def test_a_call_that_was_never_sent_says_nothing_to_the_breaker(identities, tmp_path):
    clock = SystemClock()
    breaker = Breaker("notify", clock, failures=1, early_probe=timedelta(0))
    caller = Caller(
        notify_pb2_grpc.NotifyServiceStub,
        "notify",
        f"unix:{tmp_path}/absent.sock",
        clock=clock,
        breaker=breaker,
        assertions=None,
    )
    with pytest.raises(Unavailable):
        await _ask(caller, identities)

    with pytest.raises(DeadlineExceeded):
        await _ask(caller, identities, deadline=clock.monotonic() + 0.06)
    await caller.close()

    assert breaker.state is not BreakerState.CLOSED


class Feed(change_feed_pb2_grpc.ChangeFeedServiceServicer):
    """Streams until it is abandoned, and remembers in which task it ended."""

    def __init__(self) -> None:
        self.began: asyncio.Task[Any] | None = None
        self.ended: asyncio.Future[asyncio.Task[Any] | None] = asyncio.get_running_loop().create_future()

    async def DescribeFeed(self, request, context):  # noqa: N802
        raise NotImplementedError

    async def StreamChanges(self, request, context):  # noqa: N802
        self.began = asyncio.current_task()
        try:
            while True:
                yield change_feed_pb2.StreamChangesResponse(row_count=1)
                await asyncio.sleep(0.01)
        finally:
            self.ended.set_result(asyncio.current_task())


async def test_an_abandoned_stream_ends_where_it_ran_and_is_no_failure(identities, tmp_path):
    feed = Feed()
    servicing = Servicing(
        change_feed_pb2_grpc.add_ChangeFeedServiceServicer_to_server,
        feed,
        change_feed_pb2.DESCRIPTOR.services_by_name["ChangeFeedService"],
        dict.fromkeys(("DescribeFeed", "StreamChanges"), Allow.services("analytics")),
    )
    metadata = [(wire.ASSERTION, identities.assertion("analytics", "goals"))]
    before = _streams_served("CANCELLED"), _streams_served("INTERNAL")
    async with (
        serving(servicing, tmp_path, identities, audience="goals") as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        call = change_feed_pb2_grpc.ChangeFeedServiceStub(channel).StreamChanges(
            change_feed_pb2.StreamChangesRequest(), metadata=metadata
        )
        first: Any = await call.read()
        call.cancel()
        ended_in = await asyncio.wait_for(feed.ended, 5)

    assert first.row_count == 1
    assert ended_in is feed.began

    after = _streams_served("CANCELLED"), _streams_served("INTERNAL")
    assert after == (before[0] + 1, before[1])


def _streams_served(code: str) -> float:
    labels = {"method": "/tandem.feed.v1.ChangeFeedService/StreamChanges", "code": code}
    return REGISTRY.get_sample_value("tandem_rpc_served_total", labels) or 0


async def test_another_service_says_who_it_is(address, identities, servicer):
    clock = SystemClock()
    caller = Caller(
        notify_pb2_grpc.NotifyServiceStub,
        "notify",
        address,
        clock=clock,
        breaker=Breaker("notify", clock),
        assertions=AssertionMinter(identities.keys["coach"], "coach", clock),
    )

    await _ask(caller, identities)
    await caller.close()

    assert servicer.seen[0].principal.caller == "coach"


def test_a_method_without_a_policy_stops_the_start():
    with pytest.raises(PolicyGap, match="ListNotifications"):
        by_full_name(SERVICE, {})


def test_a_policy_for_no_method_stops_the_start():
    policies = {name: Allow.services("jobs") for name in ("ListNotifications", "Gone")}

    with pytest.raises(PolicyGap, match="Gone"):
        by_full_name(SERVICE, policies)
