"""RPCs of goals themselves."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis import idempotency
from chassis.errors import InvalidArgument
from chassis.pages import PageTokens, page_size
from chassis.request import current
from services.goals.domain.goal import MAX_CATEGORY_LENGTH
from services.goals.domain.templates import get_template
from services.goals.repository import GoalFilter, GoalOrder, GoalPosition
from services.goals.repository import goals as goal_rows
from services.goals.servicer import incoming, outgoing
from services.goals.servicer.paging import Pager
from services.goals.servicer.suggestions import constraints
from services.goals.usecases import ShownGoal, UseCases
from tandem.goals.v1 import goal_pb2, goals_service_pb2


class GoalRpcs:
    """Making, reading, listing, changing and archiving goals."""

    _use_cases: UseCases
    _page_tokens: PageTokens

    async def CreateGoal(self, request: goals_service_pb2.CreateGoalRequest, context: Any) -> goal_pb2.Goal:  # noqa: N802 - the contract's name
        """A new goal of the caller, with the plan that coach makes of it."""
        principal, draft = current().principal, incoming.goal_draft(request.goal)
        key = idempotency.key_for(request, outgoing.shown_goal)
        asked = constraints(request.constraints)
        wants_plan = request.with_plan or not request.HasField("with_plan")
        made = await self._use_cases.goals.create_goal(
            principal,
            draft,
            template=get_template(request.template_id) if request.template_id else None,
            awaited_plan=asked if wants_plan else None,
            key=key,
        )
        if wants_plan:
            made = await self._use_cases.plans.plan_new_goal(principal, made, asked, key=key)
        return outgoing.shown_goal(made)

    async def GetGoal(self, request: goals_service_pb2.GetGoalRequest, context: Any) -> goal_pb2.Goal:  # noqa: N802 - the contract's name
        """One goal."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        return outgoing.shown_goal(await self._use_cases.goals.get_goal(current().principal, goal_id))

    async def ListGoals(  # noqa: N802 - the contract's name
        self, request: goals_service_pb2.ListGoalsRequest, context: Any
    ) -> goals_service_pb2.ListGoalsResponse:
        """A page of the caller's goals."""
        limit = page_size(request.page_size)
        order, descending = incoming.order_of(request.order_by)
        filters = (request.order_by, request.status, request.pattern, request.category)
        pager = Pager(self._page_tokens, "goals", *filters)
        # One more than asked tells whether there is another page.
        found = await self._use_cases.goals.list_goals(
            current().principal,
            _filter(request),
            order=order,
            descending=descending,
            after=_position(pager.position(request.page_token), order),
            limit=limit + 1,
        )
        shown, token = pager.cut(found, limit, lambda last: _key(last, order), outgoing.listed_goal)
        return goals_service_pb2.ListGoalsResponse(goals=shown, next_page_token=token)

    async def UpdateGoal(self, request: goals_service_pb2.UpdateGoalRequest, context: Any) -> goal_pb2.Goal:  # noqa: N802 - the contract's name
        """Changes the fields in the mask."""
        shown = await self._use_cases.goals.update_goal(
            current().principal,
            incoming.uuid_of(request.goal.goal_id, "goal_id"),
            incoming.goal_draft(request.goal),
            fields=frozenset(request.update_mask.paths),
            etag=request.goal.etag,
            key=idempotency.key_for(request, outgoing.shown_goal),
        )
        return outgoing.shown_goal(shown)

    async def ArchiveGoal(self, request: goals_service_pb2.ArchiveGoalRequest, context: Any) -> goal_pb2.Goal:  # noqa: N802 - the contract's name
        """Puts a goal away."""
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        key = idempotency.key_for(request, outgoing.shown_goal)
        return outgoing.shown_goal(
            await self._use_cases.goals.archive_goal(current().principal, goal_id, etag=request.etag, key=key)
        )


def _filter(request: goals_service_pb2.ListGoalsRequest) -> GoalFilter:
    if len(request.category) > MAX_CATEGORY_LENGTH or "\x00" in request.category:
        raise InvalidArgument.of("category", f"must have at most {MAX_CATEGORY_LENGTH} characters")
    return GoalFilter(
        status=incoming.word_of(request.status, incoming.STATUSES, "status"),
        pattern=incoming.word_of(request.pattern, incoming.PATTERNS, "pattern"),
        category=request.category,
    )


def _position(key: tuple[str, ...] | None, order: GoalOrder) -> GoalPosition | None:
    return GoalPosition(incoming.KEY_READERS[order](key[0]), UUID(key[1])) if key else None


def _key(last: ShownGoal, order: GoalOrder) -> Sequence[str]:
    position = goal_rows.position_of(last.goal, order)
    key = position.key if isinstance(position.key, str) else position.key.isoformat()
    return key, str(position.goal_id)
