"""What keeps one failing part from taking the rest along: a breaker per dependency, and caps on what is in flight.

Source of all values: docs/architecture.md, breakers and in-flight caps.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from chassis.clock import Clock
from chassis.resilience import EARLY_PROBE, Breaker
from chassis.telemetry.metrics import HTTP_SHED
from gateway.errors import TooBusy

SERVICES: Final = ("goals", "coach", "mentor", "analytics", "notify")
MAX_IN_FLIGHT: Final = 200
# A fifth is kept free for signing in, cries for help and probes, so that a flood elsewhere locks nobody out.
MAX_UNRESERVED: Final = 160
MAX_PER_SERVICE: Final = 100
# The coach itself writes two at a time for a member. Two more may reach it: it answers those that are a sign of crisis
# and refuses the others, which takes no time.
MAX_GENERATIONS_PER_MEMBER: Final = 4
# A plan waits for the coach as a reply does, and is no cry for help.
MAX_WITH_A_PLAN_PER_MEMBER: Final = 2


def shed(cap: str) -> TooBusy:
    """The refusal of a request that would go over a cap, counted by the cap's name."""
    HTTP_SHED.labels(cap).inc()
    return TooBusy()


class Breakers:
    """One breaker for each service, and one for Redis; the database's belongs to `chassis.db`."""

    def __init__(self, clock: Clock) -> None:
        self.services: dict[str, Breaker] = {name: Breaker(name, clock, early_probe=EARLY_PROBE) for name in SERVICES}
        self.redis = Breaker("redis", clock, failures=3, open_for=timedelta(seconds=30))

    def __iter__(self) -> Iterator[Breaker]:
        yield from self.services.values()
        yield self.redis


class InFlight:
    """Counts what is being answered; no locks are needed on one event loop."""

    def __init__(self) -> None:
        self.requests = 0
        # Answers not sent to the end yet, streams and probes included; stopping waits for them.
        self.exchanges = 0
        self._generations: Counter[str] = Counter()
        self._plans: Counter[str] = Counter()

    def enter(self, *, is_reserved: bool) -> None:
        """Counts a request in; pair it with `leave`.

        Raises:
            TooBusy: The process is full.
        """
        if self.requests >= (MAX_IN_FLIGHT if is_reserved else MAX_UNRESERVED):
            raise shed("requests")
        self.requests += 1

    def leave(self) -> None:
        """Counts a request out."""
        self.requests -= 1

    @contextmanager
    def generation(self, member: str) -> Iterator[None]:
        """Counts a reply of the coach that is being written for a member.

        Raises:
            TooBusy: As many as may be are being written already.
        """
        if self._generations[member] >= MAX_GENERATIONS_PER_MEMBER:
            raise shed("generations")
        with _counted(self._generations, member):
            yield

    @contextmanager
    def plan(self, member: str) -> Iterator[None]:
        """Counts a plan that a member waits for; plans never keep messages from the coach.

        Raises:
            TooBusy: With the replies being written, as many are waited for as may be.
        """
        if self._plans[member] + self._generations[member] >= MAX_WITH_A_PLAN_PER_MEMBER:
            raise shed("plans")
        with _counted(self._plans, member):
            yield


@contextmanager
def _counted(counts: Counter[str], member: str) -> Iterator[None]:
    counts[member] += 1
    try:
        yield
    finally:
        counts[member] -= 1
        if not counts[member]:
            del counts[member]
