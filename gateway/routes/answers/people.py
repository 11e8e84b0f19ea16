"""People and their sessions."""

from datetime import datetime
from typing import Literal

from gateway.routes.answers.shared import Answer, Weekday
from gateway.routes.requests import Role


class Member(Answer):
    """A person."""

    id: str
    name: str | None
    email: str | None
    timezone: str | None
    locale: str | None
    country: str | None
    birth_year: int | None
    day_start_hour: int
    week_start: Weekday
    roles: list[Role]
    create_time: datetime
    update_time: datetime


class SignedIn(Answer):
    """A session."""

    member: Member
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"]
    expires_in: int


class Key(Answer):
    """A public key (RFC 7517)."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str
    alg: str


class KeySet(Answer):
    """Public keys."""

    keys: list[Key]


class Consents(Answer):
    """What a member allows."""

    coach_reads_journal: bool
    ai_vendors: bool
    alert_mentor_on_risk: bool
    leaderboard: bool
