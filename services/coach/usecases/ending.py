"""The second half of an exchange: the reply stored with what it was made from, or given back by who was stopped."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from chassis.clock import Clock
from chassis.db import Database, Transaction
from chassis.errors import Code, TandemError
from chassis.identity.principal import Principal
from chassis.telemetry.logs import get_logger
from chassis.vault import MemberKeys
from services.coach.clients.providers import End
from services.coach.domain.context import ContextBundle
from services.coach.domain.conversation import Exchange, PendingReply
from services.coach.repository import ConversationRepository
from services.coach.usecases.opening import Owed

_log = get_logger(__name__)

_STORAGE_AWAY: Final = frozenset({Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.ABORTED, Code.INTERNAL})


class Endings:
    """Ends exchanges that `Openings` opened."""

    def __init__(self, database: Database, clock: Clock, *, keys: MemberKeys) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys
        self._releases: set[asyncio.Task[None]] = set()

    async def store(
        self, principal: Principal, exchange: Exchange, owed: Owed, end: End, context: ContextBundle
    ) -> Exchange:
        """Stores the reply with what it was made from: ids, counts and hashes.

        A crisis card was shown by now, so a storage that went away meanwhile does not take it back.
        """

        async def work(transaction: Transaction) -> None:
            conversations = ConversationRepository(transaction, self._keys)
            used = _used(exchange, owed, end, context)
            await conversations.finish(exchange, owed.pending, part_ids=end.part_ids, context_used=used)

        try:
            await self._database.run(principal, work)
        except TandemError as problem:
            if not owed.assessment.flagged or problem.code not in _STORAGE_AWAY:
                raise
            _log.error("crisis_answered_unsaved", tier=str(owed.assessment.tier), reason=problem.reason)
            return replace(exchange, kept=False)
        return exchange

    @contextmanager
    def giving_back(self, principal: Principal, pending: PendingReply) -> Iterator[None]:
        """Ends the lease when the block does not finish, so that a retry need not wait for it."""
        try:
            yield
        except BaseException:
            release = asyncio.create_task(self._release(principal, pending))
            self._releases.add(release)
            release.add_done_callback(self._releases.discard)
            raise

    async def _release(self, principal: Principal, pending: PendingReply) -> None:
        try:
            async with self._database.transaction(principal) as transaction:
                ConversationRepository(transaction, self._keys).release(pending, self._clock.now())
        except TandemError as problem:
            # The lease runs out by itself.
            _log.info("reply_not_released", reason=problem.reason)


def _used(exchange: Exchange, owed: Owed, end: End, context: ContextBundle) -> dict[str, Any]:
    took = exchange.reply.create_time - exchange.user_message.create_time
    return context.used() | {
        "safety": {"tier": str(owed.assessment.tier), "rule_ids": list(owed.assessment.rule_ids)},
        "provider": end.provider,
        "model": end.model,
        "end": str(end.kind),
        "fallback_chain": list(end.fallback_chain),
        "usage": end.usage,
        "ttft_ms": end.ttft_ms,
        "total_ms": round(took.total_seconds() * 1000),
    }
