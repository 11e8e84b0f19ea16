"""One whole system for all end-to-end tests of a worker."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.support.system import System, own_system, patient_client


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The system, up and ready, with its limits on."""
    with own_system() as started:
        yield started


@pytest.fixture
async def client(system: System) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps within its limits."""
    async with patient_client(system.base_url) as made:
        yield made
