"""Events in: mentor tells whose days are cut how."""

from collections.abc import Mapping
from datetime import UTC
from uuid import UUID

from chassis.consumer import Handler
from chassis.db import Transaction
from services.goals.domain.days import Calendar
from services.goals.repository import CalendarCopy
from services.goals.usecases import CalendarUseCases
from tandem.event.v1 import event_pb2


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
