"""Where a goal stands today in a few figures: counts of outcomes, adherence, percent and state."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum

from services.goals.domain.days import Period
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Goal, Status
from services.goals.domain.pace import safe_days
from services.goals.domain.streak import current_streak
from services.goals.domain.units import DONE, EXCUSED, MISSED, NOT_DUE, PARTIAL, PENDING, Ledger, Stretch

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
        percent: Over all units since the start, as `Counts.percent`.
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


def state_of(ledger: Ledger, streak: int) -> State:
    """The first that holds: done, at risk, behind, ahead, on track."""
    if ledger.goal.status is Status.COMPLETED:
        return State.DONE
    known = _last_known(ledger, 2)
    if known == b"mm" or (streak >= LONG_STREAK and safe_days(ledger) == 0):
        return State.AT_RISK
    if known[-1:] == b"m":
        return State.BEHIND
    return State.AHEAD if open_outcome(ledger) == DONE else State.ON_TRACK


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


def summarise(goal: Goal, entries: Entries, today: int) -> Summary:
    """The few figures that come with a goal wherever it is shown."""
    return summary_of(Ledger(goal, entries, today))


def summary_of(ledger: Ledger) -> Summary:
    """The same out of a ledger that is there already."""
    streak = current_streak(ledger)
    due, done = today_of(ledger)
    counts = counts_between(ledger, ledger.goal.start_day, ledger.today)
    return Summary(counts.percent, state_of(ledger, streak), streak, due, done)


def today_of(ledger: Ledger) -> tuple[bool, bool]:
    """(due today, done today)."""
    entries, today = ledger.entries, ledger.today
    done = entries.amounts.get(today, 0) > 0 if ledger.goal.rule.amount else today in entries.done
    if ledger.goal.status is not Status.ACTIVE or open_outcome(ledger) != PENDING:
        return False, done
    rule = ledger.stretches[-1].rule
    if rule.schedule.period is Period.DAY:
        return True, done
    unit = ledger.unit_at(today)
    due = unit is not None and today in unit.days and (rule.amount is not None or today not in entries.done)
    return due, done
