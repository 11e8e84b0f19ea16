"""Time and ids: the only place where the wall clock and randomness for ids are read."""

import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    """Tells the time; injected everywhere so that tests decide what time it is."""

    def now(self) -> datetime:
        """The instant, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, for durations and deadlines."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The instant, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since an arbitrary point, unmoved by changes of the wall clock."""
        return time.monotonic()


class FixedClock:
    """A clock that moves only when told to."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("a fixed clock needs an aware instant")
        self._now = now.astimezone(UTC)
        self._monotonic = 1000.0

    def now(self) -> datetime:
        """The instant it was set to."""
        return self._now

    def monotonic(self) -> float:
        """Seconds moved so far, on an arbitrary base."""
        return self._monotonic

    def advance(self, by: timedelta) -> None:
        """Moves wall clock and monotonic time forward together."""
        self._now += by
        self._monotonic += by.total_seconds()

    def turn_to(self, now: datetime) -> None:
        """Sets the wall clock alone, as an operator or NTP would; monotonic time stays."""
        self._now = now.astimezone(UTC)


def new_id(clock: Clock) -> UUID:
    """Makes a UUIDv7: 48 bits of milliseconds, 74 random bits.

    Source: RFC 9562, section 5.7.
    """
    milliseconds = int(clock.now().timestamp() * 1000)
    random = secrets.randbits(74)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
