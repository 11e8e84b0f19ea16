"""The way to a vendor: open or shut by its breaker, so many at once, so many a minute; and what became of each call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Final, Protocol

from prometheus_client import Counter

from chassis.resilience import Breaker, BreakerOpen
from services.coach.clients.vendors.budget import Budget
from services.coach.clients.vendors.failures import Failure, FailureKind, classify

CALLS: Final = Counter(
    "tandem_coach_vendor_calls_total", "Calls of vendors by what became of them", ["provider", "outcome"]
)
WAITING: Final = Counter("tandem_coach_vendor_seats_waited_total", "Calls that waited for a free seat", ["provider"])

SEAT_WAIT_S: Final = 2.0
CONFIG_OPEN_FOR: Final = timedelta(minutes=5)
RATE_LIMIT_OPEN_FOR: Final = timedelta(seconds=60)
# The vendor is well: it would not, or did not do it right.
_NOT_ITS_FAULT: Final = frozenset({FailureKind.REFUSED, FailureKind.UNFIT})


class NotAsked(Exception):
    """The vendor was left alone, by our own doing: it is nobody's failure."""


class Passage:
    """One call under way.

    Attributes:
        begun: A part of the answer is there.
    """

    def __init__(self, budget: Budget | None, seats: asyncio.Semaphore | None) -> None:
        self.begun = False
        self._budget = budget
        self._seats = seats
        self._is_seated = False

    async def take_seat(self, until: float) -> None:
        """Waits for one of the seats.

        Raises:
            NotAsked: None is free in time.
        """
        if self._seats is None:
            return
        try:
            async with asyncio.timeout_at(until):
                await self._seats.acquire()
        except TimeoutError:
            raise NotAsked("seats") from None
        self._is_seated = True

    def leave_seat(self) -> None:
        """Gives the seat to others; the call itself may go on."""
        if self._is_seated and self._seats is not None:
            self._is_seated = False
            self._seats.release()

    async def again(self) -> None:
        """Before another request in the same call.

        Raises:
            NotAsked: There is none left this minute.
        """
        if self._budget is not None and not await self._budget.take():
            raise NotAsked("budget")


class Gate(Protocol):
    """What stands before one vendor."""

    def passing(self, *, until: float) -> AbstractAsyncContextManager[Passage]:
        """Lets a call pass, and learns from how it ends.

        Args:
            until: Reading of the event loop's clock at which waiting for it makes no sense any more.

        Raises:
            BreakerOpen: The vendor failed too often lately.
            NotAsked: Too many calls at once, or this minute.
        """
        ...


class NoGate:
    """Always open."""

    @asynccontextmanager
    async def passing(self, *, until: float) -> AsyncIterator[Passage]:
        """Passes."""
        yield Passage(None, None)


class VendorGate:
    """The gate of one vendor."""

    def __init__(self, name: str, breaker: Breaker, budget: Budget, seats: asyncio.Semaphore) -> None:
        """Takes its parts.

        Args:
            name: The vendor's.
            breaker: This vendor's own.
            budget: This vendor's own, shared over replicas.
            seats: Shared by all vendors of the process.
        """
        self.breaker = breaker
        self._name = name
        self._budget = budget
        self._seats = seats

    @asynccontextmanager
    async def passing(self, *, until: float) -> AsyncIterator[Passage]:
        """Lets a call pass, and learns from how it ends."""
        try:
            ticket = self.breaker.admit()
        except BreakerOpen:
            CALLS.labels(self._name, "open").inc()
            raise
        passage = Passage(self._budget, self._seats)
        try:
            if self._seats.locked():
                WAITING.labels(self._name).inc()
            await passage.take_seat(min(until, asyncio.get_running_loop().time() + SEAT_WAIT_S))
            await passage.again()
            yield passage
        except NotAsked as problem:
            self.breaker.release(ticket)
            CALLS.labels(self._name, str(problem)).inc()
            raise
        except Exception as problem:
            failure = classify(problem, begun=passage.begun)
            CALLS.labels(self._name, str(failure.kind)).inc()
            match failure.kind:
                case FailureKind.RATE_LIMIT:
                    self.breaker.trip(ticket, wait=_patience(failure))
                case FailureKind.CONFIG:
                    self.breaker.trip(ticket, wait=CONFIG_OPEN_FOR)
                case kind:
                    self.breaker.record(ticket, succeeded=kind in _NOT_ITS_FAULT)
            raise
        except BaseException:
            self.breaker.release(ticket)
            raise
        else:
            self.breaker.record(ticket, succeeded=True)
            CALLS.labels(self._name, "ok").inc()
        finally:
            passage.leave_seat()


def _patience(failure: Failure) -> timedelta:
    if failure.retry_after_s is None:
        return RATE_LIMIT_OPEN_FOR
    return min(timedelta(seconds=max(1.0, min(failure.retry_after_s, 3_600.0))), RATE_LIMIT_OPEN_FOR)
