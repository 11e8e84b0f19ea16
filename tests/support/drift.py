"""Compares what a service's `tables` says with what its migrations made."""

from typing import Any

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.feed.columns import Xid8

# Alembic would warn of a type that it does not know, and compare no further.
ischema_names.setdefault("xid8", Xid8)


async def differences(dsn: str, metadata: MetaData) -> list[Any]:
    """What a new revision would have to change; tables that `metadata` does not know are left aside."""

    async def connect() -> Any:
        return await asyncpg.connect(dsn)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_compare, metadata)
    finally:
        await engine.dispose()


def _compare(connection: Connection, metadata: MetaData) -> list[Any]:
    known = {table.name for table in metadata.tables.values()}

    def is_ours(name: str | None, kind: str, parents: Any) -> bool:
        if kind == "schema":
            return name == metadata.schema
        return kind != "table" or name in known

    context = MigrationContext.configure(
        connection, opts={"include_schemas": True, "include_name": is_ours, "compare_type": True}
    )
    found: list[Any] = compare_metadata(context, metadata)
    return found
