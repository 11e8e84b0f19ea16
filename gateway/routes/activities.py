"""What was done on goals: logging, listing, correcting and taking back."""

from typing import Final

from google.protobuf.field_mask_pb2 import FieldMask

from gateway.app.call import Call, Reply
from gateway.app.guard import BATCH_LIMIT_BYTES
from gateway.app.operation import LIST_S, Routes
from gateway.routes import answers, messages, views
from gateway.routes.days import check_days
from gateway.routes.requests import ActivityBatch, ActivityChange, ActivityDraft, ActivityFilter, CheckIn
from tandem.goals.v1 import activity_pb2
from tandem.goals.v1 import goals_service_pb2 as pb

routes: Final = Routes("Goals")


@routes.post("/v1/goals/{goal_id}/activities", status=201, answer=answers.Logged, refusals=("conflict",))
async def log_activity(call: Call, goal_id: str, body: ActivityDraft) -> Reply:
    """Logs an activity, and tells how the goal is going now."""
    return await _log(call, messages.activity(goal_id, body))


@routes.post("/v1/goals/{goal_id}/checkins", status=201, answer=answers.Logged, refusals=("conflict",))
async def check_in(call: Call, goal_id: str, body: CheckIn) -> Reply:
    """Logs a check-in, and tells how the goal is going now."""
    return await _log(call, messages.check_in(goal_id, body))


@routes.post(
    "/v1/activities/batch",
    status=201,
    answer=answers.Batch,
    body_limit_bytes=BATCH_LIMIT_BYTES,
    refusals=("conflict", "not-found"),
)
async def log_batch(call: Call, body: ActivityBatch) -> Reply:
    """Logs up to 500 activities over several goals, all or nothing."""
    goals = call.parts.services.goals
    request = pb.BatchLogActivitiesRequest(activities=messages.activities(body), idempotency_key=call.idempotency_key)
    return Reply(views.batch(await goals(goals.stub.BatchLogActivities, request)))


@routes.get("/v1/goals/{goal_id}/activities", answer=answers.Page[answers.Activity], budget_s=LIST_S)
async def list_activities(call: Call, goal_id: str, query: ActivityFilter) -> Reply:
    """Lists a goal's activities, newest first."""
    if query.from_ is not None and query.to is not None:
        check_days(query.from_, query.to)
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


@routes.patch(
    "/v1/goals/{goal_id}/activities/{activity_id}",
    answer=answers.Logged,
    refusals=("conflict", "goal-quota-exceeded"),
)
async def correct_activity(call: Call, goal_id: str, activity_id: str, body: ActivityChange) -> Reply:
    """Corrects the given fields of an activity, and tells how the goal is going now. Its day stays."""
    goals = call.parts.services.goals
    activity, paths = messages.activity_change(goal_id, activity_id, body)
    request = pb.UpdateActivityRequest(
        activity=activity, update_mask=FieldMask(paths=paths), idempotency_key=call.idempotency_key
    )
    return Reply(views.logged(await goals(goals.stub.UpdateActivity, request)))


@routes.delete("/v1/goals/{goal_id}/activities/{activity_id}", status=204, refusals=("conflict", "goal-quota-exceeded"))
async def delete_activity(call: Call, goal_id: str, activity_id: str) -> Reply:
    """Takes an activity back; what followed from it is derived anew."""
    goals = call.parts.services.goals
    request = pb.DeleteActivityRequest(goal_id=goal_id, activity_id=activity_id, idempotency_key=call.idempotency_key)
    await goals(goals.stub.DeleteActivity, request)
    return Reply()


async def _log(call: Call, activity: activity_pb2.Activity) -> Reply:
    goals = call.parts.services.goals
    request = pb.LogActivityRequest(activity=activity, idempotency_key=call.idempotency_key)
    logged = await goals(goals.stub.LogActivity, request)
    location = f"/v1/goals/{logged.activity.goal_id}/activities/{logged.activity.activity_id}"
    return Reply.created(views.logged(logged), location)
