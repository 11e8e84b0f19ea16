"""Goals on a real database behind a real channel."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from chassis import idempotency
from chassis.clock import FixedClock
from chassis.db import Database
from chassis.identity.keys import derive
from chassis.pages import PageTokens
from services.goals.clients import FakeMembers, FakePlanner, FakeWingmen
from services.goals.servicer import servicing
from services.goals.usecases import CalendarUseCases, UseCases
from tests.support.goals import Connection, GoalsMembers
from tests.support.identities import Identities
from tests.support.rpc import serving
from tests.support.servers import TestDatabase, secret_of

_START = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _fingerprints() -> None:
    idempotency.configure(derive(secret_of("goals"), "idempotency"))


@pytest.fixture(scope="session")
def identities() -> Identities:
    return Identities()


@pytest.fixture(scope="session")
def goals_clock() -> FixedClock:
    """What goals takes for the time; a Friday at noon unless a test turns it."""
    return FixedClock(_START)


@pytest.fixture
def clock(goals_clock: FixedClock) -> FixedClock:
    """The same, at noon of that Friday."""
    goals_clock.turn_to(_START)
    return goals_clock


@pytest.fixture(scope="session")
def people() -> FakeMembers:
    """Whom mentor knows."""
    return FakeMembers()


@pytest.fixture(scope="session")
def planner() -> FakePlanner:
    """Makes the plan that a test gives it; away unless one does."""
    return FakePlanner()


@pytest.fixture(scope="session")
async def database(services_database: TestDatabase) -> AsyncIterator[Database]:
    """As the login that answers members."""
    made = await Database.connect(
        services_database.app_dsn("goals"), schema="goals", claims_key=services_database.claims_key("goals")
    )
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def system_database(services_database: TestDatabase) -> AsyncIterator[Database]:
    """As the login that sees what waits for all members."""
    made = await Database.connect(services_database.system_dsn("goals"), schema="goals")
    yield made
    await made.close()


@pytest.fixture(scope="session")
def wingmen() -> FakeWingmen:
    """Who is matched with whom; nobody unless a test says so."""
    return FakeWingmen()


@pytest.fixture(scope="session")
def use_cases(
    database: Database, goals_clock: FixedClock, people: FakeMembers, planner: FakePlanner, wingmen: FakeWingmen
) -> UseCases:
    return UseCases.of(database, goals_clock, people, planner, wingmen=wingmen)


@pytest.fixture(scope="session")
def calendars(use_cases: UseCases) -> CalendarUseCases:
    return use_cases.calendars


@pytest.fixture(scope="session")
async def address(
    use_cases: UseCases, identities: Identities, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """Where goals serves."""
    served = servicing(use_cases, PageTokens(b"k" * 32))
    folder: Path = tmp_path_factory.mktemp("goals")
    async with serving(served, folder, identities, audience="goals") as address:
        yield address


@pytest.fixture
async def behind(services_database: TestDatabase) -> AsyncIterator[Connection]:
    """Behind the scenes."""
    connection = await asyncpg.connect(services_database.admin_dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def members(
    address: str, identities: Identities, people: FakeMembers, clock: FixedClock
) -> AsyncIterator[GoalsMembers]:
    """Makes members; their channels are closed after the test."""
    made = GoalsMembers(address, identities, people)
    yield made
    await made.close()
