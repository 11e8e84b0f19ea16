"""All SQL of analytics."""

from datetime import datetime
from uuid import UUID

from chassis.db import Transaction
from chassis.sql import text_statement

_MARK = text_statement(
    """INSERT INTO analytics.dirty_members AS marked (member_id, marks, first_marked_at, last_marked_at)
    VALUES (:member_id, 1, :now, :now)
    ON CONFLICT (member_id) DO UPDATE SET marks = marked.marks + 1, last_marked_at = excluded.last_marked_at"""
)


class DirtyMemberRepository:
    """Members whose figures are out of date, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def mark(self, member_id: UUID, *, now: datetime) -> None:
        """Queues a mark on a member."""
        self._transaction.write(_MARK, expect=1, member_id=member_id, now=now)
