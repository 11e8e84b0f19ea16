"""Plans of new goals: made by coach while the member waits, or later when coach was away."""

from dataclasses import replace
from typing import Final

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.errors import TandemError, Unavailable
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from chassis.telemetry.logs import get_logger
from services.goals import events
from services.goals.clients import Planner, PlanSubject
from services.goals.domain.care import Constraints, Plan, adopt_plan
from services.goals.domain.goal import GoalId, Status
from services.goals.domain.outlook import summarise
from services.goals.repository import GoalRepository, Loaded
from services.goals.repository.plan_requests import MAX_ATTEMPTS, PlanRequest, PlanRequestRepository
from services.goals.usecases.goals import ShownGoal

_log = get_logger(__name__)

_AT_ONCE: Final = 10


class PlanUseCases:
    """The verbs of plans."""

    def __init__(self, database: Database, clock: Clock, planner: Planner) -> None:
        self._database = database
        self._clock = clock
        self._planner = planner

    async def plan_new_goal(
        self, principal: Principal, made: ShownGoal, constraints: Constraints, *, key: IdempotencyKey | None
    ) -> ShownGoal:
        """The new goal with its plan: a model's, or where none comes in time the one by rules.

        Only where the planner does not answer at all the goal is as it is; its plan is made later, and nothing fails.
        """
        # A new goal has nothing behind it, so its first day or today is what the plan begins with.
        today = made.goal.today(self._clock.now())
        subject = PlanSubject(made.goal, made.care, today, constraints)
        for by_rules in (False, True):
            try:
                plan = await self._planner.make_plan(subject, by_rules=by_rules)
                return await self._adopt(principal, made.goal.id, plan, key=key) or made
            except TandemError as problem:
                _log.warning("plan_put_off", goal_id=str(made.goal.id), reason=problem.reason, by_rules=by_rules)
                if isinstance(problem, Unavailable):
                    break
        return made

    async def _adopt(
        self, principal: Principal, goal_id: GoalId, plan: Plan, *, key: IdempotencyKey | None
    ) -> ShownGoal | None:
        """Takes a plan over and ends the wait; None where the goal has a plan, takes none, or is not there."""

        async def work(transaction: Transaction) -> ShownGoal | None:
            goals = GoalRepository(transaction)
            await goals.lock([goal_id])
            loaded = await goals.find(goal_id)
            PlanRequestRepository(transaction).remove(goal_id)
            if loaded is None or not _waits(loaded):
                return None
            shown = self._save(transaction, loaded, plan)
            idempotency.amend(transaction, key, shown)
            return shown

        return await self._database.run(principal, work)

    def _save(self, transaction: Transaction, loaded: Loaded, plan: Plan) -> ShownGoal:
        care = adopt_plan(loaded.care, plan, goal=loaded.goal, new_id=lambda: new_id(self._clock))
        now = self._clock.now()
        goal = replace(loaded.goal, update_time=now, revision=loaded.goal.revision + 1)
        GoalRepository(transaction).save_care(goal, care)
        events.tell_changed(transaction, loaded.goal, goal)
        today = goal.today(now, loaded.entries.last_day)
        return ShownGoal.of(replace(loaded, goal=goal, care=care), summarise(goal, loaded.entries, today))

    async def make_overdue(self, system: Database) -> int:
        """Makes plans for goals that wait for one, and returns how many it took up.

        Args:
            system: The login that sees the requests of all members; what is done for one is done as that member.
        """

        async def take(transaction: Transaction) -> list[PlanRequest]:
            return await PlanRequestRepository(transaction).take(self._clock.now(), limit=_AT_ONCE)

        taken = await system.run(Principal.system("goals"), take)
        for request in taken:
            await self._make_overdue(request)
        return len(taken)

    async def _make_overdue(self, request: PlanRequest) -> None:
        owner = Principal.member(request.member_id, caller="goals")
        try:
            loaded = await self._find(owner, request)
            if loaded is None:
                return
            today = loaded.goal.today(self._clock.now(), loaded.entries.last_day)
            plan = await self._planner.make_plan(PlanSubject(loaded.goal, loaded.care, today, request.constraints))
            await self._adopt(owner, request.goal_id, plan, key=None)
        except TandemError as problem:
            _log.warning("plan_put_off", goal_id=str(request.goal_id), reason=problem.reason, attempt=request.attempts)

    async def _find(self, owner: Principal, request: PlanRequest) -> Loaded | None:
        """The goal while it waits; else the wait is over, as it is after the last attempt."""

        async def work(transaction: Transaction) -> Loaded | None:
            loaded = await GoalRepository(transaction).find(request.goal_id)
            is_last = request.attempts >= MAX_ATTEMPTS
            if loaded is None or not _waits(loaded) or is_last:
                PlanRequestRepository(transaction).remove(request.goal_id)
            return loaded if loaded is not None and _waits(loaded) else None

        return await self._database.run(owner, work)


def _waits(loaded: Loaded) -> bool:
    return loaded.care.plan is None and loaded.goal.status in (Status.ACTIVE, Status.PAUSED)
