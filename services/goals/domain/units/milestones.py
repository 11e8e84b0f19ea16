"""Units of a milestone goal: the due days of its steps.

A step done late stays missed; one without a due day is no unit. One that is moved or dropped behind its due day leaves
the unit that it was, and moved it is another one (docs/adr/0116).
"""

from typing import TYPE_CHECKING

from services.goals.domain.goal import Goal, Milestone
from services.goals.domain.units.outcomes import DONE, EXCUSED, MISSED, NOT_DUE, PENDING, Stretch

if TYPE_CHECKING:
    from services.goals.domain.units.ledger import Ledger


def stretch(ledger: "Ledger") -> Stretch:
    """The steps that were due by today, in the order of their due days."""
    due = due_steps(ledger.goal)
    days = [day for day, _ in due if day <= ledger.today]
    outcomes = bytearray(outcome(ledger, step, day) for day, step in due[: len(days)])
    return Stretch(ledger.goal.rule, days, days, outcomes, {})


def due_steps(goal: Goal) -> list[tuple[int, Milestone]]:
    """(due day, step) of every unit that there is or was, in the order of the days."""
    steps = list(goal.milestones)
    if goal.past_steps:
        there = {(step.id, step.due_day) for step in steps}
        was = {(past.step.id, past.step.due_day): past.step for past in goal.past_steps}
        steps += [step for key, step in was.items() if key not in there]
    return sorted(((step.due_day, step) for step in steps if step.due_day is not None), key=lambda each: each[0])


def outcome(ledger: "Ledger", step: Milestone, due_day: int) -> int:
    """What became, or becomes, of a step on its due day as far as is known today."""
    reached = ledger.entries.milestones.get(step.id)
    if reached is not None and reached[0] <= due_day:
        return DONE
    if ledger.is_closed(due_day):
        return NOT_DUE
    if due_day in ledger.skips:
        return EXCUSED
    return PENDING if due_day >= ledger.today else MISSED
