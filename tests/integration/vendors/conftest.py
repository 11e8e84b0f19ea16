"""The stand-ins, running."""

from collections.abc import AsyncIterator

import pytest

from tests.vendors import StandIns


@pytest.fixture(scope="session")
async def standins() -> AsyncIterator[StandIns]:
    async with StandIns.serving() as made:
        yield made
