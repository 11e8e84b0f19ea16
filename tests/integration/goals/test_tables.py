"""The description of the tables and the migrations agree."""

from services.goals.tables import metadata
from tests.support.drift import differences
from tests.support.servers import TestDatabase


async def test_the_tables_are_what_the_migrations_made(services_database: TestDatabase) -> None:
    assert await differences(services_database.admin_dsn, metadata) == []
