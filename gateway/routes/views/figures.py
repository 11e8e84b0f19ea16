"""How a goal is going."""

from typing import Final

from gateway.routes.views.goals import PATTERNS, STATES
from gateway.routes.views.shared import Json, day
from tandem.goals.v1 import explanation_pb2, progress_pb2

PROGRESS_PERIODS: Final = (None, "week", "month", "quarter", "year", "all")
METRICS: Final = (None, "streak", "strength", "adherence", "pace")
OUTCOMES: Final = (None, "done", "partial", "missed", "excused", "pending", "not_due")


def progress(message: progress_pb2.Progress) -> Json:
    """How a goal is going."""
    streak, pace = message.streak, message.pace
    return {
        "goal_id": message.goal_id,
        "pattern": PATTERNS[message.pattern],
        "period": {
            "name": PROGRESS_PERIODS[message.period],
            "start": day(message.start_date),
            "end": day(message.end_date),
        },
        "percent": message.percent if message.HasField("percent") else None,
        "state": STATES[message.state],
        "due": message.due,
        "done": message.done,
        "missed": message.missed,
        "skipped": message.skipped,
        "adherence": message.adherence if message.HasField("adherence") else None,
        "streak": {"current": streak.current, "longest": streak.longest, "freezes_left": streak.freezes_left},
        "pace": {
            "expected": pace.expected if pace.HasField("expected") else None,
            "actual": pace.actual if pace.HasField("actual") else None,
            "delta": pace.delta if pace.HasField("delta") else None,
            "safe_days": pace.safe_days if pace.HasField("safe_days") else None,
            "needed_today": pace.needed_today if pace.HasField("needed_today") else None,
            "projected_end": day(pace.projected_end) if pace.HasField("projected_end") else None,
        },
        "strength": message.strength if message.HasField("strength") else None,
        "series": [{"date": day(point.date), "value": point.value} for point in message.series],
        "insights": list(message.insights),
        "recommendations": list(message.recommendations),
        "facts": [_fact(fact) for fact in message.facts],
    }


def calendar(message: explanation_pb2.GetCalendarResponse) -> Json:
    """What is due and what became of it, day by day."""
    return {
        "items": [
            {
                "date": day(each.date),
                "due": each.due,
                "outcome": OUTCOMES[each.outcome],
                "value": each.value if each.HasField("value") else None,
                "excused_by": each.excused_by or None,
                "unit": _unit(each.unit) if each.HasField("unit") else None,
            }
            for each in message.days
        ]
    }


def explanation(message: explanation_pb2.Explanation) -> Json:
    """How a figure comes about: replaying the items in order gives it."""
    return {
        "goal_id": message.goal_id,
        "metric": METRICS[message.metric],
        "date": day(message.date),
        "value": message.value if message.HasField("value") else None,
        "rule": message.rule,
        "start_value": message.start_value,
        "truncated": message.truncated,
        "items": [
            {
                "unit": _unit(step.unit) if step.HasField("unit") else None,
                "rule_version": step.rule_version,
                "activity_ids": list(step.activity_ids),
                "effect": step.effect,
                "value": step.value,
                "worth": step.worth if step.HasField("worth") else None,
                "memory": step.memory if step.HasField("memory") else None,
            }
            for step in message.steps
        ],
    }


def _unit(message: explanation_pb2.Unit) -> Json:
    return {
        "start": day(message.start_date),
        "end": day(message.end_date),
        "outcome": OUTCOMES[message.outcome],
        "done": message.done,
        "needed": message.needed,
    }


def _fact(message: progress_pb2.Fact) -> Json:
    return {
        "id": message.fact_id,
        "goal_id": message.goal_id,
        "kind": message.kind,
        "text": message.text,
        "numbers": dict(message.numbers),
        "start": day(message.start_date) if message.HasField("start_date") else None,
        "end": day(message.end_date) if message.HasField("end_date") else None,
    }
