"""Folds: entries of long ago in one row per goal, kept for lists and dropped by whoever changes such an entry.

Nobody waits for a reader. A change of an old entry marks the goal's row with its transaction, making it where there is
none; a fold is kept only where the last such transaction had ended before the fold's entries were read (docs/adr/0111).
"""

import struct
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from chassis.db import Record, Transaction
from chassis.sql import text_statement
from services.goals.domain.activity import Activity
from services.goals.domain.folds import NOTHING_FOLDED, Folded, is_late
from services.goals.domain.goal import GoalId

# Of what `pack` writes; folds of another form are passed over, and replaced.
FORM: Final = 1
_HEAD: Final = struct.Struct("<6i")
_WAIT_MS: Final = "10"

# What lists join as `f`: no fold, or one that holds.
JOINED: Final = f"LEFT JOIN goals.folds AS f ON f.goal_id = g.goal_id AND f.form = {FORM} AND f.until IS NOT NULL"

# Transactions from the horizon on are not all in what was read before this statement; later ones read what they left.
_BEGIN = text_statement(
    """SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon,
        set_config('lock_timeout', :milliseconds, true) AS lock_timeout"""
)
_KEEP = text_statement(
    f"""INSERT INTO goals.folds (member_id, goal_id, form, until, content)
    SELECT CAST(:member_id AS uuid), new.goal_id, {FORM}, CAST(:until AS date), new.content
    FROM unnest(CAST(:goal_ids AS uuid[]), CAST(:contents AS bytea[])) AS new (goal_id, content)
    ORDER BY new.goal_id
    ON CONFLICT (goal_id) DO UPDATE SET form = EXCLUDED.form, until = EXCLUDED.until, content = EXCLUDED.content
    WHERE folds.dropped_by < CAST(CAST(:horizon AS text) AS xid8)"""  # noqa: S608 - composed of constants
)
_DROP = text_statement(
    f"""INSERT INTO goals.folds (member_id, goal_id, form, dropped_by)
    SELECT g.member_id, g.goal_id, {FORM}, pg_current_xact_id()
    FROM goals.goals AS g WHERE g.goal_id = ANY(CAST(:goal_ids AS uuid[]))
    ORDER BY g.goal_id
    ON CONFLICT (goal_id) DO UPDATE SET until = NULL, content = NULL, dropped_by = EXCLUDED.dropped_by"""  # noqa: S608
)


class FoldRepository:
    """Folds, within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def begin(self) -> str:
        """The horizon of folds whose entries are read from now on; does without long waits for the rest of them."""
        horizon: str = await self._transaction.fetch_value(_BEGIN, milliseconds=_WAIT_MS)
        return horizon

    def keep(self, member_id: UUID, folds: Mapping[GoalId, Folded], *, until: int, horizon: str) -> None:
        """Queues folds up to a day, but for goals of which old entries were changed from `horizon` on."""
        self._transaction.write(
            _KEEP,
            member_id=member_id,
            goal_ids=list(folds),
            contents=[pack(fold) for fold in folds.values()],
            until=date.fromordinal(until),
            horizon=horizon,
        )


def drop_late(transaction: Transaction, activities: Iterable[Activity], *, at: datetime) -> None:
    """Queues what follows for folds where entries are written, corrected or taken back: those of long ago drop them."""
    drop_of(transaction, {each.goal_id for each in activities if is_late(each.local_day, written_at=at)})


def drop_of(transaction: Transaction, goal_ids: Collection[GoalId]) -> None:
    """Queues that goals lose their folds; they are there, and nothing else that is queued drops the same."""
    if goal_ids:
        transaction.write(_DROP, goal_ids=list(goal_ids))


def pack(fold: Folded) -> bytes:
    """The content of a row: a day and five lengths, counts, days, values."""
    several = (fold.surplus, fold.skips, fold.slips, fold.days)
    days = [day for some in several for day in some]
    head = _HEAD.pack(fold.counts_from, len(fold.counts), *map(len, several))
    return head + fold.counts + struct.pack(f"<{len(days)}i{len(fold.values)}d", *days, *fold.values)


def unpack(until: date, content: bytes) -> Folded:
    """What `pack` packed."""
    counts_from, counted, surplus, skipped, slipped, valued = _HEAD.unpack_from(content)
    behind, most = _HEAD.size + counted, surplus + skipped
    days: tuple[int, ...] = struct.unpack_from(f"<{most + slipped + valued}i", content, behind)
    return Folded(
        until.toordinal(),
        counts_from,
        content[_HEAD.size : behind],
        days[:surplus],
        days[surplus:most],
        days[most : most + slipped],
        days[most + slipped :],
        struct.unpack_from(f"<{valued}d", content, behind + 4 * len(days)),
    )


def folded_in(row: Record) -> Folded:
    """The fold in a row of `JOINED`."""
    return unpack(row["fold_until"], row["fold"]) if row["fold"] is not None else NOTHING_FOLDED
