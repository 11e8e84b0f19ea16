"""Vacations: days on which nothing is asked for, of one goal or of all goals of a member."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.goals.domain.fields import MIN_DATE, Checks

MAX_VACATIONS = 100
MAX_REASON_LENGTH = 500
MAX_DAYS_APART = 366


@dataclass(frozen=True, slots=True)
class Vacation:
    """Days, both ends included, on which nothing is asked for; of one goal, or of all where `goal_id` is None."""

    id: UUID
    goal_id: UUID | None
    first: int
    last: int
    reason: str
    create_time: datetime


@dataclass(frozen=True, slots=True)
class VacationDraft:
    """A vacation as asked for; None is left out."""

    first: date | None = None
    last: date | None = None
    reason: str = ""


def plan_vacation(draft: VacationDraft, *, vacation_id: UUID, goal_id: UUID | None, now: datetime) -> Vacation:
    """Completes and checks a draft.

    Raises:
        InvalidArgument: A field breaks a rule.
    """
    checks = Checks()
    first, last = _required_day("from", draft.first, checks), _required_day("to", draft.last, checks)
    if last < first:
        checks.fail("to", "must not lie before from")
    elif last - first > MAX_DAYS_APART:
        checks.fail("to", f"must lie at most {MAX_DAYS_APART} days after from")
    checks.body("reason", draft.reason, longest=MAX_REASON_LENGTH)
    checks.finish()
    return Vacation(vacation_id, goal_id, first, last, draft.reason, now)


def _required_day(field: str, day: date | None, checks: Checks) -> int:
    if day is None:
        checks.fail(field, "must be given")
        return MIN_DATE.toordinal()
    return checks.day(field, day).toordinal()
