"""Challenges."""

from gateway.routes.requests import ChallengeSubmission
from tandem.goals.v1 import challenge_pb2


def challenge_submission(
    challenge_id: str, draft: ChallengeSubmission, idempotency_key: str
) -> challenge_pb2.SubmitChallengeRequest:
    """What became of the latest run of a challenge."""
    message = challenge_pb2.SubmitChallengeRequest(
        challenge_id=challenge_id,
        comfort_before=draft.comfort_before,
        comfort_after=draft.comfort_after,
        note=draft.note or "",
        witnessed_by=(draft.witnessed_by or "").lower(),
        idempotency_key=idempotency_key,
    )
    if "goal_id" in draft.model_fields_set:
        message.goal_id = (draft.goal_id or "").lower()
    return message
