"""The services that every process serves beside its own: `PlatformService`, and `ChangeFeedService` or its door."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis import platform
from chassis.db import Database
from chassis.errors import InvalidArgument
from chassis.feed.servicer import POLICIES as FEED
from chassis.identity.principal import ADMIN
from chassis.pages import PageTokens, page_size
from chassis.rpc.policy import LIST, WRITE, Allow
from chassis.rpc.server import Servicing
from tandem.feed.v1 import change_feed_pb2, change_feed_pb2_grpc
from tandem.platform.v1 import platform_pb2, platform_pb2_grpc

POLICIES: Final = {
    "SweepExpired": Allow.services("jobs", deadline=WRITE),
    "ListDeadEvents": Allow.members("gateway", roles=(ADMIN,), deadline=LIST),
    "ReplayDeadEvent": Allow.members("gateway", roles=(ADMIN,), deadline=WRITE),
}
_SCOPE = "dead-events"

Sweep = Callable[[], Awaitable[platform.Swept]]
"""Deletes what is past its time of a service's own."""


class PlatformServicer(platform_pb2_grpc.PlatformServiceServicer):
    """Sweeping, and the list of dead events, for operators and the scheduler."""

    def __init__(self, system_database: Database, page_tokens: PageTokens, sweep: Sweep | None = None) -> None:
        self._database = system_database
        self._page_tokens = page_tokens
        self._sweep = sweep

    async def SweepExpired(  # noqa: N802 - the contract's name
        self, request: platform_pb2.SweepExpiredRequest, context: Any
    ) -> platform_pb2.SweepExpiredResponse:
        """Deletes rows past their retention: the platform's, then the service's own."""
        swept = await platform.sweep_expired(self._database)
        own = await self._sweep() if self._sweep is not None else platform.Swept(0, more=False)
        return platform_pb2.SweepExpiredResponse(removed_count=swept.removed + own.removed, more=swept.more or own.more)

    async def ListDeadEvents(  # noqa: N802 - the contract's name
        self, request: platform_pb2.ListDeadEventsRequest, context: Any
    ) -> platform_pb2.ListDeadEventsResponse:
        """Events that were given up, longest dead first."""
        size = page_size(request.page_size)
        dead = await platform.list_dead(self._database, limit=size + 1, after=self._position(request.page_token))
        shown = dead[:size]
        response = platform_pb2.ListDeadEventsResponse(events=[_to_proto(event) for event in shown])
        if len(dead) > size:
            last = shown[-1]
            response.next_page_token = self._page_tokens.seal(_SCOPE, last.dead_at.isoformat(), str(last.event_id))
        return response

    async def ReplayDeadEvent(  # noqa: N802 - the contract's name
        self, request: platform_pb2.ReplayDeadEventRequest, context: Any
    ) -> platform_pb2.ReplayDeadEventResponse:
        """Gives a dead event back to its handler."""
        try:
            event_id = UUID(request.event_id)
        except ValueError:
            raise InvalidArgument.of("event_id", "must be a UUID") from None
        await platform.replay_dead(self._database, event_id)
        return platform_pb2.ReplayDeadEventResponse()

    def _position(self, token: str) -> tuple[datetime, UUID] | None:
        if not token:
            return None
        dead_at, event_id = self._page_tokens.open(_SCOPE, token)
        return datetime.fromisoformat(dead_at), UUID(event_id)


def platform_servicings(
    system_database: Database,
    page_tokens: PageTokens,
    *,
    feed: Servicing | None = None,
    sweep: Sweep | None = None,
) -> list[Servicing]:
    """What the chassis serves in every process; where there is no `feed`, its door says so."""
    return [
        Servicing(
            platform_pb2_grpc.add_PlatformServiceServicer_to_server,
            PlatformServicer(system_database, page_tokens, sweep),
            platform_pb2.DESCRIPTOR.services_by_name["PlatformService"],
            POLICIES,
        ),
        feed
        or Servicing(
            change_feed_pb2_grpc.add_ChangeFeedServiceServicer_to_server,
            change_feed_pb2_grpc.ChangeFeedServiceServicer(),  # type: ignore[abstract]  # answers UNIMPLEMENTED
            change_feed_pb2.DESCRIPTOR.services_by_name["ChangeFeedService"],
            FEED,
        ),
    ]


def _to_proto(event: platform.DeadEvent) -> platform_pb2.DeadEvent:
    message = platform_pb2.DeadEvent(
        event_id=str(event.event_id),
        event_type=event.event_type,
        attempts=event.attempts,
        last_failure=event.last_failure,
    )
    message.dead_time.FromDatetime(event.dead_at)
    return message
