"""New plans, and which suggestions to list."""

from typing import Literal

from gateway.routes.fields import PageQuery, RequestModel
from gateway.routes.requests.goals import ConstraintsDraft


class PlanDraft(RequestModel):
    """A new plan for a goal."""

    constraints: ConstraintsDraft | None = None


class SuggestionFilter(PageQuery):
    """Which suggestions."""

    status: Literal["open", "accepted", "dismissed"] | None = None
