"""Approach challenges: listed by level, taken on, and submitted."""

from typing import Final

from gateway.app.call import Call, Reply
from gateway.app.operation import LIST_S, Routes
from gateway.limits.buckets import CHALLENGE
from gateway.routes import answers, messages, views
from gateway.routes.fields import PageQuery
from gateway.routes.requests import ChallengeStart, ChallengeSubmission
from tandem.goals.v1 import challenge_pb2 as pb

routes: Final = Routes("Wingman")


@routes.get("/v1/challenges", answer=answers.Page[answers.Challenge], budget_s=LIST_S, refusals=("adults-only",))
async def list_challenges(call: Call, query: PageQuery) -> Reply:
    """Lists the challenges, the easiest first, each with the caller's latest run of it."""
    goals = call.parts.services.goals
    request = pb.ListChallengesRequest(page_size=query.page_size, page_token=query.page_token)
    listed = await goals(goals.stub.ListChallenges, request)
    return Reply(views.page([views.challenge(each) for each in listed.challenges], listed.next_page_token))


@routes.post(
    "/v1/challenges/{challenge_id}/start",
    status=201,
    answer=answers.ChallengeRun,
    refusals=("adults-only", "conflict"),
)
async def start_challenge(call: Call, challenge_id: str, body: ChallengeStart = ChallengeStart()) -> Reply:  # noqa: B008 - frozen
    """Takes a challenge on, in the service of a goal where one is named; 409 while a run of it is open."""
    goals = call.parts.services.goals
    request = pb.StartChallengeRequest(
        challenge_id=challenge_id, goal_id=(body.goal_id or "").lower(), idempotency_key=call.idempotency_key
    )
    return Reply(views.challenge_run(await goals(goals.stub.StartChallenge, request)))


@routes.post(
    "/v1/challenges/{challenge_id}/submissions",
    status=201,
    answer=answers.ChallengeSubmission,
    limit=CHALLENGE,
    refusals=("adults-only", "conflict"),
)
async def submit_challenge(call: Call, challenge_id: str, body: ChallengeSubmission) -> Reply:
    """Completes the latest run of a challenge, and logs it on the goal that it serves; 409 when its time is over."""
    goals = call.parts.services.goals
    request = messages.challenge_submission(challenge_id, body, call.idempotency_key)
    return Reply(views.challenge_submission(await goals(goals.stub.SubmitChallenge, request)))
