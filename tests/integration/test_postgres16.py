"""PostgreSQL 16: every schema migrates there, and every statement of ours can be prepared."""

import pkgutil
from collections.abc import AsyncIterator, Iterator
from importlib import import_module

import asyncpg
import pytest

import chassis
import gateway.repository
import services
from chassis import consumer, idempotency, outbox, platform, relay
from chassis.migrations import SCHEMAS
from chassis.sql import Statement, in_schema, text_statement
from tests.support.servers import Addresses, TestDatabase, clone, drop, ensure_template

_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@pytest.fixture(scope="module")
async def admin16(postgres16: Addresses) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    packages = [*(f"services.{schema}" for schema in SCHEMAS if schema != "gateway"), "gateway"]
    await ensure_template(postgres16, "all_schemas", packages)
    database: TestDatabase = await clone(postgres16, "all_schemas", "prepared")
    connection = await asyncpg.connect(database.admin_dsn)
    yield connection
    await connection.close()
    await drop(database)


def _of_modules() -> Iterator[tuple[str, str]]:
    names = [gateway.repository.__name__]
    for package in (services, chassis):
        found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        names += [m.name for m in found if package is chassis or ".repository" in m.name]
    for name in names:
        for variable, value in vars(import_module(name)).items():
            if isinstance(value, Statement):
                yield f"{name}.{variable}", value.text


def _of_the_platform() -> Iterator[tuple[str, str]]:
    """Texts that every schema fills in with its own name."""
    for module in (consumer, idempotency, outbox, platform, relay):
        for variable, value in vars(module).items():
            if isinstance(value, str) and value.strip().startswith(_VERBS) and "{schema}" in value:
                # The relay speaks to the driver itself.
                sql = in_schema(value, "goals") if module is relay else text_statement(value, schema="goals").text
                yield f"{module.__name__}.{variable}", sql


async def test_every_statement_is_understood(admin16: "asyncpg.Connection[asyncpg.Record]") -> None:
    assert admin16.get_server_version().major == 16
    of_modules, of_the_platform = dict(_of_modules()), dict(_of_the_platform())
    refused = {}
    for name, sql in {**of_modules, **of_the_platform}.items():
        try:
            await admin16.prepare(sql)
        except asyncpg.PostgresError as problem:
            refused[name] = str(problem)

    assert refused == {}
    assert len(of_modules) > 50, "the statements were not found"
    assert len(of_the_platform) > 12, "the platform's statements were not found"
