"""Examples of bodies and answers for the API's description; a test holds them to their models."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from gateway.routes import answers, requests

_GOAL_ID: Final = "01a1fc72-0759-72fe-905f-9d4c0c81841c"
_MEMBER_ID: Final = "01a1fc71-5a3b-7c10-9b77-3f0f5c7a2e11"
_ACTIVITY_ID: Final = "01a1fc74-21c4-7d0e-8a55-6b1d9f0e7c32"
_THREAD_ID: Final = "01a1fc75-6a10-7f3c-b2de-0c4f8e9a1b57"
_INSTANT: Final = "2026-03-02T06:30:00Z"
_DAY: Final = "2026-03-02"

_CREDENTIALS: Final = {"email": "ann@example.com", "password": "correct horse battery"}
_WEEKLY: Final = {"period": "week", "times": 3}
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
        "other milestones": {"milestones": [{"id": _ACTIVITY_ID, "title": "Outline"}, {"title": "Second draft"}]},
    },
    requests.ActivityDraft: {
        "a value": {"type": "progress", "value": 84.2, "local_date": _DAY},
        "a milestone": {"type": "milestone", "milestone_id": _ACTIVITY_ID},
        "a day off": {"type": "skip", "note": "Ill"},
        "words": {"type": "note", "note": "Rain all day", "mood": 2, "context": {"energy": 2, "tags": ["rain"]}},
    },
    requests.CheckIn: {"done": {"completed": True}, "for another day": {"completed": True, "local_date": _DAY}},
    requests.ActivityBatch: {
        "two at once": {
            "activities": [
                {"goal_id": _GOAL_ID, "type": "check_in", "completed": True, "local_date": _DAY},
                {"goal_id": _GOAL_ID, "type": "note", "note": "Felt easy"},
            ]
        }
    },
    requests.ActivityChange: {"another value": {"value": 83.9}, "without a note": {"note": None}},
    requests.VacationDraft: {"a week": {"from": "2026-07-01", "to": "2026-07-07", "reason": "By the sea"}},
    requests.HabitDraft: {
        "three times a week": {
            "title": "Stretch",
            "schedule": _WEEKLY,
            "minutes": 10,
            "if_then": "If I have brushed my teeth, then I stretch.",
        }
    },
    requests.HabitChange: {"shorter": {"minutes": 5}},
    requests.SubgoalDraft: {"with a date": {"title": "Run 5 km without a break", "due_date": "2026-05-01"}},
    requests.SubgoalChange: {"done": {"status": "done"}, "without a date": {"due_date": None}},
    requests.RemindersDraft: {"a list": _REMINDERS, "as it is read": {"items": _REMINDERS}, "none": []},
    requests.PlanDraft: {"fewer minutes": {"constraints": {"minutes_per_week": 60}}, "as things are": {}},
    requests.ChallengeStart: {"for a goal": {"goal_id": _GOAL_ID}, "by itself": {}},
    requests.ChallengeSubmission: {
        "done": {"comfort_before": 20, "comfort_after": 55, "note": "The second one smiled back."},
        "without a goal": {"comfort_before": 40, "comfort_after": 45, "goal_id": None},
    },
    requests.ChatMessage: {"a message": {"message": "I missed two runs and feel bad about it."}},
}

_SCHEDULE: Final = {**_WEEKLY, "weekdays": None, "rrule": None, "window": "calendar", "window_days": None}
_SUBGOAL: Final = {"id": _THREAD_ID, "title": "Run 5 km without a break", "due_date": "2026-05-01", "status": "open"}
_HABIT: Final = {
    "id": _ACTIVITY_ID,
    "title": "Stretch",
    "schedule": _SCHEDULE,
    "minutes": 10,
    "if_then": "If I have brushed my teeth, then I stretch.",
}
_GOAL: Final = {
    "id": _GOAL_ID,
    "member_id": _MEMBER_ID,
    "title": "Run 3x per week",
    "description": "",
    "pattern": "recurring",
    "status": "active",
    "category": None,
    "start_date": _DAY,
    "deadline": None,
    "schedule": _SCHEDULE,
    "policy": {"excused": "neutral", "month_end": "clamp", "no_entry": "ok"},
    "amount": {"unit": "km", "min_value": 5.0},
    "target": None,
    "milestones": [],
    "limit": None,
    "streak": None,
    "subgoals": [_SUBGOAL],
    "habits": [_HABIT],
    "plan": {
        "source": "offline",
        "summary": "Three short runs a week, a little longer each month.",
        "subgoals": [{"title": _SUBGOAL["title"], "due_date": _SUBGOAL["due_date"]}],
        "habits": [{name: value for name, value in _HABIT.items() if name != "id"}],
        "fits": True,
        "warnings": [],
        "generated_at": _INSTANT,
    },
    "completed_on": None,
    "progress_summary": {
        "percent": 66.7,
        "state": "on_track",
        "current_streak": 4,
        "due_today": True,
        "done_today": False,
    },
    "create_time": _INSTANT,
    "update_time": _INSTANT,
    "etag": "1",
}
_ACTIVITY: Final = {
    "id": _ACTIVITY_ID,
    "goal_id": _GOAL_ID,
    "type": "check_in",
    "local_date": _DAY,
    "occurred_at": _INSTANT,
    "timezone": "Europe/Berlin",
    "completed": True,
    "value": None,
    "milestone_id": None,
    "habit_id": None,
    "note": "Felt easy",
    "mood": 4,
    "context": {"location": "Park", "energy": 3, "with_wingman": False, "tags": ["sun"]},
    "create_time": _INSTANT,
    "update_time": _INSTANT,
}
_PROGRESS: Final = {
    "goal_id": _GOAL_ID,
    "pattern": "recurring",
    "period": {"name": "week", "start": _DAY, "end": "2026-03-08"},
    "percent": 100.0,
    "state": "ahead",
    "due": 1,
    "done": 1,
    "missed": 0,
    "skipped": 0,
    "adherence": 75.0,
    "streak": {"current": 4, "longest": 9, "freezes_left": 0},
    "pace": {
        "expected": None,
        "actual": None,
        "delta": None,
        "safe_days": 9,
        "needed_today": None,
        "projected_end": None,
    },
    "strength": 0.62,
    "series": [{"date": _DAY, "value": 1.0}],
    "insights": ["Mondays go best: 9 of 10."],
    "recommendations": ["Keep Monday; it carries the week."],
    "facts": [
        {
            "kind": "best_weekday",
            "text": "Mondays go best: 9 of 10.",
            "numbers": {"done": 9.0, "due": 10.0},
            "start": "2025-12-22",
            "end": "2026-03-01",
        }
    ],
}
_UNIT: Final = {"start": _DAY, "end": "2026-03-08", "outcome": "done", "done": 3.0, "needed": 3.0}
_VACATION: Final = {
    "id": _ACTIVITY_ID,
    "goal_id": _GOAL_ID,
    "from": "2026-07-01",
    "to": "2026-07-07",
    "reason": "By the sea",
    "create_time": _INSTANT,
}
_SUGGESTION: Final = {
    "id": _THREAD_ID,
    "goal_id": _GOAL_ID,
    "source": "offline",
    "summary": "Two habits fewer, so that it fits 60 minutes a week.",
    "operations": [
        {"op": "adopt_plan", "reason": None, "plan": _GOAL["plan"]},
        {"op": "move_deadline", "reason": "Four of ten weeks were missed.", "deadline": "2026-12-31"},
    ],
    "status": "open",
    "fits": True,
    "misfit": None,
    "create_time": _INSTANT,
    "decide_time": None,
}
_RUN: Final = {
    "id": _THREAD_ID,
    "challenge_id": "three-smiles",
    "goal_id": _GOAL_ID,
    "started": _INSTANT,
    "expires": "2026-03-09T23:00:00Z",
    "status": "open",
}
_MEMBER: Final = {
    "id": _MEMBER_ID,
    "name": "Ann Lee",
    "email": "ann@example.com",
    "timezone": "Europe/Berlin",
    "locale": "en",
    "country": "DE",
    "birth_year": 1990,
    "day_start_hour": 0,
    "week_start": "mon",
    "roles": ["member"],
    "create_time": _INSTANT,
    "update_time": _INSTANT,
}
_FIGURES: Final = {
    "adherence_7d": 85.7,
    "adherence_30d": 75.0,
    "risk_level": "low",
    "risk_score": 0.12,
    "as_of": _INSTANT,
}

ANSWERS: Final[Mapping[Any, Any]] = {
    answers.SignedIn: {
        "member": _MEMBER,
        "access_token": "eyJ…",
        "refresh_token": "r1.9X…",
        "token_type": "Bearer",
        "expires_in": 900,
    },
    answers.KeySet: {
        "keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qY…", "kid": "a1b2", "use": "sig", "alg": "EdDSA"}]
    },
    answers.Member: _MEMBER,
    answers.Consents: {
        "coach_reads_journal": True,
        "ai_vendors": True,
        "alert_mentor_on_risk": False,
        "leaderboard": False,
    },
    answers.Goal: _GOAL,
    answers.Subgoal: _SUBGOAL,
    answers.Habit: _HABIT,
    answers.Activity: _ACTIVITY,
    answers.Logged: {"activity": _ACTIVITY, "progress": _PROGRESS},
    answers.Batch: {"items": [{"activity": _ACTIVITY}]},
    answers.Progress: _PROGRESS,
    answers.Calendar: {
        "items": [
            {"date": _DAY, "due": True, "outcome": "done", "value": 1.0, "excused_by": None, "unit": _UNIT},
        ]
    },
    answers.Explanation: {
        "goal_id": _GOAL_ID,
        "metric": "streak",
        "date": "2026-03-09",
        "value": 4.0,
        "rule": "A unit done lengthens the streak by one; a miss ends it.",
        "start_value": 3.0,
        "truncated": False,
        "items": [
            {
                "unit": _UNIT,
                "rule_version": 1,
                "activity_ids": [_ACTIVITY_ID],
                "effect": "lengthens",
                "value": 4.0,
                "worth": None,
                "memory": None,
            }
        ],
    },
    answers.Vacation: _VACATION,
    answers.Suggestion: _SUGGESTION,
    answers.AcceptedSuggestion: {
        "suggestion": {**_SUGGESTION, "status": "accepted", "fits": False, "decide_time": _INSTANT},
        "goal": _GOAL,
    },
    answers.GoalTemplate: {
        "id": "first-10k",
        "title": "Run 10 km",
        "description": "From nothing to ten kilometres in twelve weeks.",
        "category": "fitness",
        "pattern": "milestone",
        "why": "Steps that grow slowly keep legs healthy.",
        "schedule": None,
        "policy": _GOAL["policy"],
        "amount": None,
        "target": None,
        "milestones": [{"title": "20 minutes without a break", "weight": 1.0, "after_days": 14}],
        "limit": None,
        "streak": None,
        "deadline_days": 84,
        "habits": [{"title": "Run", "schedule": None, "minutes": 35, "if_then": "If it is seven, then I go and run."}],
    },
    answers.ImportReport: {
        "dry_run": True,
        "source": "loop",
        "goals": [
            {
                "title": "Meditate",
                "pattern": "recurring",
                "status": "active",
                "activities": 120,
                "id": None,
                "found": False,
            }
        ],
        "created": {"goals": 1, "activities": 120},
        "skipped": [{"where": "Habits.csv, row 3", "reason": "a target of 0 asks for nothing"}],
    },
    answers.Reminders: {"items": [{"time": "07:30", "weekdays": ["mon", "wed", "fri"]}]},
    answers.Exchange: {
        "message_id": _ACTIVITY_ID,
        "thread_id": _THREAD_ID,
        "user_message": "I missed two runs and feel bad about it.",
        "user_message_id": _GOAL_ID,
        "ai_reply": "Two misses in four weeks leave three of four runs done. Which day suits you this week?",
        "action_steps": ["Pick one day"],
        "provider": "offline",
        "degraded": False,
        "safety": {"tier": "none", "resources": []},
        "unsaved": False,
        "timestamp": _INSTANT,
    },
    answers.ChatMessage: {
        "id": _ACTIVITY_ID,
        "thread_id": _THREAD_ID,
        "author": "member",
        "text": "I missed two runs and feel bad about it.",
        "create_time": _INSTANT,
    },
    answers.ChatThread: {"id": _THREAD_ID, "create_time": _INSTANT, "update_time": _INSTANT},
    answers.Challenge: {
        "id": "three-smiles",
        "level": 1,
        "title": "Smile at three people",
        "description": "On a walk, meet the eyes of three people for a moment, smile, and look on.",
        "venue_kinds": ["street", "park"],
        "run": _RUN,
    },
    answers.ChallengeRun: _RUN,
    answers.ChallengeSubmission: {
        "id": _MEMBER_ID,
        "run_id": _THREAD_ID,
        "challenge_id": "three-smiles",
        "comfort_before": 20,
        "comfort_after": 55,
        "note": "The second one smiled back.",
        "witnessed_by": None,
        "goal_id": _GOAL_ID,
        "activity_id": _ACTIVITY_ID,
        "create_time": _INSTANT,
    },
    answers.Analytics: _FIGURES,
    answers.Dashboard: {
        "today": _DAY,
        "goals": [{"goal": _GOAL, "progress": _PROGRESS}],
        "due_today": [{"goal_id": _GOAL_ID, "title": "Run 3x per week"}],
        "completion_rate_7d": 85.7,
        "completion_rate_30d": 75.0,
        "recent_activities": [_ACTIVITY],
        "analytics": _FIGURES,
    },
    answers.Notification: {
        "id": _ACTIVITY_ID,
        "kind": "reminder",
        "text": "Run 3x per week: one more until Sunday.",
        "create_time": _INSTANT,
        "read_time": None,
    },
}


def of_request(model: type[BaseModel]) -> dict[str, Any]:
    """The examples of a body, as OpenAPI holds them."""
    return {name: {"value": value} for name, value in REQUESTS[model].items()}


def of_answer(model: Any) -> Any:
    """An example of an answer; of a page one with a single item."""
    generic = model.__pydantic_generic_metadata__
    if generic["origin"] is answers.Page:
        return {"items": [ANSWERS[generic["args"][0]]], "next_page_token": None}
    return ANSWERS[model]
