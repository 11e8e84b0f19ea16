"""Attacks run on the worker's whole system, so that what a service lets slip shows; see `tests.support.whole`.

Rows about limits run on a gateway process that has limits on, trusts a proxy and has a Redis that may be emptied;
stand-ins behind it answer for the services, which such rows are not about.
"""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.api import Caller, login, register
from tests.support.gateway_fixtures import backstage, limited_gateway, short_folder
from tests.support.system import ADMIN_EMAIL, ADMIN_PASSWORD, System
from tests.support.whole import Insider

__all__ = ["backstage", "limited_gateway", "short_folder"]


@pytest.fixture(scope="session")
def insider(whole_system: System) -> Insider:
    """What the system's owner could look up."""
    return Insider(whole_system)


@pytest.fixture(scope="session")
def base_url(whole_system: System) -> str:
    """Where the API is."""
    return whole_system.base_url


@pytest.fixture(scope="session")
async def client(base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client that follows nothing and trusts no proxy of the environment."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=20) as made:
        yield made


# Registering hashes a password, which takes long on purpose; most tests of a module can share their people.
@pytest.fixture(scope="module")
async def ann(client: httpx.AsyncClient) -> Caller:
    """Somebody."""
    return await register(client)


@pytest.fixture(scope="module")
async def ben(client: httpx.AsyncClient) -> Caller:
    """Somebody else."""
    return await register(client, name="Ben")


@pytest.fixture(scope="module")
async def adult(client: httpx.AsyncClient) -> Caller:
    """Somebody whose birth year says so."""
    return await register(client, birth_year=1990)


@pytest.fixture
async def newcomer(client: httpx.AsyncClient) -> Caller:
    """Somebody with nothing yet, whose session may end."""
    return await register(client)


@pytest.fixture(scope="session")
async def admin(client: httpx.AsyncClient) -> Caller:
    """The first administrator."""
    return await login(client, ADMIN_EMAIL, ADMIN_PASSWORD)
