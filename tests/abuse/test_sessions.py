"""Sessions that are copied, ended or outlived by their tokens (rows A14, A15, A16)."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from gateway.tokens import jose
from tests.abuse.bearing import refused, shown
from tests.support.api import Caller, assert_problem, login
from tests.support.whole import Insider

pytestmark = pytest.mark.xdist_group("system")


async def refused_within_seconds(person: Caller, seconds: float) -> None:
    """What ended elsewhere is read again every two seconds."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + seconds
    while (answer := await shown(person, person.token)).status_code == 200:
        assert loop.time() < give_up_at, "the token is still good"
        await asyncio.sleep(0.2)
    assert_problem(answer, 401, "invalid-token")


async def test_a14_a_refresh_token_used_again_ends_the_family(
    client: httpx.AsyncClient, newcomer: Caller, insider: Insider
):
    first = newcomer.session["refresh_token"]
    second = (await client.post("/v1/auth/refresh", json={"refresh_token": first})).json()
    third = (await client.post("/v1/auth/refresh", json={"refresh_token": second["refresh_token"]})).json()

    reused = await client.post("/v1/auth/refresh", json={"refresh_token": first})

    assert_problem(reused, 401, "token-reuse-detected")
    after = await client.post("/v1/auth/refresh", json={"refresh_token": third["refresh_token"]})
    assert_problem(after, 401, "invalid-token")
    for session in (newcomer.session, second, third):
        await refused(newcomer, session["access_token"])
    session_id = jose.parse(newcomer.token).claims["sid"]
    told = [line["event"] for line in await gateway_lines(insider) if line.get("session_id") == session_id]
    assert told == ["refresh_token_reused"]
    for text in (await asyncio.to_thread(insider.logs)).values():
        assert first.encode() not in text


async def gateway_lines(insider: Insider) -> list[dict[str, Any]]:
    logs = await asyncio.to_thread(insider.logs)
    (text,) = [text for file, text in logs.items() if file.name == "gateway.log"]
    return [json.loads(line) for line in text.splitlines()]


async def test_a15_twenty_parallel_refreshes_are_one_step(client: httpx.AsyncClient, newcomer: Caller):
    words = {"refresh_token": newcomer.session["refresh_token"]}

    answers = await asyncio.gather(*[client.post("/v1/auth/refresh", json=words) for _ in range(20)])

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


async def test_a16_a_logged_out_session_is_over(client: httpx.AsyncClient, newcomer: Caller):
    other = await login(client, newcomer.email)
    await client.post("/v1/auth/logout", json={"refresh_token": newcomer.session["refresh_token"]})

    await refused(newcomer, newcomer.token)
    assert (await other.get("/v1/members/me")).status_code == 200


async def test_a16_a_demoted_admin_s_token_is_void_within_seconds(admin: Caller, newcomer: Caller):
    path = f"/v1/members/{newcomer.id}/roles"
    assert (await admin.request("PUT", path, json={"roles": ["member", "admin"]})).status_code == 200
    await refused_within_seconds(newcomer, 5)
    promoted = await login(newcomer.client, newcomer.email)
    assert (await promoted.get("/v1/members?page_size=1")).status_code == 200

    assert (await admin.request("PUT", path, json={"roles": ["member"]})).status_code == 200

    await refused_within_seconds(promoted, 5)
    demoted = await login(newcomer.client, newcomer.email)
    assert_problem(await demoted.get("/v1/members?page_size=1"), 403, "forbidden")


async def test_a16_a_member_cannot_change_roles(ann: Caller, ben: Caller):
    for member_id in (ann.id, ben.id, "me"):
        answer = await ann.request("PUT", f"/v1/members/{member_id}/roles", json={"roles": ["member", "admin"]})
        assert_problem(answer, 403, "forbidden")
    assert (await shown(ann, ann.token)).json()["roles"] == ["member"]
    assert (await shown(ben, ben.token)).json()["roles"] == ["member"]
