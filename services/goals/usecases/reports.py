"""Reports: how one goal is going, and what a dashboard shows of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis.clock import Clock
from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from services.goals.domain.activity import Activity
from services.goals.domain.days import Calendar, local_day
from services.goals.domain.hindsight import Hindsight, as_known, as_of, check_known_at, day_looked_at
from services.goals.domain.logged_days import LoggedDay, logged_days
from services.goals.domain.outlook import Counts, closed_counts, summary_of
from services.goals.domain.progress import Progress, Reach, progress_of, report_of
from services.goals.domain.units import Ledger
from services.goals.errors import GoalNotFound
from services.goals.repository import (
    ActivityRepository,
    BriefActivity,
    CalendarRepository,
    Completed,
    GoalRepository,
    HindsightRepository,
    KnownRows,
    KnownThen,
    Loaded,
    OverviewRepository,
)
from services.goals.usecases.calendars import CalendarUseCases
from services.goals.usecases.folding import keep_folds
from services.goals.usecases.goals import ShownGoal, as_before, member_of
from services.goals.usecases.settling import catch_up

# How long a goal that was reached is spoken of.
COMPLETED_DAYS: Final = 30
_NOW: Final = Hindsight()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class OverviewGoal:
    """One goal on a dashboard, with its progress over the week that holds today; equal to itself only, as `ShownGoal`.

    Attributes:
        last_entry_day: The latest day with an entry that says something of a unit; 0 where there is none.
        logged: What was logged since the first day that was asked for.
    """

    shown: ShownGoal
    progress: Progress
    last_entry_day: int = 0
    logged: Sequence[LoggedDay] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What a dashboard shows of goals.

    Attributes:
        goals: Active ones, newest first.
        rate_7d: Percent done of the units that closed on the last 7 days, over all goals; None when none did.
        rate_30d: The same over 30 days.
        activities: The latest over all goals, newest first.
        brief: The same without their circumstances, where so asked for.
        completed: Goals reached over the last 30 days, the latest first.
        logged_from: The first day of which goals tell what was logged; None where nobody asked.
    """

    today: int
    goals: Sequence[OverviewGoal]
    rate_7d: float | None
    rate_30d: float | None
    activities: Sequence[Activity]
    brief: Sequence[BriefActivity] = ()
    completed: Sequence[Completed] = ()
    logged_from: int | None = None


class ReportUseCases:
    """The verbs of reports."""

    def __init__(self, database: Database, clock: Clock, calendars: CalendarUseCases) -> None:
        self._database = database
        self._clock = clock
        self._calendars = calendars
        self._known = KnownRows()

    async def get_progress(
        self, principal: Principal, goal_id: UUID, reach: Reach, hindsight: Hindsight = _NOW
    ) -> Progress:
        """How a goal is going over a span; looked back at, how it was going, or seemed to.

        Raises:
            GoalNotFound: None, or none that the caller may know of.
            InvalidArgument: The hindsight looks ahead, or back before there was a goal.
        """
        now, known_at = self._clock.now(), hindsight.known_at
        if known_at is not None:
            check_known_at(known_at, now=now)

        async def work(transaction: Transaction) -> KnownThen:
            if known_at is not None:
                found = await HindsightRepository(transaction).find(goal_id, known_at)
            else:
                loaded = await GoalRepository(transaction).find(goal_id)
                found = KnownThen(loaded, loaded.entries.last_day) if loaded else None
            if found is None:
                raise GoalNotFound
            return found

        found = await self._database.run(principal, work, read_only=True)
        if hindsight == _NOW and await catch_up(self._database, principal, [found.loaded], now):
            found = await self._database.run(principal, work, read_only=True)
        goal, entries, moods = found.loaded.goal, found.loaded.entries, found.loaded.moods
        day = day_looked_at(hindsight.day, today=goal.today(now, found.latest_day))
        if known_at is not None:
            goal = as_known(goal, known_at)
        if hindsight.day is not None:
            goal, entries, moods = as_of(goal, day), entries.until(day), moods.until(day)
        return progress_of(goal, entries, day, reach=reach, moods=moods)

    async def get_overview(
        self,
        principal: Principal,
        *,
        activity_count: int = 0,
        brief_count: int = 0,
        completed_count: int = 0,
        logged_day_count: int = 0,
    ) -> Overview:
        """The caller's dashboard.

        Args:
            principal: Whose it is.
            activity_count: Of the latest activities, at most so many.
            brief_count: Of the latest activities without their circumstances, at most so many.
            completed_count: Of the goals completed lately, at most so many.
            logged_day_count: Of so many days, today the last, each goal tells what was logged.
        """
        member_id = member_of(principal)
        # The member's own day may be one behind.
        since = self._clock.now().date() - timedelta(days=COMPLETED_DAYS + 1)

        async def work(transaction: Transaction) -> _Read:
            found = await OverviewRepository(transaction, self._known).find(
                member_id, brief_limit=brief_count, since=since, completed_limit=completed_count
            )
            activities: Sequence[Activity] = ()
            if activity_count:
                activities = await ActivityRepository(transaction).latest_of(member_id, limit=activity_count)
            if found.active:
                return _Read(found.active, activities, found.brief, found.completed, found.active[0].goal.rule.calendar)
            copy = await CalendarRepository(transaction).find(member_id)
            return _Read((), activities, found.brief, found.completed, copy.calendar if copy else None)

        read = await self._database.run(principal, work, read_only=True)
        if await catch_up(self._database, principal, read.active, self._clock.now()):
            read = await self._database.run(principal, work, read_only=True)
        calendar = read.calendar or (await self._calendars.fetch(principal, member_id)).calendar
        today = local_day(self._clock.now(), calendar)
        logged_from = today + 1 - logged_day_count if logged_day_count else None
        shown = [await self._on_dashboard(loaded, logged_from) for loaded in read.active]
        await keep_folds(self._database, principal, member_id, read.active, self._clock.now())
        return replace(_overview(shown, read, today), logged_from=logged_from)

    async def _on_dashboard(self, loaded: Loaded, logged_from: int | None) -> "_Derived":
        """A goal's part of it; a chat asks with every message."""
        today = loaded.goal.today(self._clock.now(), loaded.entries.last_day)
        return await as_before(loaded, (today, logged_from), lambda: _derive(loaded, today, logged_from))


@dataclass(frozen=True, slots=True)
class _Read:
    """What a dashboard is made of; without a calendar where none is known here."""

    active: Sequence[Loaded]
    activities: Sequence[Activity]
    brief: Sequence[BriefActivity]
    completed: Sequence[Completed]
    calendar: Calendar | None


@dataclass(frozen=True, slots=True)
class _Derived:
    """All that a dashboard needs of one goal, out of one ledger."""

    shown: OverviewGoal
    today: int
    counts_7d: Counts
    counts_30d: Counts


def _derive(loaded: Loaded, today: int, logged_from: int | None) -> _Derived:
    ledger = Ledger(loaded.goal, loaded.entries, today)
    shown, progress = ShownGoal.of(loaded, summary_of(ledger)), report_of(ledger, moods=loaded.moods)
    logged = () if logged_from is None else logged_days(loaded.entries, logged_from)
    on_dashboard = OverviewGoal(shown, progress, loaded.entries.last_day, logged)
    return _Derived(on_dashboard, today, closed_counts(ledger, 7), closed_counts(ledger, 30))


def _overview(derived: Sequence[_Derived], read: _Read, today: int) -> Overview:
    today = max([today, *(one.today for one in derived)])
    return Overview(
        today=today,
        goals=[one.shown for one in derived],
        rate_7d=_rate([one.counts_7d for one in derived]),
        rate_30d=_rate([one.counts_30d for one in derived]),
        activities=read.activities,
        brief=read.brief,
        completed=[each for each in read.completed if today - each.completed_on.toordinal() <= COMPLETED_DAYS],
    )


def _rate(of_goals: Sequence[Counts]) -> float | None:
    done, partial = sum(counts.done for counts in of_goals), sum(counts.partial for counts in of_goals)
    return Counts(done, partial, sum(counts.missed for counts in of_goals)).percent
