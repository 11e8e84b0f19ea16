"""Goals made anew: a copy that starts today, and a goal taken out of the archive."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.goals.domain.bounds import check_changes
from services.goals.domain.care.parts import Care, Subgoal
from services.goals.domain.completion import settle
from services.goals.domain.days import Calendar, local_day
from services.goals.domain.entries import Entries
from services.goals.domain.fields import MAX_DATE, MIN_DATE, Checks
from services.goals.domain.goal import Goal, GoalId, MemberId, Milestone, Phase, Status
from services.goals.domain.schedule import check_end, moved
from services.goals.errors import InvalidTransition, RestoreTooLate

RESTORABLE = timedelta(days=30)


def copy_goal(
    goal: Goal,
    care: Care,
    *,
    goal_id: GoalId,
    member_id: MemberId,
    calendar: Calendar,
    today: int,
    now: datetime,
    new_id: Callable[[], UUID],
) -> tuple[Goal, Care]:
    """A goal that asks for the same from today on: nothing is done yet, and all days move with the start.

    The plan stays behind: it was made for other dates.

    Raises:
        InvalidArgument: A day would move out of the calendar, or the recurrence rule would leave no day due.
    """
    shift, checks = today - goal.start_day, Checks()
    deadline = _moved(goal.deadline, shift, "deadline", checks)
    milestones = [
        Milestone(new_id(), step.title, step.weight, _moved(step.due_day, shift, f"milestones[{n}].due_date", checks))
        for n, step in enumerate(goal.milestones)
    ]
    subgoals = [
        Subgoal(new_id(), part.title, _moved(part.due_day, shift, f"subgoals[{n}].due_date", checks))
        for n, part in enumerate(care.subgoals)
    ]
    # A recurrence that was changed begins later than its goal; in the copy both begin today.
    schedule = moved(goal.rule.schedule, today - (goal.rule.anchor or goal.start_day))
    check_end(schedule, today, checks=checks)
    checks.finish()
    floor = today if today > local_day(now, calendar) else 0
    rule = replace(
        goal.rule,
        schedule=schedule,
        effective_from=today,
        known_from=now,
        calendar=calendar,
        floor=floor,
        anchor=0,
    )
    copied = Goal(
        id=goal_id,
        member_id=member_id,
        title=goal.title,
        description=goal.description,
        pattern=goal.pattern,
        status=Status.ACTIVE,
        category=goal.category,
        start_day=today,
        deadline=deadline,
        completed_day=None,
        rules=(rule,),
        phases=(Phase(0, now, Status.ACTIVE, deadline),),
        create_time=now,
        update_time=now,
        revision=1,
        milestones=tuple(milestones),
    )
    habits = [replace(habit, id=new_id(), schedule=moved(habit.schedule, shift)) for habit in care.habits]
    return copied, Care(tuple(habits), tuple(subgoals))


def _moved(day: int | None, shift: int, field: str, checks: Checks) -> int | None:
    if day is None:
        return None
    if not MIN_DATE.toordinal() <= day + shift <= MAX_DATE.toordinal():
        checks.fail(field, "would move out of the calendar, which ends with 2200")
    return day + shift


def restore_goal(goal: Goal, entries: Entries, *, today: int, now: datetime) -> Goal:
    """Takes a goal out of the archive as it went in; the days in it stay days on which nothing was due.

    What was active, completes by itself and is reached by now is completed, and not active for as long as nobody
    touches it.

    Raises:
        InvalidTransition: It is not archived.
        RestoreTooLate: It has been for longer than `RESTORABLE`.
        TooManyChanges: It was changed as often as it may be.
    """
    if goal.status is not Status.ARCHIVED:
        raise InvalidTransition(goal.status, Status.ACTIVE)
    if now - goal.phases[-1].known_from > RESTORABLE:
        raise RestoreTooLate(RESTORABLE.days)
    phase = replace(_before_archive(goal), effective_from=today, known_from=now, deadline=goal.deadline)
    restored = replace(
        goal,
        status=phase.status,
        completed_day=goal.completed_day or today if phase.status is Status.COMPLETED else None,
        phases=(*goal.phases, phase),
        update_time=now,
        revision=goal.revision + 1,
    )
    check_changes(goal, restored)
    return settle(restored, entries, today=today, now=now, since=today)


def _before_archive(goal: Goal) -> Phase:
    """The phase that the archive ended; an active one where an import brought none."""
    phases = (phase for phase in reversed(goal.phases) if phase.status is not Status.ARCHIVED)
    return next(phases, replace(goal.phases[-1], status=Status.ACTIVE, is_derived=False))
