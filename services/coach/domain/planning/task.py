"""What a plan is asked for: the goal as it is, the constraints, and the member's day."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.coach.domain.planning.schedules import Schedule
from services.coach.domain.planning.slots import Allowance, Quantity

SCHEDULED: Final = frozenset({"recurring", "streak", "limit"})


@dataclass(frozen=True, slots=True)
class TargetTerms:
    """A value to reach from another one."""

    unit: str
    start: float
    target: float


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone that is not done, or a subgoal that is there already."""

    title: str
    due_date: date | None = None


@dataclass(frozen=True, slots=True)
class OwnHabit:
    """A habit of the member's own, which no plan brought."""

    title: str
    schedule: Schedule
    minutes: int


@dataclass(frozen=True, slots=True)
class PlanTask:
    """What there is to plan.

    Attributes:
        pattern: `recurring`, `milestone`, `target`, `streak` or `limit`.
        category: The member's own word, or empty.
        schedule: On recurring, streak and limit goals.
        milestones: Those not done, in order.
        streak_length: In units; 0 on other patterns.
        own_habits: Not brought by an earlier plan; they stay, and their time is not there for this one.
        own_subgoals: Titles of those that are done or the member's own.
        minutes_per_week: 0 where not said.
        last_day: Of the constraints and of the goal, the earlier; None where neither says one.
    """

    title: str
    today: date
    pattern: str = "recurring"
    description: str = ""
    category: str = ""
    start_date: date | None = None
    last_day: date | None = None
    schedule: Schedule | None = None
    amount: Quantity | None = None
    target: TargetTerms | None = None
    limit: Allowance | None = None
    streak_length: int = 0
    milestones: tuple[Step, ...] = ()
    own_habits: tuple[OwnHabit, ...] = ()
    own_subgoals: tuple[str, ...] = ()
    minutes_per_week: int = 0

    def __repr__(self) -> str:
        """Without what the member wrote."""
        return f"PlanTask(pattern={self.pattern!r}, today={self.today})"
