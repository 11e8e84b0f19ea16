"""The circuit breaker: stops calling what keeps failing, and tries again with one call.

Own code, because none of the kept libraries ignores late results from before the opening, frees the half-open slot on
cancellation and takes an injected clock all together (docs/adr/0005). Retries of calls are the service config's, of
transactions `chassis.db`'s.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar

from prometheus_client import Counter, Gauge

from chassis.clock import Clock
from chassis.errors import Unavailable

T = TypeVar("T")

# Of the database and of our own services: a restart of 0.2 s must not become an outage of 60 s.
EARLY_PROBE: Final = timedelta(seconds=1)

_STATE = Gauge("tandem_breaker_open", "1 while the breaker is open or half-open", ["name"])
_OPENED = Counter("tandem_breaker_opened_total", "Times the breaker opened", ["name"])
_REFUSED = Counter("tandem_breaker_refused_total", "Calls refused by an open breaker", ["name"])


class BreakerState(StrEnum):
    """Whether calls pass."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class BreakerOpen(Unavailable):
    """The dependency failed too often; nothing is sent until `retry_after`."""


@dataclass(frozen=True, slots=True)
class _Ticket:
    """An admitted call: in which era of the breaker it began, and whether it is the probe."""

    era: int
    is_probe: bool


class Breaker:
    """Counts consecutive failures of one dependency and refuses calls while it is open.

    After `failures` in a row it opens for `open_for`; then exactly one call probes: success closes, failure opens
    for the full time again, cancellation gives the slot back. Results of calls begun before an opening are ignored.
    With `early_probe` a probe is let through that often already while open.

    Source of the values in use: docs/architecture.md, breakers.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        *,
        failures: int = 5,
        open_for: timedelta = timedelta(seconds=60),
        early_probe: timedelta | None = None,
    ) -> None:
        self.name = name
        self._clock = clock
        self._limit = failures
        self._probe_after_s = (open_for if early_probe is None else early_probe).total_seconds()
        # Differs from the usual while the dependency itself said how long.
        self._wait_s = self._probe_after_s
        self._failures = 0
        self._era = 0
        self._opened_at: float | None = None
        self._probed_at = 0.0
        self._probing = False

    @property
    def failures(self) -> int:
        """Failures in a row so far."""
        return self._failures

    @property
    def state(self) -> BreakerState:
        """Whether calls pass now."""
        if self._opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.HALF_OPEN if self._probing or self._may_probe() else BreakerState.OPEN

    @property
    def retry_after(self) -> timedelta:
        """How long until a call may pass again; zero when it may now."""
        if self._opened_at is None:
            return timedelta(0)
        return timedelta(seconds=max(0.0, self._next_probe_at(self._opened_at) - self._clock.monotonic()))

    async def call(
        self, work: Callable[[], Awaitable[T]], *, is_failure: Callable[[Exception], bool] = lambda _: True
    ) -> T:
        """Runs `work` unless the breaker is open.

        Args:
            work: The call.
            is_failure: Tells failures of the dependency from refusals of the request; those count as success.

        Raises:
            BreakerOpen: Not called at all.
        """
        ticket = self.admit()
        try:
            result = await work()
        except Exception as failure:
            self.record(ticket, succeeded=not is_failure(failure))
            raise
        except BaseException:
            self.release(ticket)
            raise
        self.record(ticket, succeeded=True)
        return result

    def admit(self) -> _Ticket:
        """Lets a call begin, or raises BreakerOpen. Pair it with `record` or `release`."""
        if self._opened_at is None:
            return _Ticket(self._era, is_probe=False)
        if self._probing or not self._may_probe():
            _REFUSED.labels(self.name).inc()
            raise BreakerOpen(
                f"{self.name} does not answer; try again later.",
                retry_after=max(self.retry_after, timedelta(seconds=1)),
                metadata={"dependency": self.name},
            )
        self._probing = True
        self._probed_at = self._clock.monotonic()
        return _Ticket(self._era, is_probe=True)

    def record(self, ticket: _Ticket, *, succeeded: bool) -> None:
        """Takes the result of an admitted call into account."""
        if ticket.era != self._era:
            return
        if ticket.is_probe:
            self._probing = False
        if succeeded:
            self._failures = 0
            if ticket.is_probe:
                self._close()
            return
        self._failures += 1
        if ticket.is_probe or self._failures >= self._limit:
            self._open(self._probe_after_s)

    def trip(self, ticket: _Ticket, *, wait: timedelta) -> None:
        """Opens at once, for a failure that the next call would meet as well; the next probe comes after `wait`."""
        if ticket.era == self._era:
            self._failures += 1
            self._open(wait.total_seconds())

    def release(self, ticket: _Ticket) -> None:
        """Forgets an admitted call that was cancelled: neither success nor failure."""
        if ticket.is_probe and ticket.era == self._era:
            self._probing = False
            self._probed_at = 0.0

    def _may_probe(self) -> bool:
        return self._opened_at is not None and self._clock.monotonic() >= self._next_probe_at(self._opened_at)

    def _next_probe_at(self, opened_at: float) -> float:
        return max(opened_at, self._probed_at) + self._wait_s

    def _open(self, wait_s: float) -> None:
        self._era += 1
        self._wait_s = wait_s
        self._opened_at = self._clock.monotonic()
        self._probed_at = 0.0
        self._probing = False
        _STATE.labels(self.name).set(1)
        _OPENED.labels(self.name).inc()

    def _close(self) -> None:
        self._era += 1
        self._opened_at = None
        _STATE.labels(self.name).set(0)
