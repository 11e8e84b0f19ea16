"""Events in: a change of roles makes the access tokens from before it void.

The request that changed the roles has done so already, if it lived long enough (docs/adr/0045).
"""

from collections.abc import Mapping
from uuid import UUID

from chassis.clock import Clock
from chassis.consumer import Handler
from chassis.db import Transaction
from chassis.identity.principal import MEMBER, ROLES
from chassis.telemetry.logs import get_logger
from gateway.repository import AccountRepository
from tandem.event.v1.event_pb2 import Event

_log = get_logger(__name__)


def handlers(clock: Clock) -> Mapping[str, Handler]:
    """What to do with events, by type."""

    async def on_roles_changed(event: Event, tx: Transaction) -> None:
        roles = (ROLES & frozenset(event.member_roles_changed.roles)) | {MEMBER}
        AccountRepository(tx).set_roles(UUID(event.member_id), roles, version=event.aggregate_version, now=clock.now())
        _log.info("account_roles_heard", member_id=event.member_id, roles=sorted(roles))

    return {"mentor.member_roles_changed": on_roles_changed}
