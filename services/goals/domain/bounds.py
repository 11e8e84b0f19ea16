"""How often a goal can be changed: its history stands in one row, which is read whole (docs/adr/0136)."""

from typing import Final

from services.goals.domain.goal import Goal, Status
from services.goals.errors import TooManyChanges

MAX_CHANGES: Final = 1_000
"""Versions of a goal's rules, or phases, up to which a member makes more."""

MAX_VERSIONS: Final = 2_000
"""Up to which more follow by themselves; an import takes some more, so that whatever was exported is read back."""

_CLOSED: Final = frozenset({Status.COMPLETED, Status.ARCHIVED})
# Phases left for closing a goal, which can always be done.
_FOR_CLOSING: Final = 10


def check_changes(goal: Goal, changed: Goal) -> None:
    """Lets a change pass that makes no version too many; closing a goal always passes.

    Raises:
        TooManyChanges: The goal has as many versions or phases as a member can make.
    """
    if len(changed.rules) > max(MAX_CHANGES, len(goal.rules)):
        raise TooManyChanges(MAX_CHANGES)
    is_closing = changed.status in _CLOSED and goal.status is not Status.ARCHIVED  # Out of the archive is no closing.
    if len(changed.phases) > max(MAX_CHANGES, len(goal.phases)) and not is_closing:
        raise TooManyChanges(MAX_CHANGES)


def takes_versions(goal: Goal) -> bool:
    """A version of the rules can follow from what happens around the goal."""
    return len(goal.rules) < MAX_VERSIONS


def takes_phases(goal: Goal) -> bool:
    """Phases can follow from what is logged on the goal."""
    return len(goal.phases) < MAX_VERSIONS - _FOR_CLOSING
