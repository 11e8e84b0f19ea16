"""Goals: making, reading, changing, repeating and putting them away."""

from typing import Final

from google.protobuf.field_mask_pb2 import FieldMask

from chassis.errors import FieldViolation, NotFound
from gateway.app.call import Call, Reply
from gateway.app.operation import LIST_S, PLAN_S, Routes
from gateway.problems import Problem
from gateway.routes import answers, messages, views
from gateway.routes.requests import GoalChange, GoalDraft, GoalFilter
from tandem.goals.v1 import care_pb2, goal_pb2
from tandem.goals.v1 import goals_service_pb2 as pb

routes: Final = Routes("Goals")

_OF_CHANGES: Final = ("adults-only", "conflict", "goal-quota-exceeded", "invalid-transition", "pattern-immutable")


@routes.post(
    "/v1/goals", status=201, answer=answers.Goal, budget_s=PLAN_S, refusals=("adults-only", "goal-quota-exceeded")
)
async def create_goal(call: Call, body: GoalDraft) -> Reply:
    """Creates a goal. What the schedule leaves out is read from the title, else defaulted by pattern."""
    _check_given(body)
    goals = call.parts.services.goals
    request = pb.CreateGoalRequest(
        goal=messages.goal(body),
        constraints=messages.constraints(body.constraints) if body.constraints is not None else None,
        with_plan=body.with_plan,
        template_id=body.template_id or "",
        idempotency_key=call.idempotency_key,
    )
    return _created(await goals(goals.stub.CreateGoal, request))


@routes.get("/v1/goals", answer=answers.Page[answers.Goal], budget_s=LIST_S, refusals=("not-found",))
async def list_goals(call: Call, query: GoalFilter) -> Reply:
    """Lists the caller's goals; of a member whose goals the caller may not know of there are none to be found: 404.

    Mentors will name a member who lets them; as long as there are no mentorships, only the caller can be named.
    """
    if query.member_id is not None and call.resolve_member(query.member_id.lower()) != str(call.member_id):
        raise NotFound("There is no such member.")
    goals = call.parts.services.goals
    request = pb.ListGoalsRequest(
        status=messages.STATUS.get(query.status or "", 0),
        pattern=messages.PATTERN.get(query.pattern or "", 0),
        category=query.category,
        order_by=query.sort,
        page_size=query.page_size,
        page_token=query.page_token,
    )
    listed = await goals(goals.stub.ListGoals, request)
    return Reply(views.page([views.goal(goal) for goal in listed.goals], listed.next_page_token))


@routes.get("/v1/goals/{goal_id}", answer=answers.Goal)
async def get_goal(call: Call, goal_id: str) -> Reply:
    """Reads a goal."""
    goals = call.parts.services.goals
    return _shown(await goals(goals.stub.GetGoal, pb.GetGoalRequest(goal_id=goal_id)))


@routes.put("/v1/goals/{goal_id}", answer=answers.Goal, takes_etag=True, refusals=_OF_CHANGES)
async def put_goal(call: Call, goal_id: str, body: GoalChange) -> Reply:
    """Changes the given fields of a goal; null clears what a goal can do without."""
    return await _update(call, goal_id, body)


@routes.patch("/v1/goals/{goal_id}", answer=answers.Goal, takes_etag=True, refusals=_OF_CHANGES)
async def patch_goal(call: Call, goal_id: str, body: GoalChange) -> Reply:
    """Changes the given fields of a goal; null clears what a goal can do without."""
    return await _update(call, goal_id, body)


@routes.delete("/v1/goals/{goal_id}", status=204, takes_etag=True)
async def archive_goal(call: Call, goal_id: str) -> Reply:
    """Archives a goal; its history is kept. Archiving twice is one archiving."""
    goals = call.parts.services.goals
    request = pb.ArchiveGoalRequest(goal_id=goal_id, etag=call.etag, idempotency_key=call.idempotency_key)
    await goals(goals.stub.ArchiveGoal, request)
    return Reply()


@routes.post(
    "/v1/goals/{goal_id}/copy", status=201, answer=answers.Goal, refusals=("adults-only", "goal-quota-exceeded")
)
async def copy_goal(call: Call, goal_id: str) -> Reply:
    """Makes a new goal that asks for what this one asked for, from today on."""
    goals = call.parts.services.goals
    request = care_pb2.CopyGoalRequest(goal_id=goal_id, idempotency_key=call.idempotency_key)
    return _created(await goals(goals.stub.CopyGoal, request))


@routes.post(
    "/v1/goals/{goal_id}/restore",
    answer=answers.Goal,
    refusals=("conflict", "goal-quota-exceeded", "invalid-transition"),
)
async def restore_goal(call: Call, goal_id: str) -> Reply:
    """Takes a goal out of the archive again, within 30 days, as it went in."""
    goals = call.parts.services.goals
    request = care_pb2.RestoreGoalRequest(goal_id=goal_id, idempotency_key=call.idempotency_key)
    return _shown(await goals(goals.stub.RestoreGoal, request))


def _check_given(body: GoalDraft) -> None:
    """What only a template can stand in for is there."""
    missing = [name for name in ("title", "pattern") if name not in body.model_fields_set]
    if missing and body.template_id is None:
        raise Problem(
            "validation-failed",
            f"{missing[0]}: is required",
            errors=[FieldViolation(name, "is required") for name in missing],
        )


async def _update(call: Call, goal_id: str, body: GoalChange) -> Reply:
    goals = call.parts.services.goals
    goal, paths = messages.goal_change(goal_id, body, call.etag)
    request = pb.UpdateGoalRequest(goal=goal, update_mask=FieldMask(paths=paths), idempotency_key=call.idempotency_key)
    return _shown(await goals(goals.stub.UpdateGoal, request))


def _shown(goal: goal_pb2.Goal) -> Reply:
    return Reply(views.goal(goal), etag=goal.etag)


def _created(goal: goal_pb2.Goal) -> Reply:
    return Reply.created(views.goal(goal), f"/v1/goals/{goal.goal_id}", etag=goal.etag)
