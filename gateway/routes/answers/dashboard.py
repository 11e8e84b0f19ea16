"""What a member sees first, their figures, and what they were told."""

from datetime import date, datetime

from gateway.routes.answers.activities import Activity
from gateway.routes.answers.figures import Progress
from gateway.routes.answers.goals import Goal
from gateway.routes.answers.shared import Answer, Percent


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
