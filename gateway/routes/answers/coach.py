"""What was said."""

from datetime import date, datetime
from typing import Literal

from gateway.routes.answers.shared import Answer, SafetyResource


class Safety(Answer):
    """What the safety screen says."""

    tier: Literal["none", "watch", "risk", "imminent", "third_party"]
    resources: list[SafetyResource]


class Exchange(Answer):
    """What was said and answered; `unsaved` when a crisis card was shown that could not be kept, so that no id is."""

    message_id: str | None
    thread_id: str | None
    user_message: str
    user_message_id: str | None
    ai_reply: str
    action_steps: list[str]
    provider: str
    degraded: bool
    safety: Safety
    unsaved: bool
    timestamp: datetime


class ChatMessage(Answer):
    """One message of a thread."""

    id: str
    thread_id: str
    author: Literal["member", "coach"] | None
    text: str
    create_time: datetime


class ChatThread(Answer):
    """A conversation."""

    id: str
    create_time: datetime
    update_time: datetime


class Review(Answer):
    """What the coach wrote about a week or a month."""

    id: str
    member_id: str
    kind: Literal["weekly", "monthly"] | None
    start_date: date
    end_date: date
    text: str
    action_steps: list[str]
    provider: str
    degraded: bool
    create_time: datetime


class ReplyRating(Answer):
    """What a member says of a reply, and what the screen says of the note."""

    message_id: str
    helpful: bool
    note: str | None
    update_time: datetime
    safety: Safety


class Memory(Answer):
    """Something that the coach remembers: said in chat, confirmed dating goals, or a summary of older turns.

    `safety` says what the screen finds in a text when it is changed, and is null where it is read.
    """

    id: str
    kind: Literal["fact", "dating_goals", "summary"]
    text: str
    pinned: bool
    create_time: datetime
    update_time: datetime
    safety: Safety | None


class MemoryPage(Answer):
    """A page of what is remembered; nothing new is while `paused`."""

    items: list[Memory]
    next_page_token: str | None
    paused: bool


class MemoryPause(Answer):
    """Whether anything new is remembered."""

    paused: bool
