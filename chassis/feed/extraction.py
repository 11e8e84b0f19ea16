"""Reads pages of rows into Arrow: PostgreSQL's COPY into columns by ADBC, never through Python objects.

All of it blocks, so it runs in threads of its own; pyarrow and ADBC are imported there with the first page, because
together they are heavy and a service that nobody reads from needs neither.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar
from urllib.parse import quote
from uuid import UUID

from chassis.errors import Unavailable
from chassis.feed.entities import Entity
from chassis.telemetry.logs import get_logger

_log = get_logger(__name__)
T = TypeVar("T")

# What one message carries at most, roughly: half of what a client takes.
BATCH_BYTES: Final = 2_000_000
THREADS: Final = 2
_BATCH_SIZE = "adbc.postgresql.batch_size_hint_bytes"
_SESSION = {
    "application_name": "tandem-{schema}-feed",
    "search_path": "{schema}",
    "timezone": "UTC",
    "jit": "off",
    "statement_timeout": "10s",
    "default_transaction_read_only": "on",
}


@dataclass(frozen=True, slots=True)
class ArrowBatch:
    """Rows of one entity, in order.

    Attributes:
        ipc: One self-contained Arrow IPC stream.
        row_count: Rows in it, at least one.
        txid: Of the last row.
        pk: Of the last row.
    """

    ipc: bytes
    row_count: int
    txid: int
    pk: UUID


class Extractor:
    """Reads pages over few connections of its own, opened with the first page."""

    def __init__(self, dsn: str, *, schema: str) -> None:
        """Takes the address of the system login."""
        options = " ".join(f"-c {name}={value.format(schema=schema)}" for name, value in _SESSION.items())
        self._dsn = f"{dsn}{'&' if '?' in dsn else '?'}options={quote(options)}"
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="feed")
        self._idle: SimpleQueue[Any] = SimpleQueue()

    async def page(self, entity: Entity, sql: str, *, max_rows: int) -> list[ArrowBatch]:
        """The rows of one statement of `Entity.page`, in messages of about 2 MB and at most `max_rows`.

        Raises:
            Unavailable: The database does not answer, on a fresh connection neither.
        """
        return await self._in_thread(lambda: self._read(entity, sql, max_rows))

    async def schema(self, entity: Entity) -> bytes:
        """The entity's Arrow schema, as Arrow serializes it."""
        return await self._in_thread(lambda: _arrow_schema(entity).serialize().to_pybytes())

    async def close(self) -> None:
        """Ends the threads and connections once open pages are read."""
        await self._in_thread(self._disconnect)
        self._threads.shutdown(wait=False)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _read(self, entity: Entity, sql: str, max_rows: int) -> list[ArrowBatch]:
        import adbc_driver_manager

        # A connection that rested may have died; a page can be read again.
        while (connection := self._rested()) is not None:
            try:
                return self._read_with(connection, entity, sql, max_rows)
            except adbc_driver_manager.Error as problem:
                _log.info("feed_connection_dropped", kind=type(problem).__name__, sqlstate=problem.sqlstate)
        try:
            return self._read_with(self._connect(), entity, sql, max_rows)
        except adbc_driver_manager.Error as problem:
            _log.warning("feed_page_failed", entity=entity.name, kind=type(problem).__name__, sqlstate=problem.sqlstate)
            raise Unavailable("The database does not answer; try again.") from None

    def _rested(self) -> Any | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None

    def _connect(self) -> Any:
        from adbc_driver_postgresql import dbapi

        # Each page is a transaction of its own.
        return dbapi.connect(self._dsn, autocommit=True)

    def _read_with(self, connection: Any, entity: Entity, sql: str, max_rows: int) -> list[ArrowBatch]:
        try:
            with connection.cursor() as cursor:
                cursor.adbc_statement.set_options(**{_BATCH_SIZE: str(BATCH_BYTES)})
                cursor.execute(sql)
                batches = [
                    _packed(batch.slice(start, max_rows), entity)
                    for batch in cursor.fetch_record_batch()
                    for start in range(0, batch.num_rows, max_rows)
                ]
        except BaseException:
            connection.close()
            raise
        self._idle.put(connection)
        return batches

    def _disconnect(self) -> None:
        while (connection := self._rested()) is not None:
            connection.close()


def _packed(batch: Any, entity: Entity) -> ArrowBatch:
    """A batch as it came, without its transactions, in the types that the entity promises."""
    import pyarrow

    schema = _arrow_schema(entity)
    columns = [
        column if column.type == field.type else column.cast(field.type)
        for column, field in zip(batch.columns, schema, strict=False)
    ]
    last = batch.num_rows - 1
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pyarrow.RecordBatch.from_arrays(columns, schema=schema))
    return ArrowBatch(
        sink.getvalue().to_pybytes(),
        batch.num_rows,
        # PostgreSQL sends an xid8 as eight bytes, the first the highest; Arrow has no type for it.
        int.from_bytes(batch.column("txid")[last].as_py(), "big"),
        columns[0][last].as_py(),
    )


@lru_cache
def _arrow_schema(entity: Entity) -> Any:
    import pyarrow

    types = {
        "uuid": pyarrow.uuid(),
        "string": pyarrow.string(),
        "json": pyarrow.string(),
        "date": pyarrow.date32(),
        "timestamp": pyarrow.timestamp("us", tz="UTC"),
        "bool": pyarrow.bool_(),
        "int16": pyarrow.int16(),
        "int64": pyarrow.int64(),
        "double": pyarrow.float64(),
    }
    return pyarrow.schema([(column.name, types[column.type]) for column in entity.wire_columns])
