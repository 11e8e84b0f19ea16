"""The pure engine alone: the whole report of three years of daily entries, for each pattern, and of one entry more.

What is measured is processor time, so that others at work on the machine do not count.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from uuid import UUID

from services.goals.domain.days import Calendar, Period
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Amount, Chain, Goal, GoalId, Limit, MemberId, Pattern, Target
from services.goals.domain.planning import GoalDraft, plan_goal
from services.goals.domain.progress import Reach, progress_of
from services.goals.domain.schedule import ScheduleDraft, Window
from services.goals.domain.terms import MilestoneDraft

DAYS = 3 * 365
KINDS = 10
_STEPS = 100
_TURNS = 150
_START = date(2023, 3, 2).toordinal()
_TODAY = _START + DAYS - 1
_NOW = datetime(2023, 3, 2, tzinfo=UTC)


@dataclass(frozen=True)
class EngineFigure:
    """One kind of goal.

    Attributes:
        p50_ms: Of folding the entries and deriving the report with all its figures and series.
        p95_ms: The same.
        entry_share: What one entry more costs the entries as they are, by what folding and deriving all costs.
    """

    title: str
    p50_ms: float
    p95_ms: float
    entry_share: float


def measure(tell: Callable[[str], None]) -> list[EngineFigure]:
    """Every kind, one after the other."""
    found = []
    for title, goal, fold in _kinds():
        tell(f"engine: {title}")
        found.append(_measure(title, goal, fold))
    return found


def _measure(title: str, goal: Goal, fold: Callable[[], Entries]) -> EngineFigure:
    entries = fold()
    kind, value = (Kind.PROGRESS, 1.0) if entries.amounts else (Kind.DONE, None)
    whole = timed(lambda: progress_of(goal, fold(), _TODAY, reach=Reach.ALL))
    more = timed(lambda: entries.with_entry(_TODAY, kind, value))
    p50_ms = statistics.median(whole)
    return EngineFigure(title, p50_ms, quantile(whole, 0.95), statistics.median(more) / p50_ms)


def timed(work: Callable[[], object], *, turns: int = _TURNS) -> list[float]:
    """Milliseconds of processor time of each turn, after some that do not count."""
    taken = []
    for turn in range(turns + 10):
        begun = time.thread_time()
        work()
        if turn >= 10:
            taken.append(1000 * (time.thread_time() - begun))
    return taken


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _kinds() -> Iterator[tuple[str, Goal, Callable[[], Entries]]]:
    chance = random.Random(3)
    days = range(_START, _TODAY + 1)
    checks = [encode(day, Kind.DONE if chance.random() < 0.8 else Kind.NOT_DONE) for day in days]
    amounts = [encode(day, Kind.PROGRESS) for day in days]
    values = [chance.choice([0, 1, 2, 3.5]) for _ in days]
    checked, summed = partial(Entries, checks), partial(Entries, amounts, values)
    rolling = ScheduleDraft(period=Period.WEEK, times=3, window=Window.ROLLING)
    weekly = ScheduleDraft(period=Period.WEEK, times=3)
    by_rule = ScheduleDraft(rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,SA")
    yield "recurring, daily", _goal(Pattern.RECURRING), checked
    yield "recurring, by weeks", _goal(Pattern.RECURRING, schedule=weekly), checked
    yield "recurring, rolling", _goal(Pattern.RECURRING, schedule=rolling), checked
    yield "recurring, by rule", _goal(Pattern.RECURRING, schedule=by_rule), checked
    yield "recurring, amount", _goal(Pattern.RECURRING, amount=Amount("km", 2)), summed
    yield "streak", _goal(Pattern.STREAK, chain=Chain(10_000, 2)), checked
    yield "limit, daily", _goal(Pattern.LIMIT, limit=Limit("cups", 2)), summed
    yield "limit, by weeks", _goal(Pattern.LIMIT, limit=Limit("cups", 12), schedule=ScheduleDraft(Period.WEEK)), summed
    yield (
        "target",
        _goal(Pattern.TARGET, target=Target("km", 0, 9000), deadline=date.fromordinal(_TODAY + 400)),
        summed,
    )
    thesis = _goal(Pattern.MILESTONE, milestones=tuple(_step(number) for number in range(_STEPS)))
    reached = {step.id: (step.due_day or _START, _NOW) for step in thesis.milestones[: _STEPS // 2]}
    yield "milestones", thesis, partial(Entries, milestones=reached)


def _step(number: int) -> MilestoneDraft:
    return MilestoneDraft(title="A step", due_date=date.fromordinal(_START + 10 * number))


def _goal(pattern: Pattern, **parts: object) -> Goal:
    ids = (UUID(int=number) for number in range(3, 3 + 2 * _STEPS))
    draft = replace(GoalDraft(title="Run", pattern=pattern), **parts)  # type: ignore[arg-type]
    return plan_goal(
        draft,
        goal_id=GoalId(UUID(int=1)),
        member_id=MemberId(UUID(int=2)),
        calendar=Calendar(),
        today=_START,
        now=_NOW,
        new_id=lambda: next(ids),
    )
