"""Goals: making, reading, listing, changing and archiving them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from services.goals import events
from services.goals.clients import Members
from services.goals.domain import planning
from services.goals.domain.care import Care, Constraints, copy_goal, restore_goal
from services.goals.domain.days import local_day
from services.goals.domain.entries import Done
from services.goals.domain.goal import MAX_ACTIVE_GOALS, Goal, GoalId, MemberId, Status
from services.goals.domain.outlook import Summary, summarise
from services.goals.domain.planning import GoalDraft
from services.goals.domain.templates import Template, fill, suggested_care
from services.goals.errors import GoalNotFound
from services.goals.repository import GoalFilter, GoalOrder, GoalPosition, GoalRepository, KnownRows, Loaded
from services.goals.repository.plan_requests import FIRST_RETRY, PlanRequestRepository
from services.goals.usecases.calendars import CalendarUnknown, CalendarUseCases
from services.goals.usecases.folding import keep_folds
from services.goals.usecases.settling import catch_up, check_quota

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class ShownGoal:
    """A goal with its parts, and where it stands today; equal to itself only, so that its message can be kept with it.

    Attributes:
        reached: When each milestone was reached.
    """

    goal: Goal
    summary: Summary
    care: Care
    reached: Mapping[UUID, Done]

    @classmethod
    def of(cls, loaded: Loaded, summary: Summary) -> "ShownGoal":
        """What is shown of what was loaded."""
        return cls(loaded.goal, summary, loaded.care, loaded.entries.milestones)


class GoalUseCases:
    """The verbs of goals."""

    def __init__(self, database: Database, clock: Clock, members: Members, calendars: CalendarUseCases) -> None:
        self._database = database
        self._clock = clock
        self._members = members
        self._calendars = calendars
        self._known = KnownRows()

    async def create_goal(
        self,
        principal: Principal,
        draft: GoalDraft,
        *,
        template: Template | None = None,
        awaited_plan: Constraints | None = None,
        key: IdempotencyKey | None,
    ) -> ShownGoal:
        """A new goal of the caller.

        Args:
            principal: Who creates it.
            draft: What is asked for.
            template: Fills what the draft leaves out, and brings its habits.
            awaited_plan: What the plan has to keep to that is made for it next; None where none is.
            key: The client's promise.

        Raises:
            InvalidArgument: A field breaks a rule.
            GoalQuotaExceeded: The member has as many active goals as may be.
            AdultsOnly: A dating goal of somebody who is not known to be an adult.
        """
        member_id = member_of(principal)
        await self._check_adult(member_id, draft.category or (template.category if template else ""))

        async def work(transaction: Transaction) -> ShownGoal:
            goals = GoalRepository(transaction)
            ground = await goals.prepare_creation(member_id, key)
            if ground is None:
                raise CalendarUnknown
            now = self._clock.now()
            today = ground.today(now)
            goal = planning.plan_goal(
                fill(draft, template, today=today) if template else draft,
                goal_id=GoalId(new_id(self._clock)),
                member_id=member_id,
                calendar=ground.calendar,
                today=today,
                now=now,
                new_id=self._new_id,
            )
            care = suggested_care(template, new_id=self._new_id) if template else Care()
            goals.add(goal, quota=MAX_ACTIVE_GOALS, care=care)
            if awaited_plan is not None:
                # Kept with the goal, so that a plan is made for it whatever happens to this process.
                PlanRequestRepository(transaction).add(
                    goal.id, member_id, awaited_plan, due_at=now + FIRST_RETRY, now=now
                )
            events.tell_created(transaction, goal)
            shown = self._show(Loaded.without_entries(goal, care, ground.vacations))
            idempotency.remember(transaction, key, goal.id, outcome=shown)
            return shown

        try:
            return await self._database.run(principal, work, idempotency=key)
        except CalendarUnknown:
            await self._calendars.fetch(principal, member_id)
            return await self._database.run(principal, work, idempotency=key)

    async def get_goal(self, principal: Principal, goal_id: UUID) -> ShownGoal:
        """One goal.

        Raises:
            GoalNotFound: None, or none that the caller may know of.
        """

        async def work(transaction: Transaction) -> Loaded:
            return await self._get(GoalRepository(transaction), goal_id)

        found = await self._database.run(principal, work, read_only=True)
        if await catch_up(self._database, principal, [found], self._clock.now()):
            found = await self._database.run(principal, work, read_only=True)
        return self._show(found)

    async def list_goals(
        self,
        principal: Principal,
        wanted: GoalFilter,
        *,
        order: GoalOrder,
        descending: bool,
        after: GoalPosition | None,
        limit: int,
    ) -> list[ShownGoal]:
        """At most `limit` goals of the caller with their summaries, from behind `after`."""
        member_id = member_of(principal)

        async def work(transaction: Transaction) -> list[Loaded]:
            return await GoalRepository(transaction).list_of(
                member_id, wanted, order=order, descending=descending, after=after, limit=limit, known=self._known
            )

        found = await self._database.run(principal, work, read_only=True)
        if await catch_up(self._database, principal, found, self._clock.now()):
            found = await self._database.run(principal, work, read_only=True)
        shown = [await self._list(loaded) for loaded in found]
        await keep_folds(self._database, principal, member_id, found, self._clock.now())
        return shown

    async def update_goal(
        self,
        principal: Principal,
        goal_id: UUID,
        draft: GoalDraft,
        *,
        fields: Collection[str],
        etag: str,
        key: IdempotencyKey | None,
    ) -> ShownGoal:
        """Changes `fields` of a goal. A change to what is there already is no change and tells nobody.

        Raises:
            GoalNotFound: None, or none that the caller may know of.
            GoalChangedMeanwhile: `etag` is given and stale.
            InvalidArgument, PatternImmutable, InvalidTransition, GoalClosed, GoalQuotaExceeded, TooManyChanges: It may
                not be.
        """
        if "category" in fields:
            await self._check_adult(member_of(principal), draft.category)

        async def work(transaction: Transaction) -> ShownGoal:
            goals = GoalRepository(transaction)
            loaded = await self._get_to_write(goals, goal_id, key)
            planning.check_etag(loaded.goal, etag)
            changed = planning.update_goal(
                loaded.goal,
                draft,
                fields,
                entries=loaded.entries,
                today=self._today(loaded),
                now=self._clock.now(),
                new_id=self._new_id,
            )
            if changed.status is Status.ACTIVE and loaded.goal.status is not Status.ACTIVE:
                await check_quota(transaction, loaded.goal.member_id)
            return self._saved(transaction, loaded, changed, key)

        return await self._database.run(principal, work, idempotency=key)

    async def archive_goal(
        self, principal: Principal, goal_id: UUID, *, etag: str, key: IdempotencyKey | None
    ) -> ShownGoal:
        """Puts a goal away; a second time changes nothing.

        Raises:
            GoalNotFound: None, or none that the caller may know of.
            GoalChangedMeanwhile: `etag` is given and stale.
        """

        async def work(transaction: Transaction) -> ShownGoal:
            loaded = await self._get_to_write(GoalRepository(transaction), goal_id, key)
            planning.check_etag(loaded.goal, etag)
            changed = planning.archive_goal(loaded.goal, today=self._today(loaded), now=self._clock.now())
            return self._saved(transaction, loaded, changed, key)

        return await self._database.run(principal, work, idempotency=key)

    async def copy_goal(self, principal: Principal, goal_id: UUID, *, key: IdempotencyKey | None) -> ShownGoal:
        """A new goal that asks for what another one asked for, from today on, with its parts and nothing done.

        Raises:
            GoalNotFound: None, or none that the caller may know of.
            InvalidArgument: A day would move out of the calendar, or a rule would never name one.
            GoalQuotaExceeded: The member has as many active goals as may be.
            AdultsOnly: A dating goal of somebody who is not known to be an adult.
        """
        member_id = member_of(principal)
        source = await self.get_goal(principal, goal_id)
        await self._check_adult(member_id, source.goal.category)

        async def work(transaction: Transaction) -> ShownGoal:
            goals = GoalRepository(transaction)
            ground = await goals.prepare_creation(member_id, key)
            loaded, reminders = await goals.find_bare(goal_id, None), await goals.reminders_of(goal_id)
            if ground is None or loaded is None or reminders is None:
                raise GoalNotFound
            now = self._clock.now()
            goal, care = copy_goal(
                loaded.goal,
                loaded.care,
                goal_id=GoalId(self._new_id()),
                member_id=member_id,
                calendar=ground.calendar,
                today=ground.today(now),
                now=now,
                new_id=self._new_id,
            )
            goals.add(goal, quota=MAX_ACTIVE_GOALS, care=care, reminders=reminders)
            events.tell_created(transaction, goal)
            shown = self._show(Loaded.without_entries(goal, care, ground.vacations))
            idempotency.remember(transaction, key, goal.id, outcome=shown)
            return shown

        return await self._database.run(principal, work, idempotency=key)

    async def restore_goal(self, principal: Principal, goal_id: UUID, *, key: IdempotencyKey | None) -> ShownGoal:
        """Takes a goal out of the archive as it went in; the days in it stay days on which nothing was due.

        Raises:
            GoalNotFound: None, or none that the caller may know of.
            InvalidTransition, RestoreTooLate: It is not archived, or has been for too long.
            TooManyChanges: It was changed as often as it may be.
            GoalQuotaExceeded: It comes back active, and the member has as many active goals as may be.
        """

        async def work(transaction: Transaction) -> ShownGoal:
            goals = GoalRepository(transaction)
            loaded = await self._get_to_write(goals, goal_id, key)
            restored = restore_goal(loaded.goal, loaded.entries, today=self._today(loaded), now=self._clock.now())
            if restored.status is Status.ACTIVE:
                await check_quota(transaction, loaded.goal.member_id)
            return self._saved(transaction, loaded, restored, key)

        return await self._database.run(principal, work, idempotency=key)

    def _saved(self, transaction: Transaction, loaded: Loaded, changed: Goal, key: IdempotencyKey | None) -> ShownGoal:
        """Queues the change with its event, unless nothing changed; the key is taken either way."""
        if changed is not loaded.goal:
            GoalRepository(transaction).save(changed)
            events.tell_changed(transaction, loaded.goal, changed)
        shown = self._show(replace(loaded, goal=changed))
        idempotency.remember(transaction, key, changed.id, outcome=shown)
        return shown

    async def _get(self, goals: GoalRepository, goal_id: UUID) -> Loaded:
        loaded = await goals.find(goal_id)
        if loaded is None:
            raise GoalNotFound
        return loaded

    async def _get_to_write(self, goals: GoalRepository, goal_id: UUID, key: IdempotencyKey | None) -> Loaded:
        loaded = await goals.find_to_write(goal_id, key)
        if loaded is None:
            raise GoalNotFound
        return loaded

    async def _check_adult(self, member_id: MemberId, category: str) -> None:
        if not planning.is_dating(category):
            return
        profile = await self._members.get(member_id)
        today = local_day(self._clock.now(), profile.calendar)
        planning.check_adult(category, birth_year=profile.birth_year, today=today)

    def _new_id(self) -> UUID:
        return new_id(self._clock)

    def _today(self, loaded: Loaded) -> int:
        return loaded.goal.today(self._clock.now(), loaded.entries.last_day)

    async def _list(self, loaded: Loaded) -> ShownGoal:
        """The goal as a list shows it."""
        return await as_before(loaded, self._today(loaded), lambda: self._show(loaded))

    def _show(self, loaded: Loaded) -> ShownGoal:
        return ShownGoal.of(loaded, summarise(loaded.goal, loaded.entries, self._today(loaded)))


async def as_before(loaded: Loaded, made_for: Hashable, make: Callable[[], T]) -> T:
    """What was made of a goal, as before where nothing of it and not what it was made for has changed since.

    Others have their turn before it is made, and a request that is too late ends there.
    """
    if made_for not in loaded.kept:
        await asyncio.sleep(0)
        made = make()
        loaded.kept.clear()
        loaded.kept[made_for] = made
    kept: T = loaded.kept[made_for]
    return kept


async def one_by_one(found: Iterable[Loaded]) -> AsyncIterator[Loaded]:
    """Lets other requests have their turn between goals, and lets a request that is too late end there."""
    for loaded in found:
        await asyncio.sleep(0)
        yield loaded


def member_of(principal: Principal) -> MemberId:
    """The member who acts; goals belong to nobody else.

    Raises:
        GoalNotFound: A service acting for nobody has no goals.
    """
    if principal.member_id is None:
        raise GoalNotFound
    return MemberId(principal.member_id)
