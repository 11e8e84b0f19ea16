"""Challenges, their runs and submissions."""

from typing import Final

from gateway.routes.views.shared import Json, instant
from tandem.goals.v1 import challenge_pb2

RUN_STATUSES: Final = (None, "open", "completed", "expired")


def challenge(message: challenge_pb2.Challenge) -> Json:
    """Something to dare, with the caller's latest run of it."""
    return {
        "id": message.challenge_id,
        "level": message.level,
        "title": message.title,
        "description": message.description,
        "venue_kinds": list(message.venue_kinds),
        "run": challenge_run(message.run) if message.HasField("run") else None,
    }


def challenge_run(message: challenge_pb2.ChallengeRun) -> Json:
    """A challenge that the caller took on."""
    return {
        "id": message.run_id,
        "challenge_id": message.challenge_id,
        "goal_id": message.goal_id or None,
        "started": instant(message.start_time),
        "expires": instant(message.expire_time),
        "status": RUN_STATUSES[message.status],
    }


def challenge_submission(message: challenge_pb2.ChallengeSubmission) -> Json:
    """What became of a run."""
    return {
        "id": message.submission_id,
        "run_id": message.run_id,
        "challenge_id": message.challenge_id,
        "comfort_before": message.comfort_before,
        "comfort_after": message.comfort_after,
        "note": message.note,
        "witnessed_by": message.witnessed_by or None,
        "goal_id": message.goal_id or None,
        "activity_id": message.activity_id or None,
        "create_time": instant(message.create_time),
    }
