"""SQL of what the safety screen leaves behind; no text of anybody's."""

from uuid import UUID

from chassis.db import Record, Transaction
from chassis.sql import text_statement
from services.coach.domain.safety import SafetyState
from services.coach.domain.tiers import Tier

_SAVE = text_statement(
    """INSERT INTO coach.safety_states AS s (member_id, tier, until, plan_signal)
    VALUES (:member_id, :tier, :until, :plan_signal)
    ON CONFLICT ON CONSTRAINT safety_states_pkey DO UPDATE
    SET tier = excluded.tier, until = excluded.until, plan_signal = excluded.plan_signal"""
)


def save_safety(transaction: Transaction, member_id: UUID, state: SafetyState) -> None:
    """Queues what the screen leaves behind."""
    transaction.write(
        _SAVE, member_id=member_id, tier=str(state.tier), until=state.until, plan_signal=state.plan_signal
    )


def safety_of(row: Record) -> SafetyState | None:
    """The state that came along in a load with `tier`, `until` and `plan_signal`; None where there is none."""
    return SafetyState(Tier(row["tier"]), row["until"], row["plan_signal"]) if row["tier"] is not None else None
