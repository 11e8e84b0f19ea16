"""Fixtures of a real gateway process before stand-ins for its services; imported by the conftests that need them."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.config import load
from gateway.__main__ import build
from gateway.app.parts import Parts
from gateway.config import GatewaySettings
from tests.support.api import Caller, login, register
from tests.support.gateway import RunningGateway, gateway_environment, running_gateway
from tests.support.identities import Identities
from tests.support.rpc import serving
from tests.support.servers import TestDatabase
from tests.support.standins import (
    StandInCoach,
    StandInGoals,
    StandInMentor,
    coach_servicing,
    goals_servicing,
    mentor_servicing,
)

ADMIN_EMAIL = "root@example.com"
ADMIN_PASSWORD = "first of all admins"


@dataclass
class Backstage:
    """The stand-ins behind the gateway."""

    folder: Path
    identities: Identities = field(default_factory=Identities)
    goals: StandInGoals = field(default_factory=StandInGoals)
    mentor: StandInMentor = field(default_factory=StandInMentor)
    coach: StandInCoach = field(default_factory=StandInCoach)
    addresses: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def built_gateway(stage: Backstage, database: TestDatabase, redis_url: str, name: str) -> AsyncIterator[Parts]:
    """The parts of a gateway in this very process, without limits; nothing of it runs by itself."""
    folder = stage.folder / name
    folder.mkdir(exist_ok=True)
    key = Ed25519PrivateKey.generate()
    variables = gateway_environment(
        folder, database, redis_url, stage.identities, addresses=stage.addresses, access_key=key
    )
    async with AsyncExitStack() as stack:
        parts = await build(load(GatewaySettings, {**variables, "ENABLE_RATE_LIMITING": "false"}), stack)
        await parts.revocations.refresh()
        yield parts


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="tg-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
async def backstage(short_folder: Path) -> AsyncIterator[Backstage]:
    """Goals, mentor and coach stand in; analytics and notify are away."""
    stage = Backstage(short_folder)
    servicings = {
        "goals": goals_servicing(stage.goals),
        "mentor": mentor_servicing(stage.mentor),
        "coach": coach_servicing(stage.coach),
    }
    async with AsyncExitStack() as stack:
        for name, servicing in servicings.items():
            stage.addresses[name] = await stack.enter_async_context(
                serving(servicing, short_folder, stage.identities, audience=name)
            )
        yield stage


async def _gateway(
    stage: Backstage, database: TestDatabase, redis_url: str, name: str, variables: Mapping[str, str]
) -> AsyncIterator[RunningGateway]:
    folder = stage.folder / name
    folder.mkdir()
    async with running_gateway(
        folder, database, redis_url, stage.identities, addresses=stage.addresses, variables=variables
    ) as gateway:
        yield gateway


@pytest.fixture(scope="session")
async def gateway(
    backstage: Backstage, services_database: TestDatabase, redis_url: str
) -> AsyncIterator[RunningGateway]:
    """A gateway without rate limits, so that tests may come from one address."""
    variables = {
        "ENABLE_RATE_LIMITING": "false",
        "TANDEM_ADMIN_EMAIL": ADMIN_EMAIL,
        "TANDEM_ADMIN_PASSWORD": ADMIN_PASSWORD,
    }
    async for running in _gateway(backstage, services_database, redis_url, "free", variables):
        yield running


@pytest.fixture(scope="session")
async def limited_gateway(
    backstage: Backstage, services_database: TestDatabase, redis_url: str
) -> AsyncIterator[RunningGateway]:
    """A gateway with rate limits, behind a proxy on loopback that it trusts."""
    variables = {"TANDEM_TRUSTED_PROXIES": "127.0.0.0/8"}
    async for running in _gateway(backstage, services_database, redis_url, "limited", variables):
        yield running


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> str:
    """Where the API is: the system that TANDEM_TEST_BASE_URL names, started without rate limits, or one of our own."""
    named = os.environ.get("TANDEM_TEST_BASE_URL")
    if named:
        return named
    gateway: RunningGateway = request.getfixturevalue("gateway")
    return gateway.base_url


@pytest.fixture
async def client(base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client that follows nothing and trusts no proxy of the environment."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=20) as made:
        yield made


@pytest.fixture
async def ann(client: httpx.AsyncClient) -> Caller:
    """Somebody."""
    return await register(client)


@pytest.fixture
async def ben(client: httpx.AsyncClient) -> Caller:
    """Somebody else."""
    return await register(client, name="Ben")


@pytest.fixture
async def admin(client: httpx.AsyncClient) -> Caller:
    """The first administrator."""
    return await login(client, ADMIN_EMAIL, ADMIN_PASSWORD)
