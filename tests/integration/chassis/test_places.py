"""How many calls a process answers at once: streams, which mostly wait, do not keep other calls out."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc

from chassis.rpc.policy import READ, Allow
from chassis.rpc.server import Servicing
from tandem.coach.v1 import chat_pb2, coach_pb2, coach_pb2_grpc
from tests.support.identities import Identities
from tests.support.rpc import serving


class Servicer(coach_pb2_grpc.CoachServiceServicer):
    """Streams until it is told to end."""

    def __init__(self) -> None:
        self.ending = asyncio.Event()

    async def StreamMessage(self, request: Any, context: Any) -> AsyncIterator[chat_pb2.StreamMessageResponse]:  # noqa: N802
        """One piece, then nothing for long."""
        yield chat_pb2.StreamMessageResponse(delta="word ")
        await self.ending.wait()

    async def ListThreads(self, request: Any, context: Any) -> chat_pb2.ListThreadsResponse:  # noqa: N802
        """None."""
        return chat_pb2.ListThreadsResponse()


async def test_streams_keep_nobody_else_out(tmp_path: Path):
    servicer, identities = Servicer(), Identities()  # type: ignore[abstract] # the rest answers UNIMPLEMENTED
    described = coach_pb2.DESCRIPTOR.services_by_name["CoachService"]
    policies = {one.name: Allow.members("gateway", deadline=READ) for one in described.methods}
    servicing = Servicing(coach_pb2_grpc.add_CoachServiceServicer_to_server, servicer, described, policies)
    metadata = (("x-tandem-passport", identities.passport()),)
    async with (
        serving(servicing, tmp_path, identities, audience="coach", max_in_flight=1, max_streams=2) as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        stub = coach_pb2_grpc.CoachServiceStub(channel)
        streams = [stub.StreamMessage(chat_pb2.SendMessageRequest(), metadata=metadata) for _ in range(2)]
        for stream in streams:
            assert await stream.read() == chat_pb2.StreamMessageResponse(delta="word ")

        listed = await stub.ListThreads(chat_pb2.ListThreadsRequest(), metadata=metadata)
        third = stub.StreamMessage(chat_pb2.SendMessageRequest(), metadata=metadata)

        assert not listed.threads
        assert await third.code() == grpc.StatusCode.UNAVAILABLE
        servicer.ending.set()
        assert [await stream.code() for stream in streams] == [grpc.StatusCode.OK] * 2
