"""The coach on a real database behind a real channel."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import grpc
import pytest

from chassis import idempotency
from chassis.db import Database
from chassis.identity.keys import derive
from chassis.pages import PageTokens
from services.coach.servicer import servicing
from tandem.coach.v1 import coach_pb2_grpc
from tests.support.coach import OwnGoals, Talker, chat_use_cases, use_cases
from tests.support.identities import Identities
from tests.support.processes import Deployment
from tests.support.rpc import serving
from tests.support.servers import TestDatabase, secret_of

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection


@pytest.fixture(autouse=True)
def _fingerprints() -> None:
    idempotency.configure(derive(secret_of("coach"), "idempotency"))


@pytest.fixture(scope="session")
def identities() -> Identities:
    return Identities()


@pytest.fixture(scope="session")
async def database(services_database: TestDatabase) -> AsyncIterator[Database]:
    """As the login that answers members."""
    made = await Database.connect(
        services_database.app_dsn("coach"), schema="coach", claims_key=services_database.claims_key("coach")
    )
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def system_database(services_database: TestDatabase) -> AsyncIterator[Database]:
    """As the login of the service's own work."""
    made = await Database.connect(services_database.system_dsn("coach"), schema="coach")
    yield made
    await made.close()


@pytest.fixture(scope="session")
def goals() -> OwnGoals:
    return OwnGoals()


@pytest.fixture(scope="session")
async def stub(
    database: Database,
    system_database: Database,
    goals: OwnGoals,
    identities: Identities,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator["coach_pb2_grpc.CoachServiceAsyncStub"]:
    """Where the coach serves."""
    made = use_cases(database, chat=chat_use_cases(database, goals=goals), system_database=system_database)
    served = servicing(made, PageTokens(b"k" * 32))
    folder = tmp_path_factory.mktemp("coach")
    async with (
        serving(served, folder, identities, audience="coach") as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        yield coach_pb2_grpc.CoachServiceStub(channel)


@pytest.fixture
def talker(stub: "coach_pb2_grpc.CoachServiceAsyncStub", identities: Identities) -> Callable[[], Talker]:
    """Makes members who have never written before."""
    return lambda: Talker(stub, identities)


@pytest.fixture
def anna(talker: Callable[[], Talker]) -> Talker:
    return talker()


@pytest.fixture
async def behind(services_database: TestDatabase) -> AsyncIterator[Connection]:
    """Behind the scenes."""
    connection = await asyncpg.connect(services_database.admin_dsn)
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Short, because a socket's path has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="td-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def deployment(folder: Path, services_database: TestDatabase, redis_url: str) -> Deployment:
    made = Deployment(folder, Identities(), services_database, redis_url)
    made.write_keys()
    return made
