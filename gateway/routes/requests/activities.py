"""What is logged on goals."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.routes.fields import (
    Amount,
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
    mood: Annotated[int, Field(ge=1, le=5)] | None = None
    context: ContextDraft | None = None


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
