"""The gRPC face of a feed: `tandem.feed.v1.ChangeFeedService`, for analytics alone."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from chassis.db import Database
from chassis.errors import InvalidArgument
from chassis.feed.cursors import Cursors
from chassis.feed.entities import Entity
from chassis.feed.extraction import Extractor
from chassis.feed.horizon import epoch_of
from chassis.feed.stream import Asked, Batch, Streams
from chassis.request import current
from chassis.rpc.policy import GENERATE, LIST, Allow
from chassis.rpc.server import Servicing
from tandem.feed.v1 import change_feed_pb2, change_feed_pb2_grpc

POLICIES: Final = {
    "DescribeFeed": Allow.services("analytics", deadline=LIST),
    "StreamChanges": Allow.services("analytics", deadline=GENERATE),
}
MAX_ROWS: Final = 20_000


class ChangeFeedServicer(change_feed_pb2_grpc.ChangeFeedServiceServicer):
    """Serves the entities of one service."""

    def __init__(self, entities: Sequence[Entity], database: Database, extractor: Extractor, cursors: Cursors) -> None:
        self._entities: Mapping[str, Entity] = {entity.name: entity for entity in entities}
        self._database = database
        self._extractor = extractor
        self._cursors = cursors
        self._streams = Streams(database, extractor, cursors)

    async def DescribeFeed(  # noqa: N802 - the contract's name
        self, request: change_feed_pb2.DescribeFeedRequest, context: Any
    ) -> change_feed_pb2.DescribeFeedResponse:
        """All entities with their columns."""
        response = change_feed_pb2.DescribeFeedResponse(epoch=await epoch_of(self._database))
        for name in sorted(self._entities):
            entity = self._entities[name]
            response.entities.add(
                name=name,
                mode=entity.mode,
                key=entity.key,
                arrow_schema=await self._extractor.schema(entity),
                schema_fingerprint=entity.fingerprint,
            )
        return response

    async def StreamChanges(  # noqa: N802 - the contract's name
        self, request: change_feed_pb2.StreamChangesRequest, context: Any
    ) -> AsyncGenerator[change_feed_pb2.StreamChangesResponse, None]:
        """Batches behind the cursor; each is sent when the reader has room for it."""
        entity = self._entities.get(request.entity)
        if entity is None:
            raise InvalidArgument.of("entity", "must be one that DescribeFeed tells of")
        if not 0 <= request.max_rows <= MAX_ROWS:
            raise InvalidArgument.of("max_rows", f"must be between 0 and {MAX_ROWS}")
        deadline = current().deadline
        assert deadline is not None  # noqa: S101 - the policy has one
        asked = Asked(entity, request.cursor, request.max_rows or MAX_ROWS, request.follow, deadline)
        async with aclosing(self._streams.read(asked)) as batches:
            async for batch in batches:
                yield self._response(entity, batch)

    def _response(self, entity: Entity, batch: Batch) -> change_feed_pb2.StreamChangesResponse:
        horizon, rows = batch.horizon, batch.rows
        response = change_feed_pb2.StreamChangesResponse(
            next_cursor=self._cursors.seal(entity.name, horizon.epoch, batch.position),
            schema_fingerprint=entity.fingerprint,
            caught_up=batch.caught_up,
        )
        if rows is not None:
            response.arrow_ipc, response.row_count = rows.ipc, rows.row_count
        response.horizon_time.FromDatetime(horizon.time)
        if horizon.age is not None:
            response.horizon_age.FromTimedelta(horizon.age)
        return response


def servicing(entities: Sequence[Entity], database: Database, extractor: Extractor, cursors: Cursors) -> Servicing:
    """What a process serves that offers `entities`, read by the system login."""
    return Servicing(
        change_feed_pb2_grpc.add_ChangeFeedServiceServicer_to_server,
        ChangeFeedServicer(entities, database, extractor, cursors),
        change_feed_pb2.DESCRIPTOR.services_by_name["ChangeFeedService"],
        POLICIES,
    )
