"""What is logged."""

from typing import Final

from gateway.routes import views
from gateway.routes.messages.shared import Words, day, instant
from gateway.routes.requests import ActivityBatch, ActivityChange, ActivityDraft, CheckIn, ContextDraft
from tandem.goals.v1 import activity_pb2

ACTIVITY_TYPE: Final[Words] = {word: number for number, word in enumerate(views.ACTIVITY_TYPES) if word}


def activity(goal_id: str, draft: ActivityDraft) -> activity_pb2.Activity:
    """Something to log."""
    message = activity_pb2.Activity(
        goal_id=goal_id,
        type=ACTIVITY_TYPE[draft.type],
        note=draft.note or "",
        milestone_id=(draft.milestone_id or "").lower(),
        habit_id=(draft.habit_id or "").lower(),
    )
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
        habit_id=(draft.habit_id or "").lower(),
    )
    if draft.local_date is not None:
        message.local_date.CopyFrom(day(draft.local_date))
    return message


def activities(batch: ActivityBatch) -> list[activity_pb2.Activity]:
    """All that is to be logged, in order."""
    return [activity(each.goal_id.lower(), each) for each in batch.activities]


def activity_change(goal_id: str, activity_id: str, change: ActivityChange) -> tuple[activity_pb2.Activity, list[str]]:
    """The new values, and the paths of the fields that change."""
    given = change.model_fields_set
    message = activity_pb2.Activity(goal_id=goal_id, activity_id=activity_id)
    for name in given & {"completed", "value", "note", "mood"}:
        value = getattr(change, name)
        if value is not None:
            setattr(message, name, value)
    if "context" in given and change.context is not None:
        message.context.CopyFrom(_context(change.context))
    if "occurred_at" in given:
        message.occur_time.CopyFrom(instant(change.occurred_at))
    return message, sorted("occur_time" if name == "occurred_at" else name for name in given)


def _context(draft: ContextDraft) -> activity_pb2.ActivityContext:
    return activity_pb2.ActivityContext(
        location=draft.location or "", energy=draft.energy or 0, with_wingman=draft.with_wingman, tags=draft.tags
    )
