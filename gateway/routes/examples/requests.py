"""Examples of bodies."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from gateway.routes import requests
from gateway.routes.examples.shared import ACTIVITY_ID, DAY, GOAL_ID, WEEKLY

_CREDENTIALS: Final = {"email": "ann@example.com", "password": "correct horse battery"}
_MILESTONES: Final = [{"title": "Outline", "due_date": "2026-04-01"}, {"title": "First draft", "weight": 3}]
_REMINDERS: Final = [{"time": "07:30", "weekdays": ["mon", "wed", "fri"]}, {"time": "21:00"}]


# By model: examples by their names.
REQUESTS: Final[Mapping[type[BaseModel], Mapping[str, Any]]] = {
    requests.Registration: {"somebody new": {**_CREDENTIALS, "name": "Ann Lee", "timezone": "Europe/Berlin"}},
    requests.MemberDraft: {"a mentor": {**_CREDENTIALS, "name": "Ann Lee", "roles": ["mentor"]}},
    requests.Credentials: {"somebody known": _CREDENTIALS},
    requests.RefreshRequest: {"a refresh token": {"refresh_token": "r1.9X…"}},
    requests.ProfileChange: {"another zone": {"timezone": "Asia/Tokyo", "week_start": "sun"}},
    requests.RolesChange: {"a mentor": {"roles": ["mentor"]}},
    requests.ConsentsChange: {"the leaderboard": {"leaderboard": True}},
    requests.ReplyFeedback: {"of use": {"helpful": True}, "wrong": {"helpful": False, "note": "I run on Tuesdays."}},
    requests.MemoryChange: {"corrected": {"text": "I work nights until May."}, "pinned": {"pinned": True}},
    requests.MemoryPause: {"stop": {}, "go on": {"paused": False}},
    requests.JournalDraft: {
        "words alone": {"text": "Ran in the rain and felt proud of it."},
        "with moods and a day": {"text": "A long week.", "mood_tags": ["tired"], "local_date": DAY},
    },
    requests.JournalChange: {"other moods": {"mood_tags": ["calm"]}, "another score": {"sentiment_score": -0.2}},
    requests.GoalDraft: {
        "recurring": {"title": "Run 3x per week", "pattern": "recurring", "amount": {"unit": "km", "min_value": 5}},
        "milestone": {"title": "Write the thesis", "pattern": "milestone", "milestones": _MILESTONES},
        "target": {
            "title": "Lose ten kilos",
            "pattern": "target",
            "deadline": "2026-12-31",
            "target": {"unit": "kg", "start_value": 90, "target_value": 80, "aggregation": "last"},
        },
        "streak": {
            "title": "A hundred days of Spanish",
            "pattern": "streak",
            "streak": {"target_length": 100, "freezes_per_month": 2},
        },
        "limit": {
            "title": "At most two coffees",
            "pattern": "limit",
            "schedule": {"period": "day"},
            "limit": {"max_value": 2, "unit": "cups"},
        },
        "from a template": {"template_id": "first-10k", "start_date": "2026-04-01"},
        "with constraints": {
            "title": "Learn the piano",
            "pattern": "recurring",
            "constraints": {"minutes_per_week": 120, "deadline": "2026-12-31"},
        },
    },
    requests.GoalChange: {
        "another rhythm": {"schedule": {"period": "week", "times": 4}},
        "without a deadline": {"deadline": None},
        "set aside": {"status": "paused"},
        "other milestones": {"milestones": [{"id": ACTIVITY_ID, "title": "Outline"}, {"title": "Second draft"}]},
    },
    requests.ActivityDraft: {
        "a value": {"type": "progress", "value": 84.2, "local_date": DAY},
        "a milestone": {"type": "milestone", "milestone_id": ACTIVITY_ID},
        "a day off": {"type": "skip", "note": "Ill"},
        "words": {"type": "note", "note": "Rain all day", "mood": 2, "context": {"energy": 2, "tags": ["rain"]}},
    },
    requests.CheckIn: {"done": {"completed": True}, "for another day": {"completed": True, "local_date": DAY}},
    requests.ActivityBatch: {
        "two at once": {
            "activities": [
                {"goal_id": GOAL_ID, "type": "check_in", "completed": True, "local_date": DAY},
                {"goal_id": GOAL_ID, "type": "note", "note": "Felt easy"},
            ]
        }
    },
    requests.ActivityChange: {"another value": {"value": 83.9}, "without a note": {"note": None}},
    requests.VacationDraft: {"a week": {"from": "2026-07-01", "to": "2026-07-07", "reason": "By the sea"}},
    requests.HabitDraft: {
        "three times a week": {
            "title": "Stretch",
            "schedule": WEEKLY,
            "minutes": 10,
            "if_then": "If I have brushed my teeth, then I stretch.",
        }
    },
    requests.HabitChange: {"shorter": {"minutes": 5}},
    requests.SubgoalDraft: {"with a date": {"title": "Run 5 km without a break", "due_date": "2026-05-01"}},
    requests.SubgoalChange: {"done": {"status": "done"}, "without a date": {"due_date": None}},
    requests.RemindersDraft: {"a list": _REMINDERS, "as it is read": {"items": _REMINDERS}, "none": []},
    requests.PlanDraft: {"fewer minutes": {"constraints": {"minutes_per_week": 60}}, "as things are": {}},
    requests.ChallengeStart: {"for a goal": {"goal_id": GOAL_ID}, "by itself": {}},
    requests.ChallengeSubmission: {
        "done": {"comfort_before": 20, "comfort_after": 55, "note": "The second one smiled back."},
        "without a goal": {"comfort_before": 40, "comfort_after": 45, "goal_id": None},
    },
    requests.DatingMessage: {
        "an answer": {"message": "I'd like to go on two dates a month, by summer."},
        "a skip": {"message": "skip"},
    },
    requests.ChatMessage: {"a message": {"message": "I missed two runs and feel bad about it."}},
}
