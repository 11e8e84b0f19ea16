"""The dating-goals conversation."""

from typing import Literal

from pydantic import Field

from gateway.routes.answers.coach import Safety
from gateway.routes.answers.goals import Goal
from gateway.routes.answers.shared import Answer

ComfortLevel = Literal["low", "moderate", "high"]


class DatingTopic(Answer):
    """One of the four topics, and where it stands."""

    id: Literal["goals", "past", "comfort", "support"]
    title: str
    status: Literal["not_started", "in_progress", "complete", "skipped"]


class DatingTurn(Answer):
    """The coach's turn; `success` is false when a crisis card was shown that could not be kept, so no thread is."""

    success: bool
    message: str
    thread_id: str | None
    is_complete: bool
    completion_percentage: int
    current_topic: Literal["goals", "past", "comfort", "support"] | None
    topics: list[DatingTopic]
    safety: Safety
    provider: str
    degraded: bool


class DatingGoalsData(Answer):
    """All that is known, by slot; slots that nothing was said about are missing."""

    goals: list[str] = Field(default_factory=list)
    target: str = ""
    timeframe: str = ""
    tried: list[str] = Field(default_factory=list)
    what_helped: str = ""
    what_got_in_the_way: str = ""
    comfort_level: ComfortLevel | None = None
    triggers: list[str] = Field(default_factory=list)
    preferred_venues: list[str] = Field(default_factory=list)
    support_people: list[str] = Field(default_factory=list)
    check_in_frequency: str = ""
    accountability_style: str = ""
    declined: list[str] = Field(default_factory=list)


class DatingGoals(Answer):
    """What the conversation found out."""

    goals: list[str]
    preferred_venues: list[str]
    comfort_level: ComfortLevel | None
    goals_data: DatingGoalsData
    is_complete: bool
    completion_percentage: int


class AdoptedGoals(Answer):
    """The goals that dating goals became, in their order."""

    items: list[Goal]
