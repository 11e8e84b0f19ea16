"""Challenges, their runs and submissions."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from gateway.routes.answers.shared import Answer

Comfort = Annotated[int, Field(ge=0, le=100)]


class ChallengeRun(Answer):
    """A challenge that the caller took on; from `expires` on it cannot be submitted."""

    id: str
    challenge_id: str
    goal_id: str | None
    started: datetime
    expires: datetime
    status: Literal["open", "completed", "expired"]


class Challenge(Answer):
    """Something to dare, with the caller's latest run of it."""

    id: str
    level: Annotated[int, Field(ge=1, le=7)]
    title: str
    description: str
    venue_kinds: list[str]
    run: ChallengeRun | None


class ChallengeSubmission(Answer):
    """What became of a run, and the activity with which it was logged on a goal."""

    id: str
    run_id: str
    challenge_id: str
    comfort_before: Comfort
    comfort_after: Comfort
    note: str
    witnessed_by: str | None
    goal_id: str | None
    activity_id: str | None
    create_time: datetime
