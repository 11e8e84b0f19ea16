"""What members do to messages afterwards: deleting them, and saying what they think of replies."""

from dataclasses import dataclass
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from chassis.vault import MemberKeys
from services.coach.clients.members import Members
from services.coach.domain.conversation import Author, Rating, SafetyNotice, check_note
from services.coach.errors import MessageNotFound
from services.coach.repository import CorrectionRepository, MemoryRepository, MessageLoad
from services.coach.usecases.history import owner
from services.coach.usecases.unsaying import unsay
from services.coach.usecases.watching import Watch


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a member says of a reply."""

    message_id: UUID
    helpful: bool
    note: str = ""

    def __repr__(self) -> str:
        """Without the note."""
        return f"Opinion(message_id={self.message_id})"


@dataclass(frozen=True, slots=True)
class WrittenRating:
    """A rating, with what the screen says of its note."""

    rating: Rating
    safety: SafetyNotice


class MessageUseCases:
    """The verbs of a message. All raise `MessageNotFound` where it is not the caller's."""

    def __init__(self, database: Database, clock: Clock, *, keys: MemberKeys, members: Members, watch: Watch) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys
        self._members = members
        self._watch = watch

    async def delete(self, principal: Principal, message_id: UUID, *, key: IdempotencyKey | None) -> UUID:
        """Deletes a message, the reply to it, what is remembered of nothing else, and what dating goals hold of it."""
        member_id = owner(principal)

        async def work(transaction: Transaction) -> UUID:
            corrections = CorrectionRepository(transaction, self._keys)
            found = await corrections.load(member_id, message_id, key)
            if found.author is None:
                raise MessageNotFound
            ids = [message_id, *([found.reply_id] if found.reply_id else [])]
            if found.author is Author.MEMBER and found.reply_id is None:
                ids += await self._unsay(transaction, member_id, message_id, found)
            corrections.remove(ids)
            MemoryRepository(transaction, self._keys).drop_derived(member_id, ids)
            idempotency.remember(transaction, key, message_id, outcome=message_id)
            return message_id

        return await self._database.run(principal, work, idempotency=key)

    async def _unsay(
        self, transaction: Transaction, member_id: UUID, message_id: UUID, found: MessageLoad
    ) -> list[UUID]:
        """The turns that go with a message which no reply of the chat answers."""
        if found.position is None or found.key is None:
            return []
        now = self._clock.now()
        return await unsay(
            transaction, self._keys, member_id, message_id, position=found.position, key=found.key, now=now
        )

    async def rate(self, principal: Principal, opinion: Opinion, *, key: IdempotencyKey | None) -> WrittenRating:
        """Keeps what a member says of a reply; the last word counts. A note is screened like any other text.

        Raises:
            InvalidArgument: The note is too long.
        """
        member_id = owner(principal)
        watched = self._watch.look(member_id, check_note(opinion.note))
        country = await self._members.country(member_id) if opinion.note else ""

        async def work(transaction: Transaction) -> WrittenRating:
            corrections = CorrectionRepository(transaction, self._keys)
            found = await corrections.load(member_id, opinion.message_id, key)
            if found.author is not Author.COACH or found.key is None:
                raise MessageNotFound
            rating = Rating(opinion.message_id, opinion.helpful, opinion.note, self._clock.now())
            corrections.rate(member_id, rating, found.key)
            assessment = self._watch.settle(transaction, watched, found.safety, opinion.message_id)
            written = WrittenRating(rating, self._watch.notice(assessment, country) if opinion.note else SafetyNotice())
            idempotency.remember(transaction, key, opinion.message_id, outcome=written)
            return written

        return await self._database.run(principal, work, idempotency=key)
