"""Decisions about goals: making one, changing it, moving it through its life. Pure: time, ids and today come in."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from chassis import etags
from chassis.errors import NotImplementedYet
from services.goals.domain.cadence import find_cadence
from services.goals.domain.days import Calendar, Period, period_bounds
from services.goals.domain.entries import Entries
from services.goals.domain.fields import Checks
from services.goals.domain.goal import (
    ADULT_YEARS,
    DATING,
    MAX_ACTIVE_GOALS,
    MAX_CATEGORY_LENGTH,
    MAX_DESCRIPTION_LENGTH,
    MAX_TITLE_LENGTH,
    MAX_UNIT_LENGTH,
    Amount,
    Goal,
    GoalId,
    MemberId,
    Pattern,
    Phase,
    Policy,
    Rule,
    Status,
    timeline,
)
from services.goals.domain.schedule import Schedule, ScheduleDraft, plan_schedule
from services.goals.errors import (
    AdultsOnly,
    GoalChangedMeanwhile,
    GoalClosed,
    GoalQuotaExceeded,
    InvalidTransition,
    PatternImmutable,
)

UPDATABLE = frozenset(
    {"title", "description", "category", "status", "deadline", "schedule", "policy", "amount", "start_date", "pattern"}
)

_MOVES = {
    Status.ACTIVE: {Status.PAUSED, Status.COMPLETED, Status.ARCHIVED},
    Status.PAUSED: {Status.ACTIVE, Status.ARCHIVED},
    Status.COMPLETED: {Status.ARCHIVED},
    Status.ARCHIVED: set[Status](),
}


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


def plan_goal(
    draft: GoalDraft, *, goal_id: GoalId, member_id: MemberId, calendar: Calendar, today: int, now: datetime
) -> Goal:
    """Completes and checks a draft.

    Raises:
        InvalidArgument: A field breaks a rule.
        NotImplementedYet: Well formed, but of a kind that is not built yet.
    """
    checks = Checks()
    _check_texts(draft, checks)
    start = checks.day("start_date", draft.start_date).toordinal() if draft.start_date else today
    deadline = _deadline(draft.deadline, start, checks)
    amount = _amount(draft.amount, checks)
    if draft.pattern is None:
        checks.fail("pattern", "must be given")
    if draft.schedule is None:
        checks.finish()
    schedule = _schedule(draft, checks)
    _refuse_other_patterns(draft.pattern)
    rule = Rule(start, now, schedule, draft.policy or Policy(), amount, calendar)
    return Goal(
        id=goal_id,
        member_id=member_id,
        title=draft.title,
        description=draft.description,
        pattern=Pattern.RECURRING,
        status=Status.ACTIVE,
        category=draft.category,
        start_day=start,
        deadline=deadline,
        completed_day=None,
        rules=(rule,),
        phases=(Phase(0, now, Status.ACTIVE, deadline),),
        create_time=now,
        update_time=now,
        revision=1,
    )


def check_quota(active_goals: int) -> None:
    """One more goal may become active.

    Raises:
        GoalQuotaExceeded: The member has as many as may be.
    """
    if active_goals >= MAX_ACTIVE_GOALS:
        raise GoalQuotaExceeded(MAX_ACTIVE_GOALS)


def is_dating(category: str) -> bool:
    """However it is written: case, blanks around it and invisible characters make no other category."""
    plain = unicodedata.normalize("NFKC", category)
    return "".join(c for c in plain if unicodedata.category(c) != "Cf").strip().casefold() == DATING


def check_adult(category: str, *, birth_year: int, today: int) -> None:
    """Dating goals are for adults; a birth year of 0 is unknown.

    Raises:
        AdultsOnly: Not 19 calendar years after the birth year yet, or unknown.
    """
    if is_dating(category) and (not birth_year or date.fromordinal(today).year - birth_year < ADULT_YEARS):
        raise AdultsOnly


def check_etag(goal: Goal, etag: str) -> None:
    """The caller saw the goal as it is; `etag` as `chassis.etags` reads it.

    Raises:
        GoalChangedMeanwhile: It changed since.
    """
    if not etags.allows(etag, goal.etag):
        raise GoalChangedMeanwhile


def update_goal(
    goal: Goal, draft: GoalDraft, fields: Collection[str], *, entries: Entries, today: int, now: datetime
) -> Goal:
    """Takes over the named fields of the draft; returns the goal unchanged when nothing differs.

    Rules act from the first unit beginning on or after `today`; while there are no entries they replace the first
    version.

    Raises:
        InvalidArgument: A field breaks a rule.
        PatternImmutable: The draft names another pattern.
        InvalidTransition: The status cannot become what is asked for.
        GoalClosed: The goal takes no edits any more.
    """
    _check_fields(fields)
    if "pattern" in fields and draft.pattern not in (None, goal.pattern):
        raise PatternImmutable
    wanted = draft.status if "status" in fields else None
    changed = _edited(goal, draft, frozenset(fields) - {"status", "pattern"}, entries=entries, today=today, now=now)
    if wanted is not None and wanted is not goal.status:
        changed = move(changed, wanted, today=today, now=now)
    if changed == goal:
        return goal
    return replace(changed, update_time=now, revision=goal.revision + 1)


def archive_goal(goal: Goal, *, today: int, now: datetime) -> Goal:
    """Puts the goal away; a second time changes nothing."""
    if goal.status is Status.ARCHIVED:
        return goal
    return replace(move(goal, Status.ARCHIVED, today=today, now=now), update_time=now, revision=goal.revision + 1)


def move(goal: Goal, status: Status, *, today: int, now: datetime) -> Goal:
    """Changes the status from `today` on.

    Raises:
        InvalidTransition: The present status does not allow it.
    """
    if status not in _MOVES[goal.status]:
        raise InvalidTransition(goal.status, status)
    completed = today if status is Status.COMPLETED else goal.completed_day
    phase = Phase(today, now, status, goal.deadline)
    return replace(goal, status=status, completed_day=completed, phases=(*goal.phases, phase))


def change_calendar(
    goal: Goal, calendar: Calendar, *, is_empty: bool, today: int, last_logged_day: int, now: datetime
) -> Goal:
    """A new version under the member's new calendar; nothing else of the goal changes.

    Args:
        is_empty: Nothing that counts was logged on the goal, so that the version takes the place of the first.
    """
    rule = replace(goal.rule, calendar=calendar, floor=max(goal.rule.floor, last_logged_day))
    if rule == goal.rule:
        return goal
    changed = _with_rule(goal, rule, is_empty=is_empty, today=today, now=now)
    return replace(changed, revision=goal.revision + 1)


def first_unit_on_or_after(goal: Goal, today: int) -> int:
    """The first day from `today` on that begins a unit under the rules in force: the open unit keeps its version."""
    if today < goal.start_day:
        return goal.start_day
    if goal.deadline is not None and goal.deadline < today:
        return today
    spans = [span for span in timeline(goal.rules, goal.start_day) if span.first <= today]
    rule = spans[-1].rule
    if rule.schedule.period is Period.DAY:
        return today
    first, last = period_bounds(rule.schedule.period, today, rule.calendar.week_start)
    return today if max(first, spans[-1].first) == today else last + 1


def _check_texts(draft: GoalDraft, checks: Checks) -> None:
    checks.line("title", draft.title, longest=MAX_TITLE_LENGTH, required=True)
    checks.body("description", draft.description, longest=MAX_DESCRIPTION_LENGTH)
    checks.line("category", draft.category, longest=MAX_CATEGORY_LENGTH)


def _deadline(deadline: date | None, start: int, checks: Checks) -> int | None:
    if deadline is None:
        return None
    day = checks.day("deadline", deadline).toordinal()
    if day < start:
        checks.fail("deadline", "must not lie before the start date")
    return day


def _amount(amount: Amount | None, checks: Checks) -> Amount | None:
    if amount is None:
        return None
    checks.line("amount.unit", amount.unit, longest=MAX_UNIT_LENGTH, required=True)
    value = checks.number("amount.min_value", amount.min_value)
    if value <= 0:
        checks.fail("amount.min_value", "must be greater than 0")
    return Amount(amount.unit, value)


def _schedule(draft: GoalDraft, checks: Checks) -> Schedule:
    """What is asked for, else what the title says, else once a day."""
    if draft.schedule is not None:
        return plan_schedule(draft.schedule, checks=checks)
    return find_cadence(draft.title) or Schedule()


def _refuse_other_patterns(pattern: Pattern | None) -> None:
    if pattern is not Pattern.RECURRING:
        raise NotImplementedYet(f"Goals of the pattern {pattern} are not available yet.", metadata={"field": "pattern"})


def _check_fields(fields: Collection[str]) -> None:
    checks = Checks()
    for field in sorted(set(fields) - UPDATABLE):
        checks.fail(field[:100], "cannot be changed")
    checks.finish()


def _edited(
    goal: Goal, draft: GoalDraft, fields: frozenset[str], *, entries: Entries, today: int, now: datetime
) -> Goal:
    """The goal with everything but its status taken over."""
    if not fields:
        return goal
    if goal.status in (Status.COMPLETED, Status.ARCHIVED):
        raise GoalClosed(goal.status)
    checks = Checks()
    plain = _plain_changes(goal, draft, fields, entries, checks)
    rule = _changed_rule(goal, draft, fields, checks)
    checks.finish()
    changed = replace(goal, **plain)
    if changed.deadline != goal.deadline:
        changed = _with_deadline(changed, is_empty=entries.count == 0, today=today, now=now)
    if not rule.asks_the_same_as(goal.rule):
        changed = _with_rule(changed, rule, is_empty=entries.count == 0, today=today, now=now)
    return changed


def _plain_changes(
    goal: Goal, draft: GoalDraft, fields: frozenset[str], entries: Entries, checks: Checks
) -> Mapping[str, Any]:
    changes: dict[str, Any] = {}
    if "title" in fields:
        changes["title"] = checks.line("title", draft.title, longest=MAX_TITLE_LENGTH, required=True)
    if "description" in fields:
        changes["description"] = checks.body("description", draft.description, longest=MAX_DESCRIPTION_LENGTH)
    if "category" in fields:
        changes["category"] = checks.line("category", draft.category, longest=MAX_CATEGORY_LENGTH)
    start = goal.start_day
    if "start_date" in fields:
        start = changes["start_day"] = _new_start(draft.start_date, entries, checks)
    if "deadline" in fields:
        changes["deadline"] = _deadline(draft.deadline, start, checks)
    elif goal.deadline is not None and goal.deadline < start:
        checks.fail("start_date", "must not lie after the deadline")
    return changes


def _new_start(start: date | None, entries: Entries, checks: Checks) -> int:
    if start is None:
        checks.fail("start_date", "must be given")
        return 1
    day = checks.day("start_date", start).toordinal()
    if entries.count and day > entries.first_day:
        checks.fail("start_date", "must not lie after the first activity")
    return day


def _changed_rule(goal: Goal, draft: GoalDraft, fields: frozenset[str], checks: Checks) -> Rule:
    rule = goal.rule
    if "schedule" in fields:
        rule = replace(rule, schedule=plan_schedule(draft.schedule or ScheduleDraft(), checks=checks))
    if "policy" in fields:
        rule = replace(rule, policy=draft.policy or Policy())
    if "amount" in fields:
        rule = replace(rule, amount=_amount(draft.amount, checks))
    return rule


def _with_deadline(goal: Goal, *, is_empty: bool, today: int, now: datetime) -> Goal:
    phase = Phase(0 if is_empty and len(goal.phases) == 1 else today, now, goal.status, goal.deadline)
    return replace(goal, phases=(*goal.phases, phase))


def _with_rule(goal: Goal, rule: Rule, *, is_empty: bool, today: int, now: datetime) -> Goal:
    """Dates the rule and puts it behind the others."""
    first = goal.start_day if is_empty else first_unit_on_or_after(goal, today)
    return replace(goal, rules=(*goal.rules, replace(rule, effective_from=first, known_from=now)))
