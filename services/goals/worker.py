"""Events in: mentor tells whose days are cut how. And loops that make plans, and that tell the warehouse of units."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, timedelta
from uuid import UUID

from chassis.consumer import Handler
from chassis.db import Database, Transaction
from chassis.errors import TandemError
from chassis.telemetry.logs import get_logger
from services.goals.domain.days import Calendar
from services.goals.repository import CalendarCopy
from services.goals.usecases import CalendarUseCases, DueUnitUseCases, PlanUseCases
from tandem.event.v1 import event_pb2

_log = get_logger(__name__)

LOOK_EVERY = timedelta(seconds=15)


def planning(plans: PlanUseCases, system: Database, *, every: timedelta = LOOK_EVERY) -> Callable[[], Awaitable[None]]:
    """A loop that makes plans for goals whose members did not get one at once."""

    async def make_plans() -> None:
        while True:
            try:
                taken = await plans.make_overdue(system)
            except TandemError as problem:
                _log.warning("overdue_plans_failed", reason=problem.reason)
                taken = 0
            if not taken:
                await asyncio.sleep(every.total_seconds())

    return make_plans


def telling(
    units: DueUnitUseCases, system: Database, *, every: timedelta = LOOK_EVERY
) -> Callable[[], Awaitable[None]]:
    """A loop that tells the warehouse what became of units, once they have closed and whenever that changes."""

    async def tell_units() -> None:
        while True:
            try:
                taken = await units.tell_changed(system)
            except TandemError as problem:
                _log.warning("due_units_failed", reason=problem.reason)
                taken = 0
            if not taken:
                await asyncio.sleep(every.total_seconds())

    return tell_units


def handlers(calendars: CalendarUseCases) -> Mapping[str, Handler]:
    """What to do with the events of others, by event type."""

    async def registered(event: event_pb2.Event, transaction: Transaction) -> None:
        await calendars.take_over(transaction, UUID(event.member_id), _told(event, event.member_registered.calendar))

    async def updated(event: event_pb2.Event, transaction: Transaction) -> None:
        await calendars.take_over(transaction, UUID(event.member_id), _told(event, event.member_updated.calendar))

    return {"mentor.member_registered": registered, "mentor.member_updated": updated}


def _told(event: event_pb2.Event, calendar: event_pb2.MemberCalendar) -> CalendarCopy:
    return CalendarCopy(
        Calendar(calendar.timezone, calendar.day_start_hour, calendar.week_start),
        event.aggregate_version,
        event.occur_time.ToDatetime(UTC),
    )
