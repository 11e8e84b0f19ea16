"""What an account and a registration are; pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

Profile = dict[str, Any]


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
