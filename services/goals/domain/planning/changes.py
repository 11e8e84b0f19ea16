"""Changing a goal and moving it through its life."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.goals.domain.bounds import check_changes, takes_versions
from services.goals.domain.completion import settle
from services.goals.domain.days import Calendar, period_bounds
from services.goals.domain.entries import Entries
from services.goals.domain.fields import Checks
from services.goals.domain.goal import (
    MAX_CATEGORY_LENGTH,
    MAX_DESCRIPTION_LENGTH,
    MAX_TITLE_LENGTH,
    Goal,
    Pattern,
    Phase,
    Policy,
    Rule,
    Status,
    closed_days,
    timeline,
    within_deadlines,
)
from services.goals.domain.planning.draft import GoalDraft, plan_deadline, plan_schedule_of
from services.goals.domain.schedule import ScheduleDraft, check_end
from services.goals.domain.terms import (
    SCHEDULED,
    check_belonging,
    past_steps,
    plan_amount,
    plan_chain,
    plan_limit,
    plan_milestones,
    plan_target,
)
from services.goals.errors import GoalClosed, InvalidTransition, PatternImmutable

UPDATABLE = frozenset(
    {
        "title",
        "description",
        "category",
        "status",
        "deadline",
        "schedule",
        "policy",
        "amount",
        "start_date",
        "pattern",
        "target",
        "limit",
        "streak",
        "milestones",
    }
)

_MOVES = {
    Status.ACTIVE: {Status.PAUSED, Status.COMPLETED, Status.ARCHIVED},
    Status.PAUSED: {Status.ACTIVE, Status.ARCHIVED},
    Status.COMPLETED: {Status.ARCHIVED},
    Status.ARCHIVED: set[Status](),
}


def update_goal(
    goal: Goal,
    draft: GoalDraft,
    fields: Collection[str],
    *,
    entries: Entries,
    today: int,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Goal:
    """Takes over the named fields of the draft; returns the goal unchanged when nothing differs.

    Rules act from the first unit beginning on or after `today`; while there are no entries they replace the first
    version. `new_id` makes the ids of milestones.

    Raises:
        InvalidArgument: A field breaks a rule.
        PatternImmutable: The draft names another pattern.
        InvalidTransition: The status cannot become what is asked for.
        GoalClosed: The goal takes no edits any more.
        TooManyChanges: It was changed as often as it may be.
    """
    _check_fields(fields)
    if "pattern" in fields and draft.pattern not in (None, goal.pattern):
        raise PatternImmutable
    wanted = draft.status if "status" in fields else None
    edits = frozenset(fields) - {"status", "pattern"}
    changed = _edited(goal, draft, edits, entries=entries, today=today, now=now, new_id=new_id)
    if wanted is not None and wanted is not goal.status:
        changed = move(changed, wanted, today=today, now=now)
    if changed == goal:
        return goal
    check_changes(goal, changed)
    changed = settle(changed, entries, today=today, now=now, since=today)
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

    A goal that has as many versions as there may be keeps the calendar that it has.

    Args:
        is_empty: Nothing that counts was logged on the goal, so that the version takes the place of the first.
    """
    rule = replace(goal.rule, calendar=calendar, floor=max(goal.rule.floor, last_logged_day))
    if rule == goal.rule or not takes_versions(goal):
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
    if rule.schedule.is_daily:
        return today
    first, last = period_bounds(rule.schedule.period, today, rule.calendar.week_start)
    first, last = within_deadlines(closed_days(goal.phases), max(first, spans[-1].first), last, today)
    return today if first == today else last + 1


def _check_fields(fields: Collection[str]) -> None:
    checks = Checks()
    for field in sorted(set(fields) - UPDATABLE):
        checks.fail(field[:100], "cannot be changed")
    checks.finish()


def _edited(
    goal: Goal,
    draft: GoalDraft,
    fields: frozenset[str],
    *,
    entries: Entries,
    today: int,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Goal:
    """The goal with everything but its status taken over."""
    if not fields:
        return goal
    if goal.status in (Status.COMPLETED, Status.ARCHIVED):
        raise GoalClosed(goal.status)
    checks = Checks()
    check_belonging(goal.pattern, draft.given_parts & fields, checks)
    plain = _plain_changes(goal, draft, fields, entries, checks)
    rule = _changed_rule(goal, draft, fields, checks)
    if "milestones" in fields and goal.pattern is Pattern.MILESTONE:
        start: int = plain.get("start_day", goal.start_day)
        plain["milestones"] = plan_milestones(
            draft.milestones, present=goal.milestones, start=start, new_id=new_id, checks=checks, now=now
        )
        plain["past_steps"] = past_steps(goal, plain["milestones"], today=today, now=now, checks=checks)
    checks.finish()
    changed = replace(goal, **plain)
    if entries.count and changed.start_day != goal.start_day:
        changed = replace(changed, rules=_anchored(goal))
    if changed.deadline != goal.deadline:
        changed = _with_deadline(changed, is_empty=entries.count == 0, today=today, now=now)
    if not rule.asks_the_same_as(goal.rule):
        changed = _with_rule(changed, rule, is_empty=entries.count == 0, today=today, now=now)
    _check_recurrence(goal, changed)
    return changed


def _check_recurrence(goal: Goal, changed: Goal) -> None:
    """Refuses another recurrence rule, or another start, that would leave the rule no day."""
    checks, schedule = Checks(), changed.rule.schedule
    if schedule.rrule != goal.rule.schedule.rrule:
        check_end(schedule, changed.rule.anchor or changed.start_day, checks=checks)
    elif changed.start_day != goal.start_day:
        check_end(schedule, changed.rule.anchor or changed.start_day, checks=checks, field="start_date")
    checks.finish()


def _plain_changes(
    goal: Goal, draft: GoalDraft, fields: frozenset[str], entries: Entries, checks: Checks
) -> dict[str, Any]:
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
        changes["deadline"] = plan_deadline(draft.deadline, start, checks)
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


def _anchored(goal: Goal) -> tuple[Rule, ...]:
    """The rules, with recurrences that begin where they began, so that the days that they name stay."""
    return tuple(
        replace(rule, anchor=rule.anchor or goal.start_day) if rule.schedule.rrule else rule for rule in goal.rules
    )


def _changed_rule(goal: Goal, draft: GoalDraft, fields: frozenset[str], checks: Checks) -> Rule:
    rule, pattern = goal.rule, goal.pattern
    if "schedule" in fields and pattern in SCHEDULED:
        schedule = plan_schedule_of(draft.schedule or ScheduleDraft(), pattern, checks)
        rule = replace(rule, schedule=schedule)
    if "policy" in fields:
        rule = replace(rule, policy=draft.policy or Policy())
    if "amount" in fields:
        rule = replace(rule, amount=plan_amount(draft.amount, checks))
    if "limit" in fields and pattern is Pattern.LIMIT:
        rule = replace(rule, limit=plan_limit(draft.limit, checks))
    if "target" in fields and pattern is Pattern.TARGET:
        rule = replace(rule, target=plan_target(draft.target, checks))
    if "streak" in fields and pattern is Pattern.STREAK:
        rule = replace(rule, chain=plan_chain(draft.chain, checks))
    return rule


def _with_deadline(goal: Goal, *, is_empty: bool, today: int, now: datetime) -> Goal:
    phase = Phase(0 if is_empty and len(goal.phases) == 1 else today, now, goal.status, goal.deadline)
    return replace(goal, phases=(*goal.phases, phase))


def _with_rule(goal: Goal, rule: Rule, *, is_empty: bool, today: int, now: datetime) -> Goal:
    """Dates the rule and puts it behind the others."""
    first = goal.start_day if is_empty else first_unit_on_or_after(goal, today)
    anchor = goal.rule.anchor
    if rule.schedule.rrule != goal.rule.schedule.rrule:
        anchor = 0 if is_empty else first
    dated = replace(rule, effective_from=first, known_from=now, anchor=anchor)
    return replace(goal, rules=(*goal.rules, dated))
