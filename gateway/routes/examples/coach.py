"""Examples of what the coach says and keeps."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.routes import answers
from gateway.routes.examples.shared import ACTIVITY_ID, DAY, INSTANT, MEMBER_ID

COACH_ANSWERS: Final[Mapping[Any, Any]] = {
    answers.Review: {
        "id": ACTIVITY_ID,
        "member_id": MEMBER_ID,
        "kind": "weekly",
        "start_date": DAY,
        "end_date": "2026-03-08",
        "text": "Your week from 2 March to 8 March, in a few lines. You kept 3 of 4, more than the 1 of 3 before. "
        "What would make the next week one step easier?",
        "action_steps": ["Pick the days of next week for “Run 3x per week”."],
        "provider": "offline",
        "degraded": False,
        "create_time": INSTANT,
    },
}
