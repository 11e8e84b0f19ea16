"""New plans and other changes that are suggested for a goal: asked for, listed, accepted and dismissed."""

from typing import Final

from gateway.app.call import Call, Reply
from gateway.app.operation import LIST_S, PLAN_S, Routes
from gateway.routes import answers, messages, views
from gateway.routes.requests import PlanDraft, SuggestionFilter
from tandem.goals.v1 import suggestion_pb2 as pb

routes: Final = Routes("Goals")


@routes.post("/v1/goals/{goal_id}/plan", status=201, answer=answers.Suggestion, budget_s=PLAN_S, refusals=("conflict",))
async def make_plan(call: Call, goal_id: str, body: PlanDraft = PlanDraft()) -> Reply:  # noqa: B008 - frozen
    """Has the coach make a new plan for a goal, to accept or not."""
    goals = call.parts.services.goals
    request = pb.SuggestPlanRequest(
        goal_id=goal_id,
        constraints=messages.constraints(body.constraints) if body.constraints is not None else None,
        idempotency_key=call.idempotency_key,
    )
    with call.parts.in_flight.plan(str(call.member_id)):
        made = await goals(goals.stub.SuggestPlan, request)
    return Reply(views.suggestion(made))


@routes.get("/v1/goals/{goal_id}/suggestions", answer=answers.Page[answers.Suggestion], budget_s=LIST_S)
async def list_suggestions(call: Call, goal_id: str, query: SuggestionFilter) -> Reply:
    """Lists what is suggested for a goal, newest first, each with whether it still fits."""
    goals = call.parts.services.goals
    request = pb.ListSuggestionsRequest(
        goal_id=goal_id,
        status=messages.SUGGESTION_STATUS.get(query.status or "", 0),
        page_size=query.page_size,
        page_token=query.page_token,
    )
    listed = await goals(goals.stub.ListSuggestions, request)
    return Reply(views.page([views.suggestion(each) for each in listed.suggestions], listed.next_page_token))


@routes.post(
    "/v1/goals/{goal_id}/suggestions/{suggestion_id}/accept",
    answer=answers.AcceptedSuggestion,
    refusals=("conflict", "invalid-transition"),
)
async def accept_suggestion(call: Call, goal_id: str, suggestion_id: str) -> Reply:
    """Applies a suggestion, all of it or nothing; 409 where it no longer fits the goal."""
    goals = call.parts.services.goals
    request = pb.AcceptSuggestionRequest(
        goal_id=goal_id, suggestion_id=suggestion_id, idempotency_key=call.idempotency_key
    )
    accepted = await goals(goals.stub.AcceptSuggestion, request)
    return Reply(views.accepted_suggestion(accepted), etag=accepted.goal.etag)


@routes.post(
    "/v1/goals/{goal_id}/suggestions/{suggestion_id}/dismiss",
    answer=answers.Suggestion,
    refusals=("invalid-transition",),
)
async def dismiss_suggestion(call: Call, goal_id: str, suggestion_id: str) -> Reply:
    """Turns a suggestion down."""
    goals = call.parts.services.goals
    request = pb.DismissSuggestionRequest(
        goal_id=goal_id, suggestion_id=suggestion_id, idempotency_key=call.idempotency_key
    )
    return Reply(views.suggestion(await goals(goals.stub.DismissSuggestion, request)))
