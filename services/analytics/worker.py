"""Events in: whatever changes what a member has due or done puts the member's figures out of date."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from chassis.consumer import Handler
from chassis.db import Transaction
from services.analytics.usecases import FigureUseCases
from tandem.event.v1 import event_pb2

DIRTYING: Final = (
    "goals.activity_corrected",
    "goals.activity_logged",
    "goals.activity_removed",
    "goals.goal_created",
    "goals.goal_updated",
    "goals.goal_completed",
    "goals.goal_archived",
)


def handlers(figures: FigureUseCases) -> Mapping[str, Handler]:
    """What to do with the events of others, by event type."""

    async def mark_dirty(event: event_pb2.Event, transaction: Transaction) -> None:
        await figures.mark_dirty(transaction, UUID(event.member_id))

    return dict.fromkeys(DIRTYING, mark_dirty)
