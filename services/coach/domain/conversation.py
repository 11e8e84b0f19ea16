"""Threads, messages and the life of a reply: pending with a lease, then done, or failed when it was tried enough."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.coach.domain.framing import MAX_MESSAGE
from services.coach.domain.helplines import Resource
from services.coach.domain.tiers import Tier
from services.coach.errors import invalid_group_id, invalid_message, invalid_note, invalid_thread_id

# Longer than any call may take (60 s), shorter than anyone should look at an unanswered message (120 s).
LEASE = timedelta(seconds=90)
MAX_ATTEMPTS = 3
MAX_NOTE = 10_000


class Author(StrEnum):
    """Who wrote a message."""

    MEMBER = "member"
    COACH = "coach"


class ReplyState(StrEnum):
    """Where a reply stands."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation of one member."""

    thread_id: UUID
    member_id: UUID
    create_time: datetime
    update_time: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wrote. `text` is the only place where it stands in clear, and only in memory."""

    message_id: UUID
    thread_id: UUID
    member_id: UUID
    author: Author
    text: str
    create_time: datetime

    def __repr__(self) -> str:
        """Without the text: a message in a traceback or a log tells nobody's secrets."""
        return f"Message(message_id={self.message_id}, author={self.author})"


@dataclass(frozen=True, slots=True)
class PendingReply:
    """A reply that is owed.

    Attributes:
        message_id: Of the reply to come.
        lease_until: Whoever took it answers until then; afterwards anybody may take it over.
        attempts: How often it was taken, this time included.
        turn: How many replies the thread had before.
    """

    message_id: UUID
    user_message_id: UUID
    state: ReplyState
    lease_until: datetime
    attempts: int
    turn: int

    def can_be_taken(self, now: datetime) -> bool:
        """Nobody is at it, and it has not been tried too often."""
        return self.state is not ReplyState.DONE and self.lease_until <= now and self.attempts < MAX_ATTEMPTS

    def is_given_up(self, now: datetime) -> bool:
        """It will never come."""
        return self.state is not ReplyState.DONE and self.lease_until <= now and self.attempts >= MAX_ATTEMPTS


@dataclass(frozen=True, slots=True)
class SafetyNotice:
    """What the member is shown about safety."""

    tier: Tier = Tier.NONE
    resources: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message and its answer, as one call returns them.

    Attributes:
        degraded: A configured provider failed.
        kept: False where storage was away and nothing could be kept.
    """

    user_message: Message
    reply: Message
    action_steps: tuple[str, ...]
    provider: str
    degraded: bool
    safety: SafetyNotice
    kept: bool = True

    def __repr__(self) -> str:
        """Without any text."""
        return f"Exchange(reply={self.reply!r}, provider={self.provider}, tier={self.safety.tier})"


@dataclass(frozen=True, slots=True)
class Rating:
    """What a member says of a reply.

    Attributes:
        note: Why; may be empty.
    """

    message_id: UUID
    helpful: bool
    note: str
    update_time: datetime

    def __repr__(self) -> str:
        """Without the note."""
        return f"Rating(message_id={self.message_id}, helpful={self.helpful})"


def check_note(note: str) -> str:
    """A note that may be kept with a rating, as it was written.

    Raises:
        InvalidArgument: It is longer than 10,000 characters.
    """
    if len(note) > MAX_NOTE:
        raise invalid_note(f"must have at most {MAX_NOTE:,} characters")
    return note


def check_message(text: str) -> str:
    """A message that may be answered, as it was written.

    Raises:
        InvalidArgument: It is blank or longer than 8,000 characters.
    """
    if not text.strip():
        raise invalid_message("must not be empty")
    if len(text) > MAX_MESSAGE:
        raise invalid_message(f"must have at most {MAX_MESSAGE:,} characters")
    return text


def check_group_id(group_id: str) -> UUID | None:
    """The group that a message is about; None for none.

    Raises:
        InvalidArgument: It is not a UUID.
    """
    if not group_id:
        return None
    try:
        return UUID(group_id)
    except ValueError:
        raise invalid_group_id() from None


def check_thread_id(thread_id: str) -> UUID | None:
    """The thread asked for; None for a new one.

    Raises:
        InvalidArgument: It is not a UUID.
    """
    if not thread_id:
        return None
    try:
        return UUID(thread_id)
    except ValueError:
        raise invalid_thread_id() from None
