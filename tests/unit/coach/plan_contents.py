"""A plan as a provider answers it: one habit of three runs a week."""

from typing import Any, Final

CONTENT: Final[dict[str, Any]] = {
    "summary": "Go.",
    "subgoals": [],
    "habits": [
        {
            "title": "Run",
            "schedule": {"period": "week", "times": 3, "weekdays": [], "rrule": "", "window_days": 0},
            "minutes": 30,
            "if_then": {"cue": "I get home", "response": "I run"},
            "minimum": "Shoes on counts.",
        }
    ],
    "assumptions": [],
    "question": "",
    "warnings": [],
}
