"""The template library: goals ready to be taken over, as data in `templates.toml`.

A template fills what a member leaves out; what they give wins. Days in a template count from the goal's start.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final
from uuid import UUID

from chassis.errors import InvalidArgument
from services.goals.domain.care import Care, HabitDraft, add_habit
from services.goals.domain.days import Period
from services.goals.domain.goal import (
    Aggregation,
    Amount,
    Chain,
    Excused,
    Limit,
    MonthEnd,
    NoEntry,
    Pattern,
    Policy,
    Target,
)
from services.goals.domain.planning import GoalDraft
from services.goals.domain.schedule import ScheduleDraft, Window
from services.goals.domain.terms import MilestoneDraft

_WEEKDAYS: Final = {"mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6, "sun": 7}


@dataclass(frozen=True, slots=True)
class PlannedMilestone:
    """A step that is due so many days after the start."""

    title: str
    weight: float
    after_days: int


@dataclass(frozen=True, slots=True)
class Template:
    """A goal ready to be taken over.

    Attributes:
        id: A slug that stays for ever.
        why: Why it works, in one sentence.
        terms: What the goal asks for, without days.
        deadline_days: Days from the start to the deadline; None without one.
        habits: Small things to do that serve the goal.
    """

    id: str
    title: str
    description: str
    category: str
    pattern: Pattern
    why: str
    terms: GoalDraft
    deadline_days: int | None
    milestones: tuple[PlannedMilestone, ...]
    habits: tuple[HabitDraft, ...]


def all_templates() -> Sequence[Template]:
    """The whole library, in its own order."""
    return tuple(_library().values())


def list_templates(*, category: str = "", pattern: Pattern | None = None, after: str = "") -> list[Template]:
    """The templates of a category and a pattern, in the library's order; empty and None mean all.

    Args:
        category: Only this one.
        pattern: Only this one.
        after: Only those behind the template of this id; one that is no longer there begins anew.
    """
    library = list(_library())
    behind = library[library.index(after) + 1 :] if after in library else library
    return [
        each
        for each in map(get_template, behind)
        if (not category or each.category == category) and (pattern is None or each.pattern is pattern)
    ]


def get_template(template_id: str) -> Template:
    """The template of this id.

    Raises:
        InvalidArgument: There is none.
    """
    found = _library().get(template_id)
    if found is None:
        raise InvalidArgument.of("template_id", "names no template")
    return found


def fill(draft: GoalDraft, template: Template, *, today: int) -> GoalDraft:
    """The draft with the template in its gaps, for a goal that starts on its `start_date` or else `today`.

    A member who asks for another pattern takes over what does not depend on it.

    Raises:
        InvalidArgument: A day of the template would lie behind the end of the calendar.
    """
    terms, start = template.terms, draft.start_date.toordinal() if draft.start_date else today
    filled = replace(
        draft,
        title=draft.title or template.title,
        description=draft.description or template.description,
        category=draft.category or template.category,
        pattern=draft.pattern or template.pattern,
        policy=draft.policy or terms.policy,
        deadline=draft.deadline or _day_after(start, template.deadline_days),
    )
    if filled.pattern is not template.pattern:
        return filled
    return replace(
        filled,
        schedule=draft.schedule or terms.schedule,
        amount=draft.amount or terms.amount,
        target=draft.target or terms.target,
        limit=draft.limit or terms.limit,
        chain=draft.chain or terms.chain,
        milestones=draft.milestones or _milestones(template, start, filled.deadline),
    )


def suggested_care(template: Template, *, new_id: Callable[[], UUID]) -> Care:
    """The template's habits, as a new goal's own."""
    care = Care()
    for habit in template.habits:
        care = add_habit(care, habit, habit_id=new_id())
    return care


def _milestones(template: Template, start: int, deadline: date | None) -> tuple[MilestoneDraft, ...]:
    """The steps with their days; none is due after the deadline that the member set."""
    drafts = []
    for step in template.milestones:
        due = _day_after(start, step.after_days)
        drafts.append(MilestoneDraft(None, step.title, step.weight, min(due, deadline) if due and deadline else due))
    return tuple(drafts)


def _day_after(start: int, days: int | None) -> date | None:
    if days is None:
        return None
    try:
        return date.fromordinal(start + days)
    except (ValueError, OverflowError):
        raise InvalidArgument.of("start_date", "lies too late for this template") from None


@cache
def _library() -> Mapping[str, Template]:
    text = files("services.goals.domain").joinpath("templates.toml").read_text(encoding="utf-8")
    return {document["id"]: _template(document) for document in tomllib.loads(text)["templates"]}


def _template(document: Mapping[str, Any]) -> Template:
    pattern = Pattern(document["pattern"])
    terms = GoalDraft(
        pattern=pattern,
        schedule=_schedule(document.get("schedule")),
        policy=_policy(document.get("policy")),
        amount=Amount(**document["amount"]) if "amount" in document else None,
        target=_target(document["target"]) if "target" in document else None,
        limit=Limit(**document["limit"]) if "limit" in document else None,
        chain=Chain(**document["streak"]) if "streak" in document else None,
    )
    return Template(
        document["id"],
        document["title"],
        document["description"],
        document["category"],
        pattern,
        document["why"],
        terms,
        document.get("deadline_days"),
        tuple(PlannedMilestone(**step) for step in document.get("milestones", ())),
        tuple(
            HabitDraft(habit["title"], _schedule(habit.get("schedule")), habit["minutes"], habit["if_then"])
            for habit in document["habits"]
        ),
    )


def _schedule(document: Mapping[str, Any] | None) -> ScheduleDraft | None:
    if document is None:
        return None
    return ScheduleDraft(
        period=Period(document["period"]) if "period" in document else None,
        times=document.get("times"),
        weekdays=tuple(_WEEKDAYS[name] for name in document.get("weekdays", ())),
        rrule=document.get("rrule", ""),
        window=Window(document["window"]) if "window" in document else None,
        window_days=document.get("window_days"),
    )


def _policy(document: Mapping[str, Any] | None) -> Policy | None:
    if document is None:
        return None
    return Policy(
        Excused(document.get("excused", "neutral")),
        MonthEnd(document.get("month_end", "clamp")),
        NoEntry(document.get("no_entry", "ok")),
    )


def _target(document: Mapping[str, Any]) -> Target:
    return Target(
        document["unit"], document["start_value"], document["target_value"], Aggregation(document["aggregation"])
    )
