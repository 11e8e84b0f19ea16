"""Single entries of a file becoming activities, and what they come to."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from chassis.errors import InvalidArgument
from services.goals.domain.activity import Activity, ActivityId, Place, record_activity
from services.goals.domain.days import instant_of
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import MAX_MILESTONES, MAX_PAST_STEPS, Goal, Milestone
from services.goals.domain.transfer.model import NamedStep, ParsedEntry, Unfit

_NOON: Final = timedelta(hours=12)
_MAX_KEY: Final = 100
_MAX_REACHED: Final = MAX_MILESTONES + MAX_PAST_STEPS


def folded(activities: Iterable[Activity]) -> Entries:
    """The entries that the activities make."""
    ordered = sorted(activities, key=lambda each: (each.local_day, each.occur_time, each.id))
    kinds = [(each, each.kind) for each in ordered]
    return Entries(
        [encode(each.local_day, kind) for each, kind in kinds if kind is not None],
        [each.value for each, kind in kinds if kind is Kind.PROGRESS and each.value is not None],
        milestones={each.milestone_id: (each.local_day, each.occur_time) for each in ordered if each.milestone_id},
    )


def stored_key(key: str) -> str:
    """The key as it is stored: short, of plain characters, whatever stood in the file."""
    if len(key) <= _MAX_KEY and key.isascii() and key.isprintable():
        return key
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def recorded(
    entry: ParsedEntry, day: int, place: Place, *, activity_id: ActivityId, now: datetime, is_new: bool
) -> Activity:
    """The activity that an entry becomes, by the rules of members' own.

    Args:
        entry: What the file says.
        day: Its local day.
        place: Where it comes in; habits in it are not looked at.
        activity_id: What it is to be called.
        now: The instant of the import.
        is_new: The goal comes in from the same file, so that the entry was logged on it as it was then.

    Raises:
        InvalidArgument, MilestoneDone, GoalClosed: As `record_activity`.
        Unfit: It is for a part that the goal does not have.
    """
    draft, goal = entry.draft, place.goal
    timezone = entry.timezone or goal.rule.calendar.timezone
    activity = record_activity(
        replace(
            draft,
            local_date=date.fromordinal(day),
            # Where a file names days only, noon keeps entries in the order of their days.
            occur_time=min(draft.occur_time or instant_of(datetime.fromordinal(day) + _NOON, timezone), now),
            milestone_id=_step_id(entry.step, goal, is_new=is_new) if entry.step else draft.milestone_id,
        ),
        _place_then(entry, day, place, is_new=is_new),
        activity_id=activity_id,
        now=now,
    )
    _check_start(activity, goal)
    made = min(entry.create_time or now, now)
    return replace(
        activity, timezone=timezone, create_time=made, update_time=max(made, min(entry.update_time or made, now))
    )


def _step_id(step: NamedStep, goal: Goal, *, is_new: bool) -> UUID:
    """The step of this name; only in the list that the goal is made of does the place say which one it is."""
    if is_new:
        return goal.milestones[step.place].id
    found = [each.id for each in goal.milestones if each.title == step.title]
    if not found:
        raise Unfit("it is for a step that the goal does not have, or not by this name")
    if len(found) > 1 or not step.is_only:
        raise Unfit("it is for one of several steps of the same name")
    return found[0]


def _place_then(entry: ParsedEntry, day: int, place: Place, *, is_new: bool) -> Place:
    """Where the entry was logged: what is logged for a part stays, and stays for it, when the part goes."""
    draft, goal = entry.draft, place.goal
    if draft.habit_id is not None:
        # Without its habit it would be a check-in of the goal itself, and could breach a limit.
        place = replace(place, habits=(draft.habit_id,))
    if not is_new:
        return place
    if draft.milestone_id is not None:
        if len(place.reached) >= _MAX_REACHED:
            raise Unfit(f"a goal has at most {_MAX_REACHED} milestones that were reached")
        goal = replace(goal, milestones=(Milestone(draft.milestone_id, ""),))
    if day < goal.start_day:
        goal = replace(goal, start_day=day)
    return place if goal is place.goal else replace(place, goal=goal)


def _check_start(activity: Activity, goal: Goal) -> None:
    """A start can be moved behind what does not count, so only what does is held against it."""
    counts = activity.kind is not None or activity.milestone_id is not None
    if counts and activity.local_day < goal.start_day:
        raise InvalidArgument.of("local_date", "must not lie before the goal's start date")
