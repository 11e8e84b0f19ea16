"""SQL of the copilot: the audit of who asked about whom, and what the safety screen saw lately. No text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Transaction
from chassis.sql import text_statement
from services.coach.domain.copilot.records import Flag
from services.coach.domain.safety import SafetyState
from services.coach.domain.tiers import Tier
from services.coach.repository.safety import safety_of

_ASK = text_statement(
    """INSERT INTO coach.copilot_calls (advice_id, member_id, mentor_id, mode, state, context_used, created_at)
    VALUES (:advice_id, :member_id, :mentor_id, :mode, 'asked', :context_used, :created_at)"""
)
_FINISH = text_statement(
    """UPDATE coach.copilot_calls
    SET state = :state, provider = :provider, context_used = :context_used, finished_at = :now
    WHERE advice_id = :advice_id"""
)
_FIND = text_statement("SELECT state, created_at FROM coach.copilot_calls WHERE advice_id = :advice_id")
_SAFETY = text_statement("SELECT tier, until, plan_signal FROM coach.safety_states WHERE member_id = :member_id")
_FLAG = text_statement(
    """SELECT user_message_id, tier, created_at FROM coach.replies
    WHERE member_id = :member_id AND created_at >= :since AND tier IN ('watch', 'risk', 'imminent')
    ORDER BY created_at DESC, message_id DESC LIMIT 1"""
)


@dataclass(frozen=True, slots=True)
class Call:
    """A question as the audit has it."""

    state: str
    create_time: datetime


class CopilotRepository:
    """Within one transaction, as the member about whom is asked."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    def ask(
        self,
        advice_id: UUID,
        *,
        member_id: UUID,
        mentor_id: UUID,
        mode: str,
        context_used: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """Queues that a mentor asked; before any model is."""
        self._tx.write(
            _ASK,
            expect=1,
            advice_id=advice_id,
            member_id=member_id,
            mentor_id=mentor_id,
            mode=mode,
            context_used=dict(context_used),
            created_at=now,
        )

    def finish(
        self, advice_id: UUID, *, state: str, provider: str | None, context_used: Mapping[str, Any], now: datetime
    ) -> None:
        """Queues how it ended."""
        self._tx.write(
            _FINISH,
            expect=1,
            advice_id=advice_id,
            state=state,
            provider=provider,
            context_used=dict(context_used),
            now=now,
        )

    async def find(self, advice_id: UUID) -> Call | None:
        """A question that was asked before."""
        row = await self._tx.fetch_one(_FIND, advice_id=advice_id)
        return None if row is None else Call(row["state"], row["created_at"])

    async def safety(self, member_id: UUID) -> SafetyState | None:
        """What the screen left of the member whose transaction this is."""
        row = await self._tx.fetch_one(_SAFETY, member_id=member_id)
        return None if row is None else safety_of(row)

    async def flag(self, member_id: UUID, since: datetime) -> Flag | None:
        """The latest sign of crisis in the member's own messages, without a word of it."""
        row = await self._tx.fetch_one(_FLAG, member_id=member_id, since=since)
        if row is None:
            return None
        return Flag(row["user_message_id"], Tier(row["tier"]), row["created_at"].date())
