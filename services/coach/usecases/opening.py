"""The first half of an exchange: the message and the reply that is owed, stored in one transaction."""

from dataclasses import dataclass, replace
from uuid import UUID

from chassis import idempotency, outbox
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.errors import IdempotencyInProgress
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from chassis.vault import DataKey, MemberKeys
from services.coach import events
from services.coach.domain.conversation import LEASE, Author, Exchange, Message, PendingReply, ReplyState, Thread
from services.coach.domain.group_talk import GroupTalk
from services.coach.domain.intake.boundaries import STOPPING
from services.coach.domain.intents import Boundary
from services.coach.domain.remembering import Fact
from services.coach.domain.safety import Assessment, Screening, assess, worse
from services.coach.domain.summarising import LOADED
from services.coach.errors import MessageNotFound, ReplyGivenUp, ThreadNotFound
from services.coach.repository import ConversationRepository, JournalGlance, Opening, load_opening, save_safety
from services.coach.usecases.memory import Recollection, Remembering
from services.coach.usecases.safety_memory import SafetyMemory


@dataclass(frozen=True, slots=True)
class Asked:
    """A draft that may be answered, with what the screen found in it.

    Attributes:
        boundary: What it asks that the coach does not do; where a card is all there is, nobody looks.
    """

    principal: Principal
    member_id: UUID
    text: str
    thread_id: UUID | None
    key: IdempotencyKey | None
    screening: Screening
    foreseen: Assessment
    facts: tuple[Fact, ...] = ()
    group: GroupTalk | None = None
    boundary: Boundary | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """A message that is stored and whose reply is ours to make.

    Attributes:
        turns: Earlier messages of the thread that no summary stands for.
        journal: Still sealed: whether it may be opened is not known here.
    """

    message: Message
    pending: PendingReply
    assessment: Assessment
    turns: tuple[Message, ...]
    recent_parts: frozenset[str]
    recollection: Recollection
    journal: JournalGlance


class Openings:
    """Opens exchanges: new ones, repeated ones, and ones whose maker was stopped."""

    def __init__(
        self, database: Database, clock: Clock, *, keys: MemberKeys, memory: SafetyMemory, remembering: Remembering
    ) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys
        self._memory = memory
        self._remembering = remembering

    async def open(self, asked: Asked) -> Owed | Exchange:
        """Stores the message and the reply that is owed; for a repeated key what became of it."""

        async def work(transaction: Transaction) -> Owed | UUID:
            opening = await self._load(transaction, asked.member_id, asked.thread_id, asked.key)
            if opening.recalled is not None:
                return opening.recalled
            if asked.thread_id is not None and opening.thread is None:
                raise ThreadNotFound
            return await self._store(transaction, ConversationRepository(transaction, self._keys), opening, asked)

        opened = await self._database.run(asked.principal, work, idempotency=asked.key)
        if isinstance(opened, UUID):
            return await self._reopen(asked, opened)
        self._memory.keep(asked.member_id, opened.assessment.state)
        return opened

    async def _store(
        self, transaction: Transaction, conversations: ConversationRepository, opening: Opening, asked: Asked
    ) -> Owed:
        """Queues all that a new message makes: itself, its thread, the owed reply, the finding, the key's row."""
        data_key = opening.key or conversations.make_key(asked.member_id)
        turns = await self._turns(conversations, asked.thread_id, data_key) if opening.turn else ()
        now = self._clock.now()
        state = worse(opening.safety, self._memory.of(asked.member_id))
        assessment = assess(asked.screening, state, now=now)
        message = Message(
            new_id(self._clock),
            asked.thread_id or new_id(self._clock),
            asked.member_id,
            Author.MEMBER,
            asked.text,
            now,
        )
        pending = PendingReply(
            new_id(self._clock), message.message_id, ReplyState.PENDING, now + LEASE, 1, opening.turn
        )
        if opening.thread is None:
            conversations.add_thread(Thread(message.thread_id, asked.member_id, now, now))
        else:
            conversations.touch_thread(message.thread_id, now)
        conversations.add_message(message, data_key)
        conversations.add_reply(message, pending, assessment)
        if assessment.state is not None:
            save_safety(transaction, asked.member_id, assessment.state)
        if assessment.flagged:
            outbox.append(transaction, events.safety_flagged(asked.member_id, message.message_id, assessment))
        if asked.boundary is not None and asked.boundary in STOPPING:
            outbox.append(transaction, events.boundary_met(asked.member_id, message.message_id, asked.boundary))
        recollection = self._remembering.keep(
            transaction, opening, message, facts=asked.facts, turns=turns, key=data_key
        )
        idempotency.remember(transaction, asked.key, message.message_id)
        return _owed(message, pending, assessment, turns, opening, recollection)

    async def _reopen(self, asked: Asked, user_message_id: UUID) -> Owed | Exchange:
        """The exchange of a repeated key; or its reply, taken over from whoever was stopped.

        Raises:
            IdempotencyInProgress: Somebody is at it.
            MessageNotFound: It was deleted since.
            ReplyGivenUp: It was tried as often as it may be.
        """

        async def work(transaction: Transaction) -> Owed | Exchange:
            conversations = ConversationRepository(transaction, self._keys)
            stored = await conversations.find_exchange(user_message_id)
            if stored is None:
                raise ThreadNotFound
            if stored.exchange is not None:
                return stored.exchange
            if stored.pending.state is ReplyState.DONE:
                raise MessageNotFound
            now = self._clock.now()
            if stored.pending.is_given_up(now):
                raise ReplyGivenUp
            if not stored.pending.can_be_taken(now):
                raise IdempotencyInProgress("The first request with this idempotency key is still running.")
            opening = await self._load(transaction, asked.member_id, stored.message.thread_id, None)
            if opening.key is None:
                raise ThreadNotFound
            turns = await self._turns(conversations, stored.message.thread_id, opening.key)
            conversations.take(stored.pending, now + LEASE)
            return _owed(
                stored.message,
                replace(stored.pending, attempts=stored.pending.attempts + 1, lease_until=now + LEASE),
                assess(asked.screening, opening.safety, now=now),
                tuple(turn for turn in turns if turn.message_id != user_message_id),
                opening,
                Recollection(opening.memories, opening.summary),
            )

        return await self._database.run(asked.principal, work)

    async def _load(
        self, transaction: Transaction, member_id: UUID, thread_id: UUID | None, key: IdempotencyKey | None
    ) -> Opening:
        thread_key = self._remembering.thread_key(member_id, thread_id)
        return await load_opening(transaction, self._keys, member_id, thread_id, thread_key=thread_key, key=key)

    async def _turns(
        self, conversations: ConversationRepository, thread_id: UUID | None, data_key: DataKey
    ) -> tuple[Message, ...]:
        if thread_id is None:
            return ()
        return await conversations.turns(thread_id, data_key, limit=LOADED)


def _owed(
    message: Message,
    pending: PendingReply,
    assessment: Assessment,
    turns: tuple[Message, ...],
    opening: Opening,
    recollection: Recollection,
) -> Owed:
    covered = frozenset(recollection.summary.source_ids) if recollection.summary else frozenset()
    return Owed(
        message,
        pending,
        assessment,
        tuple(turn for turn in turns if turn.message_id not in covered),
        opening.recent_parts,
        recollection,
        opening.journal,
    )
