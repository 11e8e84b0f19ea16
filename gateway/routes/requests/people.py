"""Accounts, profiles, roles and consents."""

from typing import Annotated, Literal

from pydantic import Field

from gateway.routes.fields import (
    LEFT_OUT,
    BirthYear,
    Country,
    DisplayName,
    Email,
    Locale,
    Password,
    RequestModel,
    Timezone,
    Weekday,
)

Role = Literal["member", "mentor", "admin"]


class Registration(RequestModel):
    """A new account."""

    email: Email
    password: Password
    name: DisplayName
    timezone: Timezone = "UTC"
    locale: Locale = "en"
    birth_year: BirthYear | None = None


class MemberDraft(Registration):
    """A new account, made by an administrator."""

    roles: Annotated[list[Role], Field(max_length=3)] = Field(default_factory=list)


class Credentials(RequestModel):
    """What one signs in with."""

    email: Email
    password: Password


class RefreshRequest(RequestModel):
    """A refresh token."""

    refresh_token: Annotated[str, Field(max_length=1024)]


class ProfileChange(RequestModel):
    """Fields of a profile to change; what is left out stays."""

    name: DisplayName = LEFT_OUT
    timezone: Timezone = LEFT_OUT
    locale: Locale = LEFT_OUT
    country: Country | None = LEFT_OUT
    birth_year: BirthYear | None = LEFT_OUT
    day_start_hour: Annotated[int, Field(ge=0, le=12)] = LEFT_OUT
    week_start: Weekday = LEFT_OUT


class RolesChange(RequestModel):
    """All roles after the change."""

    roles: Annotated[list[Role], Field(max_length=3)]


class ConsentsChange(RequestModel):
    """Consents to change; what is left out stays."""

    coach_reads_journal: bool = LEFT_OUT
    ai_vendors: bool = LEFT_OUT
    alert_mentor_on_risk: bool = LEFT_OUT
    leaderboard: bool = LEFT_OUT
