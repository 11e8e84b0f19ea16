"""From protobuf to JSON, written out by hand: generic conversion costs more than the whole call.

Instants and dates stay objects; orjson writes them as the API promises (`Z`, `YYYY-MM-DD`).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from tandem.analytics.v1 import analytics_pb2
from tandem.coach.v1 import coach_pb2
from tandem.goals.v1 import activity_pb2, goal_pb2, goals_service_pb2, progress_pb2
from tandem.mentor.v1 import mentor_pb2
from tandem.notify.v1 import notify_pb2

Json = dict[str, Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# Words of the API by enum number; 0 is never sent.
PATTERNS: Final = (None, "recurring", "milestone", "target", "streak", "limit")
STATUSES: Final = (None, "active", "paused", "completed", "archived")
PERIODS: Final = (None, "day", "week", "month", "quarter", "year")
WINDOWS: Final = ("calendar", "calendar", "rolling")
EXCUSED: Final = ("neutral", "neutral", "counts", "breaks")
MONTH_END: Final = ("clamp", "clamp", "skip")
NO_ENTRY: Final = ("ok", "ok", "pessimistic")
WEEKDAYS: Final = (None, "mon", "tue", "wed", "thu", "fri", "sat", "sun")
STATES: Final = (None, "ahead", "on_track", "behind", "at_risk", "done")
ACTIVITY_TYPES: Final = (None, "check_in", "progress", "milestone", "skip", "note")
PROGRESS_PERIODS: Final = (None, "week", "month", "quarter", "year", "all")
ROLES: Final = (None, "member", "mentor", "admin")
AUTHORS: Final = (None, "member", "coach")
TIERS: Final = ("none", "none", "watch", "risk", "imminent", "third_party")


def page(items: Sequence[Json], next_page_token: str) -> Json:
    """A page of a list."""
    return {"items": items, "next_page_token": next_page_token or None}


def goal(message: goal_pb2.Goal) -> Json:
    """A goal. What no service holds yet is there and empty, so that clients need not ask whether it is."""
    return {
        "id": message.goal_id,
        "member_id": message.member_id,
        "title": message.title,
        "description": message.description,
        "pattern": PATTERNS[message.pattern],
        "status": STATUSES[message.status],
        "category": message.category or None,
        "start_date": day(message.start_date) if message.HasField("start_date") else None,
        "deadline": day(message.deadline) if message.HasField("deadline") else None,
        "schedule": schedule(message.schedule) if message.HasField("schedule") else None,
        "policy": policy(message.policy),
        "amount": _amount(message.amount) if message.HasField("amount") else None,
        "target": None,
        "milestones": [],
        "limit": None,
        "streak": None,
        "subgoals": [],
        "habits": [],
        "plan": None,
        "completed_on": day(message.completed_on) if message.HasField("completed_on") else None,
        "progress_summary": _summary(message.progress_summary) if message.HasField("progress_summary") else None,
        "create_time": instant(message.create_time),
        "update_time": instant(message.update_time),
        "etag": message.etag,
    }


def schedule(message: goal_pb2.Schedule) -> Json:
    """When something is due."""
    return {
        "period": PERIODS[message.period],
        "times": message.times,
        "weekdays": [WEEKDAYS[number] for number in message.weekdays] or None,
        "rrule": message.rrule or None,
        "window": WINDOWS[message.window],
        "window_days": message.window_days if message.HasField("window_days") else None,
    }


def policy(message: goal_pb2.Policy) -> Json:
    """Rules that differ between people."""
    return {
        "excused": EXCUSED[message.excused],
        "month_end": MONTH_END[message.month_end],
        "no_entry": NO_ENTRY[message.no_entry],
    }


def activity(message: activity_pb2.Activity) -> Json:
    """Something logged."""
    return {
        "id": message.activity_id,
        "goal_id": message.goal_id,
        "type": ACTIVITY_TYPES[message.type],
        "local_date": day(message.local_date),
        "occurred_at": instant(message.occur_time),
        "timezone": message.timezone,
        "completed": message.completed if message.HasField("completed") else None,
        "value": message.value if message.HasField("value") else None,
        "milestone_id": None,
        "habit_id": None,
        "note": message.note or None,
        "mood": message.mood or None,
        "context": _context(message.context) if message.HasField("context") else None,
        "create_time": instant(message.create_time),
        "update_time": instant(message.update_time),
    }


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


def logged(message: goals_service_pb2.LogActivityResponse) -> Json:
    """An activity as stored, and what follows from it."""
    return {"activity": activity(message.activity), "progress": progress(message.progress)}


def member(message: mentor_pb2.Member, email: str | None) -> Json:
    """A person; the address is the account's."""
    return {
        "id": message.member_id,
        "name": message.name,
        "email": email,
        "timezone": message.timezone,
        "locale": message.locale,
        "country": message.country or None,
        "birth_year": message.birth_year or None,
        "day_start_hour": message.day_start_hour,
        "week_start": WEEKDAYS[message.week_start or 1],
        "roles": [ROLES[role] for role in message.roles],
        "create_time": instant(message.create_time),
        "update_time": instant(message.update_time),
    }


def roles(message: mentor_pb2.Member) -> frozenset[str]:
    """All roles of a member."""
    return frozenset(word for role in message.roles if (word := ROLES[role]) is not None)


def consents(message: mentor_pb2.Consents) -> Json:
    """What a member allows."""
    return {
        "coach_reads_journal": message.coach_reads_journal,
        "ai_vendors": message.ai_vendors,
        "alert_mentor_on_risk": message.alert_mentor_on_risk,
        "leaderboard": message.leaderboard,
    }


def exchange(message: coach_pb2.SendMessageResponse) -> Json:
    """What was said and answered; without ids where nothing of it was kept."""
    reply, is_kept = message.reply, not message.unsaved
    return {
        "message_id": reply.message_id if is_kept else None,
        "thread_id": reply.thread_id if is_kept else None,
        "user_message": message.user_message.text,
        "user_message_id": message.user_message.message_id if is_kept else None,
        "ai_reply": reply.text,
        "action_steps": list(message.action_steps),
        "provider": message.provider,
        "degraded": message.degraded,
        "safety": _safety(message.safety),
        "unsaved": message.unsaved,
        "timestamp": instant(reply.create_time),
    }


def chat_message(message: coach_pb2.Message) -> Json:
    """One message of a thread."""
    return {
        "id": message.message_id,
        "thread_id": message.thread_id,
        "author": AUTHORS[message.author],
        "text": message.text,
        "create_time": instant(message.create_time),
    }


def thread(message: coach_pb2.Thread) -> Json:
    """A conversation."""
    return {
        "id": message.thread_id,
        "create_time": instant(message.create_time),
        "update_time": instant(message.update_time),
    }


def analytics(message: analytics_pb2.MemberAnalytics) -> Json:
    """A member's figures."""
    return {
        "adherence_7d": message.adherence_7d if message.HasField("adherence_7d") else None,
        "adherence_30d": message.adherence_30d if message.HasField("adherence_30d") else None,
        "risk_level": message.risk_level or None,
        "risk_score": message.risk_score if message.HasField("risk_score") else None,
        "as_of": instant(message.as_of_time) if message.HasField("as_of_time") else None,
    }


def dashboard(overview: goals_service_pb2.Overview, figures: analytics_pb2.MemberAnalytics | None) -> Json:
    """A member's dashboard; figures are None while analytics has none to give."""
    titles: Mapping[str, str] = {each.goal.goal_id: each.goal.title for each in overview.goals}
    return {
        "today": day(overview.today),
        "goals": [{"goal": goal(each.goal), "progress": progress(each.progress)} for each in overview.goals],
        "due_today": [{"goal_id": due, "title": titles.get(due)} for due in overview.due_today_goal_ids],
        "completion_rate_7d": overview.completion_rate_7d if overview.HasField("completion_rate_7d") else None,
        "completion_rate_30d": overview.completion_rate_30d if overview.HasField("completion_rate_30d") else None,
        "recent_activities": [activity(each) for each in overview.recent_activities],
        "analytics": analytics(figures) if figures is not None else None,
    }


def notification(message: notify_pb2.Notification) -> Json:
    """Something that a member was told."""
    return {
        "id": message.notification_id,
        "kind": message.kind,
        "text": message.text,
        "create_time": instant(message.create_time),
        "read_time": instant(message.read_time) if message.HasField("read_time") else None,
    }


def day(message: Date) -> date:
    """A civil day."""
    return date(message.year, message.month, message.day)


def instant(message: Timestamp) -> datetime:
    """An instant, to the microsecond."""
    return _EPOCH + timedelta(0, message.seconds, message.nanos // 1000)


def _amount(message: goal_pb2.Amount) -> Json:
    return {"unit": message.unit, "min_value": message.min_value}


def _summary(message: goal_pb2.ProgressSummary) -> Json:
    return {
        "percent": message.percent if message.HasField("percent") else None,
        "state": STATES[message.state],
        "current_streak": message.current_streak,
        "due_today": message.due_today,
        "done_today": message.done_today,
    }


def _context(message: activity_pb2.ActivityContext) -> Json:
    return {
        "location": message.location or None,
        "energy": message.energy or None,
        "with_wingman": message.with_wingman,
        "tags": list(message.tags),
    }


def _safety(message: coach_pb2.Safety) -> Json:
    return {
        "tier": TIERS[message.tier],
        "resources": [
            {"name": each.name, "contact": each.contact, "country": each.country or None} for each in message.resources
        ],
    }
