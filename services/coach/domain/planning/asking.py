"""How a model is asked for a plan: the facts it has to keep to, one by one, with what the member wrote framed."""

import json
from dataclasses import asdict
from typing import Final

from services.coach.domain.framing import Frame
from services.coach.domain.planning.brief import Brief
from services.coach.domain.planning.guards import cares, safe_pace
from services.coach.domain.planning.schedules import Schedule
from services.coach.domain.planning.task import PlanTask

_DESCRIPTION: Final = 2_000
_TITLE: Final = 200


def is_delicate(brief: Brief) -> bool:
    """Whether the goal touches health, substances or money so that no model plans it: our own rules are reviewed."""
    return bool(cares(brief)) or safe_pace(brief) is not None


def plan_request(brief: Brief, frame: Frame) -> str:
    """The facts of a task as one JSON object; the same task, the same text."""
    task = brief.task
    facts: dict[str, object] = {
        "today": task.today,
        "first_day": brief.begin,
        "last_day": brief.end,
        "last_day_is_stated": brief.has_deadline,
        "pattern": task.pattern,
        "kind": brief.kind,
        "category": brief.category.name,
        "title": frame.of("goal_title", "g1", task.title[:_TITLE]),
        "description": frame.of("goal_description", "d1", task.description[:_DESCRIPTION]) if task.description else "",
        "stated_schedule": _schedule(brief.schedule),
        "stated_minutes_each_time": brief.minutes,
        "free_minutes_a_week": brief.available if brief.budget is not None else None,
        "streak_length": task.streak_length or None,
        **_amounts(brief),
        **_present(task, frame),
    }
    known = {name: value for name, value in facts.items() if value not in (None, "", [])}
    return json.dumps(known, sort_keys=True, ensure_ascii=False, default=str)


def _amounts(brief: Brief) -> dict[str, object]:
    task = brief.task
    return {
        "amount_each_time": asdict(brief.amount) if brief.amount else None,
        "target": asdict(task.target) if task.target else None,
        "limit": asdict(task.limit) if task.limit else None,
    }


def _present(task: PlanTask, frame: Frame) -> dict[str, object]:
    """What the goal has already."""
    return {
        "milestones": [
            {"title": frame.of("milestone", f"m{number}", step.title[:_TITLE]), "due_date": step.due_date}
            for number, step in enumerate(task.milestones, start=1)
        ],
        "habits_that_stay": [
            {
                "title": frame.of("habit", f"h{number}", habit.title[:_TITLE]),
                "schedule": _schedule(habit.schedule),
                "minutes": habit.minutes,
            }
            for number, habit in enumerate(task.own_habits, start=1)
        ],
        "subgoals_that_stay": [
            frame.of("subgoal", f"s{number}", title[:_TITLE]) for number, title in enumerate(task.own_subgoals, start=1)
        ],
    }


def _schedule(schedule: Schedule | None) -> dict[str, object] | None:
    return None if schedule is None else asdict(schedule) | {"weekdays": sorted(schedule.weekdays)}
