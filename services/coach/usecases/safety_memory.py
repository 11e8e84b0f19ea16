"""What the safety screen found lately, kept in the process as well: it must hold while the database is away."""

from collections import OrderedDict
from uuid import UUID

from services.coach.domain.safety import SafetyState

_AT_MOST = 10_000


class SafetyMemory:
    """Safety states by member, the most recently used ones."""

    def __init__(self) -> None:
        self._states: OrderedDict[UUID, SafetyState] = OrderedDict()

    def of(self, member_id: UUID) -> SafetyState | None:
        """What this process knows; the database may know more."""
        return self._states.get(member_id)

    def keep(self, member_id: UUID, state: SafetyState | None) -> None:
        """Replaces what is known; None forgets."""
        self._states.pop(member_id, None)
        if state is not None:
            self._states[member_id] = state
            if len(self._states) > _AT_MOST:
                self._states.popitem(last=False)
