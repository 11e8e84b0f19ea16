"""What ended in the last minutes: kept in memory, read from PostgreSQL every two seconds, asked on every request.

A token outlives nothing by more than its own life, so only the ends of that long ago matter. No request waits for
this: when it could not be read for ten seconds, reads go on and writes are refused.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from chassis.clock import Clock
from chassis.telemetry.logs import get_logger
from gateway.errors import InvalidToken, SessionStateUnknown
from gateway.tokens.access import LEEWAY, LIFE, Claims

REFRESH_INTERVAL: Final = timedelta(seconds=2)
STALE_AFTER: Final = timedelta(seconds=10)
# A minute more than any token can live, for clocks that differ between database and gateway.
HORIZON: Final = LIFE + LEEWAY + timedelta(minutes=1)

_log = get_logger(__name__)


class Change(NamedTuple):
    """What counts for a member's tokens since a change.

    Attributes:
        not_before: The instant up to which tokens are void.
        roles: All that a token may carry now. Whoever was signing in while roles changed gets a token that is dated
            after the change and carries what was read before it.
    """

    not_before: datetime
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ended:
    """Everything that ended within the horizon.

    Attributes:
        sessions: Ids of sessions that were logged out or revoked.
        changed: By member, what counts since a change.
        closed: Members whose account takes no part any more, whenever that began.
    """

    sessions: frozenset[UUID] = frozenset()
    changed: Mapping[UUID, Change] = field(default_factory=dict)
    closed: frozenset[UUID] = frozenset()


class EndedSource(Protocol):
    """Where ends are read from."""

    async def read_ended(self, since: datetime) -> Ended:
        """What ended since then."""
        ...


class Revocations:
    """The memory of one process."""

    def __init__(self, source: EndedSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._ended = Ended()
        # Ends made by this very process count at once, before the next reading.
        self._own: dict[UUID, float] = {}
        self._read_at: float | None = None

    def check(self, claims: Claims) -> None:
        """Refuses the token of a session or member that has ended.

        Raises:
            InvalidToken: It has.
        """
        if claims.session_id in self._ended.sessions or claims.session_id in self._own:
            raise InvalidToken
        if claims.member_id in self._ended.closed:
            raise InvalidToken
        change = self._ended.changed.get(claims.member_id)
        if change is None:
            return
        # A token is dated by the second; one of the same second counts as older.
        if claims.issued_at <= int(change.not_before.timestamp()) or not claims.roles <= change.roles:
            raise InvalidToken

    def check_fresh(self) -> None:
        """Refuses writes while it is not known what has ended.

        Raises:
            SessionStateUnknown: Not read for too long.
        """
        if self.age_s > STALE_AFTER.total_seconds():
            raise SessionStateUnknown

    @property
    def age_s(self) -> float:
        """Seconds since the last reading; infinite before the first."""
        return float("inf") if self._read_at is None else self._clock.monotonic() - self._read_at

    def note_ended(self, session_id: UUID) -> None:
        """Takes an end into account that this process has just committed."""
        self._own[session_id] = self._clock.monotonic()

    async def refresh(self) -> None:
        """Reads what has ended."""
        begun = self._clock.monotonic()
        self._ended = await self._source.read_ended(self._clock.now() - HORIZON)
        self._read_at = begun
        self._own = {session: at for session, at in self._own.items() if begun - at < STALE_AFTER.total_seconds()}

    async def run(self) -> None:
        """Reads again and again until cancelled; a failed reading is tried again at the next turn."""
        while True:
            try:
                await self.refresh()
            except Exception as failure:
                _log.warning("revocations_unread", failure=type(failure).__name__, age_s=round(self.age_s, 1))
            await asyncio.sleep(REFRESH_INTERVAL.total_seconds())
