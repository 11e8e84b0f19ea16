"""Goals that complete by themselves: a target reached, all steps done, a streak as long as it was to become.

What makes a goal complete is derived from its entries, so correcting them can take a target's or a milestone goal's
completion back; a streak stays completed, however it is broken later.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from services.goals.domain.bounds import takes_phases
from services.goals.domain.entries import Entries
from services.goals.domain.goal import Excused, Goal, Pattern, Phase, Status
from services.goals.domain.line import reached_on
from services.goals.domain.streak import bounds_of, reached_at
from services.goals.domain.units import Ledger

_REVOCABLE = frozenset({Pattern.TARGET, Pattern.MILESTONE})


def completion_day(ledger: Ledger) -> int | None:
    """The day on which the goal completed by what was logged; None while it has not, or never does by itself."""
    match ledger.goal.pattern:
        case Pattern.TARGET:
            return reached_on(ledger)
        case Pattern.MILESTONE:
            return _all_done_on(ledger)
        case Pattern.STREAK:
            return _streak_reached_on(ledger)
        case _:
            return None


def settle(goal: Goal, entries: Entries, *, today: int, now: datetime, since: int = 0) -> Goal:
    """The goal completed, or active again, as what was logged has it; itself where nothing changes.

    It stays as it is, too, where it has as many phases as there may be.

    Args:
        goal: As it stands.
        entries: All that was logged on it.
        today: The member's civil day.
        now: The instant of writing.
        since: The day of the change of what is asked for that this follows from, if it does. What the change completes
            is over from that day on and not before: past outcomes stay.
    """
    if not takes_phases(goal):
        return goal
    if goal.status is Status.ACTIVE:
        return _completed(goal, entries, today, now, since)
    if goal.status is not Status.COMPLETED or goal.pattern not in _REVOCABLE or not goal.phases[-1].is_derived:
        return goal
    phase = Phase(goal.phases[-1].effective_from, now, Status.ACTIVE, goal.deadline)
    reopened = replace(goal, status=Status.ACTIVE, completed_day=None, phases=(*goal.phases, phase))
    settled = _completed(reopened, entries, today, now, since)
    return goal if settled.completed_day == goal.completed_day else settled


def is_completed_by_days(goal: Goal, entries: Entries, *, today: int) -> bool:
    """Days that passed completed the goal and nobody wrote it down: a vacation that counts lengthens a streak."""
    if goal.pattern is not Pattern.STREAK or goal.status is not Status.ACTIVE or not entries.vacations:
        return False
    if not takes_phases(goal):
        return False
    if all(rule.policy.excused is not Excused.COUNTS for rule in goal.rules):
        return False
    return completion_day(Ledger(goal, entries, today)) is not None


def _completed(goal: Goal, entries: Entries, today: int, now: datetime, since: int) -> Goal:
    day = completion_day(Ledger(goal, entries, today))
    if day is None:
        return goal
    # Not before the phase that lasts: what a pause meanwhile made of past days stays.
    first = max(day, since, goal.phases[-1].effective_from)
    phase = Phase(first, now, Status.COMPLETED, goal.deadline, is_derived=True)
    return replace(goal, status=Status.COMPLETED, completed_day=day, phases=(*goal.phases, phase))


def _all_done_on(ledger: Ledger) -> int | None:
    done = ledger.entries.milestones
    days = [done[step.id][0] for step in ledger.goal.milestones if step.id in done]
    return max(days) if days and len(days) == len(ledger.goal.milestones) else None


def _streak_reached_on(ledger: Ledger) -> int | None:
    chain = ledger.goal.rule.chain
    index = reached_at(ledger, chain.target_length) if chain else None
    if index is None:
        return None
    first, last = bounds_of(ledger.stretches, index)
    return last if first == last else _day_enough(ledger, first, last)


def _day_enough(ledger: Ledger, first: int, last: int) -> int:
    """The day of a longer unit on which enough came together; its last one where it was excused."""
    unit = ledger.unit_at(first)
    if unit is None or not unit.is_met:
        return min(last, ledger.today)
    by_day: Mapping[int, float] = ledger.by_day(unit.rule)
    total = 0.0
    for day in unit.days:
        value = by_day.get(day, 0)
        total = round(total + (value if unit.rule.amount else min(value, 1)), 9)
        if total >= unit.needed:
            return day
    return min(last, ledger.today)
