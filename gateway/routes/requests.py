"""Request bodies and query strings, field by field as the API promises them."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.routes.fields import (
    LEFT_OUT,
    Amount,
    BirthYear,
    Category,
    ChatText,
    Country,
    DisplayName,
    Email,
    Instant,
    LocalDate,
    Locale,
    LongText,
    PageQuery,
    Password,
    QueryModel,
    RequestModel,
    ResourceId,
    ShortText,
    Tag,
    Timezone,
    Title,
    Unit,
    Weekday,
)

Pattern = Literal["recurring", "milestone", "target", "streak", "limit"]
Status = Literal["active", "paused", "completed", "archived"]
ActivityType = Literal["check_in", "progress", "milestone", "skip", "note"]
Role = Literal["member", "mentor", "admin"]


class Registration(RequestModel):
    """A new account."""

    email: Email
    password: Password
    name: DisplayName
    timezone: Timezone = "UTC"
    locale: Locale = "en"
    birth_year: BirthYear | None = None


class MemberDraft(Registration):
    """A new account, made by an administrator."""

    roles: Annotated[list[Role], Field(max_length=3)] = Field(default_factory=list)


class Credentials(RequestModel):
    """What one signs in with."""

    email: Email
    password: Password


class RefreshRequest(RequestModel):
    """A refresh token."""

    refresh_token: Annotated[str, Field(max_length=1024)]


class ProfileChange(RequestModel):
    """Fields of a profile to change; what is left out stays."""

    name: DisplayName = LEFT_OUT
    timezone: Timezone = LEFT_OUT
    locale: Locale = LEFT_OUT
    country: Country | None = LEFT_OUT
    birth_year: BirthYear | None = LEFT_OUT
    day_start_hour: Annotated[int, Field(ge=0, le=12)] = LEFT_OUT
    week_start: Weekday = LEFT_OUT


class RolesChange(RequestModel):
    """All roles after the change."""

    roles: Annotated[list[Role], Field(max_length=3)]


class ConsentsChange(RequestModel):
    """Consents to change; what is left out stays."""

    coach_reads_journal: bool = LEFT_OUT
    ai_vendors: bool = LEFT_OUT
    alert_mentor_on_risk: bool = LEFT_OUT
    leaderboard: bool = LEFT_OUT


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
    start_value: Amount
    target_value: Amount
    aggregation: Literal["sum", "last", "max"]


class MilestoneDraft(RequestModel):
    """A step of a milestone goal."""

    id: ResourceId | None = None
    title: Title
    weight: Annotated[Amount, Field(gt=0)] = 1.0
    due_date: LocalDate | None = None


class LimitDraft(RequestModel):
    """What not to exceed in a unit."""

    max_value: Annotated[Amount, Field(ge=0)]
    unit: Unit


class StreakDraft(RequestModel):
    """Days in a row to reach."""

    target_length: Annotated[int, Field(ge=1, le=100_000)]
    freezes_per_month: Annotated[int, Field(ge=0, le=31)] = 0


class ConstraintsDraft(RequestModel):
    """What a plan has to fit."""

    minutes_per_week: Annotated[int, Field(ge=1, le=10_080)] | None = None
    deadline: LocalDate | None = None


class GoalDraft(RequestModel):
    """A new goal."""

    title: Title
    pattern: Pattern
    description: LongText = ""
    category: Category | None = None
    start_date: LocalDate | None = None
    deadline: LocalDate | None = None
    schedule: ScheduleDraft | None = None
    policy: PolicyDraft | None = None
    amount: AmountDraft | None = None
    target: TargetDraft | None = None
    milestones: Annotated[list[MilestoneDraft], Field(min_length=1, max_length=100)] | None = None
    limit: LimitDraft | None = None
    streak: StreakDraft | None = None
    constraints: ConstraintsDraft | None = None
    with_plan: bool = True
    template_id: ResourceId | None = None


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


class ChatMessage(RequestModel):
    """What a member says to the coach."""

    message: ChatText
    thread_id: ResourceId | None = None
    group_id: ResourceId | None = None


class GoalFilter(PageQuery):
    """Which goals, and in which order."""

    status: Status | None = None
    pattern: Pattern | None = None
    category: Category = ""
    sort: Literal[
        "create_time", "update_time", "deadline", "title", "-create_time", "-update_time", "-deadline", "-title"
    ] = "-create_time"
    member_id: ResourceId | Literal["me"] | None = None


class ActivityFilter(PageQuery):
    """Which activities of a goal."""

    from_: Annotated[LocalDate | None, Field(alias="from")] = None
    to: LocalDate | None = None
    type: ActivityType | None = None


class ProgressQuery(QueryModel):
    """Which span."""

    period: Literal["week", "month", "quarter", "year", "all"] = "week"


class MessageFilter(PageQuery):
    """Which messages."""

    thread_id: ResourceId | None = None
