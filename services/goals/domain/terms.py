"""What a goal asks for by its pattern: amount, limit, target, chain and milestones, checked and completed."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.goals.domain.fields import Checks
from services.goals.domain.goal import (
    MAX_FREEZES,
    MAX_MILESTONES,
    MAX_PAST_STEPS,
    MAX_STREAK_LENGTH,
    MAX_TITLE_LENGTH,
    MAX_UNIT_LENGTH,
    MAX_WEIGHT,
    Amount,
    Chain,
    Goal,
    Limit,
    Milestone,
    PastStep,
    Pattern,
    Target,
)

# The field of the contract in which a pattern says what it asks for.
FIELDS = {
    Pattern.MILESTONE: "milestones",
    Pattern.TARGET: "target",
    Pattern.STREAK: "streak",
    Pattern.LIMIT: "limit",
}
SCHEDULED = frozenset({Pattern.RECURRING, Pattern.STREAK, Pattern.LIMIT})
COUNTED = frozenset({Pattern.RECURRING, Pattern.STREAK})


@dataclass(frozen=True, slots=True)
class MilestoneDraft:
    """A step as asked for; None is left out. `id` names a step that is there already."""

    id: UUID | None = None
    title: str = ""
    weight: float | None = None
    due_date: date | None = None


def check_belonging(pattern: Pattern, given: Collection[str], checks: Checks) -> None:
    """Refuses what the pattern does not have.

    Args:
        pattern: The goal's.
        given: Names of the fields that hold something.
        checks: Takes what breaks a rule.
    """
    allowed = {FIELDS.get(pattern, "")}
    if pattern in SCHEDULED:
        allowed.add("schedule")
    if pattern in COUNTED:
        allowed.add("amount")
    for field in sorted({*FIELDS.values(), "schedule", "amount"} & set(given) - allowed):
        checks.fail(field, f"does not belong to a {pattern} goal")


def plan_amount(asked: Amount | None, checks: Checks) -> Amount | None:
    """What has to come together in a unit."""
    if asked is None:
        return None
    checks.line("amount.unit", asked.unit, longest=MAX_UNIT_LENGTH, required=True)
    value = checks.number("amount.min_value", asked.min_value)
    if value <= 0:
        checks.fail("amount.min_value", "must be greater than 0")
    return Amount(asked.unit, value)


def plan_limit(asked: Limit | None, checks: Checks) -> Limit | None:
    """What a unit must not exceed."""
    if asked is None:
        checks.fail("limit", "must be given")
        return None
    checks.line("limit.unit", asked.unit, longest=MAX_UNIT_LENGTH, required=True)
    value = checks.number("limit.max_value", asked.max_value)
    if value < 0:
        checks.fail("limit.max_value", "must not be negative")
    return Limit(asked.unit, value)


def plan_target(asked: Target | None, checks: Checks) -> Target | None:
    """The value to reach."""
    if asked is None:
        checks.fail("target", "must be given")
        return None
    checks.line("target.unit", asked.unit, longest=MAX_UNIT_LENGTH, required=True)
    start = checks.number("target.start_value", asked.start_value)
    end = checks.number("target.target_value", asked.target_value)
    if start == end:
        checks.fail("target.target_value", "must differ from the start value")
    return Target(asked.unit, start, end, asked.aggregation)


def plan_chain(asked: Chain | None, checks: Checks) -> Chain | None:
    """How long the streak is to become."""
    if asked is None:
        checks.fail("streak.target_length", "must be given")
        return None
    if not 1 <= asked.target_length <= MAX_STREAK_LENGTH:
        checks.fail("streak.target_length", f"must be between 1 and {MAX_STREAK_LENGTH}")
    if not 0 <= asked.freezes_per_month <= MAX_FREEZES:
        checks.fail("streak.freezes_per_month", f"must be between 0 and {MAX_FREEZES}")
    return asked


def plan_milestones(
    asked: Sequence[MilestoneDraft],
    *,
    present: Sequence[Milestone],
    start: int,
    new_id: Callable[[], UUID],
    checks: Checks,
    now: datetime | None = None,
) -> tuple[Milestone, ...]:
    """The steps, in the order asked for.

    Args:
        asked: All steps that there are to be.
        present: Those that are there; an `id` must name one of them, and keeps what was done on it.
        start: The goal's first day.
        new_id: Makes the id of a step that is new.
        checks: Takes what breaks a rule.
        now: When the steps that are new are added; None where the goal is made with them.
    """
    if not 1 <= len(asked) <= MAX_MILESTONES:
        checks.fail("milestones", f"must be between 1 and {MAX_MILESTONES} steps")
        return tuple(present)
    known = {step.id: step.known_from for step in present}
    steps = []
    for index, draft in enumerate(asked):
        field = f"milestones[{index}]"
        if draft.id is not None and draft.id not in known:
            checks.fail(f"{field}.id", "names no milestone of this goal, or one named before")
        step = plan_milestone(draft, draft.id or new_id(), start=start, field=field, checks=checks)
        steps.append(replace(step, known_from=known.pop(step.id, now)))
    return tuple(steps)


def plan_milestone(draft: MilestoneDraft, step_id: UUID, *, start: int, field: str, checks: Checks) -> Milestone:
    """One step, checked; `field` is its place, and its due day does not lie before `start`."""
    checks.line(f"{field}.title", draft.title, longest=MAX_TITLE_LENGTH, required=True)
    weight = checks.number(f"{field}.weight", 1.0 if draft.weight is None else draft.weight)
    if not 0 < weight <= MAX_WEIGHT:
        checks.fail(f"{field}.weight", f"must be greater than 0 and at most {MAX_WEIGHT}")
    due_day = checks.day(f"{field}.due_date", draft.due_date).toordinal() if draft.due_date else None
    if due_day is not None and due_day < start:
        checks.fail(f"{field}.due_date", "must not lie before the goal's start date")
    return Milestone(step_id, draft.title, weight, due_day)


def past_steps(
    goal: Goal, steps: Sequence[Milestone], *, today: int, now: datetime, checks: Checks
) -> tuple[PastStep, ...]:
    """The past steps of a goal that is to have these: what closed on its due day stays what it came to."""
    stay = {(step.id, step.due_day) for step in steps}
    moved = [
        PastStep(step, now)
        for step in goal.milestones
        if step.due_day is not None and step.due_day < today and (step.id, step.due_day) not in stay
    ]
    past = (*goal.past_steps, *moved)
    if moved and len(past) > MAX_PAST_STEPS:
        checks.fail("milestones", f"must not move or drop more than {MAX_PAST_STEPS} steps behind their due dates")
    return past
