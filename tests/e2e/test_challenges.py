"""How long a challenge is open is the operator's to say."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.support.api import register

pytestmark = pytest.mark.xdist_group("system")


async def test_a_challenge_is_open_for_as_many_days_as_the_system_was_told(client: httpx.AsyncClient):
    """CHALLENGE_DURATION_DAYS is 3 in the system of the tests: three whole days after that of the start, in UTC."""
    person = await register(client, birth_year=1990)

    started = await person.post("/v1/challenges/three-smiles/start")

    assert started.status_code == 201, started.text
    run = started.json()
    day = datetime.fromisoformat(run["started"]).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    assert datetime.fromisoformat(run["expires"]) == day + timedelta(days=4)
