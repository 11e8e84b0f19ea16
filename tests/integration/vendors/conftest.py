"""The stand-ins, running, and the coach's database for the uses that keep what is said."""

from collections.abc import AsyncIterator

import pytest

from chassis.db import Database
from tests.support.servers import TestDatabase
from tests.support.vendors import Stores
from tests.vendors import StandIns


@pytest.fixture(scope="session")
async def standins() -> AsyncIterator[StandIns]:
    async with StandIns.serving() as made:
        yield made


@pytest.fixture(scope="session")
async def stores(services_database: TestDatabase) -> AsyncIterator[Stores]:
    members = await Database.connect(
        services_database.app_dsn("coach"), schema="coach", claims_key=services_database.claims_key("coach")
    )
    system = await Database.connect(services_database.system_dsn("coach"), schema="coach")
    yield Stores(members, system)
    await members.close()
    await system.close()
