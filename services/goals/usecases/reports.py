"""Reports: how one goal is going, and what a dashboard shows of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from services.goals.domain.activity import Activity
from services.goals.domain.days import Calendar, local_day
from services.goals.domain.goal import MAX_ACTIVE_GOALS, Goal, MemberId, Status
from services.goals.domain.outlook import Counts, Summary, closed_counts, summarise
from services.goals.domain.progress import Progress, Reach, progress_of
from services.goals.domain.units import Ledger
from services.goals.errors import GoalNotFound
from services.goals.repository import (
    ActivityRepository,
    CalendarRepository,
    GoalFilter,
    GoalOrder,
    GoalRepository,
    Loaded,
)
from services.goals.usecases.calendars import CalendarUseCases
from services.goals.usecases.goals import member_of


@dataclass(frozen=True, slots=True)
class OverviewGoal:
    """One goal on a dashboard, with its progress over the week that holds today."""

    goal: Goal
    summary: Summary
    progress: Progress


@dataclass(frozen=True, slots=True)
class Overview:
    """What a dashboard shows of goals.

    Attributes:
        goals: Active ones, newest first.
        rate_7d: Percent done of the units that closed on the last 7 days, over all goals; None when none did.
        rate_30d: The same over 30 days.
        activities: The latest over all goals, newest first.
    """

    today: int
    goals: Sequence[OverviewGoal]
    rate_7d: float | None
    rate_30d: float | None
    activities: Sequence[Activity]


class ReportUseCases:
    """The verbs of reports."""

    def __init__(self, database: Database, clock: Clock, calendars: CalendarUseCases) -> None:
        self._database = database
        self._clock = clock
        self._calendars = calendars

    async def get_progress(self, principal: Principal, goal_id: UUID, reach: Reach) -> Progress:
        """How a goal is going over a span.

        Raises:
            GoalNotFound: None, or none that the caller may know of.
        """

        async def work(transaction: Transaction) -> Loaded:
            loaded = await GoalRepository(transaction).find(goal_id)
            if loaded is None:
                raise GoalNotFound
            return loaded

        loaded = await self._database.run(principal, work, read_only=True)
        return progress_of(loaded.goal, loaded.entries, self._today(loaded), reach=reach, moods=loaded.moods)

    async def get_overview(self, principal: Principal, *, activity_count: int) -> Overview:
        """The caller's dashboard."""
        member_id = member_of(principal)

        async def work(transaction: Transaction) -> tuple[list[Loaded], list[Activity], Calendar | None]:
            active = await _active_goals(transaction, member_id)
            activities = await ActivityRepository(transaction).latest_of(member_id, limit=activity_count)
            if active:
                return active, activities, active[0].goal.rule.calendar
            copy = await CalendarRepository(transaction).find(member_id)
            return active, activities, copy.calendar if copy else None

        active, activities, calendar = await self._database.run(principal, work, read_only=True)
        if calendar is None:
            calendar = (await self._calendars.fetch(principal, member_id)).calendar
        today = local_day(self._clock.now(), calendar)
        return _overview([(loaded, self._today(loaded)) for loaded in active], activities, today)

    def _today(self, loaded: Loaded) -> int:
        return loaded.goal.today(self._clock.now(), loaded.entries.last_day)


async def _active_goals(transaction: Transaction, member_id: MemberId) -> list[Loaded]:
    return await GoalRepository(transaction).list_of(
        member_id,
        GoalFilter(status=Status.ACTIVE),
        order=GoalOrder.CREATE_TIME,
        descending=True,
        after=None,
        limit=MAX_ACTIVE_GOALS,
    )


def _overview(active: Sequence[tuple[Loaded, int]], activities: Sequence[Activity], today: int) -> Overview:
    ledgers = [Ledger(loaded.goal, loaded.entries, its_today) for loaded, its_today in active]
    return Overview(
        today=max([today, *(its_today for _, its_today in active)]),
        goals=[_on_dashboard(loaded, its_today) for loaded, its_today in active],
        rate_7d=_rate(ledgers, 7),
        rate_30d=_rate(ledgers, 30),
        activities=activities,
    )


def _on_dashboard(loaded: Loaded, today: int) -> OverviewGoal:
    summary = summarise(loaded.goal, loaded.entries, today)
    progress = progress_of(loaded.goal, loaded.entries, today, moods=loaded.moods)
    return OverviewGoal(loaded.goal, summary, progress)


def _rate(ledgers: Sequence[Ledger], days: int) -> float | None:
    done = partial = missed = 0
    for ledger in ledgers:
        counts = closed_counts(ledger, days)
        done, partial, missed = done + counts.done, partial + counts.partial, missed + counts.missed
    return Counts(done, partial, missed).percent
