"""Runs Alembic: all schemas in one process, one after the other, under a lock, not at all where they are at head."""

import importlib.util
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
from sqlalchemy import Connection, MetaData

from chassis.migrations.bootstrap import locked
from chassis.sql import in_schema

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic is imported where it is used: services import this package for `migrate` alone and serve without it.
VERSION_TABLE = "alembic_version"
# A change that cannot get its lock gives up rather than queue every request behind itself.
_TIMEOUTS = ("SET lock_timeout = '2s'", "SET statement_timeout = '60s'", "SET timezone = 'UTC'")


async def migrate(url: str, packages: Iterable[str]) -> list[str]:
    """Brings the schemas of `packages` to head and returns those that were not there yet.

    Concurrent callers wait for each other. Each revision commits by itself, so that a crash leaves whole revisions.

    Args:
        url: `DATABASE_URL`, a role that may SET ROLE to the schemas' owners.
        packages: Python packages with a `migrations` folder, for example `services.goals`; the schema has the last
            part of the name.
    """
    scripts = {package.rpartition(".")[2]: _script_folder(package) for package in packages}
    async with locked(url) as connection:
        current = await current_revisions(connection, scripts)
        behind = [schema for schema in scripts if current[schema] != _heads(scripts[schema])]
        if behind:
            await _upgrade(url, {schema: scripts[schema] for schema in behind})
    return behind


async def current_revisions(
    connection: "asyncpg.Connection[asyncpg.Record]", schemas: Iterable[str]
) -> dict[str, frozenset[str]]:
    """The revisions each schema is at; empty where it has never been migrated."""
    revisions = {}
    for schema in schemas:
        table = f"{schema}.{VERSION_TABLE}"
        exists = await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table)
        rows = await connection.fetch(in_schema(_REVISIONS, schema)) if exists else []
        revisions[schema] = frozenset(row["version_num"] for row in rows)
    return revisions


def heads(package: str) -> frozenset[str]:
    """The newest revisions that a package brings along; readiness compares them with `current_revisions`."""
    return _heads(_script_folder(package))


def run_env(schema: str, metadata: MetaData) -> None:
    """The whole of a service's `migrations/env.py`: runs the revisions as the schema's owner.

    Raises:
        RuntimeError: Started by Alembic's own command line, which knows neither the connection nor the lock.
    """
    from alembic import context

    connection: Connection | None = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("migrate with `python -m services.<name> migrate`, not with the alembic command")
    _say(connection, *_TIMEOUTS, in_schema("SET ROLE {schema}_owner", schema))
    try:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            version_table=VERSION_TABLE,
            version_table_schema=schema,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        _say(connection, in_schema(_READ_ONLY_VERSION, schema))
    finally:
        connection.rollback()
        _say(connection, "RESET ROLE")


_REVISIONS = "SELECT version_num FROM {schema}.alembic_version"
_READ_ONLY_VERSION = "REVOKE INSERT, UPDATE, DELETE ON {schema}.alembic_version FROM {schema}_app, {schema}_system"


async def _upgrade(url: str, scripts: Mapping[str, Path]) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    async def connect() -> Any:
        return await asyncpg.connect(url, timeout=5, server_settings={"client_min_messages": "warning"})

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            for folder in scripts.values():
                await connection.run_sync(_upgrade_one, folder)
    finally:
        await engine.dispose()


def _upgrade_one(connection: Connection, folder: Path) -> None:
    from alembic import command

    config = _config(folder)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _say(connection: Connection, *statements: str) -> None:
    """Says session-wide things and ends the transaction that SQLAlchemy began for them."""
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.commit()


def _heads(folder: Path) -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(ScriptDirectory.from_config(_config(folder)).get_heads())


def _config(folder: Path) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _script_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ValueError(f"{package} is not a package")
    return Path(next(iter(spec.submodule_search_locations))) / "migrations"
