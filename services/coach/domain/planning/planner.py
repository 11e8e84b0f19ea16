"""Makes a plan by rules, and holds every plan to its task, whoever proposed it.

`propose` writes the offline plan: the same task, the same words. `settle` turns a proposal into a plan: figures that
the member stated are as they were, every date lies between today and the last day, and whether it fits is computed
here and never believed. Source: ADR-0054, ADR-0055.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from services.coach.domain.planning.brief import Brief, brief_of
from services.coach.domain.planning.guards import FOR_PROFESSIONALS, Care, SafePace, cares, safe_pace
from services.coach.domain.planning.habits import choose, total
from services.coach.domain.planning.ladder import assumed_base, earliest_end, ladder, measure
from services.coach.domain.planning.proposal import (
    MAX_HABITS,
    MAX_SUBGOALS,
    Habit,
    Plan,
    PlanRejected,
    Proposal,
    Subgoal,
)
from services.coach.domain.planning.schedules import WEEK_MINUTES, often
from services.coach.domain.planning.slots import Kind
from services.coach.domain.planning.task import PlanTask
from services.coach.domain.planning.texts import Course, PlanTexts

_MOST_WARNINGS = 12


def study(task: PlanTask, texts: PlanTexts) -> Brief:
    """What a plan for the task has to keep to. A streak without a last day ends when it can have its length."""
    brief = brief_of(task, texts)
    earliest = earliest_end(brief)
    if earliest is not None and not brief.has_deadline and not brief.is_over:
        return replace(brief, end=max(brief.begin, earliest))
    return brief


def propose(brief: Brief, texts: PlanTexts) -> Proposal:
    """The plan by rules."""
    needs = cares(brief)
    with_care = not FOR_PROFESSIONALS.isdisjoint(needs)
    course = _course(brief, texts, with_care=with_care)
    pace = None if with_care else safe_pace(brief)
    steps = _careful_steps(brief, course) if with_care else ladder(brief, course, pace=pace)
    chosen = choose(brief, course, texts, with_care=with_care)
    base = "" if with_care else assumed_base(brief)
    assumptions = (*((texts.say["assumed_base"].format(base=base),) if base else ()), *chosen.assumptions)
    return Proposal(
        summary=_summary(brief, chosen.habits[0], course, texts, gently=with_care or pace is not None),
        subgoals=steps,
        habits=chosen.habits,
        assumptions=assumptions,
        question=course.question if brief.is_vague else "",
        warnings=(*_guarded(needs, pace, texts), *chosen.changes),
    )


def settle(proposal: Proposal, brief: Brief, texts: PlanTexts, *, source: str) -> Plan:
    """The plan of a proposal.

    Raises:
        PlanRejected: It does not keep to its task.
    """
    for rule, holds in _rules(proposal, brief):
        if not holds:
            raise PlanRejected(rule)
    needed = total(proposal.habits)
    fits = needed <= brief.available
    said = (*_on_dates(brief, texts), *proposal.warnings, *(() if fits else (_over(brief, needed, texts),)))
    return Plan(
        source=source,
        summary=" ".join(filter(None, (proposal.summary, *proposal.assumptions, proposal.question))),
        subgoals=proposal.subgoals,
        habits=proposal.habits,
        fits=fits,
        warnings=tuple(dict.fromkeys(said))[:_MOST_WARNINGS],
    )


def _rules(proposal: Proposal, brief: Brief) -> Iterator[tuple[str, bool]]:
    days = [step.due_date for step in proposal.subgoals if step.due_date is not None]
    yield "dates lie between today and the last day", all(brief.task.today <= day <= brief.end for day in days)
    yield "dates rise", bool(brief.task.milestones) or days == sorted(days)
    yield "one to three habits", 1 <= len(proposal.habits) <= MAX_HABITS
    yield "up to six subgoals", len(proposal.subgoals) <= MAX_SUBGOALS
    if brief.kind is Kind.DO and brief.schedule is not None:
        main = [habit for habit in proposal.habits if habit.schedule == brief.schedule]
        yield "the stated schedule stands", bool(main)
        yield "the stated minutes stand", brief.minutes is None or any(habit.minutes == brief.minutes for habit in main)
    elif brief.kind is Kind.DO and brief.minutes is not None:
        yield "the stated minutes stand", any(habit.minutes == brief.minutes for habit in proposal.habits)


def _course(brief: Brief, texts: PlanTexts, *, with_care: bool) -> Course:
    if with_care:
        return texts.care
    return {Kind.AVOID: texts.avoid, Kind.LIMIT: texts.limit}.get(brief.kind, brief.category.course)


def _careful_steps(brief: Brief, course: Course) -> tuple[Subgoal, ...]:
    """What comes first, without a number or a promise."""
    days = (brief.end - brief.begin).days
    count = min(len(course.steps), days + 1)
    return tuple(
        Subgoal(title, brief.begin + (brief.end - brief.begin) * (number + 1) // count)
        for number, title in enumerate(course.steps[:count])
    )


def _summary(brief: Brief, main: Habit, course: Course, texts: PlanTexts, *, gently: bool) -> str:
    """Opening, rhythm, how far the steps go, and how to begin."""
    index = hashlib.sha256(brief.task.title.encode(errors="replace")).digest()[0] % len(texts.openings)
    said = [texts.say["gently"] if gently else _capitalised(texts.openings[index].format(goal=brief.title))]
    said.append(texts.say["rhythm"].format(title=_lowered(main.title), often=often(main.schedule)))
    if brief.has_deadline and not brief.is_over:
        said.append(texts.say["ladder"].format(day=_day(brief.end)))
    elif not brief.is_over and not brief.task.streak_length:
        said.append(texts.say["open_end"].format(weeks=brief.weeks))
    if brief.task.own_habits:
        said.append(texts.say["existing"])
    return " ".join(filter(None, (*said, course.start)))


def _on_dates(brief: Brief, texts: PlanTexts) -> tuple[str, ...]:
    """What the days do not allow."""
    said: list[str] = []
    if brief.is_over:
        said.append(texts.say["past"])
    elif brief.has_deadline and brief.end == brief.task.today:
        said.append(texts.say["short"])
    earliest = earliest_end(brief)
    if earliest is not None and brief.has_deadline and earliest > brief.end:
        said.append(texts.say["long_run"].format(length=brief.task.streak_length, day=_day(earliest)))
    span = f"{_day(brief.task.today)} to {_day(brief.end)}"
    outside = [
        step.title
        for step in brief.task.milestones
        if step.due_date and not brief.task.today <= step.due_date <= brief.end
    ]
    said += [texts.say["dates_out"].format(title=title[:80], span=span) for title in outside[:3]]
    return tuple(said)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _over(brief: Brief, needed: int, texts: PlanTexts) -> str:
    budget = WEEK_MINUTES if brief.budget is None else brief.budget
    key = "over_other" if brief.own_minutes else "over"
    return texts.say[key].format(needed=needed + brief.own_minutes, available=budget)


def _guarded(needs: tuple[Care, ...], pace: SafePace | None, texts: PlanTexts) -> tuple[str, ...]:
    said = [texts.guards[care] for care in needs]
    if pace is not None:
        asked, capped = measure(pace.asked, pace.unit), measure(pace.capped, pace.unit)
        said.insert(0, texts.guards["weight"].format(asked=asked, capped=capped))
    return tuple(said)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lowered(title: str) -> str:
    return title[:1].lower() + title[1:]


def make_offline(task: PlanTask, texts: PlanTexts) -> Plan:
    """The whole way by rules; for tests and reports."""
    brief = study(task, texts)
    return settle(propose(brief, texts), brief, texts, source="offline")
