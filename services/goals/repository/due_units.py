"""Closed units for the warehouse, and the watch that keeps them true; on the system login (docs/adr/0123)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.db import Transaction
from chassis.sql import text_statement
from services.goals.domain.due_units import DueUnit, Place
from services.goals.domain.goal import GoalId, MemberId

# Who takes a goal up and dies leaves it to others after this.
_LEASE: Final = timedelta(minutes=5)
_SINCE: Final = "txid >= (SELECT txid FROM seen) AND {0}.txid < (SELECT txid FROM bound)"

# Goals that were written, or on which something was logged, corrected, taken back or excused, since the last look. The
# bound is the feeds' own: what is still being written is seen at the next look.
_WATCH = text_statement(
    f"""WITH bound AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS txid),
    seen AS (SELECT txid FROM goals.due_unit_cursor FOR UPDATE),
    touched AS (
        SELECT g.goal_id, g.member_id FROM goals.goals AS g WHERE g.{_SINCE.format("g")}
        UNION
        SELECT a.goal_id, a.member_id FROM goals.activities AS a WHERE a.{_SINCE.format("a")}
        UNION
        SELECT g.goal_id, g.member_id FROM goals.vacations AS v
            JOIN goals.goals AS g ON g.member_id = v.member_id AND (v.goal_id IS NULL OR v.goal_id = g.goal_id)
            WHERE v.{_SINCE.format("v")}
        UNION
        SELECT g.goal_id, g.member_id FROM goals.feed_tombstones AS t
            JOIN goals.goals AS g ON g.member_id = t.member_id
            WHERE t.entity = 'goals.activities' AND t.{_SINCE.format("t")}
    ),
    moved AS (UPDATE goals.due_unit_cursor SET txid = (SELECT txid FROM bound))
    INSERT INTO goals.due_unit_watches (goal_id, member_id, due_at)
    SELECT goal_id, member_id, CAST(:now AS timestamptz) FROM touched
    ON CONFLICT (goal_id) DO UPDATE SET due_at = least(due_unit_watches.due_at, excluded.due_at)
    RETURNING goal_id"""  # noqa: S608 - composed of constants
)
_TAKE = text_statement(
    """UPDATE goals.due_unit_watches AS w SET due_at = :leased_until
    WHERE w.goal_id IN (
        SELECT d.goal_id FROM goals.due_unit_watches AS d WHERE d.due_at <= :now
        ORDER BY d.due_at LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING w.goal_id, w.member_id, w.due_at"""
)
# Not where somebody wrote meanwhile: then it is due at once.
_WATCH_AGAIN = text_statement(
    "UPDATE goals.due_unit_watches SET due_at = :next_at WHERE goal_id = :goal_id AND due_at = :due_at"
)
_FORGET = text_statement("DELETE FROM goals.due_unit_watches WHERE goal_id = :goal_id AND due_at = :due_at")
_STORED = text_statement(
    """SELECT unit_id, first_date, last_date, number, outcome, effective_from FROM goals.due_units
    WHERE goal_id = :goal_id AND last_date >= :since"""
)
_ADD = text_statement(
    """INSERT INTO goals.due_units
        (unit_id, goal_id, member_id, first_date, last_date, number, outcome, effective_from)
    SELECT u.unit_id, :goal_id, :member_id, u.first_date, u.last_date, u.number, u.outcome, u.effective_from
    FROM unnest(CAST(:unit_ids AS uuid[]), CAST(:firsts AS date[]), CAST(:lasts AS date[]),
        CAST(:numbers AS smallint[]), CAST(:outcomes AS text[]), CAST(:versions AS date[]))
        AS u (unit_id, first_date, last_date, number, outcome, effective_from)"""
)
_CHANGE = text_statement(
    """UPDATE goals.due_units AS d SET outcome = u.outcome, effective_from = u.effective_from
    FROM unnest(CAST(:unit_ids AS uuid[]), CAST(:outcomes AS text[]), CAST(:versions AS date[]))
        AS u (unit_id, outcome, effective_from)
    WHERE d.unit_id = u.unit_id"""
)
_REMOVE = text_statement("DELETE FROM goals.due_units WHERE unit_id = ANY(CAST(:unit_ids AS uuid[]))")


@dataclass(frozen=True, slots=True)
class Watch:
    """A goal whose units are to be told anew."""

    goal_id: GoalId
    member_id: MemberId
    due_at: datetime


class DueUnitRepository:
    """Closed units and watches, within one transaction of the system login."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def watch_changed(self, now: datetime) -> int:
        """Makes goals due on which something changed; how many. One caller at a time."""
        return len(await self._transaction.fetch_all(_WATCH, now=now))

    async def take(self, now: datetime, *, limit: int) -> list[Watch]:
        """At most `limit` goals that are due, which nobody else takes for a while."""
        rows = await self._transaction.fetch_all(_TAKE, now=now, leased_until=now + _LEASE, limit=limit)
        return [Watch(GoalId(row["goal_id"]), MemberId(row["member_id"]), row["due_at"]) for row in rows]

    async def stored(self, goal_id: GoalId, *, since: int) -> dict[Place, tuple[UUID, DueUnit]]:
        """What is told of a goal from that last day on, by place."""
        rows = await self._transaction.fetch_all(_STORED, goal_id=goal_id, since=date.fromordinal(since))
        units = [
            (
                row["unit_id"],
                DueUnit(
                    row["first_date"].toordinal(),
                    row["last_date"].toordinal(),
                    row["number"],
                    row["outcome"],
                    row["effective_from"].toordinal(),
                ),
            )
            for row in rows
        ]
        return {unit.place: (unit_id, unit) for unit_id, unit in units}

    def add(self, watch: Watch, units: Mapping[UUID, DueUnit]) -> None:
        """Queues units that are new."""
        self._transaction.write(
            _ADD,
            expect=len(units),
            goal_id=watch.goal_id,
            member_id=watch.member_id,
            unit_ids=list(units),
            firsts=[date.fromordinal(unit.first) for unit in units.values()],
            lasts=[date.fromordinal(unit.last) for unit in units.values()],
            numbers=[unit.number for unit in units.values()],
            outcomes=[unit.outcome for unit in units.values()],
            versions=[date.fromordinal(unit.effective_from) for unit in units.values()],
        )

    def change(self, units: Mapping[UUID, DueUnit]) -> None:
        """Queues other outcomes of units."""
        self._transaction.write(
            _CHANGE,
            expect=len(units),
            unit_ids=list(units),
            outcomes=[unit.outcome for unit in units.values()],
            versions=[date.fromordinal(unit.effective_from) for unit in units.values()],
        )

    def remove(self, unit_ids: Sequence[UUID]) -> None:
        """Queues the end of units that are none any more."""
        self._transaction.write(_REMOVE, expect=len(unit_ids), unit_ids=list(unit_ids))

    def watch_again(self, watch: Watch, next_at: datetime | None) -> None:
        """Queues the next look at a goal; without one it is looked at when something changes."""
        if next_at is None:
            self._transaction.write(_FORGET, goal_id=watch.goal_id, due_at=watch.due_at)
        else:
            self._transaction.write(_WATCH_AGAIN, goal_id=watch.goal_id, due_at=watch.due_at, next_at=next_at)
