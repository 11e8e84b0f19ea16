"""What was logged."""

from datetime import date, datetime

from gateway.routes.answers.figures import Progress
from gateway.routes.answers.shared import Answer
from gateway.routes.requests import ActivityType


class ActivityContext(Answer):
    """The circumstances of an activity."""

    location: str | None
    energy: int | None
    with_wingman: bool
    tags: list[str]


class Activity(Answer):
    """Something logged."""

    id: str
    goal_id: str
    type: ActivityType
    local_date: date
    occurred_at: datetime
    timezone: str
    completed: bool | None
    value: float | None
    milestone_id: str | None
    habit_id: str | None
    note: str | None
    mood: int | None
    context: ActivityContext | None
    create_time: datetime
    update_time: datetime


class LoggedInBatch(Answer):
    """One activity of a batch, as stored."""

    activity: Activity


class Batch(Answer):
    """All activities of a batch, in the order of the request."""

    items: list[LoggedInBatch]


class Logged(Answer):
    """An activity as stored, and how the goal is going now."""

    activity: Activity
    progress: Progress
