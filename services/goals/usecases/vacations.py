"""Vacations: days of one goal, or of all goals of a member, on which nothing is asked for."""

from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from services.goals.domain.care import Vacation, VacationDraft, check_open, plan_vacation
from services.goals.errors import GoalNotFound
from services.goals.repository import GoalRepository, VacationPosition, VacationRepository
from services.goals.usecases.calendars import CalendarUnknown, CalendarUseCases
from services.goals.usecases.goals import member_of


class VacationUseCases:
    """The verbs of vacations; `goal_id` is None for those of the member."""

    def __init__(self, database: Database, clock: Clock, calendars: CalendarUseCases) -> None:
        self._database = database
        self._clock = clock
        self._calendars = calendars

    async def create_vacation(
        self, principal: Principal, goal_id: UUID | None, draft: VacationDraft, *, key: IdempotencyKey | None
    ) -> Vacation:
        """Days on which nothing is asked for, past or to come.

        Raises:
            GoalNotFound: None, or none that the caller may know of.
            InvalidArgument: A field breaks a rule.
            GoalClosed: The goal is completed or archived.
            TooMany: There are as many as may be.
        """
        member_id = member_of(principal)

        async def work(transaction: Transaction) -> Vacation:
            await _lock_holder(transaction, goal_id, member_id, key)
            vacation = plan_vacation(draft, vacation_id=new_id(self._clock), goal_id=goal_id, now=self._clock.now())
            VacationRepository(transaction).add(vacation, member_id)
            idempotency.remember(transaction, key, vacation.id, outcome=vacation)
            return vacation

        try:
            return await self._database.run(principal, work, idempotency=key)
        except CalendarUnknown:
            await self._calendars.fetch(principal, member_id)
            return await self._database.run(principal, work, idempotency=key)

    async def list_vacations(
        self, principal: Principal, goal_id: UUID | None, *, after: VacationPosition | None, limit: int
    ) -> list[Vacation]:
        """At most `limit` vacations from behind `after`, the latest first.

        Raises:
            GoalNotFound: None, or none that the caller may know of.
        """
        member_id = member_of(principal)

        async def work(transaction: Transaction) -> list[Vacation]:
            found = await VacationRepository(transaction).list_of(goal_id or member_id, after=after, limit=limit)
            if not found and goal_id and not await GoalRepository(transaction).is_there(goal_id):
                raise GoalNotFound
            return found

        return await self._database.run(principal, work, read_only=True)

    async def remove_vacation(
        self, principal: Principal, goal_id: UUID | None, vacation_id: UUID, *, key: IdempotencyKey | None
    ) -> UUID:
        """Takes a vacation back; its id.

        Raises:
            GoalNotFound, PartNotFound: None, or none that the caller may know of.
            GoalClosed: The goal is completed or archived.
        """
        member_id = member_of(principal)

        async def work(transaction: Transaction) -> UUID:
            if goal_id is None:
                await idempotency.find(transaction, key)
            else:
                await _lock_holder(transaction, goal_id, member_id, key)
            holder_id = goal_id or member_id
            VacationRepository(transaction).remove(vacation_id, holder_id=holder_id, at=self._clock.now())
            idempotency.remember(transaction, key, vacation_id, outcome=vacation_id)
            return vacation_id

        return await self._database.run(principal, work, idempotency=key)


async def _lock_holder(
    transaction: Transaction, goal_id: UUID | None, member_id: UUID, key: IdempotencyKey | None
) -> None:
    """Makes changes of one holder's vacations wait for each other."""
    goals = GoalRepository(transaction)
    if goal_id is None:
        if await goals.prepare_creation(member_id, key) is None:
            raise CalendarUnknown
        return
    loaded = await goals.lock_to_write(goal_id, key)
    if loaded is None:
        raise GoalNotFound
    check_open(loaded.goal)
