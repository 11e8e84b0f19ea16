"""How far a feed can be read: below the horizon no transaction is open, so nothing can still appear there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from chassis.db import Database
from chassis.feed.cursors import EVERY_TXID, Phase, Position
from chassis.feed.entities import Entity
from chassis.identity.principal import Principal
from chassis.sql import Statement, text_statement

# The epoch is another one when the stored one is; and when the rows stand in another cluster, database or table than
# before (a restored dump), or history has branched (a restore to a point in time, a promoted replica).
_EPOCH: Final = """(
    SELECT md5(concat_ws(' ', state.epoch, (SELECT system_identifier FROM pg_control_system()),
        left(pg_walfile_name(pg_current_wal_lsn()), 8),
        (SELECT oid FROM pg_database WHERE datname = current_database()), state.tableoid))
    FROM {schema}.feed_state AS state)"""
_SURVEY: Final = f"""
SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xid, pg_snapshot_xmax(pg_current_snapshot()) AS ceiling,
    now() AS time, sec.oldest_writer_age() AS age, {_EPOCH} AS epoch"""
_NEWEST: Final = "(SELECT txid FROM {entity} ORDER BY txid DESC LIMIT 1)"


@dataclass(frozen=True, slots=True)
class Horizon:
    """What one look at the database tells.

    Attributes:
        xid: The oldest transaction that is still open; all before it are visible.
        time: When it was looked, by the database's clock.
        age: Of the oldest open transaction that writes, in any database of the server; None where the server does not
            let us know.
        epoch: Cursors of another epoch are void.
        has_news: Something can be read behind the position asked about.
    """

    xid: int
    time: datetime
    age: timedelta | None
    epoch: str
    has_news: bool


async def survey(database: Database, entity: Entity, position: Position) -> Horizon:
    """Looks how far can be read, and whether there is anything behind `position`."""
    async with database.transaction(Principal.system(database.schema), read_only=True) as transaction:
        row = await transaction.fetch_one(_news(entity, position.phase), **_behind(position))
    assert row is not None  # noqa: S101 - it has no condition
    return Horizon(row["xid"], row["time"], row["age"], row["epoch"], row["has_news"])


async def begin(database: Database, entity: Entity) -> tuple[Position, Horizon]:
    """The start of a snapshot.

    Rows from another cluster may carry transactions that this one has not come to; where there are such, the snapshot
    takes rows whatever their transaction, and some of them come again in the changes.
    """
    async with database.transaction(Principal.system(database.schema), read_only=True) as transaction:
        row = await transaction.fetch_one(_first(entity))
    assert row is not None  # noqa: S101 - it has no condition
    newest = row["newest"]
    is_foreign = newest is not None and newest >= row["ceiling"]
    position = Position.start(row["xid"], bound=EVERY_TXID if is_foreign else row["xid"])
    return position, Horizon(row["xid"], row["time"], row["age"], row["epoch"], has_news=newest is not None)


async def epoch_of(database: Database) -> str:
    """The epoch of the schema's feeds."""
    async with database.transaction(Principal.system(database.schema), read_only=True) as transaction:
        return str(await transaction.fetch_value(_epoch(database.schema)))


def _behind(position: Position) -> dict[str, Any]:
    return {"txid": position.txid, "pk": position.pk} if position.phase is Phase.CHANGES else {}


@lru_cache
def _news(entity: Entity, phase: Phase) -> Statement:
    return text_statement(f"{_SURVEY}, ({entity.pending(phase)}) AS has_news", schema=entity.schema)


@lru_cache
def _first(entity: Entity) -> Statement:
    return text_statement(f"{_SURVEY}, {_NEWEST.replace('{entity}', entity.name)} AS newest", schema=entity.schema)


@lru_cache
def _epoch(schema: str) -> Statement:
    return text_statement(f"SELECT {_EPOCH}", schema=schema)
