"""What a gateway process is made of; built once in `__main__`, read by the edge and the endpoints."""

from dataclasses import dataclass

from chassis.clock import Clock
from chassis.db import Database
from chassis.readiness import Readiness
from gateway.accounts.people import People
from gateway.accounts.usecases import Accounts
from gateway.breakers import Breakers, InFlight
from gateway.clients import Services
from gateway.health import Health
from gateway.limits.limiter import Limiter
from gateway.limits.store import SharedBuckets
from gateway.tokens.access import AccessTokens
from gateway.tokens.revocations import Revocations
from gateway.tokens.sessions import Sessions


@dataclass(slots=True)
class Parts:
    """The parts.

    Attributes:
        environment: `development`, `test` or `production`.
        shared_buckets: What speaks to Redis, for probes.
        is_draining: Set when the process has been told to stop.
    """

    environment: str
    version: str
    clock: Clock
    database: Database
    access_tokens: AccessTokens
    sessions: Sessions
    revocations: Revocations
    accounts: Accounts
    people: People
    services: Services
    limiter: Limiter
    shared_buckets: SharedBuckets
    breakers: Breakers
    in_flight: InFlight
    readiness: Readiness
    health: Health
    is_draining: bool = False

    @property
    def is_ready(self) -> bool:
        """True while the process takes traffic; other services have no say in it."""
        return self.readiness.ready and not self.is_draining
