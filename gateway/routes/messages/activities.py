"""What is logged."""

from typing import Final

from gateway.routes import views
from gateway.routes.messages.shared import Words, day, instant
from gateway.routes.requests import ActivityDraft, CheckIn, ContextDraft
from tandem.goals.v1 import activity_pb2

ACTIVITY_TYPE: Final[Words] = {word: number for number, word in enumerate(views.ACTIVITY_TYPES) if word}


def activity(goal_id: str, draft: ActivityDraft) -> activity_pb2.Activity:
    """Something to log."""
    message = activity_pb2.Activity(goal_id=goal_id, type=ACTIVITY_TYPE[draft.type], note=draft.note or "")
    if draft.local_date is not None:
        message.local_date.CopyFrom(day(draft.local_date))
    if draft.occurred_at is not None:
        message.occur_time.CopyFrom(instant(draft.occurred_at))
    if draft.completed is not None:
        message.completed = draft.completed
    if draft.value is not None:
        message.value = draft.value
    if draft.mood is not None:
        message.mood = draft.mood
    if draft.context is not None:
        message.context.CopyFrom(_context(draft.context))
    return message


def check_in(goal_id: str, draft: CheckIn) -> activity_pb2.Activity:
    """A check-in."""
    message = activity_pb2.Activity(
        goal_id=goal_id,
        type=activity_pb2.ACTIVITY_TYPE_CHECK_IN,
        completed=draft.completed,
        note=draft.note or "",
    )
    if draft.local_date is not None:
        message.local_date.CopyFrom(day(draft.local_date))
    return message


def _context(draft: ContextDraft) -> activity_pb2.ActivityContext:
    return activity_pb2.ActivityContext(
        location=draft.location or "", energy=draft.energy or 0, with_wingman=draft.with_wingman, tags=draft.tags
    )
