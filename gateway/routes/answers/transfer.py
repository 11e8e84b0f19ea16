"""Templates, and what became of an import."""

from gateway.routes.answers.goals import Amount, Limit, Policy, Schedule, StreakTerms, Target
from gateway.routes.answers.shared import Answer
from gateway.routes.requests import Pattern, Status
from gateway.routes.requests.transfer import Source


class TemplateMilestone(Answer):
    """A step that is due so many days after the start."""

    title: str
    weight: float
    after_days: int


class TemplateHabit(Answer):
    """Something small to do regularly."""

    title: str
    schedule: Schedule | None
    minutes: int
    if_then: str


class GoalTemplate(Answer):
    """A goal ready to be taken over."""

    id: str
    title: str
    description: str
    category: str
    pattern: Pattern
    why: str
    schedule: Schedule | None
    policy: Policy
    amount: Amount | None
    target: Target | None
    milestones: list[TemplateMilestone]
    limit: Limit | None
    streak: StreakTerms | None
    deadline_days: int | None
    habits: list[TemplateHabit]


class ImportedGoal(Answer):
    """A goal of the file; without an id where a dry run would make it."""

    title: str
    pattern: Pattern
    status: Status
    activities: int
    id: str | None
    found: bool


class ImportedCounts(Answer):
    """How much was made, or would be."""

    goals: int
    activities: int


class SkippedItem(Answer):
    """What cannot come in as it is."""

    where: str
    reason: str


class ImportReport(Answer):
    """What came in, or would, and what cannot."""

    dry_run: bool
    source: Source
    goals: list[ImportedGoal]
    created: ImportedCounts
    skipped: list[SkippedItem]
