"""What can be done with figures."""

from typing import NoReturn
from uuid import UUID

from chassis.clock import Clock
from chassis.db import Transaction
from services.analytics import errors
from services.analytics.repository import DirtyMemberRepository


class FigureUseCases:
    """The verbs of figures."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def mark_dirty(self, transaction: Transaction, member_id: UUID) -> None:
        """Notes within the event's transaction that the member's figures are out of date."""
        DirtyMemberRepository(transaction).mark(member_id, now=self._clock.now())

    async def get_member_analytics(self) -> NoReturn:
        """A member's latest figures.

        Raises:
            FiguresNotBuilt: Always, until there is a warehouse.
        """
        raise errors.FiguresNotBuilt
