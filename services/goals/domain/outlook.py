"""Where a goal stands today in a few figures: counts of outcomes, adherence, percent and state."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum

from services.goals.domain.entries import Entries
from services.goals.domain.goal import Goal, Pattern, Status
from services.goals.domain.line import fraction_of
from services.goals.domain.pace import Pace, pace_of, safe_days
from services.goals.domain.streak import current_streak
from services.goals.domain.units import DONE, EXCUSED, MISSED, NOT_DUE, PARTIAL, PENDING, Ledger, Stretch, limits

ADHERENCE_DAYS = 30
LONG_STREAK = 7


class State(StrEnum):
    """How a goal is going."""

    AHEAD = "ahead"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    AT_RISK = "at_risk"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Counts:
    """Units by outcome."""

    done: int = 0
    partial: int = 0
    missed: int = 0
    excused: int = 0

    @property
    def counting(self) -> int:
        """Units that count: done, partial or missed."""
        return self.done + self.partial + self.missed

    @property
    def percent(self) -> float | None:
        """Done among those that count, 0 to 100; None when none counts."""
        return 100 * self.done / self.counting if self.counting else None


@dataclass(frozen=True, slots=True)
class Summary:
    """Where a goal stands today.

    Attributes:
        percent: As `percent_of`, over all units since the start.
        due_today: A check-in today would still bring the unit that holds today further.
        done_today: Something that counts was done today.
    """

    percent: float | None
    state: State
    current_streak: int
    due_today: bool
    done_today: bool


def counts_between(ledger: Ledger, first: int, last: int) -> Counts:
    """Closed units whose last day lies in [first, last], and the open one once its outcome is known."""
    done = partial = missed = excused = 0
    for stretch in ledger.stretches:
        low, high = _closing_between(stretch, first, min(last, ledger.today - 1))
        outcomes = stretch.outcomes
        done += outcomes.count(DONE, low, high)
        partial += outcomes.count(PARTIAL, low, high)
        missed += outcomes.count(MISSED, low, high)
        excused += outcomes.count(EXCUSED, low, high)
    if first <= ledger.today <= last:
        outcome = open_outcome(ledger)
        done += outcome == DONE
        excused += outcome == EXCUSED
    return Counts(done, partial, missed, excused)


def _closing_between(stretch: Stretch, first: int, last: int) -> tuple[int, int]:
    """Indexes [low, high) of the units whose last day lies in [first, last]."""
    lasts = stretch.lasts
    if isinstance(lasts, range):
        start = lasts.start
        return min(max(0, first - start), len(lasts)), min(max(0, last + 1 - start), len(lasts))
    return bisect_left(lasts, first), bisect_right(lasts, last)


def open_outcome(ledger: Ledger) -> int | None:
    """The outcome so far of the unit that holds today; None where there is no such unit."""
    if ledger.stretches:
        stretch = ledger.stretches[-1]
        if stretch.lasts[-1] >= ledger.today:
            return stretch.outcomes[-1]
    return None


def adherence(ledger: Ledger, days: int) -> float | None:
    """Percent done of the units that closed on the last `days` days before today; today never counts."""
    return closed_counts(ledger, days).percent


def closed_counts(ledger: Ledger, days: int) -> Counts:
    """Units that closed on the last `days` days before today, by outcome."""
    return counts_between(ledger, ledger.today - days, ledger.today - 1)


def percent_of(ledger: Ledger, counts: Counts, streak: int) -> float | None:
    """How far the goal has come, 0 to 100, as its pattern says it; None where nothing says it yet.

    Args:
        ledger: The goal's.
        counts: Units of the span asked for; what recurring and limit goals go by.
        streak: The current streak.
    """
    goal = ledger.goal
    if goal.pattern is Pattern.MILESTONE:
        return 100 * done_weight(ledger, ledger.today)
    if goal.pattern is Pattern.TARGET and goal.rule.target:
        return 100 * fraction_of(goal.rule.target, pace_of(ledger).actual or 0.0)
    if goal.pattern is Pattern.STREAK and goal.rule.chain:
        return 100.0 if goal.is_completed else min(100.0, 100 * streak / goal.rule.chain.target_length)
    return counts.percent


def done_weight(ledger: Ledger, day: int) -> float:
    """The weight of the steps done by the end of a day, among all weight, 0 to 1."""
    done, steps = ledger.entries.milestones, ledger.goal.milestones
    reached = sum(step.weight for step in steps if step.id in done and done[step.id][0] <= day)
    return reached / sum(step.weight for step in steps) if steps else 0.0


def state_of(ledger: Ledger, streak: int, pace: Pace | None = None) -> State:
    """The first that holds: done, at risk, behind, ahead, on track.

    Args:
        ledger: The goal's.
        streak: The current streak.
        pace: Of a target, where it is known already.
    """
    if ledger.goal.is_completed:
        return State.DONE
    lead, day = _lead(ledger, pace)
    known = _last_known(ledger, 2)
    if known == b"mm" or lead < -day * _A_DAY or _is_overdue(ledger) or _ends_today(ledger, streak):
        return State.AT_RISK
    if known[-1:] == b"m" or lead < 0:
        return State.BEHIND
    if open_outcome(ledger) == DONE or (day and lead >= day / _A_DAY):
        return State.AHEAD
    return State.ON_TRACK


def _lead(ledger: Ledger, pace: Pace | None) -> tuple[float, float]:
    """How far a target is ahead of its line, and what a day of the line comes to; both 0 for what has no line."""
    if ledger.goal.pattern is not Pattern.TARGET or ledger.goal.deadline is None:
        return 0.0, 0.0
    pace = pace or pace_of(ledger)
    return pace.delta or 0.0, pace.day_worth


def _is_overdue(ledger: Ledger) -> bool:
    done = ledger.entries.milestones
    days = [step.due_day for step in ledger.goal.milestones if step.due_day is not None and step.id not in done]
    return ledger.goal.status is Status.ACTIVE and any(day < ledger.today for day in days)


def _ends_today(ledger: Ledger, streak: int) -> bool:
    return streak >= LONG_STREAK and safe_days(ledger) == 0


def _last_known(ledger: Ledger, count: int) -> bytes:
    """The last outcomes that count, oldest first; excused units and those not due are passed over."""
    known = b""
    for stretch in reversed(ledger.stretches):
        outcomes = stretch.outcomes
        tail = outcomes[-64:].translate(None, _PASSED_OVER)
        if len(tail) < count:
            tail = outcomes.translate(None, _PASSED_OVER)
        known = bytes(tail) + known
        if len(known) >= count:
            break
    return known[-count:]


_PASSED_OVER = bytes((PENDING, NOT_DUE, EXCUSED))
# A day of pace is a day of pace, whatever its last digits.
_A_DAY = 1 + 1e-9


def summarise(goal: Goal, entries: Entries, today: int) -> Summary:
    """The few figures that come with a goal wherever it is shown."""
    return summary_of(Ledger(goal, entries, today))


def summary_of(ledger: Ledger) -> Summary:
    """The same out of a ledger that is there already."""
    streak = current_streak(ledger)
    due, done = today_of(ledger)
    counts = counts_between(ledger, ledger.goal.start_day, ledger.today)
    return Summary(percent_of(ledger, counts, streak), state_of(ledger, streak), streak, due, done)


def today_of(ledger: Ledger) -> tuple[bool, bool]:
    """(due today, done today)."""
    done = _is_done_today(ledger)
    if ledger.goal.status is not Status.ACTIVE:
        return False, done
    match ledger.goal.pattern:
        case Pattern.TARGET:
            return (pace_of(ledger).needed_today or 0.0) > 0, done
        case Pattern.MILESTONE:
            return _has_due_step(ledger), done
        case Pattern.LIMIT:
            return _wants_entry(ledger) and not done, done
        case _:
            return _is_unit_due_today(ledger), done


def _is_done_today(ledger: Ledger) -> bool:
    entries, today = ledger.entries, ledger.today
    if ledger.goal.pattern is Pattern.MILESTONE:
        return any(day == today for day, _ in entries.milestones.values())
    if ledger.goal.rule.amount:
        return entries.amounts.get(today, 0) > 0
    if ledger.goal.pattern in (Pattern.TARGET, Pattern.LIMIT):
        return today in entries.amounts or entries.done_on(today) > 0
    return entries.done_on(today) > 0


def _has_due_step(ledger: Ledger) -> bool:
    done = ledger.entries.milestones
    days = [step.due_day for step in ledger.goal.milestones if step.due_day is not None and step.id not in done]
    return any(day <= ledger.today for day in days)


def _wants_entry(ledger: Ledger) -> bool:
    """A limit wants to hear of a day only where silence counts against it."""
    unit = ledger.unit_at(ledger.today)
    return unit is not None and ledger.today in unit.days and limits.is_pessimistic(unit.rule)


def _is_unit_due_today(ledger: Ledger) -> bool:
    if open_outcome(ledger) != PENDING:
        return False
    rule = ledger.stretches[-1].rule
    if not rule.schedule.counts_days:
        return True
    unit = ledger.unit_at(ledger.today)
    has_counted = ledger.entries.done_on(ledger.today) > 0 and rule.amount is None
    return unit is not None and ledger.today in unit.days and not has_counted
