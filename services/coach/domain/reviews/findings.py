"""What stands out in a week or a month: computed from units, entries and moods, never guessed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from services.coach.domain.facts import GoalFact
from services.coach.domain.report import MoodFact, Outcome, Report, Tally, UnitFact

# Said of nothing that happened less often than this.
_MIN_STREAK: Final = 2
_MIN_SLIPS: Final = 2
_MIN_MOOD_DAYS: Final = 3
# Points of a hundred that a change has to have before it is called one.
CHANGE_POINTS: Final = 5
_LOW_MOOD, _HIGH_MOOD = -0.2, 0.2


@dataclass(frozen=True, slots=True)
class GoalFinding:
    """How one goal went."""

    goal: GoalFact
    tally: Tally


@dataclass(frozen=True, slots=True)
class WeekdayFinding:
    """An ISO weekday and how often something happened on it."""

    weekday: int
    count: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What stands out in [first, last].

    Attributes:
        tally: Over all goals.
        before: Over the span of the same length before it.
        goals: Those with anything due, the best kept first.
        completed: Goals completed within the span.
        strongest: The weekday with most entries kept; None where none stands out.
        weakest: The weekday with most one-day units missed.
        streak: The goal with the longest running streak; None under two.
        mood: Mean of the journal's days; None with fewer than three.
        weeks: Percents of the span's weeks, in order; None for weeks in which nothing counted.
        on_track: Goals with a deadline that are going to be there in time.
        off_track: Those that are not.
    """

    first: date
    last: date
    tally: Tally
    before: Tally
    goals: tuple[GoalFinding, ...] = ()
    completed: tuple[GoalFact, ...] = ()
    strongest: WeekdayFinding | None = None
    weakest: WeekdayFinding | None = None
    streak: GoalFact | None = None
    mood: float | None = None
    weeks: tuple[int | None, ...] = ()
    on_track: tuple[GoalFact, ...] = ()
    off_track: tuple[GoalFact, ...] = ()

    @property
    def change(self) -> int | None:
        """Points against the span before; None where one of the two has nothing that counts."""
        if self.tally.percent is None or self.before.percent is None:
            return None
        return self.tally.percent - self.before.percent

    @property
    def trend(self) -> int | None:
        """Points between the means of the later and the earlier half of the weeks; None with fewer than two of them."""
        known = [week for week in self.weeks if week is not None]
        half = len(known) // 2
        if not half:
            return None
        return round(sum(known[-half:]) / half - sum(known[:half]) / half)

    @property
    def mood_word(self) -> str:
        """`low`, `even` or `good`; empty where too little is known."""
        if self.mood is None:
            return ""
        return "low" if self.mood <= _LOW_MOOD else "good" if self.mood >= _HIGH_MOOD else "even"

    @property
    def is_empty(self) -> bool:
        """Nothing was due, nothing was finished: there is nothing to review."""
        return not self.tally.due and not self.completed


def find(report: Report, first: date, last: date) -> Findings:
    """What stands out in [first, last]; the report reaches back as far again."""
    length = last - first + timedelta(days=1)
    now = [(reported.goal, reported.within(first, last)) for reported in report.goals]
    earlier = [unit for reported in report.goals for unit in reported.within(first - length, first - timedelta(days=1))]
    units = [unit for _, of_goal in now for unit in of_goal]
    kept_days = {(entry.goal_id, entry.local_date) for entry in report.entries if entry.completed}
    tracked = list(_tracked(report))
    return Findings(
        first=first,
        last=last,
        tally=Tally.of(units),
        before=Tally.of(earlier),
        goals=_best_first([GoalFinding(goal, Tally.of(of_goal)) for goal, of_goal in now]),
        completed=tuple(
            reported.goal
            for reported in report.goals
            if reported.completed_on is not None and first <= reported.completed_on <= last
        ),
        strongest=_outstanding([day.isoweekday() for _, day in kept_days if first <= day <= last]),
        weakest=_outstanding([unit.last.isoweekday() for unit in units if _is_slip(unit)]),
        streak=max(
            (reported.goal for reported in report.goals if reported.goal.streak >= _MIN_STREAK),
            key=lambda goal: (goal.streak, goal.goal_id.hex),
            default=None,
        ),
        mood=_mean([mood for mood in report.moods if first <= mood.day <= last]),
        weeks=tuple(_weeks(units, first, last)),
        on_track=tuple(goal for goal, is_on in tracked if is_on),
        off_track=tuple(goal for goal, is_on in tracked if not is_on),
    )


def owners(findings: Findings) -> frozenset[UUID]:
    """Whose goals stand in it."""
    return frozenset(found.goal.owner_id for found in findings.goals)


def _best_first(goals: Sequence[GoalFinding]) -> tuple[GoalFinding, ...]:
    due = [found for found in goals if found.tally.due]
    return tuple(sorted(due, key=_rank))


def _rank(found: GoalFinding) -> tuple[int, int, str]:
    return -(found.tally.percent or 0), -found.tally.done, found.goal.goal_id.hex


def _is_slip(unit: UnitFact) -> bool:
    """Only a unit of one day tells a weekday."""
    return unit.outcome is Outcome.MISSED and unit.first == unit.last


def _outstanding(weekdays: Sequence[int]) -> WeekdayFinding | None:
    """The most frequent one, where it is alone with that."""
    ranked = Counter(weekdays).most_common(2)
    if not ranked or ranked[0][1] < _MIN_SLIPS or (len(ranked) == 2 and ranked[1][1] == ranked[0][1]):
        return None
    return WeekdayFinding(*ranked[0])


def _mean(moods: Sequence[MoodFact]) -> float | None:
    if len({mood.day for mood in moods}) < _MIN_MOOD_DAYS:
        return None
    return round(sum(mood.score for mood in moods) / len(moods), 2)


def _weeks(units: Sequence[UnitFact], first: date, last: date) -> Iterator[int | None]:
    """Percents by stretches of seven days from the first day; a shorter rest belongs to the last of them."""
    count = max(1, ((last - first).days + 1) // 7)
    for number in range(count):
        low = first + timedelta(days=7 * number)
        high = last if number == count - 1 else low + timedelta(days=6)
        yield Tally.of(unit for unit in units if low <= unit.last <= high).percent


def _tracked(report: Report) -> Iterator[tuple[GoalFact, bool]]:
    """Goals that move towards a day, and whether they will be there at the rate of the last weeks."""
    for reported in report.goals:
        goal = reported.goal
        if goal.deadline is None or goal.percent is None or goal.pattern not in {"target", "milestone"}:
            continue
        if goal.pattern == "milestone":
            yield goal, goal.state not in {"behind", "at_risk"}
        else:
            yield goal, reported.projected_end is not None and reported.projected_end <= goal.deadline
