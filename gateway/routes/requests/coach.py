"""What is said to the coach."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.routes.fields import LEFT_OUT, ChatText, MemoryText, PageQuery, RequestModel, ResourceId


class ChatMessage(RequestModel):
    """What a member says to the coach."""

    message: ChatText
    thread_id: ResourceId | None = None
    group_id: ResourceId | None = None


class MessageFilter(PageQuery):
    """Which messages."""

    thread_id: ResourceId | None = None


class ReviewFilter(PageQuery):
    """Which reviews."""

    kind: Literal["weekly", "monthly"] | None = None


class DatingMessage(RequestModel):
    """What a member says in the dating-goals conversation."""

    message: ChatText
    thread_id: ResourceId | None = None


class ReplyFeedback(RequestModel):
    """What a member says of a reply."""

    helpful: bool
    note: Annotated[str, Field(max_length=10_000)] | None = None


class MemoryChange(RequestModel):
    """Fields of something remembered to change; what is left out stays."""

    text: MemoryText = LEFT_OUT
    pinned: bool = LEFT_OUT


class MemoryPause(RequestModel):
    """Whether anything new is remembered."""

    paused: bool = True
