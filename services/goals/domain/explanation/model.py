"""What an explanation is: a figure, and the steps that make it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from services.goals.domain.goal import Rule
from services.goals.domain.units import Ledger

T = TypeVar("T")

# Three years of days; what lies before them is told as the value that they began with.
MOST_STEPS = 1_100
NO_DAYS = (1, 0)
"""A span of days that holds none."""


class Metric(StrEnum):
    """A figure that can be explained."""

    STREAK = "streak"
    STRENGTH = "strength"
    ADHERENCE = "adherence"
    PACE = "pace"


class Effect(StrEnum):
    """What a step does to the figure."""

    LENGTHENS = "lengthens"
    BREAKS = "breaks"
    PASSES = "passes"
    FROZEN = "frozen"
    COUNTS = "counts"
    DOES_NOT_COUNT = "does_not_count"
    STEPS = "steps"
    CARRIES = "carries"
    MOVES = "moves"
    COMPARES = "compares"


@dataclass(frozen=True, slots=True)
class Step:
    """One unit, or day, and what it does.

    Attributes:
        outcome: What became of it.
        done: What was done in it.
        needed: What it takes; of a limit, what it may hold.
        version: Of the rules that it stands under, counted from 1 in the order in which they were made.
        value: The figure after the step.
        worth: Of the day for the strength; for the pace what enters it, or how many days more the unit takes.
        memory: How much of the former score remains.
        stands_on: First and last day of the entries behind it; None where these are its own days.
        entry: Its place among the progress entries of its day, from 0, where it is a single entry.
    """

    first: int
    last: int
    outcome: int
    done: float
    needed: float
    version: int
    effect: Effect
    value: float
    worth: float | None = None
    memory: float | None = None
    stands_on: tuple[int, int] | None = None
    entry: int | None = None

    @property
    def days_behind(self) -> tuple[int, int]:
        """First and last day of the entries that it stands on."""
        return self.stands_on or (self.first, self.last)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure with the steps that make it.

    Attributes:
        value: The figure; None where there is none.
        start_value: The value before the first step.
        rule: What the steps mean.
        is_truncated: Earlier steps are not told; their result is the start value.
    """

    metric: Metric
    day: int
    value: float | None
    start_value: float
    steps: Sequence[Step]
    rule: str
    is_truncated: bool = False


@dataclass(slots=True)
class Told(Generic[T]):
    """Values after steps, of which only the last ones are told in full."""

    start_value: float
    steps: list[tuple[float, T]]

    def last(self) -> tuple[float, list[tuple[float, T]], bool]:
        """(value before them, the last steps, whether there are others)."""
        hidden = len(self.steps) - MOST_STEPS
        if hidden <= 0:
            return self.start_value, self.steps, False
        return self.steps[hidden - 1][0], self.steps[hidden:], True


def version_of(ledger: Ledger, rule: Rule) -> int:
    """The version's number, from 1."""
    return ledger.goal.rules.index(rule) + 1
