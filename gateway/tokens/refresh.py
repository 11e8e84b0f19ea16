"""Refresh tokens: `family.n.HMAC`. The family is the session; n grows by one with every use.

Only the family, its n and when it rotated are stored, so a copy of the database yields no usable token.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final
from uuid import UUID

from gateway.errors import InvalidToken
from gateway.tokens.jose import encode_segment

IDLE_LIFE: Final = timedelta(days=14)
ABSOLUTE_LIFE: Final = timedelta(days=30)
# Parallel tabs and lost answers repeat a refresh; within this time they all get the same successor.
REPEAT_WINDOW: Final = timedelta(seconds=10)

_FORM: Final = re.compile(r"([0-9a-f]{32})\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh token whose signature is ours."""

    family_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class Family:
    """What is stored of a session.

    Attributes:
        number: Of the token given out last.
        rotated_at: When that one was made.
    """

    family_id: UUID
    member_id: UUID
    number: int
    rotated_at: datetime
    created_at: datetime
    ended_at: datetime | None


class Decision(Enum):
    """What a refresh token is good for."""

    ROTATE = auto()
    REPEAT = auto()
    REUSED = auto()
    VOID = auto()


class RefreshTokens:
    """Makes and reads refresh tokens."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, family_id: UUID, number: int) -> str:
        """Token `number` of a family; the same every time it is made."""
        return f"{family_id.hex}.{number}.{self._signature(family_id.hex, str(number))}"

    def read(self, token: str) -> Refresh:
        """Reads a token.

        Raises:
            InvalidToken: Not one of ours.
        """
        match = _FORM.fullmatch(token)
        if match is None:
            raise InvalidToken
        family, number, signature = match.groups()
        if not hmac.compare_digest(signature, self._signature(family, number)):
            raise InvalidToken
        return Refresh(UUID(hex=family), int(number))

    def _signature(self, family: str, number: str) -> str:
        return encode_segment(hmac.new(self._key, f"{family}|{number}".encode(), hashlib.sha256).digest())


def judge(token: Refresh, family: Family, now: datetime) -> Decision:
    """Decides what to do with a token that is signed by us, given what is stored of its family."""
    if family.ended_at is not None or now - family.rotated_at > IDLE_LIFE or now - family.created_at > ABSOLUTE_LIFE:
        return Decision.VOID
    if token.number == family.number:
        return Decision.ROTATE
    if token.number == family.number - 1 and now - family.rotated_at <= REPEAT_WINDOW:
        return Decision.REPEAT
    return Decision.REUSED
