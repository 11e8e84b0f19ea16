"""What a coach remembers, in memory; and messages corrected afterwards."""
# ruff: noqa: N802 - methods have the names of the protocol

from collections import defaultdict
from typing import Any

from chassis.errors import FailedPrecondition, NotFound
from tandem.coach.v1 import chat_pb2
from tandem.coach.v1 import memory_pb2 as pb
from tests.support.standins.shared import fresh_id, member_id, now


class StandInMemory:
    """The part of the stand-in for coach that remembers: every member works nights."""

    def __init__(self) -> None:
        self.memories: dict[str, list[pb.Memory]] = defaultdict(self._first)
        self.paused: dict[str, bool] = defaultdict(bool)
        super().__init__()

    @staticmethod
    def _first() -> list[pb.Memory]:
        memory = pb.Memory(memory_id=fresh_id(), kind="fact", text="I work nights")
        memory.create_time.CopyFrom(now())
        memory.update_time.CopyFrom(memory.create_time)
        return [memory]

    async def ListMemories(self, request: pb.ListMemoriesRequest, context: Any) -> pb.ListMemoriesResponse:
        return pb.ListMemoriesResponse(memories=self.memories[member_id()], paused=self.paused[member_id()])

    async def UpdateMemory(self, request: pb.UpdateMemoryRequest, context: Any) -> pb.Memory:
        memory = self._memory(request.memory.memory_id)
        if request.memory.text == "too much":
            raise FailedPrecondition("Too much is pinned already.")
        request.update_mask.MergeMessage(request.memory, memory, True, True)
        return memory

    async def DeleteMemory(self, request: pb.DeleteMemoryRequest, context: Any) -> pb.DeleteMemoryResponse:
        self.memories[member_id()].remove(self._memory(request.memory_id))
        return pb.DeleteMemoryResponse()

    async def PauseMemory(self, request: pb.PauseMemoryRequest, context: Any) -> pb.MemoryPause:
        self.paused[member_id()] = request.paused
        return pb.MemoryPause(paused=request.paused)

    async def DeleteMessage(
        self, request: chat_pb2.DeleteMessageRequest, context: Any
    ) -> chat_pb2.DeleteMessageResponse:
        return chat_pb2.DeleteMessageResponse()

    async def RateReply(self, request: chat_pb2.RateReplyRequest, context: Any) -> chat_pb2.ReplyRating:
        return chat_pb2.ReplyRating(
            message_id=request.message_id,
            helpful=request.helpful,
            note=request.note,
            update_time=now(),
            safety=chat_pb2.Safety(tier=chat_pb2.SAFETY_TIER_NONE),
        )

    def _memory(self, memory_id: str) -> pb.Memory:
        for memory in self.memories[member_id()]:
            if memory.memory_id == memory_id:
                return memory
        raise NotFound("There is nothing remembered under this id.")
