"""What the log says of a call that fails: which one it was, nothing of the failure's text and of what it held."""

import json
from pathlib import Path
from typing import Any

import grpc
import pytest

from chassis.rpc import wire
from chassis.rpc.policy import LIST, Allow
from chassis.rpc.server import Servicing
from tandem.notify.v1 import notify_pb2, notify_pb2_grpc
from tests.support.identities import Identities
from tests.support.logs import logging_to
from tests.support.rpc import serving

SERVICE = notify_pb2.DESCRIPTOR.services_by_name["NotifyService"]


class Failing(notify_pb2_grpc.NotifyServiceServicer):
    """Fails with what it was told."""

    async def ListNotifications(self, request: Any, context: Any) -> Any:  # noqa: N802
        diary = request.page_token
        raise RuntimeError(f"cannot read {diary}")


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ([], "INVALID_TOKEN"),
        ([(wire.PASSPORT, "no passport")], "INVALID_TOKEN"),
        ([("x-large", "x" * (wire.MAX_METADATA_BYTES + 1))], "PAYLOAD_TOO_LARGE"),
    ],
)
async def test_the_log_of_a_refused_call_says_which_one_it_was(
    tmp_path: Path, metadata: list[tuple[str, str]], reason: str
):
    policies = {"ListNotifications": Allow.members("gateway", deadline=LIST)}
    servicing = Servicing(notify_pb2_grpc.add_NotifyServiceServicer_to_server, Failing(), SERVICE, policies)
    trace = "0af7651916cd43dd8448eb211c80319c"
    given = [(wire.REQUEST_ID, "0123456789abcdef"), (wire.TRACEPARENT, f"00-{trace}-b7ad6b7169203331-00"), *metadata]
    with logging_to(tmp_path / "test.log") as log:
        async with (
            serving(servicing, tmp_path, Identities(), audience="notify") as address,
            grpc.aio.insecure_channel(address) as channel,
        ):
            call = notify_pb2_grpc.NotifyServiceStub(channel).ListNotifications
            with pytest.raises(grpc.aio.AioRpcError):
                await call(notify_pb2.ListNotificationsRequest(), metadata=given, timeout=5)

    (line,) = [json.loads(line) for line in log.read_text().splitlines()]
    assert (line["event"], line["reason"]) == ("rpc_served", reason)
    assert (line["request_id"], line["trace_id"]) == ("0123456789abcdef", trace)
    assert "caller" not in line


@pytest.mark.parametrize("form", ["json", "console"])
async def test_the_log_of_a_failed_call_holds_no_words(tmp_path: Path, form: str):
    identities = Identities()
    policies = {"ListNotifications": Allow.members("gateway", deadline=LIST)}
    servicing = Servicing(notify_pb2_grpc.add_NotifyServiceServicer_to_server, Failing(), SERVICE, policies)
    with logging_to(tmp_path / "test.log", form) as log:
        async with (
            serving(servicing, tmp_path, identities, audience="notify") as address,
            grpc.aio.insecure_channel(address) as channel,
        ):
            call = notify_pb2_grpc.NotifyServiceStub(channel).ListNotifications
            with pytest.raises(grpc.aio.AioRpcError):
                await call(
                    notify_pb2.ListNotificationsRequest(page_token="canary-7f3"),
                    metadata=[(wire.PASSPORT, identities.passport())],
                    timeout=5,
                )

    assert "rpc_failed" in log.read_text()
    assert "RuntimeError at " in log.read_text()
    assert "canary" not in log.read_text()
