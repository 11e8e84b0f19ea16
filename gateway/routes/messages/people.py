"""People."""

from typing import Final

from gateway.routes import views
from gateway.routes.messages.shared import WEEKDAY, Words
from gateway.routes.requests import ConsentsChange, ProfileChange
from tandem.mentor.v1 import mentor_pb2

ROLE: Final[Words] = {word: number for number, word in enumerate(views.ROLES) if word}


def profile_change(member_id: str, change: ProfileChange, etag: str) -> tuple[mentor_pb2.Member, list[str]]:
    """The new values, and the paths of the fields that change."""
    given = change.model_fields_set
    message = mentor_pb2.Member(member_id=member_id, etag=etag)
    for name in given - {"week_start"}:
        value = getattr(change, name)
        if value is not None:
            setattr(message, name, value)
    if "week_start" in given:
        message.week_start = WEEKDAY[change.week_start]
    return message, sorted(given)


def consents_change(change: ConsentsChange) -> tuple[mentor_pb2.Consents, list[str]]:
    """The new values, and the paths of the fields that change."""
    given = sorted(change.model_fields_set)
    return mentor_pb2.Consents(**{name: getattr(change, name) for name in given}), given


def roles(words: list[str]) -> list[mentor_pb2.Role.ValueType]:
    """Roles, each once."""
    return [mentor_pb2.Role.ValueType(ROLE[word]) for word in sorted(set(words))]
