"""What an account and a registration are; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.errors import FieldViolation

Profile = dict[str, Any]
# What stands in for what cannot be taken; everything else has a default where it is empty.
_NAMELESS: Final = "Member"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    Attributes:
        pending_profile: The profile as registered while the mentor service has not got it, else None.
        not_before: Access tokens issued up to then are void.
    """

    member_id: UUID
    email: str
    password_hash: str
    roles: frozenset[str]
    pending_profile: Profile | None
    not_before: datetime | None
    closed_at: datetime | None
    registration_key: str | None
    registration_fingerprint: bytes | None
    created_at: datetime


def without_refused(profile: Profile, violations: Iterable[FieldViolation]) -> Profile:
    """The profile with defaults in place of the fields that cannot be taken, for an account that is there already."""
    empty: Profile = {"name": _NAMELESS, "timezone": "", "locale": "", "birth_year": 0}
    refused = {violation.field for violation in violations}
    return {field: empty[field] if field in refused else value for field, value in profile.items()}
