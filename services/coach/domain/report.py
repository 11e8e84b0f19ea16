"""What became of a member's goals over a span, as the coach knows it when it writes unasked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from services.coach.domain.facts import EntryFact, GoalFact
from services.coach.errors import ForeignFact


class Outcome(StrEnum):
    """What became of a unit; the words of goals."""

    DONE = "done"
    PARTIAL = "partial"
    MISSED = "missed"
    EXCUSED = "excused"
    PENDING = "pending"
    NOT_DUE = "not_due"


COUNTING = frozenset({Outcome.DONE, Outcome.PARTIAL, Outcome.MISSED})


@dataclass(frozen=True, slots=True)
class UnitFact:
    """A due day or a period that ended within the span."""

    first: date
    last: date
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class HabitFact:
    """A habit of a goal.

    Attributes:
        times: How often in a `period`.
        minutes: 0 where not said.
    """

    habit_id: UUID
    title: str
    period: str
    times: int
    minutes: int


@dataclass(frozen=True, slots=True)
class SubgoalFact:
    """A subgoal that is still open."""

    subgoal_id: UUID
    title: str
    due_date: date | None


@dataclass(frozen=True, slots=True)
class GoalReport:
    """One goal over the span.

    Attributes:
        units: Those whose last day lies within it, in order.
        projected_end: When it will be reached at the rate of the last weeks; None where it never gets there.
        completed_on: The day on which it was completed.
        begun_on: The first day on which an entry could be expected: its own first, or the day on which it was made.
        plan_fits: What its plan asks fits the minutes that there are.
    """

    goal: GoalFact
    units: tuple[UnitFact, ...] = ()
    projected_end: date | None = None
    completed_on: date | None = None
    begun_on: date | None = None
    plan_fits: bool = True
    habits: tuple[HabitFact, ...] = ()
    subgoals: tuple[SubgoalFact, ...] = ()

    def within(self, first: date, last: date) -> tuple[UnitFact, ...]:
        """The units that ended on the days of [first, last]."""
        return tuple(unit for unit in self.units if first <= unit.last <= last)


@dataclass(frozen=True, slots=True)
class MoodFact:
    """What a journal entry says of a day, without its words.

    Attributes:
        score: -1 to 1.
    """

    entry_id: UUID
    owner_id: UUID
    day: date
    score: float
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A member's goals, entries and moods over [first, last], as of `today`."""

    first: date
    last: date
    today: date
    goals: tuple[GoalReport, ...] = ()
    entries: tuple[EntryFact, ...] = ()
    moods: tuple[MoodFact, ...] = ()

    def closed(self) -> "Report":
        """The same over the days before today, entries of today included.

        A unit that is still open stays where it is done already: what it is not yet is nothing missed.
        """
        goals = tuple(
            replace(
                reported,
                units=tuple(unit for unit in reported.units if unit.last < self.today or unit.outcome is Outcome.DONE),
            )
            for reported in self.goals
        )
        return replace(self, last=self.today - timedelta(days=1), goals=goals)

    def check_owner(self, member_id: UUID) -> None:
        """Stops before any text is made when a fact is somebody else's.

        Raises:
            ForeignFact: One is.
        """
        owners = {reported.goal.owner_id for reported in self.goals}
        owners |= {entry.owner_id for entry in self.entries} | {mood.owner_id for mood in self.moods}
        if owners - {member_id}:
            raise ForeignFact


@dataclass(frozen=True, slots=True)
class Tally:
    """Units done of those that count."""

    done: int = 0
    due: int = 0

    @property
    def percent(self) -> int | None:
        """Rounded half up; None where nothing counts."""
        return int(100 * self.done / self.due + 0.5) if self.due else None

    @classmethod
    def of(cls, units: Iterable[UnitFact]) -> "Tally":
        """Of units; excused, pending and not due ones are left out."""
        counting = [unit for unit in units if unit.outcome in COUNTING]
        return cls(sum(unit.outcome is Outcome.DONE for unit in counting), len(counting))
