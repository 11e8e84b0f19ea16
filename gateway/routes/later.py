"""What is promised and not built yet: every address exists, asks who is calling, and answers 501."""

from typing import Final

from gateway.app.call import Call, Reply
from gateway.app.operation import Access, Routes
from gateway.problems import Problem

routes: Final = Routes("Not built yet")

_ANYONE: Final = (
    "POST /v1/auth/password/forgot",
    "POST /v1/auth/password/reset",
    "POST /v1/unsubscribe",
    "POST /v1/webhooks/resend",
)
_ADMIN: Final = (
    "POST /v1/admin/jobs/{name}/run",
    "GET /v1/admin/jobs/runs/{run_id}",
    "GET /v1/admin/mailbox",
)
_MEMBER: Final = (
    "GET /v1/auth/sessions",
    "DELETE /v1/auth/sessions/{session_id}",
    "PUT /v1/auth/password",
    "PUT /v1/auth/email",
    "POST /v1/auth/email/confirm",
    "GET /v1/auth/tokens",
    "POST /v1/auth/tokens",
    "DELETE /v1/auth/tokens/{token_id}",
    "GET /v1/members/me/access-log",
    "GET /v1/members/me/export",
    "DELETE /v1/members/{member_id}",
    "GET /v1/members/{member_id}/analytics/trends",
    "GET /v1/webhooks/endpoints",
    "POST /v1/webhooks/endpoints",
    "DELETE /v1/webhooks/endpoints/{endpoint_id}",
    "POST /v1/webhooks/endpoints/{endpoint_id}/replay",
    "GET /v1/mentors",
    "POST /v1/mentorships",
    "GET /v1/mentorships",
    "PATCH /v1/mentorships/{mentorship_id}",
    "POST /v1/mentorships/{mentorship_id}/accept",
    "POST /v1/mentorships/{mentorship_id}/decline",
    "POST /v1/mentorships/{mentorship_id}/end",
    "GET /v1/mentor/members",
    "GET /v1/mentor/members/{member_id}/dashboard",
    "POST /v1/mentor/chat",
    "GET /v1/mentor/members/{member_id}/interactions",
    "POST /v1/mentor/interactions/{interaction_id}/propose",
    "POST /v1/mentor/members/{member_id}/notes",
    "GET /v1/mentor/members/{member_id}/notes",
    "GET /v1/wingman/profile",
    "PUT /v1/wingman/profile",
    "GET /v1/wingman/candidates",
    "POST /v1/wingman/requests",
    "GET /v1/wingman/requests",
    "POST /v1/wingman/requests/{request_id}/accept",
    "POST /v1/wingman/requests/{request_id}/decline",
    "GET /v1/wingman/matches",
    "POST /v1/wingman/matches/{match_id}/sessions",
    "PATCH /v1/wingman/matches/{match_id}/sessions/{session_id}",
    "POST /v1/wingman/matches/{match_id}/end",
    "POST /v1/wingman/blocks",
    "POST /v1/groups",
    "GET /v1/groups",
    "POST /v1/groups/join",
    "GET /v1/groups/{group_id}",
    "POST /v1/groups/{group_id}/leave",
    "GET /v1/groups/{group_id}/feed",
    "POST /v1/groups/{group_id}/feed",
    "GET /v1/groups/{group_id}/leaderboard",
    "POST /v1/reports",
    "GET /v1/notifications/preferences",
    "PUT /v1/notifications/preferences",
    "POST /v1/notifications/{notification_id}/read",
    "GET /v1/events",
)


async def _later(call: Call) -> Reply:
    """Is promised and not built yet."""
    raise Problem("not-implemented", "This is part of the API and not built yet.")


def _declare(entries: tuple[str, ...], access: Access) -> None:
    for entry in entries:
        method, path = entry.split(" ")
        routes.declare(method, path, access=access, is_built=False, name=_name(method, path))(_later)


def _name(method: str, path: str) -> str:
    words = [segment.strip("{}") for segment in path.removeprefix("/v1/").split("/")]
    return "_".join([method.lower(), *words]).replace("-", "_")


_declare(_ANYONE, Access.ANYONE)
_declare(_MEMBER, Access.MEMBER)
_declare(_ADMIN, Access.ADMIN)
