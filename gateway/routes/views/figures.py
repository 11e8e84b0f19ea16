"""How a goal is going."""

from typing import Final

from gateway.routes.views.goals import PATTERNS, STATES
from gateway.routes.views.shared import Json, day
from tandem.goals.v1 import progress_pb2

PROGRESS_PERIODS: Final = (None, "week", "month", "quarter", "year", "all")


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
    }
