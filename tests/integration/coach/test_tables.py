"""The coach's tables are what its revisions make."""

from services.coach.tables import metadata
from tests.support.drift import differences
from tests.support.servers import TestDatabase


async def test_the_tables_are_what_the_revisions_make(services_database: TestDatabase):
    assert await differences(services_database.admin_dsn, metadata) == []
