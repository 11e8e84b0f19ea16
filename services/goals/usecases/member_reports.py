"""A member's goals over a span, for a service that writes about them unasked: reviews, advice to a mentor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from chassis.clock import Clock
from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from services.goals.domain.activity import Activity
from services.goals.domain.days import local_day
from services.goals.domain.fields import Checks
from services.goals.domain.goal import MAX_ACTIVE_GOALS, MemberId, Status
from services.goals.domain.outlook import summary_of
from services.goals.domain.progress import Progress, report_of
from services.goals.domain.units import Ledger
from services.goals.repository import ActivityRepository, GoalFilter, GoalOrder, GoalRepository, Loaded
from services.goals.usecases.calendars import CalendarUseCases
from services.goals.usecases.goals import ShownGoal, one_by_one

MOST_DAYS: Final = 100


@dataclass(frozen=True, slots=True)
class ReportUnit:
    """A unit that ended within the span: its days, and what became of it."""

    first: int
    last: int
    outcome: int


@dataclass(frozen=True, slots=True)
class ReportedGoal:
    """One goal, how it is going now, and its units within the span, in order."""

    shown: ShownGoal
    progress: Progress
    units: Sequence[ReportUnit]


@dataclass(frozen=True, slots=True)
class MemberReport:
    """Active goals and those completed since the span's first day, newest first, with the latest activities."""

    today: int
    goals: Sequence[ReportedGoal]
    activities: Sequence[Activity]


class MemberReportUseCases:
    """The verb of reports on a member."""

    def __init__(self, database: Database, clock: Clock, calendars: CalendarUseCases) -> None:
        self._database = database
        self._clock = clock
        self._calendars = calendars

    async def get_report(
        self, principal: Principal, member_id: UUID, first: date, last: date, *, activity_count: int
    ) -> MemberReport:
        """What became of a member's units that ended on the days of [first, last].

        Raises:
            InvalidArgument: The span is empty or longer than `MOST_DAYS`.
        """
        low, high = _span(first, last)
        owner = Principal.member(member_id, caller=principal.caller)

        async def work(transaction: Transaction) -> tuple[list[Loaded], list[Activity]]:
            goals = GoalRepository(transaction)
            active = await _of(goals, MemberId(member_id), Status.ACTIVE)
            completed = await _of(goals, MemberId(member_id), Status.COMPLETED)
            recent = await ActivityRepository(transaction).latest_of(member_id, limit=activity_count)
            return [*active, *(each for each in completed if _was_completed_since(each, low))], recent

        loaded, activities = await self._database.run(owner, work, read_only=True)
        today = await self._today(owner, member_id, loaded)
        return MemberReport(
            today=today,
            goals=[self._reported(each, low, high) async for each in one_by_one(loaded)],
            activities=[activity for activity in activities if activity.local_day <= high],
        )

    async def _today(self, owner: Principal, member_id: UUID, loaded: Sequence[Loaded]) -> int:
        now = self._clock.now()
        if loaded:
            return max(each.goal.today(now, each.entries.last_day) for each in loaded)
        return local_day(now, (await self._calendars.fetch(owner, member_id)).calendar)

    def _reported(self, loaded: Loaded, low: int, high: int) -> ReportedGoal:
        ledger = Ledger(loaded.goal, loaded.entries, loaded.goal.today(self._clock.now(), loaded.entries.last_day))
        units = [
            ReportUnit(first, last, outcome)
            for stretch in ledger.stretches
            for first, last, outcome in zip(stretch.firsts, stretch.lasts, stretch.outcomes, strict=True)
            if low <= last <= high
        ]
        shown = ShownGoal.of(loaded, summary_of(ledger))
        return ReportedGoal(shown, report_of(ledger, moods=loaded.moods), units)


async def _of(goals: GoalRepository, member_id: MemberId, status: Status) -> list[Loaded]:
    return await goals.list_of(
        member_id,
        GoalFilter(status=status),
        order=GoalOrder.CREATE_TIME if status is Status.ACTIVE else GoalOrder.UPDATE_TIME,
        descending=True,
        after=None,
        limit=MAX_ACTIVE_GOALS,
    )


def _was_completed_since(loaded: Loaded, day: int) -> bool:
    completed_on = loaded.goal.completed_day
    return completed_on is not None and completed_on >= day


def _span(first: date, last: date) -> tuple[int, int]:
    checks = Checks()
    low, high = checks.day("start_date", first).toordinal(), checks.day("end_date", last).toordinal()
    if high < low:
        checks.fail("end_date", "must not be before `start_date`")
    elif high - low >= MOST_DAYS:
        checks.fail("end_date", f"must be at most {MOST_DAYS - 1} days after `start_date`")
    checks.finish()
    return low, high
