"""What goals tells the others: that a goal or an activity changed. No title and no note travels."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from uuid import UUID

from google.type.date_pb2 import Date

from chassis import outbox
from chassis.db import Transaction
from services.goals.domain.activity import Activity
from services.goals.domain.challenges import Challenge, Run
from services.goals.domain.goal import Goal, MemberId, Status
from services.goals.domain.suggestions import Suggestion
from tandem.event.v1 import event_pb2


def tell_created(transaction: Transaction, goal: Goal) -> None:
    """`goals.goal_created`."""
    event = _goal_event("goals.goal_created", goal)
    event.goal_created.CopyFrom(_change(goal))
    outbox.append(transaction, event)


def tell_changed(transaction: Transaction, before: Goal, after: Goal) -> None:
    """`goals.goal_completed` or `goals.goal_archived` when it became so, else `goals.goal_updated`.

    What comes completed out of the archive was told to be completed before.
    """
    became = after.status if after.status is not before.status else None
    if became is Status.COMPLETED and not before.is_completed:
        event = _goal_event("goals.goal_completed", after)
        event.goal_completed.CopyFrom(_change(after))
    elif became is Status.ARCHIVED:
        event = _goal_event("goals.goal_archived", after)
        event.goal_archived.CopyFrom(_change(after))
    else:
        event = _goal_event("goals.goal_updated", after)
        event.goal_updated.CopyFrom(_change(after))
    outbox.append(transaction, event)


def tell_imported(transaction: Transaction, made: Sequence[Goal], grown: Sequence[Goal]) -> None:
    """`goals.goal_created` of each goal made and `goals.goal_updated` of each grown, in one write.

    What came in on them is told by that alone: it is history, and nobody is to be congratulated on it.
    """
    told = []
    for goal in made:
        event = _goal_event("goals.goal_created", goal)
        event.goal_created.CopyFrom(_change(goal))
        told.append(event)
    for goal in grown:
        event = _goal_event("goals.goal_updated", goal)
        event.goal_updated.CopyFrom(_change(goal))
        told.append(event)
    if told:
        outbox.append_all(transaction, told)


def tell_logged(transaction: Transaction, activity: Activity, member_id: MemberId) -> None:
    """`goals.activity_logged`."""
    outbox.append(transaction, _logged(activity, member_id))


def tell_all_logged(transaction: Transaction, activities: Sequence[Activity], member_id: MemberId) -> None:
    """`goals.activity_logged` of each, in one write."""
    outbox.append_all(transaction, [_logged(activity, member_id) for activity in activities])


def tell_corrected(transaction: Transaction, activity: Activity, member_id: MemberId) -> None:
    """`goals.activity_corrected`."""
    event = _activity_event("goals.activity_corrected", activity, member_id)
    event.activity_corrected.CopyFrom(_changed(activity, event.aggregate_id))
    outbox.append(transaction, event)


def tell_removed(transaction: Transaction, activity: Activity, member_id: MemberId) -> None:
    """`goals.activity_removed`."""
    event = _activity_event("goals.activity_removed", activity, member_id)
    event.activity_removed.CopyFrom(_changed(activity, event.aggregate_id))
    outbox.append(transaction, event)


def tell_suggested(transaction: Transaction, suggestion: Suggestion, member_id: MemberId) -> None:
    """`goals.suggestion_made`."""
    event = _suggestion_event("goals.suggestion_made", suggestion, member_id)
    event.suggestion_made.CopyFrom(_suggested(suggestion))
    outbox.append(transaction, event)


def tell_accepted(transaction: Transaction, suggestion: Suggestion, member_id: MemberId) -> None:
    """`goals.suggestion_accepted`."""
    event = _suggestion_event("goals.suggestion_accepted", suggestion, member_id)
    event.suggestion_accepted.CopyFrom(_suggested(suggestion))
    outbox.append(transaction, event)


def tell_streaks(transaction: Transaction, reached: Sequence[tuple[Goal, int]]) -> None:
    """`goals.streak_reached` of each goal with the length that its streak came to."""
    for goal, length in reached:
        event = _goal_event("goals.streak_reached", goal)
        event.streak_reached.CopyFrom(event_pb2.StreakReached(goal_id=event.aggregate_id, length=length))
        outbox.append(transaction, event)


def tell_challenge_started(transaction: Transaction, challenge: Challenge, run: Run) -> None:
    """`goals.challenge_started`."""
    event = _run_event("goals.challenge_started", run)
    event.challenge_started.CopyFrom(_dared(challenge, run, run.goal_id))
    outbox.append(transaction, event)


def tell_challenge_completed(transaction: Transaction, challenge: Challenge, run: Run, *, goal_id: UUID | None) -> None:
    """`goals.challenge_completed`, with the goal on which it was logged."""
    event = _run_event("goals.challenge_completed", run)
    event.challenge_completed.CopyFrom(_dared(challenge, run, goal_id))
    outbox.append(transaction, event)


def _run_event(event_type: str, run: Run) -> event_pb2.Event:
    return event_pb2.Event(event_type=event_type, member_id=str(run.member_id), aggregate_id=str(run.id))


def _dared(challenge: Challenge, run: Run, goal_id: UUID | None) -> event_pb2.ChallengeChanged:
    return event_pb2.ChallengeChanged(
        run_id=str(run.id), challenge_id=challenge.id, level=challenge.level, goal_id=str(goal_id) if goal_id else ""
    )


def _suggestion_event(event_type: str, suggestion: Suggestion, member_id: MemberId) -> event_pb2.Event:
    return event_pb2.Event(event_type=event_type, member_id=str(member_id), aggregate_id=str(suggestion.id))


def _suggested(suggestion: Suggestion) -> event_pb2.SuggestionChanged:
    return event_pb2.SuggestionChanged(
        suggestion_id=str(suggestion.id), goal_id=str(suggestion.goal_id), source=suggestion.source
    )


def _logged(activity: Activity, member_id: MemberId) -> event_pb2.Event:
    event = _activity_event("goals.activity_logged", activity, member_id)
    event.activity_logged.CopyFrom(_changed(activity, event.aggregate_id))
    return event


def _activity_event(event_type: str, activity: Activity, member_id: MemberId) -> event_pb2.Event:
    return event_pb2.Event(event_type=event_type, member_id=_text(member_id), aggregate_id=str(activity.id))


def _changed(activity: Activity, activity_id: str) -> event_pb2.ActivityChanged:
    return event_pb2.ActivityChanged(
        activity_id=activity_id,
        goal_id=_text(activity.goal_id),
        type=activity.type,
        local_date=_day(activity.local_day),
    )


@lru_cache(maxsize=1024)
def _text(of: UUID) -> str:
    """A batch names few members and goals many times."""
    return str(of)


@lru_cache(maxsize=1024)
def _day(ordinal: int) -> Date:
    """The same message every time, so nobody may change it."""
    at = date.fromordinal(ordinal)
    return Date(year=at.year, month=at.month, day=at.day)


def _goal_event(event_type: str, goal: Goal) -> event_pb2.Event:
    return event_pb2.Event(
        event_type=event_type,
        member_id=str(goal.member_id),
        aggregate_id=str(goal.id),
        aggregate_version=goal.revision,
    )


def _change(goal: Goal) -> event_pb2.GoalChanged:
    return event_pb2.GoalChanged(pattern=goal.pattern, status=goal.status)
