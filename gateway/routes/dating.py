"""The dating-goals conversation, what it found out, and making goals of it. For adults; reading and ending is not."""

from typing import Final

from gateway.app.call import Call, Reply
from gateway.app.operation import GENERATE_S, Routes
from gateway.routes import answers, views
from gateway.routes.requests import DatingMessage
from tandem.coach.v1 import dating_pb2 as pb

routes: Final = Routes("Coach")

# Coach has thirty seconds, as several goals are made with a plan each.
ADOPT_S: Final = 31.0


@routes.post(
    "/v1/dating-goals",
    answer=answers.DatingTurn,
    budget_s=GENERATE_S,
    shows_help=True,
    refusals=("adults-only", "not-found"),
)
async def continue_dating_goals(call: Call, body: DatingMessage) -> Reply:
    """Says something in the caller's dating-goals conversation and returns the coach's next turn.

    There is one conversation a member; `thread_id` only groups messages.
    """
    coach = call.parts.services.coach
    request = pb.ContinueIntakeRequest(
        text=body.message, thread_id=(body.thread_id or "").lower(), idempotency_key=call.idempotency_key
    )
    return Reply(views.dating_turn(await coach(coach.stub.ContinueIntake, request)))


@routes.post(
    "/v1/dating-goals/{member_id}/goals",
    status=201,
    answer=answers.AdoptedGoals,
    budget_s=ADOPT_S,
    refusals=("adults-only", "conflict", "goal-quota-exceeded"),
)
async def adopt_dating_goals(call: Call, member_id: str) -> Reply:
    """Makes a goal of each confirmed dating goal, once however often it is asked; 409 while nothing is confirmed."""
    coach = call.parts.services.coach
    request = pb.AdoptDatingGoalsRequest(
        member_id=call.resolve_member(member_id).lower(), idempotency_key=call.idempotency_key
    )
    return Reply(views.adopted_goals(await coach(coach.stub.AdoptDatingGoals, request)))


@routes.get("/v1/dating-goals/{member_id}", answer=answers.DatingGoals)
async def get_dating_goals(call: Call, member_id: str) -> Reply:
    """Reads the caller's dating goals as far as they are known; values are empty where nothing is."""
    coach = call.parts.services.coach
    request = pb.GetDatingGoalsRequest(member_id=call.resolve_member(member_id).lower())
    return Reply(views.dating_goals(await coach(coach.stub.GetDatingGoals, request)))


@routes.delete("/v1/dating-goals/{member_id}", status=204)
async def reset_dating_goals(call: Call, member_id: str) -> Reply:
    """Starts the caller's conversation over, and forgets what was confirmed in it."""
    coach = call.parts.services.coach
    request = pb.ResetIntakeRequest(
        member_id=call.resolve_member(member_id).lower(), idempotency_key=call.idempotency_key
    )
    await coach(coach.stub.ResetIntake, request)
    return Reply()
