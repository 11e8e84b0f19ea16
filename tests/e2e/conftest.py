"""End-to-end tests walk through the worker's whole system; see `tests.support.whole`."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.system import System, patient_client


@pytest.fixture(scope="session")
def system(whole_system: System) -> System:
    """The system, up and ready."""
    return whole_system


@pytest.fixture
async def client(system: System) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps within whatever limits there are."""
    async with patient_client(system.base_url) as made:
        yield made
