"""Suggestions for goals, in memory."""
# ruff: noqa: N802 - methods have the names of the protocol

from collections import defaultdict
from typing import Any

from chassis.errors import FailedPrecondition, Unavailable
from tandem.goals.v1 import goal_pb2, suggestion_pb2
from tests.support.standins.care import StandInCare
from tests.support.standins.shared import fresh_id, now, today


class SuggestionOutdated(FailedPrecondition):
    """As the service has it."""

    reason = "SUGGESTION_OUTDATED"


class SuggestionDecided(FailedPrecondition):
    """As the service has it."""

    reason = "INVALID_TRANSITION"


class StandInSuggestions(StandInCare):
    """The part of the stand-in for goals that keeps suggestions."""

    def __init__(self) -> None:
        super().__init__()
        self.suggestions: dict[str, list[suggestion_pb2.Suggestion]] = defaultdict(list)
        self.last_plan: Any = None
        self.coach_is_away = False

    async def SuggestPlan(self, request: suggestion_pb2.SuggestPlanRequest, context: Any) -> suggestion_pb2.Suggestion:
        self.last_plan = request
        goal = self._own(request.goal_id)
        if (kept := self._replays.recall(request)) is not None:
            return kept  # type: ignore[no-any-return]
        if self.coach_is_away:
            raise Unavailable("The coach is away.")
        plan = goal_pb2.Plan(source="offline", summary="Slowly.", fits=True, generate_time=now())
        made = self.suggest(goal.goal_id, suggestion_pb2.Operation(adopt_plan=plan))
        return self._replays.remember(request, made)  # type: ignore[no-any-return]

    async def ListSuggestions(
        self, request: suggestion_pb2.ListSuggestionsRequest, context: Any
    ) -> suggestion_pb2.ListSuggestionsResponse:
        goal_id = self._own(request.goal_id).goal_id
        wanted = [each for each in self.suggestions[goal_id] if request.status in (0, each.status)]
        first = int(request.page_token or 0)
        following = first + request.page_size
        return suggestion_pb2.ListSuggestionsResponse(
            suggestions=wanted[first:following], next_page_token=str(following) if following < len(wanted) else ""
        )

    async def AcceptSuggestion(
        self, request: suggestion_pb2.AcceptSuggestionRequest, context: Any
    ) -> suggestion_pb2.AcceptSuggestionResponse:
        goal = self._own(request.goal_id)
        suggestion = self._decide(request, suggestion_pb2.SUGGESTION_STATUS_ACCEPTED)
        goal.etag = str(int(goal.etag) + 1)
        return suggestion_pb2.AcceptSuggestionResponse(suggestion=suggestion, goal=goal)

    async def DismissSuggestion(
        self, request: suggestion_pb2.DismissSuggestionRequest, context: Any
    ) -> suggestion_pb2.Suggestion:
        return self._decide(request, suggestion_pb2.SUGGESTION_STATUS_DISMISSED)

    def suggest(
        self, goal_id: str, *operations: suggestion_pb2.Operation, misfit: str = ""
    ) -> suggestion_pb2.Suggestion:
        """Keeps a suggestion as another service would."""
        made = suggestion_pb2.Suggestion(
            suggestion_id=fresh_id(),
            goal_id=goal_id,
            source="offline",
            summary="Something else.",
            operations=operations or [suggestion_pb2.Operation(move_deadline=today(), reason="It is late.")],
            status=suggestion_pb2.SUGGESTION_STATUS_OPEN,
            fits=not misfit,
            misfit=misfit,
            create_time=now(),
        )
        self.suggestions[goal_id].insert(0, made)
        return made

    def _decide(self, request: Any, status: Any) -> suggestion_pb2.Suggestion:
        suggestions = self.suggestions[self._own(request.goal_id).goal_id]
        suggestion = suggestions[self._place(suggestions, "suggestion_id", request.suggestion_id)]
        if suggestion.misfit and status == suggestion_pb2.SUGGESTION_STATUS_ACCEPTED:
            raise SuggestionOutdated("This suggestion no longer fits the goal.")
        if suggestion.status not in (status, suggestion_pb2.SUGGESTION_STATUS_OPEN):
            raise SuggestionDecided("This suggestion was decided before.")
        suggestion.status, suggestion.fits = status, False
        suggestion.decide_time.CopyFrom(now())
        return suggestion
