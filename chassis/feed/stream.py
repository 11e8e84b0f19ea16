"""One reader's stream: a snapshot if it is new, then changes up to the horizon, then further ones as they commit."""

import asyncio
import math
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from prometheus_client import Counter, Gauge

from chassis.db import Database
from chassis.errors import EpochChanged
from chassis.feed.cursors import Cursors, Phase, Position
from chassis.feed.entities import Entity
from chassis.feed.extraction import BATCH_BYTES, ArrowBatch, Extractor
from chassis.feed.horizon import Horizon, begin, survey

_ROWS = Counter("tandem_feed_rows_total", "Rows sent to readers of change feeds", ["entity"])
_AGE = Gauge("tandem_feed_horizon_age_seconds", "Age of the oldest writing transaction, when last looked", ["schema"])

POLL: Final = timedelta(seconds=1)
# An idle stream tells this often that it has heard of nothing new.
HEARTBEAT: Final = timedelta(seconds=5)
# Before its deadline by this much a stream ends by itself, so that the reader takes up again where it is.
LAST_MOMENT: Final = timedelta(seconds=2)
# Gathers what commits together, and bounds how often a busy service looks.
_PAUSE_S: Final = 0.1
# A statement reads some messages at once; the first one shows how wide rows are.
_MESSAGES_A_PAGE: Final = 4
_FIRST_PAGE: Final = 5_000
_SHORTEST_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Batch:
    """One message: rows, or none where there is nothing new to tell but how far it was looked.

    Attributes:
        rows: None where there are no rows.
        position: Behind the rows.
        horizon: Up to where it was looked.
        caught_up: Nothing is left below the horizon.
    """

    rows: ArrowBatch | None
    position: Position
    horizon: Horizon
    caught_up: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked for.

    Attributes:
        entity: What to read.
        cursor: Where it is; empty for a new one.
        max_rows: Of a batch.
        follow: Go on when the horizon is reached.
        deadline: By the clock's monotonic seconds.
    """

    entity: Entity
    cursor: bytes
    max_rows: int
    follow: bool
    deadline: float


class Streams:
    """Streams of one service's feed."""

    def __init__(self, system_database: Database, extractor: Extractor, cursors: Cursors) -> None:
        """Takes its means.

        Args:
            system_database: Of the schema; what this process commits wakes streams by its `relay_wakeup`, commits of
                others are found by polling.
            extractor: Of the same login.
            cursors: Of the service.
        """
        self._database = system_database
        self._extractor = extractor
        self._cursors = cursors
        self._clock = system_database.clock
        self._wake = system_database.relay_wakeup
        # Mean bytes of a row by entity, as of the last page.
        self._widths: dict[str, float] = {}

    async def read(self, asked: Asked) -> AsyncGenerator[Batch, None]:
        """All batches for one reader; ends at the horizon, or shortly before the deadline.

        Raises:
            EpochChanged: The cursor's epoch is over, or ended meanwhile.
        """
        position, horizon = await self._enter(asked)
        epoch, told_at = horizon.epoch, -math.inf
        while True:
            if horizon.epoch != epoch:
                raise EpochChanged("The data were restored or rebuilt meanwhile; read again from an empty cursor.")
            _AGE.labels(self._database.schema).set(horizon.age.total_seconds() if horizon.age else 0)
            if horizon.has_news or self._clock.monotonic() - told_at >= HEARTBEAT.total_seconds():
                async with aclosing(self._up_to(horizon, position, asked)) as batches:
                    async for batch in batches:
                        position = batch.position
                        yield batch
                told_at = self._clock.monotonic()
            if not asked.follow or self._left_s(asked) <= 0:
                return
            await self._news(asked)
            horizon = await survey(self._database, asked.entity, position)

    async def _enter(self, asked: Asked) -> tuple[Position, Horizon]:
        if not asked.cursor:
            return await begin(self._database, asked.entity)
        epoch, position = self._cursors.open(asked.entity.name, asked.cursor)
        horizon = await survey(self._database, asked.entity, position)
        if horizon.epoch != epoch:
            raise EpochChanged("The data were restored or rebuilt since this cursor; read again from an empty one.")
        return position, horizon

    async def _up_to(self, horizon: Horizon, position: Position, asked: Asked) -> AsyncGenerator[Batch, None]:
        """One round: everything below the horizon; while the reader takes a page, the next one is read."""
        if not horizon.has_news:
            yield Batch(None, Position.settled(horizon.xid), horizon, caught_up=True)
            return
        page: asyncio.Task[_Page] | None = asyncio.create_task(self._page(asked, position, horizon))
        try:
            while page is not None:
                current = await page
                page = None
                if not current.is_last and self._left_s(asked) > 0:
                    page = asyncio.create_task(self._page(asked, current.end, horizon))
                for batch in current.batches(position, horizon):
                    position = batch.position
                    yield batch
        finally:
            if page is not None:
                # The thread ends its page; what became of it concerns nobody.
                page.cancel()
                await asyncio.gather(page, return_exceptions=True)

    async def _page(self, asked: Asked, position: Position, horizon: Horizon) -> "_Page":
        width = self._widths.get(asked.entity.name)
        fitting = _FIRST_PAGE if width is None else max(_SHORTEST_PAGE, int(_MESSAGES_A_PAGE * BATCH_BYTES / width))
        limit = min(_MESSAGES_A_PAGE * asked.max_rows, fitting)
        sql = asked.entity.page(position, horizon=horizon.xid, limit=limit)
        rows = await self._extractor.page(asked.entity, sql, max_rows=asked.max_rows)
        count = sum(batch.row_count for batch in rows)
        if count:
            self._widths[asked.entity.name] = sum(len(batch.ipc) for batch in rows) / count
            _ROWS.labels(asked.entity.name).inc(count)
        return _Page.of(rows, position, horizon, is_short=count < limit)

    def _left_s(self, asked: Asked) -> float:
        return asked.deadline - LAST_MOMENT.total_seconds() - self._clock.monotonic()

    async def _news(self, asked: Asked) -> None:
        """Waits until this process has committed something, at most for the poll."""
        await asyncio.sleep(_PAUSE_S)
        try:
            async with asyncio.timeout(max(0.0, min(POLL.total_seconds(), self._left_s(asked)))):
                await self._wake.wait()
        except TimeoutError:
            return


@dataclass(frozen=True, slots=True)
class _Page:
    """What one statement read.

    Attributes:
        rows: In order; none at the end of a phase.
        end: Behind the page.
        is_last: Nothing is left below the horizon.
    """

    rows: Sequence[ArrowBatch]
    end: Position
    is_last: bool

    @classmethod
    def of(cls, rows: Sequence[ArrowBatch], position: Position, horizon: Horizon, *, is_short: bool) -> "_Page":
        """A page that begins behind `position`; one shorter than asked for ends its phase."""
        if not is_short:
            return cls(rows, position.after(rows[-1].txid, rows[-1].pk), is_last=False)
        if position.phase is Phase.SNAPSHOT and position.txid < horizon.xid:
            return cls(rows, Position.settled(position.txid), is_last=False)
        return cls(rows, Position.settled(horizon.xid), is_last=True)

    def batches(self, position: Position, horizon: Horizon) -> Iterator[Batch]:
        """Its messages: one per batch of rows; one without rows where there is only the end to tell."""
        for rows in self.rows[:-1]:
            position = position.after(rows.txid, rows.pk)
            yield Batch(rows, position, horizon, caught_up=False)
        if self.rows or self.is_last:
            yield Batch(self.rows[-1] if self.rows else None, self.end, horizon, caught_up=self.is_last)
