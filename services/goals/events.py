"""What goals tells the others: that a goal or an activity changed. No title and no note travels."""

from collections.abc import Sequence
from datetime import date

from chassis import outbox
from chassis.db import Transaction
from services.goals.domain.activity import Activity
from services.goals.domain.goal import Goal, MemberId, Status
from tandem.event.v1 import event_pb2


def tell_created(transaction: Transaction, goal: Goal) -> None:
    """`goals.goal_created`."""
    event = _goal_event("goals.goal_created", goal)
    event.goal_created.CopyFrom(_change(goal))
    outbox.append(transaction, event)


def tell_changed(transaction: Transaction, before: Goal, after: Goal) -> None:
    """`goals.goal_completed` or `goals.goal_archived` when it became so, else `goals.goal_updated`."""
    became = after.status if after.status is not before.status else None
    if became is Status.COMPLETED:
        event = _goal_event("goals.goal_completed", after)
        event.goal_completed.CopyFrom(_change(after))
    elif became is Status.ARCHIVED:
        event = _goal_event("goals.goal_archived", after)
        event.goal_archived.CopyFrom(_change(after))
    else:
        event = _goal_event("goals.goal_updated", after)
        event.goal_updated.CopyFrom(_change(after))
    outbox.append(transaction, event)


def tell_logged(transaction: Transaction, activity: Activity, member_id: MemberId) -> None:
    """`goals.activity_logged`."""
    outbox.append(transaction, _logged(activity, member_id))


def tell_all_logged(transaction: Transaction, activities: Sequence[Activity], member_id: MemberId) -> None:
    """`goals.activity_logged` of each, in one write."""
    outbox.append_all(transaction, [_logged(activity, member_id) for activity in activities])


def tell_corrected(transaction: Transaction, activity: Activity, member_id: MemberId) -> None:
    """`goals.activity_corrected`."""
    event = _activity_event("goals.activity_corrected", activity, member_id)
    _describe(event.activity_corrected, activity)
    outbox.append(transaction, event)


def tell_removed(transaction: Transaction, activity: Activity, member_id: MemberId) -> None:
    """`goals.activity_removed`."""
    event = _activity_event("goals.activity_removed", activity, member_id)
    _describe(event.activity_removed, activity)
    outbox.append(transaction, event)


def _logged(activity: Activity, member_id: MemberId) -> event_pb2.Event:
    event = _activity_event("goals.activity_logged", activity, member_id)
    _describe(event.activity_logged, activity)
    return event


def _activity_event(event_type: str, activity: Activity, member_id: MemberId) -> event_pb2.Event:
    return event_pb2.Event(event_type=event_type, member_id=str(member_id), aggregate_id=str(activity.id))


def _describe(changed: event_pb2.ActivityChanged, activity: Activity) -> None:
    changed.activity_id = str(activity.id)
    changed.goal_id = str(activity.goal_id)
    changed.type = activity.type
    day = date.fromordinal(activity.local_day)
    changed.local_date.year, changed.local_date.month, changed.local_date.day = day.year, day.month, day.day


def _goal_event(event_type: str, goal: Goal) -> event_pb2.Event:
    return event_pb2.Event(
        event_type=event_type,
        member_id=str(goal.member_id),
        aggregate_id=str(goal.id),
        aggregate_version=goal.revision,
    )


def _change(goal: Goal) -> event_pb2.GoalChanged:
    return event_pb2.GoalChanged(pattern=goal.pattern, status=goal.status)
