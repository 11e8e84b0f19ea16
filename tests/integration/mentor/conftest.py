"""Mentor on a real database behind a real channel."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from chassis import idempotency
from chassis.db import Database
from chassis.identity.keys import derive
from chassis.pages import PageTokens
from services.mentor.servicer import servicing
from services.mentor.usecases import MemberUseCases
from tests.support.identities import Identities
from tests.support.mentor import CLOCK, Connection, People
from tests.support.rpc import serving
from tests.support.servers import TestDatabase, secret_of


@pytest.fixture(autouse=True)
def _fingerprints() -> None:
    idempotency.configure(derive(secret_of("mentor"), "idempotency"))


@pytest.fixture(scope="session")
def identities() -> Identities:
    return Identities()


@pytest.fixture(scope="session")
async def database(services_database: TestDatabase) -> AsyncIterator[Database]:
    """As the login that answers members."""
    made = await Database.connect(
        services_database.app_dsn("mentor"), schema="mentor", claims_key=services_database.claims_key("mentor")
    )
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def address(
    database: Database, identities: Identities, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """Where mentor serves."""
    served = servicing(MemberUseCases(database, CLOCK), PageTokens(b"k" * 32))
    folder: Path = tmp_path_factory.mktemp("mentor")
    async with serving(served, folder, identities, audience="mentor") as address:
        yield address


@pytest.fixture
async def behind(services_database: TestDatabase) -> AsyncIterator[Connection]:
    """Behind the scenes."""
    connection = await asyncpg.connect(services_database.admin_dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def people(address: str, identities: Identities) -> AsyncIterator[People]:
    """Makes people; their channels are closed after the test."""
    made = People(address, identities)
    yield made
    await made.close()
