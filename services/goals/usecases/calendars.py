"""The copy of members' calendars: told by mentor's events, or asked for on first use."""

from uuid import UUID

from chassis.clock import Clock
from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from services.goals.clients import Members
from services.goals.domain.planning import change_calendar
from services.goals.repository import CalendarCopy, CalendarRepository, GoalRepository


class CalendarUnknown(Exception):
    """The member's calendar is not here yet; fetch it and try again. Never leaves the use cases."""


class CalendarUseCases:
    """Keeps the copy of calendars."""

    def __init__(self, database: Database, clock: Clock, members: Members) -> None:
        self._database = database
        self._clock = clock
        self._members = members

    async def fetch(self, principal: Principal, member_id: UUID) -> CalendarCopy:
        """Asks mentor for the member's calendar and keeps a copy, unless a newer one came meanwhile."""
        profile = await self._members.get(member_id)
        copy = CalendarCopy(profile.calendar, 0, profile.as_of)

        async def work(transaction: Transaction) -> None:
            CalendarRepository(transaction).save(member_id, copy)

        await self._database.run(principal, work)
        return copy

    async def take_over(self, transaction: Transaction, member_id: UUID, told: CalendarCopy) -> None:
        """Keeps what mentor told, and gives every goal a version under the new calendar.

        The member's today does not go back: the latest day that was logged is its floor from now on.
        """
        calendars, goals = CalendarRepository(transaction), GoalRepository(transaction)
        kept = await calendars.lock(member_id)
        if not told.is_newer_than(kept):
            return
        calendars.save(member_id, told)
        if kept is None or kept.calendar == told.calendar:
            return
        now = self._clock.now()
        latest = await goals.latest_day(member_id)
        for goal, is_empty in await goals.lock_all(member_id):
            changed = change_calendar(
                goal,
                told.calendar,
                is_empty=is_empty,
                today=goal.today(now, latest),
                last_logged_day=latest,
                now=now,
            )
            if changed is not goal:
                goals.save(changed)
