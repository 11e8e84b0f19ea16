"""What examples are made of."""

from typing import Final

GOAL_ID: Final = "01a1fc72-0759-72fe-905f-9d4c0c81841c"
MEMBER_ID: Final = "01a1fc71-5a3b-7c10-9b77-3f0f5c7a2e11"
ACTIVITY_ID: Final = "01a1fc74-21c4-7d0e-8a55-6b1d9f0e7c32"
THREAD_ID: Final = "01a1fc75-6a10-7f3c-b2de-0c4f8e9a1b57"
INSTANT: Final = "2026-03-02T06:30:00Z"
DAY: Final = "2026-03-02"
WEEKLY: Final = {"period": "week", "times": 3}
