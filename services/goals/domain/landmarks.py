"""Lengths of a streak that are worth telling, and whether what was logged made it come to one.

The streak is compared with what it was when something was last logged, because that of a limit, or over a vacation that
counts, grows while nobody logs anything (docs/adr/0110, 0115).
"""

from collections.abc import Collection
from typing import Final

from services.goals.domain.entries import Entries
from services.goals.domain.goal import Excused, Goal, Pattern
from services.goals.domain.streak import current_streak
from services.goals.domain.units import Ledger

LANDMARKS: Final = (7, 30, 100, 365)
# Of the others nothing lasts from unit to unit: targets and milestones are reached once.
_STREAKING: Final = frozenset({Pattern.RECURRING, Pattern.STREAK, Pattern.LIMIT})


def has_streak(goal: Goal) -> bool:
    """True for goals whose streak is worth following."""
    return goal.pattern in _STREAKING


def may_reach(goal: Goal, streak: int, *, days: Collection[int], today: int, since: int) -> bool:
    """False where the current streak surely came to no landmark; costs nothing to ask.

    The unit that holds today is open and breaks nothing, so what is logged today lengthens a streak by one at most;
    only a rolling window looks back from it. Days that pass lengthen some streaks by one each.

    Args:
        goal: The goal as it is now.
        streak: Its streak now.
        days: Those on which something was logged.
        today: The member's civil day.
        since: The latest day that was logged before, or an earlier one.
    """
    if not has_streak(goal) or streak < LANDMARKS[0]:
        return False
    if any(day != today for day in days) or any(rule.schedule.window_days for rule in goal.rules):
        return True
    passed = today - since if _grows_by_itself(goal) else 0
    return any(streak - passed - 1 < length <= streak for length in LANDMARKS)


def _grows_by_itself(goal: Goal) -> bool:
    return goal.pattern is Pattern.LIMIT or any(rule.policy.excused is Excused.COUNTS for rule in goal.rules)


def streak_before(goal: Goal, entries: Entries, *, then: int, today: int) -> int:
    """The streak that was there when something was last logged, on the day `then`.

    Args:
        goal: The goal as it was before what is logged now.
        entries: Those without what is logged now.
        then: The member's day when something was last logged, or when the goal was made.
        today: The member's civil day.
    """
    return current_streak(Ledger(goal, entries, min(today, max(then, entries.last_day))))


def landmark_reached(before: int, after: int) -> int | None:
    """The longest landmark that the current streak came to, from its length before and after; None for none."""
    reached = [length for length in LANDMARKS if before < length <= after]
    return reached[-1] if reached else None
