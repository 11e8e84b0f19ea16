"""Goals, what was done on them, and how they are going."""

from typing import Final

from google.protobuf.field_mask_pb2 import FieldMask

from chassis.errors import PermissionDenied
from gateway.app.call import Call, Reply
from gateway.app.operation import LIST_S, Routes
from gateway.problems import invalid
from gateway.routes import answers, messages, views
from gateway.routes.requests import (
    ActivityDraft,
    ActivityFilter,
    CheckIn,
    GoalChange,
    GoalDraft,
    GoalFilter,
    ProgressQuery,
)
from tandem.goals.v1 import goals_service_pb2 as pb

routes: Final = Routes("Goals")

# Parts of a goal that other patterns than recurring need; no service holds them yet.
_OF_OTHER_PATTERNS: Final = ("target", "milestones", "limit", "streak")


@routes.post("/v1/goals", status=201, answer=answers.Goal)
async def create_goal(call: Call, body: GoalDraft) -> Reply:
    """Creates a goal. What the schedule leaves out is read from the title, else defaulted by pattern."""
    if body.pattern == "recurring":
        for name in _OF_OTHER_PATTERNS:
            if getattr(body, name) is not None:
                raise invalid(name, "does not belong to a recurring goal")
    if body.template_id is not None:
        raise invalid("template_id", "names no template")
    goals = call.parts.services.goals
    request = pb.CreateGoalRequest(goal=messages.goal(body), idempotency_key=call.idempotency_key)
    created = await goals(goals.stub.CreateGoal, request)
    return Reply(
        views.goal(created), etag=created.etag, headers=[(b"location", f"/v1/goals/{created.goal_id}".encode())]
    )


@routes.get("/v1/goals", answer=answers.Page[answers.Goal], budget_s=LIST_S)
async def list_goals(call: Call, query: GoalFilter) -> Reply:
    """Lists the caller's goals."""
    if query.member_id is not None and call.resolve_member(query.member_id.lower()) != str(call.member_id):
        raise PermissionDenied("Only your own goals can be listed.")
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
    found = await goals(goals.stub.GetGoal, pb.GetGoalRequest(goal_id=goal_id))
    return Reply(views.goal(found), etag=found.etag)


@routes.put("/v1/goals/{goal_id}", answer=answers.Goal, takes_etag=True)
async def put_goal(call: Call, goal_id: str, body: GoalChange) -> Reply:
    """Changes the given fields of a goal."""
    return await _update(call, goal_id, body)


@routes.patch("/v1/goals/{goal_id}", answer=answers.Goal, takes_etag=True)
async def patch_goal(call: Call, goal_id: str, body: GoalChange) -> Reply:
    """Changes the given fields of a goal."""
    return await _update(call, goal_id, body)


@routes.delete("/v1/goals/{goal_id}", status=204, takes_etag=True)
async def archive_goal(call: Call, goal_id: str) -> Reply:
    """Archives a goal; its history is kept. Archiving twice is one archiving."""
    goals = call.parts.services.goals
    request = pb.ArchiveGoalRequest(goal_id=goal_id, etag=call.etag, idempotency_key=call.idempotency_key)
    await goals(goals.stub.ArchiveGoal, request)
    return Reply()


@routes.post("/v1/goals/{goal_id}/activities", status=201, answer=answers.Logged)
async def log_activity(call: Call, goal_id: str, body: ActivityDraft) -> Reply:
    """Logs an activity, and tells how the goal is going now."""
    _refuse_unknown_parts(milestone_id=body.milestone_id, habit_id=body.habit_id)
    goals = call.parts.services.goals
    request = pb.LogActivityRequest(activity=messages.activity(goal_id, body), idempotency_key=call.idempotency_key)
    return Reply(views.logged(await goals(goals.stub.LogActivity, request)))


@routes.post("/v1/goals/{goal_id}/checkins", status=201, answer=answers.Logged)
async def check_in(call: Call, goal_id: str, body: CheckIn) -> Reply:
    """Logs a check-in, and tells how the goal is going now."""
    _refuse_unknown_parts(milestone_id=None, habit_id=body.habit_id)
    goals = call.parts.services.goals
    request = pb.LogActivityRequest(activity=messages.check_in(goal_id, body), idempotency_key=call.idempotency_key)
    return Reply(views.logged(await goals(goals.stub.LogActivity, request)))


@routes.get("/v1/goals/{goal_id}/activities", answer=answers.Page[answers.Activity], budget_s=LIST_S)
async def list_activities(call: Call, goal_id: str, query: ActivityFilter) -> Reply:
    """Lists a goal's activities, newest first."""
    if query.from_ is not None and query.to is not None and query.to < query.from_:
        raise invalid("to", "must not be before `from`")
    goals = call.parts.services.goals
    request = pb.ListActivitiesRequest(
        goal_id=goal_id,
        from_date=messages.day(query.from_) if query.from_ else None,
        to_date=messages.day(query.to) if query.to else None,
        type=messages.ACTIVITY_TYPE.get(query.type or "", 0),
        page_size=query.page_size,
        page_token=query.page_token,
    )
    listed = await goals(goals.stub.ListActivities, request)
    return Reply(views.page([views.activity(each) for each in listed.activities], listed.next_page_token))


@routes.get("/v1/goals/{goal_id}/progress", answer=answers.Progress)
async def get_progress(call: Call, goal_id: str, query: ProgressQuery) -> Reply:
    """Tells how a goal is going."""
    goals = call.parts.services.goals
    request = pb.GetProgressRequest(goal_id=goal_id, period=messages.PROGRESS_PERIOD[query.period])
    return Reply(views.progress(await goals(goals.stub.GetProgress, request)))


async def _update(call: Call, goal_id: str, body: GoalChange) -> Reply:
    goals = call.parts.services.goals
    goal, paths = messages.goal_change(goal_id, body, call.etag)
    request = pb.UpdateGoalRequest(goal=goal, update_mask=FieldMask(paths=paths), idempotency_key=call.idempotency_key)
    changed = await goals(goals.stub.UpdateGoal, request)
    return Reply(views.goal(changed), etag=changed.etag)


def _refuse_unknown_parts(*, milestone_id: str | None, habit_id: str | None) -> None:
    """No goal has milestones or habits yet, so an id names none, whosever it is."""
    if milestone_id is not None:
        raise invalid("milestone_id", "names no milestone of this goal")
    if habit_id is not None:
        raise invalid("habit_id", "names no habit of this goal")
