"""One whole system for the fault tests of a worker; limits are off, since the writers are the load."""

from collections.abc import Iterator

import pytest

from tests.support.system import System, own_system


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The system, up and ready."""
    with own_system({"ENABLE_RATE_LIMITING": "false"}) as started:
        yield started
