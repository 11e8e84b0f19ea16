"""A reader of a change feed, as the warehouse is one: keeps its cursor, and reads on from it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import pyarrow

from chassis.clock import SystemClock, new_id
from chassis.db import Database
from chassis.feed import Column, Entity
from chassis.feed.cursors import Cursors
from chassis.feed.extraction import Extractor
from chassis.feed.servicer import servicing
from chassis.identity.principal import Principal
from chassis.rpc import wire
from chassis.sql import text_statement
from tandem.feed.v1 import change_feed_pb2, change_feed_pb2_grpc
from tests.support.identities import Identities
from tests.support.rpc import serving

NOTES = Entity("goals.notes", key="note_id", columns=(Column("member_id", "uuid"), Column("body", "string")))
KEY = b"c" * 32
_NEXT = text_statement("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
_OLDEST = text_statement("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
Response = change_feed_pb2.StreamChangesResponse


@dataclass
class Reader:
    """One reader of one entity.

    Attributes:
        address: Where the feed is served.
        identities: Whose assertion opens it.
        audience: The service that serves it.
        cursor: Behind the last batch read.
        settled: Waits until the transactions of other tests in the cluster, which hold the horizon back, have ended.
    """

    address: str
    identities: Identities
    entity: str
    audience: str = "goals"
    cursor: bytes = b""
    max_rows: int = 0
    settled: Callable[[], Awaitable[None]] | None = None
    last: Response | None = field(default=None, init=False)

    async def batches(
        self, *, follow: bool = False, timeout_s: float = 20, metadata: Any = None
    ) -> AsyncGenerator[Response, None]:
        """Each batch behind the cursor, which moves along."""
        if self.settled is not None:
            await self.settled()
        if metadata is None:
            metadata = [(wire.ASSERTION, self.identities.assertion("analytics", self.audience))]
        async with grpc.aio.insecure_channel(self.address, options=wire.CLIENT_OPTIONS) as channel:
            call: Any = change_feed_pb2_grpc.ChangeFeedServiceStub(channel).StreamChanges(
                change_feed_pb2.StreamChangesRequest(
                    entity=self.entity, cursor=self.cursor, max_rows=self.max_rows, follow=follow
                ),
                metadata=metadata,
                timeout=timeout_s,
            )
            async for response in call:
                yield response
                self.cursor, self.last = response.next_cursor, response

    async def rows(self) -> list[dict[str, Any]]:
        """All rows up to the horizon, oldest first."""
        return [row async for batch in self.batches() for row in rows_of(batch)]


MakeReader = Callable[..., Reader]


@asynccontextmanager
async def notes_served(system: Database, system_dsn: str, folder: Path) -> AsyncIterator[MakeReader]:
    """Serves the sample's notes to analytics, and makes readers of them."""
    identities = Identities()
    extractor = Extractor(system_dsn, schema="goals")
    served = servicing((NOTES,), system, extractor, Cursors(KEY))
    async with serving(served, folder, identities, audience="goals") as address:
        settled = partial(others_have_ended, system)
        yield lambda **more: Reader(address, identities, **{"entity": NOTES.name, "settled": settled, **more})
    await extractor.close()


async def others_have_ended(system: Database, *, patience_s: float = 3.0) -> None:
    """Waits until what was running in the cluster has ended; who holds a transaction open waits in vain."""
    clock, nobody = SystemClock(), Principal.system("goals")
    async with system.transaction(nobody, read_only=True) as tx:
        bound = await tx.fetch_value(_NEXT)
    give_up_at = clock.monotonic() + patience_s
    while clock.monotonic() < give_up_at:
        async with system.transaction(nobody, read_only=True) as tx:
            if await tx.fetch_value(_OLDEST) >= bound:
                return
        await asyncio.sleep(0.02)


async def add_notes(connection: Any, count: int = 1, body: str = "note") -> list[UUID]:
    """Adds notes of as many members in one transaction, in the order of the feed."""
    ids = sorted(new_id(SystemClock()) for _ in range(count))
    await connection.executemany(
        "INSERT INTO goals.notes (note_id, member_id, body) VALUES ($1, $1, $2)", [(made, body) for made in ids]
    )
    return ids


def rows_of(response: Response) -> list[dict[str, Any]]:
    """A batch's rows; no message is larger than what a client takes by default."""
    assert response.ByteSize() < 4 * 1024 * 1024
    if not response.arrow_ipc:
        assert response.row_count == 0
        return []
    rows: list[dict[str, Any]] = pyarrow.ipc.open_stream(response.arrow_ipc).read_all().to_pylist()
    assert len(rows) == response.row_count
    return rows
