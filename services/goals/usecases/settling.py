"""What follows for a goal from a change of its entries: it may complete by itself, or be active again."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from services.goals import events
from services.goals.domain import planning
from services.goals.domain.completion import is_completed_by_days, settle
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


async def catch_up(database: Database, principal: Principal, found: Iterable[Loaded], now: datetime) -> bool:
    """Completes those of the caller's goals that days alone completed since the last writing (docs/adr/0119).

    Returns:
        Something was completed, so that what was found is to be read again.
    """
    late = [
        each.goal.id
        for each in found
        if each.goal.member_id == principal.member_id
        and is_completed_by_days(each.goal, each.entries, today=each.goal.today(now, each.entries.last_day))
    ]
    if not late:
        return False

    async def work(transaction: Transaction) -> None:
        await GoalRepository(transaction).lock(late)
        await settle_anew(transaction, late, now)

    await database.run(principal, work)
    return True


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
