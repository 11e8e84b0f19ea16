"""Looking back: messages and threads, page by page."""

from uuid import UUID

from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from chassis.vault import MemberKeys
from services.coach.domain.conversation import Message, Thread
from services.coach.errors import MembersOnly, ThreadNotFound
from services.coach.repository import ConversationRepository, Position


class HistoryUseCases:
    """What a member reads of their own conversations."""

    def __init__(self, database: Database, keys: MemberKeys) -> None:
        self._database = database
        self._keys = keys

    async def list_messages(
        self, principal: Principal, *, thread_id: UUID | None, before: Position | None, limit: int
    ) -> tuple[Message, ...]:
        """Messages of one thread or of all, newest first.

        Raises:
            ThreadNotFound: The thread is not the caller's.
        """
        member_id = owner(principal)

        async def work(transaction: Transaction) -> tuple[Message, ...]:
            conversations = ConversationRepository(transaction, self._keys)
            if thread_id is not None and not await conversations.has_thread(thread_id):
                raise ThreadNotFound
            return await conversations.list_messages(member_id, thread_id=thread_id, before=before, limit=limit)

        return await self._database.run(principal, work, read_only=True)

    async def list_threads(self, principal: Principal, *, before: Position | None, limit: int) -> tuple[Thread, ...]:
        """Threads, the latest used first."""
        member_id = owner(principal)

        async def work(transaction: Transaction) -> tuple[Thread, ...]:
            conversations = ConversationRepository(transaction, self._keys)
            return await conversations.list_threads(member_id, before=before, limit=limit)

        return await self._database.run(principal, work, read_only=True)


def owner(principal: Principal) -> UUID:
    """The person who acts.

    Raises:
        MembersOnly: It is a service acting for nobody.
    """
    if principal.member_id is None:
        raise MembersOnly
    return principal.member_id
