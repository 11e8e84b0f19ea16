"""Fixtures for all tests: one PostgreSQL and one Valkey per run, a migrated database and a Redis database per worker.

Under xdist the controller starts the servers and hands their addresses to the workers; otherwise the first test that
needs them starts them.
"""

import gc
import importlib.util
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import redis.asyncio
from _pytest.nodeid import coerce_node_id

from chassis.migrations import SCHEMAS
from tests.support.servers import Addresses, Servers, TestDatabase, clone, drop, ensure_template
from tests.support.whole import whole_system

__all__ = ["whole_system"]

_ADDRESSES = "tandem_addresses"
_SERVICES_TEMPLATE = "tandem_template"


class _Run:
    """The servers of this run, if this process leads it."""

    servers: Servers | None = None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker where the servers are, starting them for the first worker."""
    if not hasattr(node.config, _ADDRESSES):
        _Run.servers = Servers()
        setattr(node.config, _ADDRESSES, _Run.servers.start())
    addresses: Addresses = getattr(node.config, _ADDRESSES)
    node.workerinput[_ADDRESSES] = [addresses.socket_dir, addresses.redis_socket]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keeps the tests of a group on one worker: xdist 3.8 names groups in a place that pytest 9.2 does not read."""
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        mark = item.get_closest_marker("xdist_group")
        if mark is not None and "@" not in item.nodeid.rpartition("]")[2]:
            item._id = coerce_node_id(f"{item.nodeid}@{mark.args[0]}")


def pytest_collection() -> None:
    """Gathering makes garbage of nothing, but looking for it takes a sixth of its time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Takes thousands of tests and their modules out of later collections: each of them stops a worker for a second."""
    gc.enable()
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Stops what this process started."""
    if _Run.servers is not None:
        _Run.servers.stop()
        _Run.servers = None


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    """0 for the only or first worker."""
    name: str = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return int(name.removeprefix("gw"))


@pytest.fixture(scope="session")
def addresses(request: pytest.FixtureRequest) -> Addresses:
    """Where the run's servers are."""
    given = getattr(request.config, "workerinput", {}).get(_ADDRESSES)
    if given is not None:
        return Addresses(*given)
    if not hasattr(request.config, _ADDRESSES):
        _Run.servers = Servers()
        setattr(request.config, _ADDRESSES, _Run.servers.start())
    running: Addresses = getattr(request.config, _ADDRESSES)
    return running


@pytest.fixture(scope="session")
def postgres16() -> Iterator[Addresses]:
    """A PostgreSQL 16 of its own, for what must not depend on a newer one."""
    servers = Servers(major=16, with_redis=False)
    try:
        yield servers.start()
    finally:
        servers.stop()


@pytest.fixture(scope="session")
async def services_database(addresses: Addresses, worker_number: int) -> AsyncIterator[TestDatabase]:
    """The worker's database with every service's schema at head; tests share it and use members of their own."""
    packages = [*(f"services.{schema}" for schema in SCHEMAS if schema != "gateway"), "gateway"]
    present = [package for package in packages if _has_migrations(package)]
    await ensure_template(addresses, _SERVICES_TEMPLATE, present)
    database = await clone(addresses, _SERVICES_TEMPLATE, f"tandem_gw{worker_number}")
    yield database
    await drop(database)


@pytest.fixture
async def own_database(
    addresses: Addresses, services_database: TestDatabase, worker_number: int
) -> AsyncIterator[TestDatabase]:
    """A database like the worker's for one test alone, which may do to it what other processes would feel."""
    database = await clone(addresses, _SERVICES_TEMPLATE, f"tandem_own{worker_number}")
    yield database
    await drop(database)


@pytest.fixture(scope="session")
def redis_url(addresses: Addresses, worker_number: int) -> str:
    """The worker's Redis database."""
    return addresses.redis_url(worker_number + 1)


@pytest.fixture
async def empty_redis(redis_url: str) -> AsyncIterator["redis.asyncio.Redis"]:
    """A client of the worker's Redis database, emptied before the test."""
    client: redis.asyncio.Redis = redis.asyncio.Redis.from_url(redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


def _has_migrations(package: str) -> bool:
    spec = importlib.util.find_spec(package)
    return spec is not None and importlib.util.find_spec(f"{package}.migrations") is not None
