"""What follows for a goal from a change of its entries: it may complete by itself, or be active again."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.db import Transaction
from services.goals import events
from services.goals.domain import planning
from services.goals.domain.completion import settle
from services.goals.domain.goal import MemberId, Pattern, Status
from services.goals.repository import CalendarRepository, GoalRepository, Loaded

COMPLETING: Final = frozenset({Pattern.MILESTONE, Pattern.TARGET, Pattern.STREAK})
"""Patterns that complete by what is logged. Whoever changes entries of such a goal locks it first: two of them at once
would each see its own entry only, and the goal would stay active though both together reach it."""


async def settle_anew(transaction: Transaction, goal_ids: Collection[UUID], now: datetime) -> list[Loaded]:
    """Sends what is queued, reads the goals as they are then, and queues what follows for each.

    Raises:
        GoalQuotaExceeded: A goal would be active again, and the member has as many as may be.
    """
    return [await _settled(transaction, each, now) for each in await GoalRepository(transaction).find_all(goal_ids)]


async def check_quota(transaction: Transaction, member_id: MemberId) -> None:
    """One more goal may become active; true until the end of the transaction.

    Raises:
        GoalQuotaExceeded: The member has as many as may be.
    """
    await CalendarRepository(transaction).lock(member_id)
    planning.check_quota(await GoalRepository(transaction).count_active(member_id))


async def _settled(transaction: Transaction, loaded: Loaded, now: datetime) -> Loaded:
    goal, entries = loaded.goal, loaded.entries
    if goal.pattern not in COMPLETING:
        return loaded
    settled = settle(goal, entries, today=goal.today(now, entries.last_day), now=now)
    if settled is goal:
        return loaded
    if settled.status is Status.ACTIVE and goal.status is not Status.ACTIVE:
        await check_quota(transaction, goal.member_id)
    settled = replace(settled, update_time=now, revision=goal.revision + 1)
    GoalRepository(transaction).save(settled)
    events.tell_changed(transaction, goal, settled)
    return replace(loaded, goal=settled)
