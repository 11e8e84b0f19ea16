"""Goals of all patterns."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.routes.fields import (
    LEFT_OUT,
    Amount,
    Category,
    LocalDate,
    LongText,
    PageQuery,
    RequestModel,
    ResourceId,
    Title,
    Unit,
    Weekday,
)

Pattern = Literal["recurring", "milestone", "target", "streak", "limit"]
Status = Literal["active", "paused", "completed", "archived"]


class ScheduleDraft(RequestModel):
    """When something is due; what is left out takes its default."""

    period: Literal["day", "week", "month", "quarter", "year"] = "day"
    times: Annotated[int, Field(ge=1, le=100)] = 1
    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)] | None = None
    rrule: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    window: Literal["calendar", "rolling"] = "calendar"
    window_days: Annotated[int, Field(ge=1, le=366)] | None = None


class PolicyDraft(RequestModel):
    """Rules that differ between people; what is left out takes its default."""

    excused: Literal["neutral", "counts", "breaks"] = "neutral"
    month_end: Literal["clamp", "skip"] = "clamp"
    no_entry: Literal["ok", "pessimistic"] = "ok"


class AmountDraft(RequestModel):
    """An amount to reach in every unit."""

    unit: Unit
    min_value: Annotated[Amount, Field(gt=0)]


class TargetDraft(RequestModel):
    """A value to reach."""

    unit: Unit
    start_value: Amount = 0.0
    target_value: Amount
    aggregation: Literal["sum", "last", "max"] = "sum"


class MilestoneDraft(RequestModel):
    """A step of a milestone goal."""

    id: ResourceId | None = None
    title: Title
    weight: Annotated[Amount, Field(gt=0)] = LEFT_OUT
    due_date: LocalDate | None = None


class LimitDraft(RequestModel):
    """What not to exceed in a unit."""

    max_value: Annotated[Amount, Field(ge=0)]
    unit: Unit


class StreakDraft(RequestModel):
    """Days in a row to reach."""

    target_length: Annotated[int, Field(ge=1, le=36_500)]
    freezes_per_month: Annotated[int, Field(ge=0, le=31)] = 0


class ConstraintsDraft(RequestModel):
    """What a plan has to fit."""

    minutes_per_week: Annotated[int, Field(ge=1, le=10_080)] | None = None
    deadline: LocalDate | None = None


Milestones = Annotated[list[MilestoneDraft], Field(min_length=1, max_length=100)]


TemplateId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]


class GoalDraft(RequestModel):
    """A new goal."""

    # Both are required, unless a template gives them.
    title: Title = LEFT_OUT
    pattern: Pattern = LEFT_OUT
    description: LongText = ""
    category: Category | None = None
    start_date: LocalDate | None = None
    deadline: LocalDate | None = None
    schedule: ScheduleDraft | None = None
    policy: PolicyDraft | None = None
    amount: AmountDraft | None = None
    target: TargetDraft | None = None
    milestones: Milestones | None = None
    limit: LimitDraft | None = None
    streak: StreakDraft | None = None
    constraints: ConstraintsDraft | None = None
    with_plan: bool = True
    template_id: TemplateId | None = None


class GoalChange(RequestModel):
    """Fields of a goal to change; what is left out stays."""

    title: Title = LEFT_OUT
    description: LongText | None = LEFT_OUT
    category: Category | None = LEFT_OUT
    status: Status = LEFT_OUT
    pattern: Pattern = LEFT_OUT
    start_date: LocalDate | None = LEFT_OUT
    deadline: LocalDate | None = LEFT_OUT
    schedule: ScheduleDraft | None = LEFT_OUT
    policy: PolicyDraft | None = LEFT_OUT
    amount: AmountDraft | None = LEFT_OUT
    target: TargetDraft = LEFT_OUT
    milestones: Milestones = LEFT_OUT
    limit: LimitDraft = LEFT_OUT
    streak: StreakDraft = LEFT_OUT


class GoalFilter(PageQuery):
    """Which goals, and in which order."""

    status: Status | None = None
    pattern: Pattern | None = None
    category: Category = ""
    sort: Literal[
        "create_time", "update_time", "deadline", "title", "-create_time", "-update_time", "-deadline", "-title"
    ] = "-create_time"
    member_id: ResourceId | Literal["me"] | None = None
