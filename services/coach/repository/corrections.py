"""SQL of what members do to messages afterwards: deleting them, and saying what they think of replies."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis import idempotency, vault
from chassis.db import Transaction
from chassis.errors import Aborted
from chassis.idempotency import IdempotencyKey
from chassis.sql import text_statement
from chassis.vault import DataKey, MemberKeys
from services.coach.domain.conversation import Author, Message, Rating
from services.coach.domain.safety import SafetyState
from services.coach.repository.conversations import message_of
from services.coach.repository.safety import safety_of

_NOTE = "coach.ratings.note"

# One row whatever there is, because key, idempotency and safety state ride along.
_LOAD = text_statement(
    f"""SELECT m.message_id, m.author, m.thread_id, m.created_at, r.message_id AS reply_id,
        s.tier, s.until, s.plan_signal,
        {vault.lookup("coach")}, {idempotency.lookup("coach")}
    FROM (SELECT 1) AS always
    LEFT JOIN coach.messages AS m ON m.message_id = :message_id AND m.member_id = :member_id
    LEFT JOIN coach.replies AS r ON r.user_message_id = m.message_id
    LEFT JOIN coach.safety_states AS s ON s.member_id = :member_id"""  # noqa: S608 - composed of constants
)
# A reply of the chat has its row beside it; a turn of a conversation is stored with what it answers.
_ANSWERS = text_statement(
    """SELECT m.message_id, m.thread_id, m.member_id, m.author, m.body, m.created_at FROM coach.messages AS m
    WHERE m.thread_id = :thread_id AND m.created_at > :since AND m.author = 'coach'
      AND NOT EXISTS (SELECT 1 FROM coach.replies AS r WHERE r.message_id = m.message_id)
    ORDER BY m.created_at, m.message_id"""
)
_REMOVE = text_statement("DELETE FROM coach.messages WHERE message_id = ANY(CAST(:ids AS uuid[]))")
# What was made of a text that is gone goes too; a reply that is still owed is not made any more.
_UNTELL = text_statement(
    """UPDATE coach.replies SET outcome = NULL,
        state = CASE WHEN state = 'done' THEN state ELSE 'failed' END,
        attempts = CASE WHEN state = 'done' THEN attempts ELSE attempts + 1 END
    WHERE user_message_id = ANY(CAST(:ids AS uuid[])) OR message_id = ANY(CAST(:ids AS uuid[]))"""
)
_RATE = text_statement(
    """INSERT INTO coach.ratings AS r (message_id, member_id, helpful, note, updated_at)
    VALUES (:message_id, :member_id, :helpful, :note, :now)
    ON CONFLICT ON CONSTRAINT ratings_pkey DO UPDATE
    SET helpful = excluded.helpful, note = excluded.note, updated_at = excluded.updated_at"""
)


@dataclass(frozen=True, slots=True)
class MessageLoad:
    """A message, as far as its correction needs it.

    Attributes:
        author: None where there is no such message of the member.
        position: Where it stands; None where there is none.
        reply_id: Of the reply to it; None for a reply itself, and in a conversation that is made in one go.
    """

    author: Author | None
    position: tuple[UUID, datetime] | None
    reply_id: UUID | None
    safety: SafetyState | None
    key: DataKey | None


class CorrectionRepository:
    """Messages of the member at hand, within one transaction."""

    def __init__(self, transaction: Transaction, keys: MemberKeys) -> None:
        self._tx = transaction
        self._keys = keys

    async def load(self, member_id: UUID, message_id: UUID, key: IdempotencyKey | None) -> MessageLoad:
        """Everything that a correction needs, in one trip.

        Raises:
            KeptAnswer: The request was answered before.
            IdempotencyKeyReused: The key came with another request before.
        """
        row = await self._tx.fetch_one(
            _LOAD, message_id=message_id, member_id=member_id, vault_member=member_id, **idempotency.parameters(key)
        )
        if row is None:
            raise Aborted("The message could not be read. Please try again.")
        idempotency.recall(row, key)
        author = Author(row["author"]) if row["author"] is not None else None
        position = (row["thread_id"], row["created_at"]) if author is not None else None
        return MessageLoad(author, position, row["reply_id"], safety_of(row), self._keys.of_row(row, member_id))

    async def answers_after(self, position: tuple[UUID, datetime], key: DataKey) -> tuple[Message, ...]:
        """The coach's turns of a conversation that is made in one go, from a message on: the first one answers it."""
        thread_id, since = position
        rows = await self._tx.fetch_all(_ANSWERS, thread_id=thread_id, since=since)
        return tuple(message_of(row, key) for row in rows)

    def remove(self, ids: list[UUID]) -> None:
        """Queues the end of messages and of what was made of them; that there were replies stays known."""
        self._tx.write(_REMOVE, ids=ids)
        self._tx.write(_UNTELL, ids=ids)

    def rate(self, member_id: UUID, rating: Rating, key: DataKey) -> None:
        """Queues what a member says of a reply."""
        note = key.seal(rating.note, table=_NOTE, row_id=rating.message_id) if rating.note else None
        self._tx.write(
            _RATE,
            expect=1,
            message_id=rating.message_id,
            member_id=member_id,
            helpful=rating.helpful,
            note=note,
            now=rating.update_time,
        )
