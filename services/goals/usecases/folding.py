"""Folds made on the way: a list that had to read many old entries keeps what they come to for the next one."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chassis.db import Database, Transaction
from chassis.errors import TandemError
from chassis.identity.principal import Principal
from chassis.telemetry.logs import get_logger
from services.goals.domain.folds import WORTH_FOLDING, fold, last_folded_day
from services.goals.repository import GoalRepository, Loaded
from services.goals.repository.folds import FoldRepository

_log = get_logger(__name__)


async def keep_folds(
    database: Database, principal: Principal, member_id: UUID, found: Iterable[Loaded], now: datetime
) -> None:
    """Folds old entries of those of a member's listed goals that are worth it; never fails, as the list is there."""
    until = last_folded_day(now)
    goal_ids = [each.goal.id for each in found if each.entries.count_behind(until) >= WORTH_FOLDING]
    if not goal_ids:
        return

    async def work(transaction: Transaction) -> None:
        folds = FoldRepository(transaction)
        horizon = await folds.begin()
        read = await GoalRepository(transaction).find_all(goal_ids)
        made = {}
        for each in read:
            await asyncio.sleep(0)  # Others have their turn.
            made[each.goal.id] = fold(*each.entries.unfolded(), until)
        folds.keep(member_id, made, until=until, horizon=horizon)

    try:
        await database.run(principal, work)
    except TandemError as problem:
        _log.info("folds_not_kept", reason=problem.reason)
