"""Challenges: taking one on, and what became of it."""

from typing import Annotated

from pydantic import Field

from gateway.routes.fields import LEFT_OUT, LongText, RequestModel, ResourceId

Comfort = Annotated[int, Field(ge=0, le=100)]


class ChallengeStart(RequestModel):
    """A challenge taken on."""

    goal_id: ResourceId | None = None


class ChallengeSubmission(RequestModel):
    """What became of a challenge; a `goal_id` stands in place of the one it was started with, null for no goal.

    `witnessed_by` names a member who is matched with the caller as a wingman. Until there are matches it can
    name nobody: any id is refused (422), and null stands for no witness.
    """

    comfort_before: Comfort
    comfort_after: Comfort
    note: LongText | None = None
    witnessed_by: ResourceId | None = None
    goal_id: ResourceId | None = LEFT_OUT
