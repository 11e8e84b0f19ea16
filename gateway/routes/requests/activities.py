"""What is logged on goals."""

from typing import Annotated, Final, Literal

from pydantic import Field

from gateway.routes.fields import (
    LEFT_OUT,
    Amount,
    Fixed,
    Instant,
    LocalDate,
    LongText,
    PageQuery,
    RequestModel,
    ResourceId,
    ShortText,
    Tag,
)

ActivityType = Literal["check_in", "progress", "milestone", "skip", "note"]
Mood = Annotated[int, Field(ge=1, le=5)]
MAX_BATCH: Final = 500


class ContextDraft(RequestModel):
    """The circumstances of an activity."""

    location: ShortText | None = None
    energy: Annotated[int, Field(ge=1, le=5)] | None = None
    with_wingman: bool = False
    tags: Annotated[list[Tag], Field(max_length=20)] = Field(default_factory=list)


class ActivityDraft(RequestModel):
    """Something to log on a goal."""

    type: ActivityType
    local_date: LocalDate | None = None
    occurred_at: Instant | None = None
    completed: bool | None = None
    value: Amount | None = None
    milestone_id: ResourceId | None = None
    habit_id: ResourceId | None = None
    note: LongText | None = None
    mood: Mood | None = None
    context: ContextDraft | None = None


class BatchedActivity(ActivityDraft):
    """Something to log on one of several goals."""

    goal_id: ResourceId


class ActivityBatch(RequestModel):
    """What to log at once, all or nothing."""

    activities: Annotated[list[BatchedActivity], Field(min_length=1, max_length=MAX_BATCH)]


class ActivityChange(RequestModel):
    """Fields of an activity to correct; what is left out stays."""

    local_date: Fixed = LEFT_OUT
    occurred_at: Instant = LEFT_OUT
    completed: bool = LEFT_OUT
    value: Amount = LEFT_OUT
    note: LongText | None = LEFT_OUT
    mood: Mood | None = LEFT_OUT
    context: ContextDraft | None = LEFT_OUT


class CheckIn(RequestModel):
    """A check-in, in short."""

    completed: bool
    local_date: LocalDate | None = None
    habit_id: ResourceId | None = None
    note: LongText | None = None


class ActivityFilter(PageQuery):
    """Which activities of a goal."""

    from_: Annotated[LocalDate | None, Field(alias="from")] = None
    to: LocalDate | None = None
    type: ActivityType | None = None
