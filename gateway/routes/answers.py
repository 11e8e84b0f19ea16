"""Answers as the OpenAPI document shows them. They are written by `views`; a test holds the two together."""

from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from gateway.routes.requests import ActivityType, Pattern, Role, Status

Item = TypeVar("Item")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Percent = Annotated[float, Field(ge=0, le=100)]
State = Literal["ahead", "on_track", "behind", "at_risk", "done"]


class Answer(BaseModel):
    """An answer; more fields may come."""

    model_config = ConfigDict(extra="forbid")


class Page(Answer, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next_page_token: str | None


class FieldError(Answer):
    """A field that breaks a rule."""

    field: str
    message: str


class SafetyResource(Answer):
    """A place to get help."""

    name: str
    contact: str
    country: str | None


class Problem(Answer):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[FieldError] = []
    reason: str | None = None
    metadata: dict[str, str] = {}
    resources: list[SafetyResource] = []


class Member(Answer):
    """A person."""

    id: str
    name: str | None
    email: str | None
    timezone: str | None
    locale: str | None
    country: str | None
    birth_year: int | None
    day_start_hour: int
    week_start: Weekday
    roles: list[Role]
    create_time: datetime
    update_time: datetime


class SignedIn(Answer):
    """A session."""

    member: Member
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"]
    expires_in: int


class Key(Answer):
    """A public key (RFC 7517)."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str
    alg: str


class KeySet(Answer):
    """Public keys."""

    keys: list[Key]


class Consents(Answer):
    """What a member allows."""

    coach_reads_journal: bool
    ai_vendors: bool
    alert_mentor_on_risk: bool
    leaderboard: bool


class Schedule(Answer):
    """When something is due."""

    period: Literal["day", "week", "month", "quarter", "year"] | None
    times: int
    weekdays: list[Weekday] | None
    rrule: str | None
    window: Literal["calendar", "rolling"]
    window_days: int | None


class Policy(Answer):
    """Rules that differ between people."""

    excused: Literal["neutral", "counts", "breaks"]
    month_end: Literal["clamp", "skip"]
    no_entry: Literal["ok", "pessimistic"]


class Amount(Answer):
    """An amount to reach in every unit."""

    unit: str
    min_value: float


class ProgressSummary(Answer):
    """Where a goal stands today."""

    percent: Percent | None
    state: State | None
    current_streak: int
    due_today: bool
    done_today: bool


class Goal(Answer):
    """A goal."""

    id: str
    member_id: str
    title: str
    description: str
    pattern: Pattern
    status: Status
    category: str | None
    start_date: date | None
    deadline: date | None
    schedule: Schedule | None
    policy: Policy
    amount: Amount | None
    target: dict[str, Any] | None
    milestones: list[dict[str, Any]]
    limit: dict[str, Any] | None
    streak: dict[str, Any] | None
    subgoals: list[dict[str, Any]]
    habits: list[dict[str, Any]]
    plan: dict[str, Any] | None
    completed_on: date | None
    progress_summary: ProgressSummary | None
    create_time: datetime
    update_time: datetime
    etag: str


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


class Span(Answer):
    """Days, both ends included."""

    name: Literal["week", "month", "quarter", "year", "all"] | None
    start: date
    end: date


class Streak(Answer):
    """Units in a row."""

    current: int
    longest: int
    freezes_left: int


class Pace(Answer):
    """Whether the member keeps up."""

    expected: float | None
    actual: float | None
    delta: float | None
    safe_days: int | None
    needed_today: float | None
    projected_end: date | None


class Point(Answer):
    """One point of a chart."""

    date: date
    value: float


class Progress(Answer):
    """How a goal is going."""

    goal_id: str
    pattern: Pattern
    period: Span
    percent: Percent | None
    state: State | None
    due: int
    done: int
    missed: int
    skipped: int
    adherence: Percent | None
    streak: Streak
    pace: Pace
    strength: Annotated[float, Field(ge=0, le=1)] | None
    series: list[Point]
    insights: list[str]
    recommendations: list[str]


class Logged(Answer):
    """An activity as stored, and how the goal is going now."""

    activity: Activity
    progress: Progress


class Safety(Answer):
    """What the safety screen says."""

    tier: Literal["none", "watch", "risk", "imminent", "third_party"]
    resources: list[SafetyResource]


class Exchange(Answer):
    """What was said and answered; `unsaved` when a crisis card was shown that could not be kept, so that no id is."""

    message_id: str | None
    thread_id: str | None
    user_message: str
    user_message_id: str | None
    ai_reply: str
    action_steps: list[str]
    provider: str
    degraded: bool
    safety: Safety
    unsaved: bool
    timestamp: datetime


class ChatMessage(Answer):
    """One message of a thread."""

    id: str
    thread_id: str
    author: Literal["member", "coach"] | None
    text: str
    create_time: datetime


class ChatThread(Answer):
    """A conversation."""

    id: str
    create_time: datetime
    update_time: datetime


class Analytics(Answer):
    """A member's figures."""

    adherence_7d: Percent | None
    adherence_30d: Percent | None
    risk_level: str | None
    risk_score: float | None
    as_of: datetime | None


class DashboardGoal(Answer):
    """One goal on a dashboard."""

    goal: Goal
    progress: Progress


class DueGoal(Answer):
    """A goal with something left to do today."""

    goal_id: str
    title: str | None


class Dashboard(Answer):
    """What a member sees first."""

    today: date
    goals: list[DashboardGoal]
    due_today: list[DueGoal]
    completion_rate_7d: Percent | None
    completion_rate_30d: Percent | None
    recent_activities: list[Activity]
    analytics: Analytics | None


class Notification(Answer):
    """Something that a member was told."""

    id: str
    kind: str
    text: str
    create_time: datetime
    read_time: datetime | None
