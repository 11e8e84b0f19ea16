"""People."""

from typing import Final

from gateway.routes.views.goals import WEEKDAYS
from gateway.routes.views.shared import Json, instant
from tandem.mentor.v1 import mentor_pb2

ROLES: Final = (None, "member", "mentor", "admin")


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
