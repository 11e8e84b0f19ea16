"""What a member sees first: one call to goals, and figures of the warehouse where there are any."""

import asyncio
from typing import Final

from gateway.app.call import Call, Reply, unless_unavailable
from gateway.app.operation import LIST_S, Routes
from gateway.routes import answers, views
from gateway.routes.fields import PageQuery
from tandem.analytics.v1 import analytics_pb2
from tandem.goals.v1 import goals_service_pb2
from tandem.notify.v1 import notify_pb2

routes: Final = Routes("Dashboard")

_RECENT_ACTIVITIES: Final = 10
# The warehouse adds to the picture; nobody waits for it.
_FIGURES_TIMEOUT_S: Final = 1.0


@routes.get("/v1/dashboard", answer=answers.Dashboard, budget_s=LIST_S)
async def get_dashboard(call: Call) -> Reply:
    """Shows the caller's goals with progress, what is due today, completion rates and the latest activities."""
    goals, analytics = call.parts.services.goals, call.parts.services.analytics
    overview, figures = await asyncio.gather(
        goals(
            goals.stub.GetOverview,
            goals_service_pb2.GetOverviewRequest(recent_activity_count=_RECENT_ACTIVITIES),
        ),
        unless_unavailable(
            analytics(
                analytics.stub.GetMemberAnalytics,
                analytics_pb2.GetMemberAnalyticsRequest(member_id=str(call.member_id)),
                timeout_s=_FIGURES_TIMEOUT_S,
            )
        ),
    )
    return Reply(views.dashboard(overview, figures))


@routes.get(
    "/v1/members/{member_id}/analytics", answer=answers.Analytics, budget_s=LIST_S, refusals=("not-implemented",)
)
async def get_member_analytics(call: Call, member_id: str) -> Reply:
    """Reads a member's figures."""
    analytics = call.parts.services.analytics
    request = analytics_pb2.GetMemberAnalyticsRequest(member_id=call.resolve_member(member_id))
    return Reply(views.analytics(await analytics(analytics.stub.GetMemberAnalytics, request)))


@routes.get(
    "/v1/notifications",
    answer=answers.Page[answers.Notification],
    budget_s=LIST_S,
    refusals=("not-implemented",),
)
async def list_notifications(call: Call, query: PageQuery) -> Reply:
    """Lists what the caller was told, newest first."""
    notify = call.parts.services.notify
    request = notify_pb2.ListNotificationsRequest(page_size=query.page_size, page_token=query.page_token)
    listed = await notify(notify.stub.ListNotifications, request)
    return Reply(views.page([views.notification(each) for each in listed.notifications], listed.next_page_token))
