"""Figures looked at closely: the calendar of a goal, and the units behind a number."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.clock import Clock
from chassis.db import Database, Transaction
from chassis.errors import InvalidArgument
from chassis.identity.principal import Principal
from services.goals.domain.agenda import MOST_DAYS, AgendaDay, days_between
from services.goals.domain.explanation import MOST_NAMED, Explanation, Metric, days_behind, explain, name
from services.goals.domain.fields import Checks
from services.goals.domain.goal import Goal
from services.goals.domain.hindsight import as_of, day_looked_at
from services.goals.domain.units import Ledger
from services.goals.errors import GoalNotFound
from services.goals.repository import GoalRepository, Loaded
from services.goals.repository.evidence import EvidenceRepository


@dataclass(frozen=True, slots=True)
class ShownCalendar:
    """A goal's days, in order."""

    goal: Goal
    days: Sequence[AgendaDay]


@dataclass(frozen=True, slots=True)
class ShownExplanation:
    """An explanation, with the ids of the entries that each of its steps stands on."""

    goal: Goal
    explanation: Explanation
    named: Sequence[Sequence[UUID]]


class FigureUseCases:
    """The verbs of figures. All raise `GoalNotFound` where there is no goal that the caller may know of."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get_calendar(self, principal: Principal, goal_id: UUID, first: date, last: date) -> ShownCalendar:
        """Every day of [first, last], past and future.

        Raises:
            InvalidArgument: More days than `MOST_DAYS`, none, or days that cannot be asked for.
        """
        checks = Checks()
        low, high = checks.day("from", first).toordinal(), checks.day("to", last).toordinal()
        if high < low:
            checks.fail("to", "must not be before `from`")
        elif high - low >= MOST_DAYS:
            checks.fail("to", f"must be at most {MOST_DAYS - 1} days after `from`")
        checks.finish()

        async def work(transaction: Transaction) -> Loaded:
            return await _get(transaction, goal_id)

        loaded = await self._database.run(principal, work, read_only=True)
        ledger = Ledger(loaded.goal, loaded.entries, self._today(loaded), until=high)
        return ShownCalendar(loaded.goal, days_between(ledger, low, high))

    async def explain(
        self, principal: Principal, goal_id: UUID, metric: Metric, day: date | None = None
    ) -> ShownExplanation:
        """The units behind a figure as of a day, by what is known now.

        Raises:
            InvalidArgument: The day lies in the future, or before the goal's start.
        """

        async def work(transaction: Transaction) -> ShownExplanation:
            loaded = await _get(transaction, goal_id)
            on = day_looked_at(day, today=self._today(loaded))
            if day is not None and on < loaded.goal.start_day:
                raise InvalidArgument.of("date", "must not lie before the goal's start date")
            goal, entries = loaded.goal, loaded.entries
            if day is not None:
                goal, entries = as_of(goal, on), entries.until(on)
            # A goal may be a century old: others have their turn meanwhile.
            explanation = await asyncio.to_thread(lambda: explain(Ledger(goal, entries, on), metric))
            span = days_behind(explanation)
            found = await EvidenceRepository(transaction).between(goal_id, *span, most=MOST_NAMED) if span else []
            return ShownExplanation(goal, explanation, name(explanation, found))

        return await self._database.run(principal, work, read_only=True)

    def _today(self, loaded: Loaded) -> int:
        return loaded.goal.today(self._clock.now(), loaded.entries.last_day)


async def _get(transaction: Transaction, goal_id: UUID) -> Loaded:
    loaded = await GoalRepository(transaction).find(goal_id)
    if loaded is None:
        raise GoalNotFound
    return loaded
