"""SQL of what the safety screen leaves behind; no text of anybody's."""

from collections.abc import Sequence
from dataclasses import dataclass
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

_FIND_NOTICED = text_statement(
    "SELECT tier, until, plan_signal, noticed_ids FROM coach.safety_states WHERE member_id = :member_id"
)
# What was known is the fence: a twin that told of the same thing first has changed it.
_SAVE_NOTICED = text_statement(
    """INSERT INTO coach.safety_states AS s (member_id, tier, until, plan_signal, noticed_ids)
    VALUES (:member_id, :tier, :until, :plan_signal, :ids)
    ON CONFLICT ON CONSTRAINT safety_states_pkey DO UPDATE
    SET tier = excluded.tier, until = excluded.until, plan_signal = excluded.plan_signal,
        noticed_ids = excluded.noticed_ids
    WHERE s.noticed_ids = CAST(:before AS uuid[])"""
)
# A context shows 50 entries and fewer goals.
_NOTICED_KEPT = 200


@dataclass(frozen=True, slots=True)
class Noticed:
    """What the screen left behind, and the rows elsewhere that it told of, the latest last."""

    safety: SafetyState | None = None
    source_ids: tuple[UUID, ...] = ()


async def find_noticed(transaction: Transaction, member_id: UUID) -> Noticed:
    """What was told of before."""
    row = await transaction.fetch_one(_FIND_NOTICED, member_id=member_id)
    return Noticed(safety_of(row), tuple(row["noticed_ids"])) if row is not None else Noticed()


def save_noticed(
    transaction: Transaction, member_id: UUID, state: SafetyState, before: Noticed, new: Sequence[UUID]
) -> None:
    """Queues what the screen leaves behind and what it told of; where a twin was first, all of it is tried again."""
    transaction.write(
        _SAVE_NOTICED,
        expect=1,
        member_id=member_id,
        tier=str(state.tier),
        until=state.until,
        plan_signal=state.plan_signal,
        before=list(before.source_ids),
        ids=[*before.source_ids, *new][-_NOTICED_KEPT:],
    )


def save_safety(transaction: Transaction, member_id: UUID, state: SafetyState) -> None:
    """Queues what the screen leaves behind."""
    transaction.write(
        _SAVE, member_id=member_id, tier=str(state.tier), until=state.until, plan_signal=state.plan_signal
    )


def safety_of(row: Record) -> SafetyState | None:
    """The state that came along in a load with `tier`, `until` and `plan_signal`; None where there is none."""
    return SafetyState(Tier(row["tier"]), row["until"], row["plan_signal"]) if row["tier"] is not None else None
