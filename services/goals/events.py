"""What goals tells the others: that a goal or an activity changed. No title and no note travels."""

from datetime import date

from chassis import outbox
from chassis.db import Transaction
from services.goals.domain.activity import Activity
from services.goals.domain.goal import Goal, Status
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


def tell_logged(transaction: Transaction, activity: Activity, goal: Goal) -> None:
    """`goals.activity_logged`."""
    event = event_pb2.Event(
        event_type="goals.activity_logged",
        member_id=str(goal.member_id),
        aggregate_id=str(activity.id),
    )
    logged = event.activity_logged
    logged.activity_id = event.aggregate_id
    logged.goal_id = str(goal.id)
    logged.type = activity.type
    day = date.fromordinal(activity.local_day)
    logged.local_date.year, logged.local_date.month, logged.local_date.day = day.year, day.month, day.day
    outbox.append(transaction, event)


def _goal_event(event_type: str, goal: Goal) -> event_pb2.Event:
    return event_pb2.Event(
        event_type=event_type,
        member_id=str(goal.member_id),
        aggregate_id=str(goal.id),
        aggregate_version=goal.revision,
    )


def _change(goal: Goal) -> event_pb2.GoalChanged:
    return event_pb2.GoalChanged(pattern=goal.pattern, status=goal.status)
