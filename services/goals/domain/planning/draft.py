"""A goal as asked for, and the checks that making and changing one share."""

from dataclasses import dataclass, replace
from datetime import date

from services.goals.domain.cadence import find_cadence
from services.goals.domain.fields import Checks
from services.goals.domain.goal import (
    MAX_CATEGORY_LENGTH,
    MAX_DESCRIPTION_LENGTH,
    MAX_TITLE_LENGTH,
    Amount,
    Chain,
    Limit,
    Pattern,
    Policy,
    Status,
    Target,
)
from services.goals.domain.schedule import Schedule, ScheduleDraft, Window, plan_schedule
from services.goals.domain.terms import SCHEDULED, MilestoneDraft


@dataclass(frozen=True, slots=True)
class GoalDraft:
    """A goal as asked for; None is left out."""

    title: str = ""
    description: str = ""
    pattern: Pattern | None = None
    category: str = ""
    start_date: date | None = None
    deadline: date | None = None
    schedule: ScheduleDraft | None = None
    policy: Policy | None = None
    amount: Amount | None = None
    status: Status | None = None
    target: Target | None = None
    limit: Limit | None = None
    chain: Chain | None = None
    milestones: tuple[MilestoneDraft, ...] = ()

    @property
    def given_parts(self) -> frozenset[str]:
        """Which of the fields that belong to some patterns only hold something, by the contract's names."""
        parts = {
            "schedule": self.schedule,
            "amount": self.amount,
            "target": self.target,
            "limit": self.limit,
            "streak": self.chain,
            "milestones": self.milestones or None,
        }
        return frozenset(name for name, part in parts.items() if part is not None)


def check_texts(draft: GoalDraft, checks: Checks) -> None:
    """Title, description and category."""
    checks.line("title", draft.title, longest=MAX_TITLE_LENGTH, required=True)
    checks.body("description", draft.description, longest=MAX_DESCRIPTION_LENGTH)
    checks.line("category", draft.category, longest=MAX_CATEGORY_LENGTH)


def plan_deadline(deadline: date | None, start: int, checks: Checks) -> int | None:
    """The last day, an ordinal; not before the first."""
    if deadline is None:
        return None
    day = checks.day("deadline", deadline).toordinal()
    if day < start:
        checks.fail("deadline", "must not lie before the start date")
    return day


def default_schedule(draft: GoalDraft, pattern: Pattern, checks: Checks) -> Schedule:
    """What is asked for, else what the title says, else once a day; a limit is counted in amounts, not in times."""
    if pattern not in SCHEDULED:
        return Schedule()
    if draft.schedule is not None:
        return plan_schedule_of(draft.schedule, pattern, checks)
    cadence = find_cadence(draft.title) or Schedule()
    return replace(cadence, times=1) if pattern is Pattern.LIMIT else cadence


def plan_schedule_of(draft: ScheduleDraft, pattern: Pattern, checks: Checks) -> Schedule:
    """What is asked for, as far as the pattern takes it."""
    schedule = plan_schedule(draft, checks=checks)
    if pattern is Pattern.LIMIT:
        if schedule.times != 1:
            checks.fail("schedule.times", "must be 1 on a limit goal, which counts amounts")
        if draft.window is Window.ROLLING:
            checks.fail("schedule.window", "must be calendar on a limit goal")
    return schedule
