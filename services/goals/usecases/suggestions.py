"""Suggestions: offered, asked for, listed with whether they still fit, accepted and dismissed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from services.goals import events
from services.goals.clients import Planner, PlanSubject
from services.goals.domain import suggestions as rules
from services.goals.domain.care import Care, Constraints, check_open
from services.goals.domain.goal import Goal, MemberId
from services.goals.domain.outlook import summarise
from services.goals.domain.suggestions import (
    AdoptPlan,
    Ground,
    Operation,
    Suggestion,
    SuggestionId,
    SuggestionStatus,
    plan_suggestion,
)
from services.goals.errors import GoalNotFound, SuggestionNotFound
from services.goals.repository import GoalRepository, Loaded
from services.goals.repository.suggestions import SuggestionPosition, SuggestionRepository
from services.goals.usecases.goals import ShownGoal


@dataclass(frozen=True, slots=True)
class ShownSuggestion:
    """A suggestion, and why it cannot be applied as things are now; empty where it can, or is decided."""

    suggestion: Suggestion
    misfit: str = ""


@dataclass(frozen=True, slots=True)
class AcceptedSuggestion:
    """A suggestion that was applied, and the goal with it."""

    suggestion: Suggestion
    goal: ShownGoal


class SuggestionUseCases:
    """The verbs of suggestions. All raise `GoalNotFound` where there is no goal that the caller may know of."""

    def __init__(self, database: Database, clock: Clock, planner: Planner) -> None:
        self._database = database
        self._clock = clock
        self._planner = planner

    async def suggest_plan(
        self, principal: Principal, goal_id: UUID, constraints: Constraints, *, key: IdempotencyKey | None
    ) -> ShownSuggestion:
        """Has a plan made for the goal as it is, and keeps it as a suggestion.

        Raises:
            GoalClosed: The goal takes no edits.
            Unavailable, DeadlineExceeded: The planner does not answer.
            TooMany: As many suggestions wait as may.
        """

        async def look(transaction: Transaction) -> Loaded:
            # A repetition is told here, before coach is asked again.
            await SuggestionRepository(transaction).check_goal(goal_id, key)
            return await _get(transaction, goal_id)

        loaded = await self._database.run(principal, look, idempotency=key)
        check_open(loaded.goal)
        plan = await self._planner.make_plan(PlanSubject(loaded.goal, loaded.care, self._today(loaded), constraints))
        suggestion = plan_suggestion(
            suggestion_id=self._new_id(),
            goal_id=goal_id,
            source=plan.source,
            summary=plan.summary,
            operations=[Operation(AdoptPlan(plan))],
            now=self._clock.now(),
        )
        return await self._keep(principal, suggestion, loaded.goal.member_id, key=key)

    async def offer(
        self,
        principal: Principal,
        member_id: UUID,
        *,
        goal_id: UUID,
        source: str,
        summary: str,
        operations: Sequence[Operation],
        key: IdempotencyKey | None,
    ) -> ShownSuggestion:
        """Keeps what another service suggests to a member.

        Raises:
            InvalidArgument: A field breaks a rule.
            TooMany: As many suggestions wait as may.
        """
        suggestion = plan_suggestion(
            suggestion_id=self._new_id(),
            goal_id=goal_id,
            source=source,
            summary=summary,
            operations=operations,
            now=self._clock.now(),
        )
        owner = Principal.member(member_id, caller=principal.caller)
        return await self._keep(owner, suggestion, MemberId(member_id), key=_of(key, member_id))

    async def list_suggestions(
        self,
        principal: Principal,
        goal_id: UUID,
        *,
        status: SuggestionStatus | None,
        after: SuggestionPosition | None,
        limit: int,
    ) -> list[ShownSuggestion]:
        """At most `limit` suggestions from behind `after`, newest first, each with whether it still fits."""

        async def work(transaction: Transaction) -> tuple[Loaded, list[Suggestion]]:
            loaded = await _get(transaction, goal_id)
            found = await SuggestionRepository(transaction).list_of(goal_id, status=status, after=after, limit=limit)
            return loaded, found

        loaded, found = await self._database.run(principal, work, read_only=True)
        return [self._shown(suggestion, loaded) for suggestion in found]

    async def accept(
        self, principal: Principal, goal_id: UUID, suggestion_id: UUID, *, key: IdempotencyKey | None
    ) -> AcceptedSuggestion:
        """Applies a suggestion, all of it or nothing.

        Raises:
            SuggestionNotFound: There is none for this goal.
            SuggestionDecided: It was dismissed before.
            SuggestionOutdated: The goal is not what it was.
        """

        async def work(transaction: Transaction) -> AcceptedSuggestion:
            repository = SuggestionRepository(transaction)
            await repository.check_goal(goal_id, key)
            suggestion = await repository.find_to_decide(goal_id, suggestion_id)
            if suggestion is None:
                raise SuggestionNotFound
            loaded = await _get(transaction, goal_id)
            now = self._clock.now()
            decided = rules.decide(suggestion, SuggestionStatus.ACCEPTED, now=now)
            if decided is not suggestion:
                loaded = await self._apply(transaction, decided, loaded)
                repository.decide(decided)
                events.tell_accepted(transaction, decided, loaded.goal.member_id)
            accepted = AcceptedSuggestion(decided, self._show(loaded))
            idempotency.remember(transaction, key, suggestion_id, outcome=accepted)
            return accepted

        return await self._database.run(principal, work, idempotency=key)

    async def dismiss(
        self, principal: Principal, goal_id: UUID, suggestion_id: UUID, *, key: IdempotencyKey | None
    ) -> ShownSuggestion:
        """Turns a suggestion down; a second time changes nothing.

        Raises:
            SuggestionNotFound: There is none for this goal.
            SuggestionDecided: It was accepted before.
        """

        async def work(transaction: Transaction) -> ShownSuggestion:
            repository = SuggestionRepository(transaction)
            await repository.check_goal(goal_id, key)
            suggestion = await repository.find_to_decide(goal_id, suggestion_id)
            if suggestion is None:
                raise SuggestionNotFound
            decided = rules.decide(suggestion, SuggestionStatus.DISMISSED, now=self._clock.now())
            if decided is not suggestion:
                repository.decide(decided)
            idempotency.remember(transaction, key, suggestion_id, outcome=ShownSuggestion(decided))
            return ShownSuggestion(decided)

        return await self._database.run(principal, work, idempotency=key)

    async def _keep(
        self, owner: Principal, suggestion: Suggestion, member_id: MemberId, *, key: IdempotencyKey | None
    ) -> ShownSuggestion:
        async def work(transaction: Transaction) -> ShownSuggestion:
            repository = SuggestionRepository(transaction)
            await repository.check_goal(suggestion.goal_id, key)
            loaded = await _get(transaction, suggestion.goal_id)
            repository.add(suggestion, member_id)
            events.tell_suggested(transaction, suggestion, member_id)
            shown = self._shown(suggestion, loaded)
            idempotency.remember(transaction, key, suggestion.id, outcome=shown)
            return shown

        return await self._database.run(owner, work, idempotency=key)

    async def _apply(self, transaction: Transaction, suggestion: Suggestion, loaded: Loaded) -> Loaded:
        """Saves the goal and its parts with the suggestion's changes."""
        now = self._clock.now()
        goal, care = rules.apply(suggestion, self._ground(loaded), now=now, new_id=self._id)
        goals = GoalRepository(transaction)
        if goal is not loaded.goal:
            goal = replace(goal, update_time=now, revision=loaded.goal.revision + 1)
            goals.save(goal)
            await transaction.flush()
        if care != loaded.care:
            goal = replace(goal, update_time=now, revision=goal.revision + 1)
            goals.save_care(goal, care)
        events.tell_changed(transaction, loaded.goal, goal)
        return _with(loaded, goal, care)

    def _shown(self, suggestion: Suggestion, loaded: Loaded) -> ShownSuggestion:
        if suggestion.status is not SuggestionStatus.OPEN:
            return ShownSuggestion(suggestion)
        ground = self._ground(loaded)
        return ShownSuggestion(suggestion, rules.misfit_of(suggestion, ground, now=self._clock.now(), new_id=self._id))

    def _ground(self, loaded: Loaded) -> Ground:
        return Ground(loaded.goal, loaded.care, loaded.entries, self._today(loaded))

    def _show(self, loaded: Loaded) -> ShownGoal:
        return ShownGoal.of(loaded, summarise(loaded.goal, loaded.entries, self._today(loaded)))

    def _today(self, loaded: Loaded) -> int:
        return loaded.goal.today(self._clock.now(), loaded.entries.last_day)

    def _id(self) -> UUID:
        return new_id(self._clock)

    def _new_id(self) -> SuggestionId:
        return SuggestionId(self._id())


async def _get(transaction: Transaction, goal_id: UUID) -> Loaded:
    loaded = await GoalRepository(transaction).find(goal_id)
    if loaded is None:
        raise GoalNotFound
    return loaded


def _with(loaded: Loaded, goal: Goal, care: Care) -> Loaded:
    return replace(loaded, goal=goal, care=care)


def _of(key: IdempotencyKey | None, member_id: UUID) -> IdempotencyKey | None:
    """The key among those of the member, as whom the work is done."""
    return None if key is None else replace(key, member_id=member_id)
