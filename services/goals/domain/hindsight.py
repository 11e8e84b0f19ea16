"""A goal as it was: what was known of it at an instant, and where it stood on a day."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from chassis.errors import InvalidArgument
from services.goals.domain.activity import CLOCK_TOLERANCE
from services.goals.domain.fields import Checks
from services.goals.domain.goal import Goal, Phase, Status


@dataclass(frozen=True, slots=True)
class Hindsight:
    """From where a goal is looked at; None is from today, with all that is known now.

    The two are independent: a past day with what is known now tells how the day turned out, and today with what was
    known before tells what the entries of since have changed.
    """

    day: date | None = None
    known_at: datetime | None = None


def check_known_at(known_at: datetime, *, now: datetime) -> None:
    """Nothing is known yet of what is to come.

    Raises:
        InvalidArgument: It lies in the future.
    """
    if known_at > now + CLOCK_TOLERANCE:
        raise InvalidArgument.of("known_at", "must not lie in the future")


def day_looked_at(day: date | None, *, today: int) -> int:
    """The day that is taken for today.

    Raises:
        InvalidArgument: It is no day that can be asked for.
    """
    if day is None:
        return today
    checks = Checks()
    ordinal = checks.day("date", day).toordinal()
    if ordinal > today:
        checks.fail("date", "must not lie in the future")
    checks.finish()
    return ordinal


def as_known(goal: Goal, known_at: datetime) -> Goal:
    """The goal with the rules, phases and steps that were known at the instant; titles are those of now.

    A step that was moved or dropped while it was still open is told as it is now.

    Raises:
        InvalidArgument: The goal was not made yet.
    """
    rules = tuple(rule for rule in goal.rules if rule.known_from <= known_at)
    phases = tuple(phase for phase in goal.phases if phase.known_from <= known_at)
    if not rules or not phases:
        raise InvalidArgument.of("known_at", "must not lie before the goal was made")
    return _standing(_with_steps_of(replace(goal, rules=rules), known_at), phases)


def _with_steps_of(goal: Goal, known_at: datetime) -> Goal:
    later = {past.step.id: past.step for past in reversed(goal.past_steps) if past.until > known_at}
    steps = [later.pop(step.id, step) for step in goal.milestones]
    known = [step for step in (*steps, *later.values()) if step.known_from is None or step.known_from <= known_at]
    past_steps = tuple(past for past in goal.past_steps if past.until <= known_at)
    return replace(goal, milestones=tuple(known), past_steps=past_steps)


def as_of(goal: Goal, day: int) -> Goal:
    """The goal with the rules and phases that had begun on the day."""
    rules = tuple(rule for rule in goal.rules if rule.effective_from <= day)
    phases = tuple(phase for phase in goal.phases if phase.effective_from <= day)
    return _standing(replace(goal, rules=rules or goal.rules[:1]), phases or goal.phases[:1])


def _standing(goal: Goal, phases: tuple[Phase, ...]) -> Goal:
    """The goal with these phases, and the status, deadline and day of completion that the last of them left."""
    if phases == goal.phases:
        return goal
    completed: int | None = None
    for phase in phases:
        if phase.status is Status.COMPLETED:
            completed = completed or phase.effective_from  # Out of the archive it comes completed as it was.
        elif phase.status is Status.ACTIVE:
            completed = None
    last = phases[-1]
    return replace(goal, phases=phases, status=last.status, deadline=last.deadline, completed_day=completed)
