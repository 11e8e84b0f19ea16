"""Single entries of a file becoming activities, and what they come to."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from services.goals.domain.activity import Activity, ActivityId, Place, record_activity
from services.goals.domain.care import Care, Habit
from services.goals.domain.days import Calendar, instant_of
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Milestone
from services.goals.domain.transfer.model import ParsedEntry, Unfit

_NOON: Final = timedelta(hours=12)
_MAX_KEY: Final = 100


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
    entry: ParsedEntry,
    day: int,
    place: Place,
    care: Care,
    activity_id: ActivityId,
    calendar: Calendar,
    now: datetime,
) -> Activity:
    """The activity that an entry becomes, by the rules of members' own.

    Raises:
        InvalidArgument, MilestoneDone, GoalClosed: As `record_activity`.
        Unfit: It is for a part that the goal does not have.
    """
    draft, goal = entry.draft, place.goal
    timezone = entry.timezone or calendar.timezone
    activity = record_activity(
        replace(
            draft,
            local_date=date.fromordinal(day),
            # Where a file names days only, noon keeps entries in the order of their days.
            occur_time=min(draft.occur_time or instant_of(datetime.fromordinal(day) + _NOON, timezone), now),
            milestone_id=_part_id(goal.milestones, entry.milestone),
            habit_id=_part_id(care.habits, entry.habit),
        ),
        place,
        activity_id=activity_id,
        now=now,
    )
    made = min(entry.create_time or now, now)
    return replace(
        activity, timezone=timezone, create_time=made, update_time=max(made, min(entry.update_time or made, now))
    )


def _part_id(parts: Sequence[Milestone | Habit], index: int | None) -> UUID | None:
    if index is None:
        return None
    if index >= len(parts):
        raise Unfit("it is for a part that the goal does not have")
    return parts[index].id
