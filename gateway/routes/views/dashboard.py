"""What a member sees first, their figures, and what they were told."""

from collections.abc import Mapping

from gateway.routes.views.activities import activity
from gateway.routes.views.figures import progress
from gateway.routes.views.goals import goal
from gateway.routes.views.shared import Json, day, instant
from tandem.analytics.v1 import analytics_pb2
from tandem.goals.v1 import goals_service_pb2
from tandem.notify.v1 import notify_pb2


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
