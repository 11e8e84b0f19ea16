"""What is said to the coach."""

from typing import Literal

from gateway.routes.fields import ChatText, PageQuery, RequestModel, ResourceId


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
