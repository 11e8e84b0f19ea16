"""The forms of our own export: what stands in it of a goal and of an activity. `own` reads what is written here.

The version grows when a reader of the present one would misread a file; fields that are only added keep it.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from services.goals.domain.activity import Activity, Context
from services.goals.domain.care import Care, Habit, Plan, PlannedHabit, Reminder, Vacation
from services.goals.domain.goal import Goal, Milestone, Phase, Policy, Rule
from services.goals.domain.schedule import Schedule

FORMAT: Final = "tandem-goals"
VERSION: Final = 1
WEEKDAYS: Final = ("", "mon", "tue", "wed", "thu", "fri", "sat", "sun")

COLUMNS: Final = (
    "goal_id", "goal_title", "goal_pattern", "activity_id", "type", "local_date", "occurred_at", "timezone",
    "completed", "value", "milestone_id", "habit_id", "note", "mood", "location", "energy", "with_wingman", "tags",
    "create_time", "update_time",
)  # fmt: skip
"""The columns of the CSV form."""

Document = dict[str, Any]


def goal_document(goal: Goal, care: Care, reminders: tuple[Reminder, ...]) -> Document:
    """A goal with all versions of its rules, without what was logged and its vacations."""
    return {
        "id": str(goal.id),
        "title": goal.title,
        "description": goal.description,
        "pattern": goal.pattern.value,
        "status": goal.status.value,
        "category": goal.category,
        "start_date": _iso(goal.start_day),
        "deadline": _iso(goal.deadline),
        "completed_on": _iso(goal.completed_day),
        "create_time": instant(goal.create_time),
        "update_time": instant(goal.update_time),
        "rules": [_rule(rule) for rule in goal.rules],
        "phases": [_phase(phase) for phase in goal.phases],
        "milestones": [_step(step) for step in goal.milestones],
        "past_milestones": [{**_step(past.step), "until": instant(past.until)} for past in goal.past_steps],
        "habits": [{"id": str(habit.id), **_habit(habit)} for habit in care.habits],
        "subgoals": [
            {"id": str(part.id), "title": part.title, "due_date": _iso(part.due_day), "status": part.status.value}
            for part in care.subgoals
        ],
        "plan": _plan(care.plan) if care.plan else None,
        "reminders": [
            {"time": f"{each.minute_of_day // 60:02}:{each.minute_of_day % 60:02}", "weekdays": _names(each.weekdays)}
            for each in reminders
        ],
    }


def vacation_document(vacation: Vacation) -> Document:
    """A vacation, of a goal or of its member."""
    return {
        "from": _iso(vacation.first),
        "to": _iso(vacation.last),
        "reason": vacation.reason,
        "create_time": instant(vacation.create_time),
    }


def activity_document(activity: Activity) -> Document:
    """An activity, without what was not said: years of entries are to fit into what an import takes."""
    said = {
        "id": str(activity.id),
        "type": activity.type.value,
        "local_date": _iso(activity.local_day),
        "occurred_at": instant(activity.occur_time),
        "timezone": activity.timezone,
        "completed": activity.completed,
        "value": activity.value,
        "milestone_id": str(activity.milestone_id) if activity.milestone_id else None,
        "habit_id": str(activity.habit_id) if activity.habit_id else None,
        "note": activity.note,
        "mood": activity.mood or None,
        "context": _context(activity.context),
        "create_time": instant(activity.create_time),
        "update_time": instant(activity.update_time) if activity.update_time != activity.create_time else None,
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def activity_row(goal: Goal, activity: Activity) -> list[str]:
    """An activity as cells under `COLUMNS`."""
    flat: Mapping[str, Any] = {
        "goal_id": goal.id,
        "goal_title": goal.title,
        "goal_pattern": goal.pattern.value,
        **activity_document(activity),
        "activity_id": activity.id,
        **_circumstances(activity.context or Context()),
    }
    return [_cell(flat.get(name)) for name in COLUMNS]


def _circumstances(context: Context) -> Document:
    return {
        "location": context.location,
        "energy": context.energy or None,
        "with_wingman": context.with_wingman or None,
        # Tags are lines without line breaks.
        "tags": "\n".join(context.tags),
    }


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _rule(rule: Rule) -> Document:
    calendar, amount, limit, target, chain = rule.calendar, rule.amount, rule.limit, rule.target, rule.chain
    return {
        "effective_from": _iso(rule.effective_from),
        "known_from": instant(rule.known_from),
        "anchor": _iso(rule.anchor),
        "floor": _iso(rule.floor),
        "timezone": calendar.timezone,
        "day_start_hour": calendar.day_start_hour,
        "week_start": WEEKDAYS[calendar.week_start],
        "schedule": _schedule(rule.schedule),
        "policy": _policy(rule.policy),
        "amount": {"unit": amount.unit, "min_value": amount.min_value} if amount else None,
        "limit": {"unit": limit.unit, "max_value": limit.max_value} if limit else None,
        "target": {
            "unit": target.unit,
            "start_value": target.start_value,
            "target_value": target.target_value,
            "aggregation": target.aggregation.value,
        }
        if target
        else None,
        "streak": {"target_length": chain.target_length, "freezes_per_month": chain.freezes_per_month}
        if chain
        else None,
    }


def _phase(phase: Phase) -> Document:
    return {
        "effective_from": _iso(phase.effective_from),
        "known_from": instant(phase.known_from),
        "status": phase.status.value,
        "deadline": _iso(phase.deadline),
        "is_derived": phase.is_derived,
    }


def _step(step: Milestone) -> Document:
    return {
        "id": str(step.id),
        "title": step.title,
        "weight": step.weight,
        "due_date": _iso(step.due_day),
        "known_from": instant(step.known_from) if step.known_from else None,
    }


def _schedule(schedule: Schedule) -> Document:
    return {
        "period": schedule.period.value,
        "times": schedule.times,
        "weekdays": _names(sorted(schedule.weekdays)),
        "rrule": schedule.rrule or None,
        "window": schedule.window.value,
        "window_days": schedule.window_days or None,
    }


def _policy(policy: Policy) -> Document:
    return {
        "excused": policy.excused.value,
        "month_end": policy.month_end.value,
        "no_entry": policy.no_entry.value,
    }


def _habit(habit: Habit | PlannedHabit) -> Document:
    return {
        "title": habit.title,
        "schedule": _schedule(habit.schedule),
        "minutes": habit.minutes or None,
        "if_then": habit.if_then or None,
    }


def _plan(plan: Plan) -> Document:
    return {
        "source": plan.source,
        "summary": plan.summary,
        "subgoals": [{"title": part.title, "due_date": _iso(part.due_day)} for part in plan.subgoals],
        "habits": [_habit(habit) for habit in plan.habits],
        "fits": plan.fits,
        "warnings": list(plan.warnings),
        "generated_at": instant(plan.generate_time),
    }


def _context(context: Context | None) -> Document | None:
    if context is None:
        return None
    return {
        "location": context.location or None,
        "energy": context.energy or None,
        "with_wingman": context.with_wingman,
        "tags": list(context.tags),
    }


def _names(weekdays: tuple[int, ...] | list[int]) -> list[str] | None:
    return [WEEKDAYS[day] for day in weekdays] or None


def _iso(day: int | None) -> str | None:
    return date.fromordinal(day).isoformat() if day else None


def instant(at: datetime) -> str:
    """An instant in UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
