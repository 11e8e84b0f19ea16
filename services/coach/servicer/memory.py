"""RPCs of what is remembered, and of what members do to messages. Nothing here logs what passes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import idempotency
from chassis.pages import PageTokens, page_size
from chassis.request import current
from services.coach.domain.memory import Memory
from services.coach.repository import MemoryPosition
from services.coach.servicer.chat import safety_message
from services.coach.servicer.fields import mask_of, uuid_of
from services.coach.servicer.paging import Pager
from services.coach.usecases import Opinion, UseCases, WrittenMemory, WrittenRating
from tandem.coach.v1 import chat_pb2
from tandem.coach.v1 import memory_pb2 as pb

_PINNED = "1"


class MemoryRpcs:
    """What the coach remembers, and messages corrected afterwards."""

    _use_cases: UseCases
    _page_tokens: PageTokens

    async def ListMemories(self, request: pb.ListMemoriesRequest, context: Any) -> pb.ListMemoriesResponse:  # noqa: N802
        """A page of what is remembered."""
        pager, limit = Pager(self._page_tokens, "memories"), page_size(request.page_size)
        found = await self._use_cases.memory.page(
            current().principal, before=_position(pager.position(request.page_token)), limit=limit + 1
        )
        shown, token = pager.cut(found.memories, limit, _key)
        return pb.ListMemoriesResponse(memories=map(_memory, shown), next_page_token=token, paused=found.paused)

    async def UpdateMemory(self, request: pb.UpdateMemoryRequest, context: Any) -> pb.Memory:  # noqa: N802
        """Changes the fields in the mask."""
        given = mask_of(request.update_mask.paths, "text", "pinned")
        changed = await self._use_cases.memory.change(
            current().principal,
            uuid_of(request.memory.memory_id, "memory_id"),
            text=request.memory.text if "text" in given else None,
            pinned=request.memory.pinned if "pinned" in given else None,
            key=idempotency.key_for(request, _written),
        )
        return _written(changed)

    async def DeleteMemory(self, request: pb.DeleteMemoryRequest, context: Any) -> pb.DeleteMemoryResponse:  # noqa: N802
        """Forgets."""
        memory_id = uuid_of(request.memory_id, "memory_id")
        key = idempotency.key_for(request, _forgotten)
        return _forgotten(await self._use_cases.memory.forget(current().principal, memory_id, key=key))

    async def PauseMemory(self, request: pb.PauseMemoryRequest, context: Any) -> pb.MemoryPause:  # noqa: N802
        """Stops remembering, or goes on."""
        key = idempotency.key_for(request, _pause)
        return _pause(await self._use_cases.memory.pause(current().principal, paused=request.paused, key=key))

    async def DeleteMessage(  # noqa: N802
        self, request: chat_pb2.DeleteMessageRequest, context: Any
    ) -> chat_pb2.DeleteMessageResponse:
        """Deletes a message and what was made of it."""
        message_id = uuid_of(request.message_id, "message_id")
        key = idempotency.key_for(request, _deleted)
        return _deleted(await self._use_cases.messages.delete(current().principal, message_id, key=key))

    async def RateReply(self, request: chat_pb2.RateReplyRequest, context: Any) -> chat_pb2.ReplyRating:  # noqa: N802
        """Keeps what a member says of a reply."""
        opinion = Opinion(uuid_of(request.message_id, "message_id"), request.helpful, request.note)
        key = idempotency.key_for(request, _rating)
        return _rating(await self._use_cases.messages.rate(current().principal, opinion, key=key))

    async def EraseMember(self, request: pb.EraseMemberRequest, context: Any) -> pb.EraseMemberResponse:  # noqa: N802
        """Erases a member in every table. A second time there is nothing left, so that its key is not needed."""
        member_id = uuid_of(request.member_id, "member_id")
        return pb.EraseMemberResponse(deleted=await self._use_cases.retention.erase(member_id))


def _position(found: tuple[str, ...] | None) -> MemoryPosition | None:
    if found is None:
        return None
    return MemoryPosition(found[0] == _PINNED, datetime.fromisoformat(found[1]), UUID(found[2]))


def _key(memory: Memory) -> tuple[str, ...]:
    return (_PINNED if memory.pinned else "", memory.create_time.isoformat(), str(memory.memory_id))


def _memory(memory: Memory) -> pb.Memory:
    shown = pb.Memory(memory_id=str(memory.memory_id), kind=str(memory.kind), text=memory.text, pinned=memory.pinned)
    shown.create_time.FromDatetime(memory.create_time)
    shown.update_time.FromDatetime(memory.update_time)
    return shown


def _written(written: WrittenMemory) -> pb.Memory:
    shown = _memory(written.memory)
    if written.safety is not None:
        shown.safety.CopyFrom(safety_message(written.safety))
    return shown


def _forgotten(_: UUID) -> pb.DeleteMemoryResponse:
    return pb.DeleteMemoryResponse()


def _pause(paused: bool) -> pb.MemoryPause:
    return pb.MemoryPause(paused=paused)


def _deleted(_: UUID) -> chat_pb2.DeleteMessageResponse:
    return chat_pb2.DeleteMessageResponse()


def _rating(written: WrittenRating) -> chat_pb2.ReplyRating:
    rating = written.rating
    shown = chat_pb2.ReplyRating(
        message_id=str(rating.message_id),
        helpful=rating.helpful,
        note=rating.note,
        safety=safety_message(written.safety),
    )
    shown.update_time.FromDatetime(rating.update_time)
    return shown
