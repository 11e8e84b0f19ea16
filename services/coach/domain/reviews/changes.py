"""Changes of plans where a goal sags: smaller before later, later before nothing. Typed, computed, never imposed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from services.coach.domain.report import GoalReport, HabitFact, Report, Tally

# A goal sags when under half of at least four units of the last two weeks were kept.
SPAN: Final = timedelta(days=14)
_MIN_DUE: Final = 4
_SAGGING_PERCENT: Final = 50
# What a habit shrinks to, as the planner does it.
_SHRINK: Final = 0.6
_FEWEST_MINUTES: Final = 10
# A day moves by so much at most, so that it stays a day to work for.
_LATEST: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SmallerHabit:
    """A habit with other times or other minutes; what is None stays."""

    habit_id: UUID
    times: int | None
    minutes: int | None
    period: str
    reason: str


@dataclass(frozen=True, slots=True)
class LaterDay:
    """A deadline that moves."""

    deadline: date
    reason: str


@dataclass(frozen=True, slots=True)
class NewSubgoal:
    """A step more."""

    title: str
    due_date: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class NewHabit:
    """A habit more, so many times a week."""

    title: str
    times: int
    minutes: int
    reason: str


@dataclass(frozen=True, slots=True)
class NoHabit:
    """A habit that goes."""

    habit_id: UUID
    reason: str


Change = SmallerHabit | LaterDay | NewSubgoal | NewHabit | NoHabit


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes of one goal, with what they are about."""

    goal_id: UUID
    summary: str
    changes: tuple[Change, ...]


def propose_changes(report: Report) -> tuple[Proposal, ...]:
    """What could change, goal by goal; nothing for goals that go well."""
    return tuple(_proposals(report))


def sagging(report: Report) -> Mapping[UUID, Tally]:
    """Goals of whose last two weeks less than half was kept."""
    first = report.last - SPAN + timedelta(days=1)
    tallies = {each.goal.goal_id: Tally.of(each.within(first, report.last)) for each in report.goals}
    return {goal_id: tally for goal_id, tally in tallies.items() if _sags(tally)}


def _proposals(report: Report) -> Iterator[Proposal]:
    low = sagging(report)
    for reported in report.goals:
        tally = low.get(reported.goal.goal_id)
        # What a limit lacks is no habit that is too large.
        habits = () if reported.goal.is_limit else reported.habits
        smaller = _smaller(max(habits, key=_weight), tally) if tally and habits else None
        later = _later(reported)
        changes: tuple[Change, ...] = tuple(change for change in (smaller, later) if change is not None)
        if changes:
            said = "Smaller, so that it fits the days there are." if smaller else "A later day, at the present pace."
            yield Proposal(reported.goal.goal_id, said, changes)


def _sags(tally: Tally) -> bool:
    return tally.due >= _MIN_DUE and tally.percent is not None and tally.percent < _SAGGING_PERCENT


def _weight(habit: HabitFact) -> tuple[int, int, str]:
    return habit.times * max(1, habit.minutes), habit.times, habit.habit_id.hex


def _smaller(habit: HabitFact, tally: Tally) -> SmallerHabit | None:
    """Once less in its period, else fewer minutes; None where it is as small as it gets."""
    reason = f"{tally.done} of {tally.due} were kept in the last two weeks."
    if habit.times > 1:
        return SmallerHabit(habit.habit_id, habit.times - 1, None, habit.period, reason)
    fewer = max(_FEWEST_MINUTES, int(habit.minutes * _SHRINK))
    return SmallerHabit(habit.habit_id, None, fewer, habit.period, reason) if fewer < habit.minutes else None


def _later(reported: GoalReport) -> LaterDay | None:
    goal, end = reported.goal, reported.projected_end
    if goal.pattern != "target" or goal.deadline is None or end is None or end <= goal.deadline:
        return None
    day = min(end, goal.deadline + _LATEST)
    return LaterDay(day, f"At the pace of the last four weeks it arrives on {end.isoformat()}.")
