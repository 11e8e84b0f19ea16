"""One request on its way along the vendors: whose turn it is and for how long, and who failed before."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from chassis.resilience import BreakerOpen
from chassis.telemetry.logs import get_logger
from services.coach.clients.vendors.failures import FailureKind, classify
from services.coach.clients.vendors.gate import NotAsked

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds.

    Attributes:
        first_token: For a vendor's first words.
        idle: Between two pieces.
        before_offline: For all vendors together, before the offline coach begins.
        share: Of what is left, for a whole answer of a vendor after whom others may be asked.
        least: With less left a vendor is not asked: it would be late, and get the blame.
    """

    first_token: float = 6.0
    idle: float = 10.0
    before_offline: float = 8.0
    share: float = 0.75
    least: float = 0.05


PATIENCE: Final = Patience()


class Named(Protocol):
    """Somebody with a name."""

    @property
    def name(self) -> str:
        """The word stored and shown."""
        ...


V = TypeVar("V", bound=Named)


class Attempts(Generic[V]):
    """The vendors whose turn it is, one after the other, as long as asking makes sense.

    Attributes:
        until: Reading of the event loop's clock at which the offline coach begins at the latest.
        turn_until: The same for the vendor at hand.
        is_last_turn: Nobody comes after the vendor at hand but the rules.
        failed: Names of those that failed.
        ttft_ms: Until the first piece of the answer; 0 before it.
    """

    def __init__(
        self, vendors: Sequence[V], patience: Patience, *, until: float, purpose: str, prompt_version: str
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._vendors = tuple(vendors)
        self._patience = patience
        self._purpose = purpose
        self._prompt_version = prompt_version
        self._is_over = False
        self.until = min(until, self._began + patience.before_offline)
        self.turn_until = self.until
        self.is_last_turn = False
        self.failed: list[str] = []
        self.ttft_ms = 0
        self.has_begun = False

    def __iter__(self) -> Iterator[V]:
        for number, vendor in enumerate(self._vendors, start=1):
            now = self._loop.time()
            left = self.until - now
            if self._is_over or left < self._patience.least:
                return
            self.is_last_turn = number == len(self._vendors)
            self.turn_until = self.until if self.is_last_turn else now + left * self._patience.share
            yield vendor

    def begin(self) -> None:
        """Notes the first piece of the answer."""
        if not self.has_begun:
            self.has_begun = True
            self.ttft_ms = round((self._loop.time() - self._began) * 1_000)

    def note(self, vendor: V, problem: Exception) -> None:
        """Notes that a vendor did not answer, and why: kinds and ids, never a word of anybody's."""
        if isinstance(problem, NotAsked):
            _log.info("vendor_not_asked", provider=vendor.name, purpose=self._purpose, because=str(problem))
            return
        self.failed.append(vendor.name)
        if isinstance(problem, BreakerOpen):
            _log.info("vendor_not_asked", provider=vendor.name, purpose=self._purpose, because="open")
            return
        failure = classify(problem, begun=self.has_begun)
        # What one vendor will not say, the next is not asked to.
        self._is_over = failure.kind is FailureKind.REFUSED
        is_ours = failure.kind in {FailureKind.CONFIG, FailureKind.BUG, FailureKind.UNKNOWN}
        (_log.error if is_ours else _log.warning)(
            "provider_failed",
            provider=vendor.name,
            purpose=self._purpose,
            kind=str(failure.kind),
            error=type(problem).__name__,
            begun=self.has_begun,
            vendor_request_id=failure.request_id,
            prompt_version=self._prompt_version,
        )
