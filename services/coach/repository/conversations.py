"""SQL of conversations: rows in, messages out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import vault
from chassis.db import Record, Transaction
from chassis.errors import Aborted, IdempotencyInProgress
from chassis.sql import text_statement
from chassis.vault import DataKey, MemberKeys
from services.coach.domain.conversation import (
    Author,
    Exchange,
    Message,
    PendingReply,
    ReplyState,
    SafetyNotice,
    Thread,
)
from services.coach.domain.helplines import Resource
from services.coach.domain.safety import Assessment
from services.coach.domain.tiers import Tier

_BODY = "coach.messages.body"
_OUTCOME = "coach.replies.outcome"

_TURNS = text_statement(
    """SELECT message_id, thread_id, member_id, author, body, created_at FROM coach.messages
    WHERE thread_id = :thread_id ORDER BY created_at DESC, message_id DESC LIMIT :limit"""
)
_EXCHANGE = text_statement(
    f"""SELECT r.message_id AS reply_id, r.user_message_id, r.state, r.lease_until, r.attempts, r.turn, r.tier,
        r.rule_ids, r.provider, r.degraded, r.outcome, r.thread_id, r.member_id,
        asked.body AS asked_body, asked.created_at AS asked_at, said.body AS said_body, said.created_at AS said_at,
        {vault.lookup("coach")}
    FROM coach.replies AS r
    JOIN coach.messages AS asked ON asked.message_id = r.user_message_id
    LEFT JOIN coach.messages AS said ON said.message_id = r.message_id
    WHERE r.user_message_id = :user_message_id"""  # noqa: S608 - composed of constants
)
_ADD_THREAD = text_statement(
    """INSERT INTO coach.threads (thread_id, member_id, created_at, updated_at)
    VALUES (:thread_id, :member_id, :now, :now)"""
)
_TOUCH_THREAD = text_statement(
    "UPDATE coach.threads SET updated_at = greatest(updated_at, :now) WHERE thread_id = :thread_id"
)
_ADD_MESSAGE = text_statement(
    """INSERT INTO coach.messages (message_id, thread_id, member_id, author, body, created_at)
    VALUES (:message_id, :thread_id, :member_id, :author, :body, :created_at)"""
)
_ADD_REPLY = text_statement(
    """INSERT INTO coach.replies (message_id, user_message_id, thread_id, member_id, state, lease_until, attempts, turn,
        tier, rule_ids, degraded, part_ids, created_at)
    VALUES (:message_id, :user_message_id, :thread_id, :member_id, 'pending', :lease_until, 1, :turn,
        :tier, :rule_ids, false, '{}', :created_at)"""
)
# The attempts are the fence: whoever took the reply over since then has counted one more.
_TAKE = text_statement(
    """UPDATE coach.replies SET state = 'pending', lease_until = :lease_until, attempts = attempts + 1
    WHERE message_id = :message_id AND attempts = :attempts AND state <> 'done'"""
)
_FINISH = text_statement(
    """UPDATE coach.replies SET state = 'done', provider = :provider, degraded = :degraded, outcome = :outcome,
        part_ids = :part_ids, context_used = :context_used, finished_at = :now
    WHERE message_id = :message_id AND attempts = :attempts AND state <> 'done'"""
)
_RELEASE = text_statement(
    """UPDATE coach.replies SET lease_until = :now
    WHERE message_id = :message_id AND attempts = :attempts AND state = 'pending'"""
)
_FAIL_OVERDUE = text_statement(
    """UPDATE coach.replies SET state = 'failed'
    WHERE message_id IN (
        SELECT message_id FROM coach.replies WHERE state = 'pending' AND lease_until < :now
        ORDER BY lease_until LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING message_id"""
)
_MESSAGES = text_statement(
    f"""SELECT m.message_id, m.thread_id, m.member_id, m.author, m.body, m.created_at, {vault.lookup("coach")}
    FROM coach.messages AS m
    WHERE m.member_id = :member_id
      AND (CAST(:thread_id AS uuid) IS NULL OR m.thread_id = :thread_id)
      AND (CAST(:before_time AS timestamptz) IS NULL OR (m.created_at, m.message_id) < (:before_time, :before_id))
    ORDER BY m.created_at DESC, m.message_id DESC
    LIMIT :limit"""  # noqa: S608 - composed of constants
)
_THREAD = text_statement("SELECT thread_id FROM coach.threads WHERE thread_id = :thread_id")
_THREADS = text_statement(
    """SELECT thread_id, member_id, created_at, updated_at FROM coach.threads
    WHERE member_id = :member_id
      AND (CAST(:before_time AS timestamptz) IS NULL OR (updated_at, thread_id) < (:before_time, :before_id))
    ORDER BY updated_at DESC, thread_id DESC
    LIMIT :limit"""
)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of a list begins: behind this row."""

    time: datetime
    row_id: UUID


@dataclass(frozen=True, slots=True)
class Stored:
    """An exchange as it is stored: the message, its owed reply, and the whole once that is done."""

    message: Message
    pending: PendingReply
    exchange: Exchange | None


class ConversationRepository:
    """Conversations of the member at hand, within one transaction."""

    def __init__(self, transaction: Transaction, keys: MemberKeys) -> None:
        self._tx = transaction
        self._keys = keys

    def make_key(self, member_id: UUID) -> DataKey:
        """Queues the member's first key."""
        return self._keys.make(self._tx, member_id)

    async def turns(self, thread_id: UUID, key: DataKey, *, limit: int) -> tuple[Message, ...]:
        """The newest messages of a thread."""
        rows = await self._tx.fetch_all(_TURNS, thread_id=thread_id, limit=limit)
        return tuple(message_of(row, key) for row in rows)

    def add_thread(self, thread: Thread) -> None:
        """Queues a new thread."""
        self._tx.write(
            _ADD_THREAD, expect=1, thread_id=thread.thread_id, member_id=thread.member_id, now=thread.create_time
        )

    def touch_thread(self, thread_id: UUID, now: datetime) -> None:
        """Queues that a thread was written to."""
        self._tx.write(_TOUCH_THREAD, expect=1, thread_id=thread_id, now=now)

    def add_message(self, message: Message, key: DataKey) -> None:
        """Queues a message, its text sealed for its row."""
        self._tx.write(
            _ADD_MESSAGE,
            expect=1,
            message_id=message.message_id,
            thread_id=message.thread_id,
            member_id=message.member_id,
            author=str(message.author),
            body=key.seal(message.text, table=_BODY, row_id=message.message_id),
            created_at=message.create_time,
        )

    def add_reply(self, message: Message, pending: PendingReply, assessment: Assessment) -> None:
        """Queues the reply that is owed to `message`."""
        self._tx.write(
            _ADD_REPLY,
            expect=1,
            message_id=pending.message_id,
            user_message_id=message.message_id,
            thread_id=message.thread_id,
            member_id=message.member_id,
            lease_until=pending.lease_until,
            turn=pending.turn,
            tier=str(assessment.tier),
            rule_ids=list(assessment.rule_ids),
            created_at=message.create_time,
        )

    async def find_exchange(self, user_message_id: UUID) -> Stored | None:
        """A message and what became of its reply."""
        row = await self._tx.fetch_one(
            _EXCHANGE, user_message_id=user_message_id, vault_member=self._tx.principal.member_id
        )
        if row is None:
            return None
        key = self._keys.of_row(row, row["member_id"])
        return _stored(row, key) if key is not None else None

    def take(self, pending: PendingReply, lease_until: datetime) -> None:
        """Queues that this caller makes the reply from now on."""
        self._tx.write(
            _TAKE,
            expect=1,
            otherwise=IdempotencyInProgress("The first request with this idempotency key is still running."),
            message_id=pending.message_id,
            attempts=pending.attempts,
            lease_until=lease_until,
        )

    async def finish(
        self,
        exchange: Exchange,
        pending: PendingReply,
        *,
        part_ids: Sequence[str],
        context_used: dict[str, object],
    ) -> None:
        """Queues the reply and what is known of it."""
        reply = exchange.reply
        key = await self._keys.find_or_make(self._tx, reply.member_id)
        self._tx.write(
            _FINISH,
            expect=1,
            otherwise=Aborted("This message was answered by another request in the meantime."),
            message_id=pending.message_id,
            attempts=pending.attempts,
            provider=exchange.provider,
            degraded=exchange.degraded,
            outcome=key.seal(_outcome(exchange), table=_OUTCOME, row_id=pending.message_id),
            part_ids=list(part_ids),
            context_used=context_used,
            now=reply.create_time,
        )
        self.add_message(reply, key)
        self.touch_thread(reply.thread_id, reply.create_time)

    def release(self, pending: PendingReply, now: datetime) -> None:
        """Queues that nobody makes the reply any more."""
        self._tx.write(_RELEASE, message_id=pending.message_id, attempts=pending.attempts, now=now)

    async def has_thread(self, thread_id: UUID) -> bool:
        """True for a thread of the member at hand."""
        return await self._tx.fetch_one(_THREAD, thread_id=thread_id) is not None

    async def list_messages(
        self, member_id: UUID, *, thread_id: UUID | None, before: Position | None, limit: int
    ) -> tuple[Message, ...]:
        """Messages, newest first."""
        rows = await self._tx.fetch_all(
            _MESSAGES, member_id=member_id, vault_member=member_id, thread_id=thread_id, limit=limit, **_before(before)
        )
        key = self._keys.of_row(rows[0], member_id) if rows else None
        # Without its key a text is gone for good, as after an erasure that is still under way.
        return tuple(message_of(row, key) for row in rows) if key is not None else ()

    async def list_threads(self, member_id: UUID, *, before: Position | None, limit: int) -> tuple[Thread, ...]:
        """Threads, the latest used first."""
        rows = await self._tx.fetch_all(_THREADS, member_id=member_id, limit=limit, **_before(before))
        return tuple(map(thread_of, rows))


async def fail_overdue(transaction: Transaction, *, now: datetime, limit: int) -> int:
    """Marks replies as failed whose lease has run out; on the system login, without reading any text."""
    return len(await transaction.fetch_all(_FAIL_OVERDUE, now=now, limit=limit))


def _before(position: Position | None) -> dict[str, Any]:
    if position is None:
        return {"before_time": None, "before_id": None}
    return {"before_time": position.time, "before_id": position.row_id}


def thread_of(row: Record) -> Thread:
    """The thread of a row."""
    return Thread(row["thread_id"], row["member_id"], row["created_at"], row["updated_at"])


def message_of(row: Record, key: DataKey) -> Message:
    """A message of a row, opened."""
    return Message(
        row["message_id"],
        row["thread_id"],
        row["member_id"],
        Author(row["author"]),
        key.open(row["body"], table=_BODY, row_id=row["message_id"]),
        row["created_at"],
    )


def _outcome(exchange: Exchange) -> str:
    resources = [[one.name, one.contact, one.country] for one in exchange.safety.resources]
    outcome = {"action_steps": exchange.action_steps, "tier": str(exchange.safety.tier), "resources": resources}
    return json.dumps(outcome, ensure_ascii=False)


def _stored(row: Record, key: DataKey) -> Stored:
    message = Message(
        row["user_message_id"],
        row["thread_id"],
        row["member_id"],
        Author.MEMBER,
        key.open(row["asked_body"], table=_BODY, row_id=row["user_message_id"]),
        row["asked_at"],
    )
    pending = PendingReply(
        row["reply_id"],
        row["user_message_id"],
        ReplyState(row["state"]),
        row["lease_until"],
        row["attempts"],
        row["turn"],
    )
    done = pending.state is ReplyState.DONE and row["said_body"] is not None
    return Stored(message, pending, _exchange(row, message, key) if done else None)


def _exchange(row: Record, message: Message, key: DataKey) -> Exchange:
    outcome = json.loads(key.open(row["outcome"], table=_OUTCOME, row_id=row["reply_id"]))
    said = key.open(row["said_body"], table=_BODY, row_id=row["reply_id"])
    return Exchange(
        user_message=message,
        reply=Message(row["reply_id"], row["thread_id"], row["member_id"], Author.COACH, said, row["said_at"]),
        action_steps=tuple(outcome["action_steps"]),
        provider=row["provider"],
        degraded=row["degraded"],
        safety=SafetyNotice(Tier(outcome["tier"]), tuple(Resource(*one) for one in outcome["resources"])),
    )
