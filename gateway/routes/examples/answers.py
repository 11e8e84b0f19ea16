"""Examples of answers."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.routes import answers
from gateway.routes.examples.shared import ACTIVITY_ID, DAY, GOAL_ID, INSTANT, MEMBER_ID, THREAD_ID, WEEKLY

_SCHEDULE: Final = {**WEEKLY, "weekdays": None, "rrule": None, "window": "calendar", "window_days": None}
_SUBGOAL: Final = {"id": THREAD_ID, "title": "Run 5 km without a break", "due_date": "2026-05-01", "status": "open"}
_HABIT: Final = {
    "id": ACTIVITY_ID,
    "title": "Stretch",
    "schedule": _SCHEDULE,
    "minutes": 10,
    "if_then": "If I have brushed my teeth, then I stretch.",
}
_GOAL: Final = {
    "id": GOAL_ID,
    "member_id": MEMBER_ID,
    "title": "Run 3x per week",
    "description": "",
    "pattern": "recurring",
    "status": "active",
    "category": None,
    "start_date": DAY,
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
        "generated_at": INSTANT,
    },
    "completed_on": None,
    "progress_summary": {
        "percent": 66.7,
        "state": "on_track",
        "current_streak": 4,
        "due_today": True,
        "done_today": False,
    },
    "create_time": INSTANT,
    "update_time": INSTANT,
    "etag": "1",
}
_ACTIVITY: Final = {
    "id": ACTIVITY_ID,
    "goal_id": GOAL_ID,
    "type": "check_in",
    "local_date": DAY,
    "occurred_at": INSTANT,
    "timezone": "Europe/Berlin",
    "completed": True,
    "value": None,
    "milestone_id": None,
    "habit_id": None,
    "note": "Felt easy",
    "mood": 4,
    "context": {"location": "Park", "energy": 3, "with_wingman": False, "tags": ["sun"]},
    "create_time": INSTANT,
    "update_time": INSTANT,
}
_PROGRESS: Final = {
    "goal_id": GOAL_ID,
    "pattern": "recurring",
    "period": {"name": "week", "start": DAY, "end": "2026-03-08"},
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
    "series": [{"date": DAY, "value": 1.0}],
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
_UNIT: Final = {"start": DAY, "end": "2026-03-08", "outcome": "done", "done": 3.0, "needed": 3.0}
_VACATION: Final = {
    "id": ACTIVITY_ID,
    "goal_id": GOAL_ID,
    "from": "2026-07-01",
    "to": "2026-07-07",
    "reason": "By the sea",
    "create_time": INSTANT,
}
_SUGGESTION: Final = {
    "id": THREAD_ID,
    "goal_id": GOAL_ID,
    "source": "offline",
    "summary": "Two habits fewer, so that it fits 60 minutes a week.",
    "operations": [
        {"op": "adopt_plan", "reason": None, "plan": _GOAL["plan"]},
        {"op": "move_deadline", "reason": "Four of ten weeks were missed.", "deadline": "2026-12-31"},
    ],
    "status": "open",
    "fits": True,
    "misfit": None,
    "create_time": INSTANT,
    "decide_time": None,
}
_RUN: Final = {
    "id": THREAD_ID,
    "challenge_id": "three-smiles",
    "goal_id": GOAL_ID,
    "started": INSTANT,
    "expires": "2026-03-09T23:00:00Z",
    "status": "open",
}
_MEMBER: Final = {
    "id": MEMBER_ID,
    "name": "Ann Lee",
    "email": "ann@example.com",
    "timezone": "Europe/Berlin",
    "locale": "en",
    "country": "DE",
    "birth_year": 1990,
    "day_start_hour": 0,
    "week_start": "mon",
    "roles": ["member"],
    "create_time": INSTANT,
    "update_time": INSTANT,
}
_FIGURES: Final = {
    "adherence_7d": 85.7,
    "adherence_30d": 75.0,
    "risk_level": "low",
    "risk_score": 0.12,
    "as_of": INSTANT,
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
            {"date": DAY, "due": True, "outcome": "done", "value": 1.0, "excused_by": None, "unit": _UNIT},
        ]
    },
    answers.Explanation: {
        "goal_id": GOAL_ID,
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
                "activity_ids": [ACTIVITY_ID],
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
        "suggestion": {**_SUGGESTION, "status": "accepted", "fits": False, "decide_time": INSTANT},
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
        "message_id": ACTIVITY_ID,
        "thread_id": THREAD_ID,
        "user_message": "I missed two runs and feel bad about it.",
        "user_message_id": GOAL_ID,
        "ai_reply": "Two misses in four weeks leave three of four runs done. Which day suits you this week?",
        "action_steps": ["Pick one day"],
        "provider": "offline",
        "degraded": False,
        "safety": {"tier": "none", "resources": []},
        "unsaved": False,
        "timestamp": INSTANT,
    },
    answers.ChatMessage: {
        "id": ACTIVITY_ID,
        "thread_id": THREAD_ID,
        "author": "member",
        "text": "I missed two runs and feel bad about it.",
        "create_time": INSTANT,
    },
    answers.ChatThread: {"id": THREAD_ID, "create_time": INSTANT, "update_time": INSTANT},
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
        "id": MEMBER_ID,
        "run_id": THREAD_ID,
        "challenge_id": "three-smiles",
        "comfort_before": 20,
        "comfort_after": 55,
        "note": "The second one smiled back.",
        "witnessed_by": None,
        "goal_id": GOAL_ID,
        "activity_id": ACTIVITY_ID,
        "create_time": INSTANT,
    },
    answers.Analytics: _FIGURES,
    answers.Dashboard: {
        "today": DAY,
        "goals": [{"goal": _GOAL, "progress": _PROGRESS}],
        "due_today": [{"goal_id": GOAL_ID, "title": "Run 3x per week"}],
        "completion_rate_7d": 85.7,
        "completion_rate_30d": 75.0,
        "recent_activities": [_ACTIVITY],
        "analytics": _FIGURES,
    },
    answers.Notification: {
        "id": ACTIVITY_ID,
        "kind": "reminder",
        "text": "Run 3x per week: one more until Sunday.",
        "create_time": INSTANT,
        "read_time": None,
    },
}
