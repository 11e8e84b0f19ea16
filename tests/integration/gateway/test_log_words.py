"""What the log says of an endpoint that fails: nothing of the failure's text and nothing of what it held."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.app.application import application
from gateway.app.call import Call, Reply
from gateway.app.edge import Edge
from gateway.app.operation import Access, Routes
from tests.support.api import assert_problem
from tests.support.gateway_fixtures import Backstage, built_gateway
from tests.support.logs import logging_to
from tests.support.servers import TestDatabase

routes = Routes("Test")


@routes.get("/v1/diaries/{name}", access=Access.ANYONE, limit=None)
async def get_diary(call: Call, name: str) -> Reply:
    """Fails with what it was told."""
    diary = f"{name} in full"
    raise RuntimeError(f"cannot read {diary}")


@pytest.fixture
async def client(
    backstage: Backstage, services_database: TestDatabase, redis_url: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway in this very process with one operation, which fails."""
    async with built_gateway(backstage, services_database, redis_url, "failing") as parts:
        transport = httpx.ASGITransport(application(list(routes), Edge(parts), version="0"))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield client


@pytest.mark.parametrize("form", ["json", "console"])
async def test_the_log_of_a_failed_request_holds_no_words(client: httpx.AsyncClient, tmp_path: Path, form: str):
    with logging_to(tmp_path / "test.log", form) as log:
        answer = await client.get("/v1/diaries/canary-7f3")

    assert_problem(answer, 500, "internal")
    assert "canary" not in answer.text
    assert "request_failed" in log.read_text()
    assert "RuntimeError at " in log.read_text()
    assert "canary" not in log.read_text()
