"""Whoever is denied something leaves a line that says who, what and why, and nothing that they sent."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.support.api import Caller
from tests.support.gateway import RunningGateway

CANARY = "canary-51f7"

# The same in every worker: they have to collect the same tests.
NOBODY = "01930000-0000-7000-8000-0000000000ff"


async def line_of(gateway: RunningGateway, answer: httpx.Response) -> dict[str, Any]:
    """The one line of the log about a request, which is written once the answer is on its way."""
    ours = f'"{answer.headers["x-request-id"]}"'
    async with asyncio.timeout(10):
        while True:
            lines = [json.loads(line) for line in lines_of(gateway) if ours in line]
            for line in lines:
                if line["event"] == "http_request":
                    return dict(line)
            await asyncio.sleep(0.01)


def lines_of(gateway: RunningGateway) -> list[str]:
    # The last one may be in the middle of being written.
    return gateway.log.read_text().split("\n")[:-1]


def told(line: dict[str, Any]) -> tuple[Any, ...]:
    return line["operation"], line["status"], line.get("reason"), line.get("member_id")


async def test_a_stranger_is_denied_by_the_reason(gateway: RunningGateway, client: httpx.AsyncClient):
    forged = {"authorization": f"Bearer {CANARY}"}

    without = await line_of(gateway, await client.get("/v1/members/me"))
    with_one = await line_of(gateway, await client.get("/v1/members/me", headers=forged))
    words = {"email": f"{CANARY}@example.com", "password": CANARY}
    wrong = await line_of(gateway, await client.post("/v1/auth/login", json=words))

    assert told(without) == ("get_member", 401, "authentication-required", None)
    assert told(with_one) == ("get_member", 401, "invalid-token", None)
    assert told(wrong) == ("login", 401, "authentication-required", None)
    assert CANARY not in "".join(lines_of(gateway))


@pytest.mark.parametrize(
    ("method", "path", "operation", "status", "reason"),
    [
        ("GET", "/v1/members", "list_members", 403, "forbidden"),
        ("PUT", f"/v1/members/{NOBODY}/roles", "put_roles", 403, "forbidden"),
        ("GET", f"/v1/members/{NOBODY}", "get_member", 404, "not-found"),
        ("GET", f"/v1/goals/{NOBODY}", "get_goal", 404, "not-found"),
    ],
)
async def test_a_member_is_denied_by_name(
    gateway: RunningGateway, ann: Caller, method: str, path: str, operation: str, status: int, reason: str
):
    answer = await ann.request(method, path, json={"roles": []} if method == "PUT" else None)

    assert told(await line_of(gateway, answer)) == (operation, status, reason, ann.id)


async def test_who_is_let_in_is_not_in_the_line_of_the_edge(gateway: RunningGateway, ann: Caller):
    """The services' lines have them; here they would be in every line of the log."""
    line = await line_of(gateway, await ann.get("/v1/members/me"))

    assert told(line) == ("get_member", 200, None, None)
