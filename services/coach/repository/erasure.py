"""SQL of endings: erasing a member, and deleting what is past its time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.db import Transaction
from chassis.sql import Statement, text_statement

# Every table with rows of a member, children first; a test holds the list to the schema.
OF_MEMBERS: Final = (
    "wrapped_keys",
    "ratings",
    "replies",
    "messages",
    "threads",
    "safety_states",
    "journal_entries",
    "memories",
    "forgotten",
    "memory_settings",
    "intakes",
    "archived_intakes",
    "reviews",
    "suggestion_rounds",
)


def _counted(deletion: str) -> Statement:
    return text_statement(f"WITH gone AS ({deletion} RETURNING 1) SELECT count(*) FROM gone")  # noqa: S608 - constants


_ERASE: Final[Mapping[str, Statement]] = {
    table: _counted(f"DELETE FROM coach.{table} WHERE member_id = :member_id")  # noqa: S608 - a constant
    for table in OF_MEMBERS
}
_ERASE_ANSWERS: Final = _counted("DELETE FROM coach.idempotency WHERE member_id = :member_id")
# That somebody was asked about stays; who they were does not.
_REKEY: Final = _counted(
    """UPDATE coach.copilot_calls SET
        member_id = CASE WHEN member_id = :member_id THEN :tombstone ELSE member_id END,
        mentor_id = CASE WHEN mentor_id = :member_id THEN :tombstone ELSE mentor_id END
    WHERE member_id = :member_id OR mentor_id = :member_id"""
)

_DUE: Final = text_statement(
    """SELECT DISTINCT member_id FROM (
        (SELECT member_id FROM coach.replies
         WHERE created_at < :chat_before AND (outcome IS NOT NULL OR state <> 'done') LIMIT :limit)
        UNION ALL
        (SELECT member_id FROM coach.replies WHERE created_at < :audit_before LIMIT :limit)
        UNION ALL
        (SELECT t.member_id FROM coach.threads AS t WHERE t.updated_at < :chat_before
         AND NOT EXISTS (SELECT 1 FROM coach.replies AS r WHERE r.thread_id = t.thread_id) LIMIT :limit)) AS due"""
)
_EXPIRED: Final = (
    _counted("DELETE FROM coach.messages WHERE member_id = :member_id AND created_at < :chat_before"),
    _counted(
        """DELETE FROM coach.replies WHERE member_id = :member_id
          AND (created_at < :audit_before OR (created_at < :chat_before AND state <> 'done'))"""
    ),
    _counted(
        """UPDATE coach.replies SET outcome = NULL
        WHERE member_id = :member_id AND created_at < :chat_before AND outcome IS NOT NULL"""
    ),
    _counted(
        """DELETE FROM coach.memories
        WHERE member_id = :member_id AND kind = 'summary' AND updated_at < :summaries_before"""
    ),
    _counted(
        """DELETE FROM coach.threads AS t WHERE t.member_id = :member_id AND t.updated_at < :chat_before
          AND NOT EXISTS (SELECT 1 FROM coach.messages AS m WHERE m.thread_id = t.thread_id)
          AND NOT EXISTS (SELECT 1 FROM coach.replies AS r WHERE r.thread_id = t.thread_id)"""
    ),
)
_EXPIRED_OF_ALL: Final = (
    (_counted("DELETE FROM coach.archived_intakes WHERE archived_at < :before"), "intakes_before"),
    (_counted("DELETE FROM coach.copilot_calls WHERE created_at < :before"), "audit_before"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The instants before which things are past their time."""

    chat_before: datetime
    summaries_before: datetime
    audit_before: datetime
    intakes_before: datetime


async def erase_rows(transaction: Transaction, member_id: UUID) -> dict[str, int]:
    """Deletes the member's key and every row of theirs, as the member; returns how many by table."""
    return {table: await transaction.fetch_value(erase, member_id=member_id) for table, erase in _ERASE.items()}


async def erase_traces(transaction: Transaction, member_id: UUID, tombstone: UUID) -> dict[str, int]:
    """Deletes kept answers and puts a tombstone into audits, on the system login."""
    return {
        "idempotency": await transaction.fetch_value(_ERASE_ANSWERS, member_id=member_id),
        "copilot_calls": await transaction.fetch_value(_REKEY, member_id=member_id, tombstone=tombstone),
    }


async def members_due(transaction: Transaction, limits: Limits, *, limit: int) -> tuple[UUID, ...]:
    """Members with something past its time, on the system login, which sees no text."""
    rows = await transaction.fetch_all(
        _DUE, chat_before=limits.chat_before, audit_before=limits.audit_before, limit=limit
    )
    return tuple(row["member_id"] for row in rows)


async def expire_of(transaction: Transaction, member_id: UUID, limits: Limits) -> int:
    """Deletes what is past its time of one member, as the member; returns how many rows it concerned."""
    removed = 0
    for statement in _EXPIRED:
        known = {name: getattr(limits, name) for name in statement.names if name != "member_id"}
        removed += await transaction.fetch_value(statement, member_id=member_id, **known)
    return removed


async def expire_of_all(transaction: Transaction, limits: Limits) -> int:
    """Deletes what is past its time and needs no key, on the system login."""
    removed = 0
    for statement, limit in _EXPIRED_OF_ALL:
        removed += await transaction.fetch_value(statement, before=getattr(limits, limit))
    return removed
