"""Lengths of a streak that are worth telling, and whether what was logged made it come to one (docs/adr/0110)."""

from typing import Final

from services.goals.domain.goal import Pattern

LANDMARKS: Final = (7, 30, 100, 365)
# Of the others nothing lasts from unit to unit: targets and milestones are reached once.
STREAKING: Final = frozenset({Pattern.RECURRING, Pattern.STREAK, Pattern.LIMIT})


def landmark_reached(before: int, after: int) -> int | None:
    """The longest landmark that the current streak came to, from its length before and after; None for none."""
    reached = [length for length in LANDMARKS if before < length <= after]
    return reached[-1] if reached else None
