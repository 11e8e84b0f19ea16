"""A plan before and after it is held to its task."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.coach.domain.planning.schedules import Schedule

MAX_SUBGOALS: Final = 6
MAX_HABITS: Final = 3
MAX_TITLE: Final = 200


@dataclass(frozen=True, slots=True)
class Subgoal:
    """A part on the way."""

    title: str
    due_date: date | None


@dataclass(frozen=True, slots=True)
class IfThen:
    """When and where (read after "If"), and what (read after "then")."""

    cue: str
    response: str


@dataclass(frozen=True, slots=True)
class Habit:
    """What to do regularly.

    Attributes:
        minimum: The version for a bad day, a sentence.
    """

    title: str
    schedule: Schedule
    minutes: int
    if_then: IfThen
    minimum: str

    @property
    def said(self) -> str:
        """Cue, response and small version in one."""
        return f"If {self.if_then.cue}, then {self.if_then.response}. {self.minimum}".strip()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a provider proposes, rules or model.

    Attributes:
        summary: In a few sentences.
        assumptions: What was guessed because the member did not say it.
        question: One, where the goal is vague; else empty.
        warnings: What was changed, and what needs care.
    """

    summary: str
    subgoals: tuple[Subgoal, ...]
    habits: tuple[Habit, ...]
    assumptions: tuple[str, ...] = ()
    question: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """Everything in it that is said to the member."""
        habits = [text for habit in self.habits for text in (habit.title, habit.said)]
        steps = [step.title for step in self.subgoals]
        return tuple(filter(None, (self.summary, *self.assumptions, self.question, *self.warnings, *steps, *habits)))


@dataclass(frozen=True, slots=True)
class Plan:
    """A proposal that keeps to its task.

    Attributes:
        source: `anthropic`, `gemini` or `offline`.
        fits: What was asked for fits the minutes a week.
    """

    source: str
    summary: str
    subgoals: tuple[Subgoal, ...]
    habits: tuple[Habit, ...]
    fits: bool
    warnings: tuple[str, ...]


class PlanRejected(ValueError):
    """A proposal breaks its task; says which rule, never what anybody wrote."""
