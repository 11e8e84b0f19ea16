"""Closed units for the warehouse: told anew when something changes, and when a day has ended (docs/adr/0123)."""

from collections.abc import Iterable
from typing import Final

from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from services.goals.domain.days import day_begins
from services.goals.domain.due_units import MOST_DAYS, DueUnit, closed_units, may_close
from services.goals.domain.units import Ledger
from services.goals.repository import GoalRepository
from services.goals.repository.due_units import DueUnitRepository, Watch

_AT_ONCE: Final = 50
_SYSTEM: Final = Principal.system("goals")


class DueUnitUseCases:
    """What the service does for analytics by itself; on the login that sees the goals of all members."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def tell_changed(self, system: Database) -> int:
        """Brings what is told of goals up to date where it may not be; how many goals it looked at."""

        async def take(transaction: Transaction) -> list[Watch]:
            repository, now = DueUnitRepository(transaction), self._clock.now()
            await repository.watch_changed(now)
            return await repository.take(now, limit=_AT_ONCE)

        taken = await system.run(_SYSTEM, take)
        for watch in taken:
            await self._tell(system, watch)
        return len(taken)

    async def _tell(self, system: Database, watch: Watch) -> None:
        async def work(transaction: Transaction) -> None:
            repository = DueUnitRepository(transaction)
            loaded = await GoalRepository(transaction).find(watch.goal_id)
            if loaded is None:
                repository.watch_again(watch, None)
                return
            goal, entries = loaded.goal, loaded.entries
            ledger = Ledger(goal, entries, goal.today(self._clock.now(), entries.last_day))
            await self._save(repository, watch, closed_units(ledger), since=ledger.today - MOST_DAYS)
            next_at = day_begins(ledger.today + 1, goal.rule.calendar) if may_close(ledger) else None
            repository.watch_again(watch, next_at)

        await system.run(_SYSTEM, work)

    async def _save(self, repository: DueUnitRepository, watch: Watch, units: Iterable[DueUnit], *, since: int) -> None:
        """Writes only what differs from what is told already, so that nothing else goes out again."""
        stored = await repository.stored(watch.goal_id, since=since)
        new = {new_id(self._clock): unit for unit in units if unit.place not in stored}
        known = {unit.place: unit for unit in units if unit.place in stored}
        changed = {unit_id: known[place] for place, (unit_id, unit) in stored.items() if known.get(place, unit) != unit}
        gone = [unit_id for place, (unit_id, _) in stored.items() if place not in known]
        if new:
            repository.add(watch, new)
        if changed:
            repository.change(changed)
        if gone:
            repository.remove(gone)
