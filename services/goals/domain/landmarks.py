"""Lengths of a streak that are worth telling, and whether what was logged made it come to one (docs/adr/0110)."""

from collections.abc import Collection
from typing import Final

from services.goals.domain.goal import Goal, Pattern

LANDMARKS: Final = (7, 30, 100, 365)
# Of the others nothing lasts from unit to unit: targets and milestones are reached once.
_STREAKING: Final = frozenset({Pattern.RECURRING, Pattern.STREAK, Pattern.LIMIT})


def has_streak(goal: Goal) -> bool:
    """True for goals whose streak is worth following."""
    return goal.pattern in _STREAKING


def may_reach(goal: Goal, streak: int, *, days: Collection[int], today: int) -> bool:
    """False where what was logged on `days` surely brought the current streak to no landmark; costs nothing to ask.

    The unit that holds today is open and breaks nothing, so what is logged today lengthens a streak by one at most;
    only a rolling window looks back from it.
    """
    if not has_streak(goal) or streak < LANDMARKS[0]:
        return False
    rolls = any(rule.schedule.window_days for rule in goal.rules)
    return rolls or streak in LANDMARKS or any(day != today for day in days)


def landmark_reached(before: int, after: int) -> int | None:
    """The longest landmark that the current streak came to, from its length before and after; None for none."""
    reached = [length for length in LANDMARKS if before < length <= after]
    return reached[-1] if reached else None
