"""RPCs of suggestions: offered by others, asked for, listed, accepted and dismissed; and plans as coach tells them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from chassis import idempotency
from chassis.errors import InvalidArgument
from chassis.pages import PageTokens, page_size
from chassis.request import current
from services.goals.domain.care import Constraints, Plan, PlannedHabit, PlannedSubgoal
from services.goals.domain.fields import Checks
from services.goals.domain.schedule import Schedule, plan_schedule
from services.goals.domain.suggestions import (
    AddHabit,
    AddSubgoal,
    AdoptPlan,
    Change,
    ChangeHabit,
    MoveDeadline,
    Operation,
    RemoveHabit,
    SplitSubgoal,
    Suggestion,
    SuggestionStatus,
)
from services.goals.repository.suggestions import SuggestionPosition, position_of
from services.goals.servicer import incoming, outgoing
from services.goals.servicer.paging import Pager
from services.goals.usecases import AcceptedSuggestion, ShownSuggestion, UseCases
from tandem.coach.v1 import plan_pb2
from tandem.goals.v1 import goal_pb2, suggestion_pb2

MAX_MINUTES_PER_WEEK: Final = 7 * 24 * 60
_STATUSES: Final = {
    suggestion_pb2.SUGGESTION_STATUS_OPEN: SuggestionStatus.OPEN,
    suggestion_pb2.SUGGESTION_STATUS_ACCEPTED: SuggestionStatus.ACCEPTED,
    suggestion_pb2.SUGGESTION_STATUS_DISMISSED: SuggestionStatus.DISMISSED,
}
_NUMBERS: Final = {status: number for number, status in _STATUSES.items()}


class SuggestionRpcs:
    """Suggestions for a goal."""

    _use_cases: UseCases
    _page_tokens: PageTokens

    async def SuggestPlan(  # noqa: N802 - the contract's name
        self, request: suggestion_pb2.SuggestPlanRequest, context: Any
    ) -> suggestion_pb2.Suggestion:
        """A new plan, to accept or not."""
        suggested = await self._use_cases.suggestions.suggest_plan(
            current().principal,
            incoming.uuid_of(request.goal_id, "goal_id"),
            constraints(request.constraints),
            key=idempotency.key_for(request, _shown),
        )
        return _shown(suggested)

    async def OfferSuggestion(  # noqa: N802 - the contract's name
        self, request: suggestion_pb2.OfferSuggestionRequest, context: Any
    ) -> suggestion_pb2.Suggestion:
        """Keeps what another service suggests to a member."""
        asked = request.suggestion
        offered = await self._use_cases.suggestions.offer(
            current().principal,
            incoming.uuid_of(request.member_id, "member_id"),
            goal_id=incoming.uuid_of(asked.goal_id, "suggestion.goal_id"),
            source=asked.source,
            summary=asked.summary,
            operations=[
                _operation(each, f"suggestion.operations[{index}]") for index, each in enumerate(asked.operations)
            ],
            key=idempotency.key_for(request, _shown),
        )
        return _shown(offered)

    async def ListSuggestions(  # noqa: N802 - the contract's name
        self, request: suggestion_pb2.ListSuggestionsRequest, context: Any
    ) -> suggestion_pb2.ListSuggestionsResponse:
        """A page of a goal's suggestions, newest first."""
        limit = page_size(request.page_size)
        goal_id = incoming.uuid_of(request.goal_id, "goal_id")
        pager = Pager(self._page_tokens, "suggestions", goal_id, request.status)
        found = await self._use_cases.suggestions.list_suggestions(
            current().principal,
            goal_id,
            status=incoming.word_of(request.status, _STATUSES, "status"),
            after=_position(pager.position(request.page_token)),
            limit=limit + 1,
        )
        shown, token = pager.cut(found, limit, _key, _shown)
        return suggestion_pb2.ListSuggestionsResponse(suggestions=shown, next_page_token=token)

    async def AcceptSuggestion(  # noqa: N802 - the contract's name
        self, request: suggestion_pb2.AcceptSuggestionRequest, context: Any
    ) -> suggestion_pb2.AcceptSuggestionResponse:
        """Applies a suggestion."""
        accepted = await self._use_cases.suggestions.accept(
            current().principal,
            incoming.uuid_of(request.goal_id, "goal_id"),
            incoming.uuid_of(request.suggestion_id, "suggestion_id"),
            key=idempotency.key_for(request, _accepted),
        )
        return _accepted(accepted)

    async def DismissSuggestion(  # noqa: N802 - the contract's name
        self, request: suggestion_pb2.DismissSuggestionRequest, context: Any
    ) -> suggestion_pb2.Suggestion:
        """Turns a suggestion down."""
        dismissed = await self._use_cases.suggestions.dismiss(
            current().principal,
            incoming.uuid_of(request.goal_id, "goal_id"),
            incoming.uuid_of(request.suggestion_id, "suggestion_id"),
            key=idempotency.key_for(request, _shown),
        )
        return _shown(dismissed)


def constraints(message: goal_pb2.PlanConstraints) -> Constraints:
    """What a plan has to keep to.

    Raises:
        InvalidArgument: A field breaks a rule.
    """
    if not 0 <= message.minutes_per_week <= MAX_MINUTES_PER_WEEK:
        raise InvalidArgument.of("constraints.minutes_per_week", f"must be between 1 and {MAX_MINUTES_PER_WEEK}")
    if not message.HasField("deadline"):
        return Constraints(message.minutes_per_week)
    checks = Checks()
    deadline = checks.day("constraints.deadline", incoming.date_of(message.deadline, "constraints.deadline"))
    checks.finish()
    return Constraints(message.minutes_per_week, deadline.toordinal())


def made_plan(message: plan_pb2.MakePlanResponse) -> Plan:
    """The plan that coach made.

    Raises:
        InvalidArgument: It holds what no goal can take.
    """
    return _plan(message.plan, "plan")


def _plan(message: goal_pb2.Plan, field: str) -> Plan:
    made_at = message.generate_time.ToDatetime(UTC)
    return Plan(
        source=message.source,
        summary=message.summary,
        subgoals=tuple(_subgoal(part, f"{field}.subgoals[{index}]") for index, part in enumerate(message.subgoals)),
        habits=tuple(_habit(part, f"{field}.habits[{index}]") for index, part in enumerate(message.habits)),
        fits=message.fits,
        warnings=tuple(message.warnings),
        generate_time=made_at,
    )


def _subgoal(message: goal_pb2.PlannedSubgoal, field: str) -> PlannedSubgoal:
    due = incoming.date_of(message.due_date, f"{field}.due_date") if message.HasField("due_date") else None
    return PlannedSubgoal(message.title, due.toordinal() if due else None)


def _habit(message: goal_pb2.PlannedHabit, field: str) -> PlannedHabit:
    return PlannedHabit(
        message.title, _schedule(message.schedule, f"{field}.schedule"), message.minutes, message.if_then
    )


def _schedule(message: goal_pb2.Schedule, field: str) -> Schedule:
    checks = Checks()
    schedule = plan_schedule(incoming.schedule_draft(message), checks=checks, field=field)
    checks.finish()
    return schedule


def _operation(message: suggestion_pb2.Operation, field: str) -> Operation:
    return Operation(_change(message, field), message.reason)


def _change(message: suggestion_pb2.Operation, field: str) -> Change:
    match message.WhichOneof("change"):
        case "add_subgoal":
            return AddSubgoal(_subgoal(message.add_subgoal, f"{field}.add_subgoal"))
        case "split_subgoal":
            split, inner = message.split_subgoal, f"{field}.split_subgoal"
            parts = tuple(_subgoal(part, f"{inner}.parts[{index}]") for index, part in enumerate(split.parts))
            return SplitSubgoal(incoming.uuid_of(split.subgoal_id, f"{inner}.subgoal_id"), parts)
        case "add_habit":
            return AddHabit(_habit(message.add_habit, f"{field}.add_habit"))
        case "change_habit":
            return _habit_change(message.change_habit, f"{field}.change_habit")
        case "remove_habit_id":
            return RemoveHabit(incoming.uuid_of(message.remove_habit_id, f"{field}.remove_habit_id"))
        case "move_deadline":
            return MoveDeadline(incoming.date_of(message.move_deadline, f"{field}.move_deadline").toordinal())
        case "adopt_plan":
            return AdoptPlan(_plan(message.adopt_plan, f"{field}.adopt_plan"))
        case _:
            raise InvalidArgument.of(field, "must hold a change")


def _habit_change(message: suggestion_pb2.HabitChange, field: str) -> ChangeHabit:
    return ChangeHabit(
        habit_id=incoming.uuid_of(message.habit_id, f"{field}.habit_id"),
        title=message.title,
        schedule=_schedule(message.schedule, f"{field}.schedule") if message.HasField("schedule") else None,
        minutes=message.minutes,
        if_then=message.if_then,
    )


def _accepted(accepted: AcceptedSuggestion) -> suggestion_pb2.AcceptSuggestionResponse:
    return suggestion_pb2.AcceptSuggestionResponse(
        suggestion=_message(accepted.suggestion, misfit="", fits=False), goal=outgoing.shown_goal(accepted.goal)
    )


def _shown(shown: ShownSuggestion) -> suggestion_pb2.Suggestion:
    is_open = shown.suggestion.status is SuggestionStatus.OPEN
    return _message(shown.suggestion, misfit=shown.misfit, fits=is_open and not shown.misfit)


def _message(suggestion: Suggestion, *, misfit: str, fits: bool) -> suggestion_pb2.Suggestion:
    return suggestion_pb2.Suggestion(
        suggestion_id=str(suggestion.id),
        goal_id=str(suggestion.goal_id),
        source=suggestion.source,
        summary=suggestion.summary,
        operations=[_operation_message(operation) for operation in suggestion.operations],
        status=_NUMBERS[suggestion.status],
        fits=fits,
        misfit=misfit,
        create_time=outgoing.instant(suggestion.create_time),
        decide_time=outgoing.instant(suggestion.decide_time) if suggestion.decide_time else None,
    )


def _operation_message(operation: Operation) -> suggestion_pb2.Operation:
    message = suggestion_pb2.Operation(reason=operation.reason)
    match operation.change:
        case AddSubgoal(subgoal):
            message.add_subgoal.CopyFrom(outgoing.planned_subgoal(subgoal))
        case SplitSubgoal(subgoal_id, parts):
            message.split_subgoal.subgoal_id = str(subgoal_id)
            message.split_subgoal.parts.extend(outgoing.planned_subgoal(part) for part in parts)
        case AddHabit(habit):
            message.add_habit.CopyFrom(outgoing.planned_habit(habit))
        case ChangeHabit() as change:
            message.change_habit.CopyFrom(_habit_change_message(change))
        case RemoveHabit(habit_id):
            message.remove_habit_id = str(habit_id)
        case MoveDeadline(deadline):
            message.move_deadline.CopyFrom(outgoing.day(deadline))
        case AdoptPlan(plan):
            message.adopt_plan.CopyFrom(outgoing.plan(plan))
    return message


def _habit_change_message(change: ChangeHabit) -> suggestion_pb2.HabitChange:
    return suggestion_pb2.HabitChange(
        habit_id=str(change.habit_id),
        title=change.title,
        schedule=outgoing.schedule_of(change.schedule) if change.schedule else None,
        minutes=change.minutes,
        if_then=change.if_then,
    )


def _position(key: tuple[str, ...] | None) -> SuggestionPosition | None:
    return SuggestionPosition(datetime.fromisoformat(key[0]), UUID(key[1])) if key else None


def _key(shown: ShownSuggestion) -> Sequence[str]:
    position = position_of(shown.suggestion)
    return position.created_at.isoformat(), str(position.suggestion_id)
