"""Rows to the domain, and the domain to answers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from gateway.routes import answers
from services.goals.domain.activity import Activity
from services.goals.domain.days import Calendar, Period
from services.goals.domain.entries import Entries, Kind, encode
from services.goals.domain.goal import Amount, Excused, Goal, MonthEnd, NoEntry, Pattern, Phase, Policy, Rule, Status
from services.goals.domain.insights import Moods
from services.goals.domain.outlook import Summary
from services.goals.domain.progress import Progress
from services.goals.domain.schedule import Schedule
from tests.bench.peers.monolith.models import ActivityRow, GoalRow

_KINDS = {"progress": Kind.PROGRESS, "skip": Kind.SKIP}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def goal_of(row: GoalRow) -> Goal:
    """The goal as the domain knows it."""
    return Goal(
        id=row.goal_id,
        member_id=row.member_id,
        title=row.title,
        description=row.description,
        pattern=Pattern(row.pattern),
        status=Status(row.status),
        category=row.category,
        start_day=row.start_date.toordinal(),
        deadline=row.deadline.toordinal() if row.deadline else None,
        completed_day=row.completed_on.toordinal() if row.completed_on else None,
        rules=tuple(_rule(document) for document in row.rules),
        phases=tuple(_phase(document) for document in row.phases),
        create_time=row.created_at,
        update_time=row.updated_at,
        revision=row.revision,
    )


def entries_of(rows: list[ActivityRow]) -> tuple[Entries, Moods]:
    """What was logged, as the domain folds it."""
    moods = Moods()
    codes, values = [], []
    for row in rows:
        day, kind = row.local_date.toordinal(), _KINDS.get(row.type)
        if row.type == "check_in":
            kind = Kind.DONE if row.completed else Kind.NOT_DONE
        if kind is not None:
            codes.append(encode(day, kind))
        if row.value is not None:
            values.append(row.value)
        if row.mood is not None:
            moods.note(day, row.mood)
    return Entries(codes, values), moods


def activity_row(activity: Activity, member_id: UUID) -> ActivityRow:
    """A new row."""
    return ActivityRow(
        activity_id=activity.id,
        goal_id=activity.goal_id,
        member_id=member_id,
        type=activity.type.value,
        local_date=date.fromordinal(activity.local_day),
        occurred_at=activity.occur_time,
        timezone=activity.timezone,
        completed=activity.completed,
        value=activity.value,
        note=activity.note,
        mood=activity.mood or None,
        created_at=activity.create_time,
        updated_at=activity.update_time,
    )


def goal_answer(goal: Goal, summary: Summary) -> answers.Goal:
    """A goal with its summary."""
    rule = goal.rule
    return answers.Goal(
        id=str(goal.id),
        member_id=str(goal.member_id),
        title=goal.title,
        description=goal.description,
        pattern=goal.pattern.value,
        status=goal.status.value,
        category=goal.category or None,
        start_date=date.fromordinal(goal.start_day),
        deadline=date.fromordinal(goal.deadline) if goal.deadline else None,
        schedule=answers.Schedule(
            period=rule.schedule.period.value,
            times=rule.schedule.times,
            weekdays=[_WEEKDAYS[day - 1] for day in sorted(rule.schedule.weekdays)] or None,
            rrule=None,
            window="calendar",
            window_days=None,
        ),
        policy=answers.Policy(
            excused=rule.policy.excused.value,
            month_end=rule.policy.month_end.value,
            no_entry=rule.policy.no_entry.value,
        ),
        amount=answers.Amount(unit=rule.amount.unit, min_value=rule.amount.min_value) if rule.amount else None,
        target=None,
        milestones=[],
        limit=None,
        streak=None,
        subgoals=[],
        habits=[],
        plan=None,
        completed_on=date.fromordinal(goal.completed_day) if goal.completed_day else None,
        progress_summary=answers.ProgressSummary(
            percent=summary.percent,
            state=summary.state.value,
            current_streak=summary.current_streak,
            due_today=summary.due_today,
            done_today=summary.done_today,
        ),
        create_time=goal.create_time,
        update_time=goal.update_time,
        etag=goal.etag,
    )


def logged_answer(activity: Activity, progress: Progress) -> answers.Logged:
    """An activity and what follows from it."""
    return answers.Logged(activity=_activity(activity), progress=_progress(progress))


def _activity(activity: Activity) -> answers.Activity:
    return answers.Activity(
        id=str(activity.id),
        goal_id=str(activity.goal_id),
        type=activity.type.value,
        local_date=date.fromordinal(activity.local_day),
        occurred_at=activity.occur_time,
        timezone=activity.timezone,
        completed=activity.completed,
        value=activity.value,
        milestone_id=None,
        habit_id=None,
        note=activity.note or None,
        mood=activity.mood or None,
        context=None,
        create_time=activity.create_time,
        update_time=activity.update_time,
    )


def _progress(progress: Progress) -> answers.Progress:
    streak, counts = progress.streak, progress.counts
    return answers.Progress(
        goal_id=str(progress.goal.id),
        pattern=progress.pattern.value,
        period=answers.Span(
            name=progress.reach.value, start=date.fromordinal(progress.first), end=date.fromordinal(progress.last)
        ),
        percent=progress.percent,
        state=progress.state.value,
        due=counts.counting,
        done=counts.done,
        missed=counts.missed + counts.partial,
        skipped=counts.excused,
        adherence=progress.adherence,
        streak=answers.Streak(
            current=streak.current.length if streak.current else 0,
            longest=streak.longest.length if streak.longest else 0,
            freezes_left=0,
        ),
        pace=answers.Pace(
            expected=None,
            actual=None,
            delta=None,
            safe_days=progress.pace.safe_days,
            needed_today=None,
            projected_end=None,
        ),
        strength=progress.strength,
        series=[
            answers.Point(date=date.fromordinal(progress.series_first + index), value=value)
            for index, value in enumerate(progress.series)
        ],
        insights=[fact.text for fact in progress.facts],
        recommendations=list(progress.recommendations),
    )


def _rule(document: dict[str, Any]) -> Rule:
    amount = document["amount"]
    return Rule(
        effective_from=_day(document["effective_from"]) or 0,
        known_from=datetime.fromisoformat(document["known_from"]),
        schedule=Schedule(Period(document["period"]), document["times"], frozenset(document["weekdays"])),
        policy=Policy(Excused(document["excused"]), MonthEnd(document["month_end"]), NoEntry(document["no_entry"])),
        amount=Amount(amount["unit"], amount["min_value"]) if amount else None,
        calendar=Calendar(document["timezone"], document["day_start_hour"], document["week_start"]),
        floor=_day(document["floor"]) or 0,
    )


def _phase(document: dict[str, Any]) -> Phase:
    return Phase(
        _day(document["effective_from"]) or 0,
        datetime.fromisoformat(document["known_from"]),
        Status(document["status"]),
        _day(document["deadline"]),
    )


def _day(text: str | None) -> int | None:
    return date.fromisoformat(text).toordinal() if text else None
