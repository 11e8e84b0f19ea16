"""At the doors of the services themselves, from another process (rows H1, H4)."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import jwt
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from chassis.clock import FixedClock, SystemClock, new_id
from chassis.identity.passport import LEEWAY, PASSPORT_LIFE, PASSPORT_TYPE, SERVICES_AUDIENCE
from chassis.rpc import wire
from tandem.goals.v1 import goal_pb2, goals_service_pb2, goals_service_pb2_grpc
from tandem.mentor.v1 import mentor_pb2, mentor_pb2_grpc
from tests.support.api import Caller, assert_problem
from tests.support.http2 import Asked, ask
from tests.support.identities import Identities
from tests.support.processes import Deployment, Running, running
from tests.support.servers import TestDatabase
from tests.support.whole import Insider

pytestmark = pytest.mark.xdist_group("system")
CLOCK = SystemClock()
NOBODY = grpc.StatusCode.UNAUTHENTICATED
CREATE_GOAL = "/tandem.goals.v1.GoalsService/CreateGoal"


def stolen(insider: Insider, *, aged: timedelta = timedelta(0)) -> Identities:
    """The system's own keys, at a time of the past."""
    names = ("gateway", "goals", "coach", "jobs")
    return Identities(clock=FixedClock(CLOCK.now() - aged), keys={name: insider.key(name) for name in names})


def new_goal(title: str = "Run", key: str = "") -> goals_service_pb2.CreateGoalRequest:
    goal = goal_pb2.Goal(title=title, pattern=goal_pb2.PATTERN_RECURRING)
    return goals_service_pb2.CreateGoalRequest(goal=goal, idempotency_key=key)


async def created(insider: Insider, metadata: dict[str, str], request: Any = None) -> goal_pb2.Goal:
    """What the goals service answers to a direct call."""
    async with grpc.aio.insecure_channel(insider.target("goals")) as channel:
        stub = goals_service_pb2_grpc.GoalsServiceStub(channel)
        made: goal_pb2.Goal = await stub.CreateGoal(request or new_goal(), metadata=list(metadata.items()), timeout=10)
        return made


async def refused(insider: Insider, metadata: dict[str, str]) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await created(insider, metadata)
    return failure.value.code()


async def titles(person: Caller) -> list[str]:
    return [goal["title"] for goal in (await person.get("/v1/goals")).json()["items"]]


async def test_h1_only_a_passport_opens_a_service(newcomer: Caller, insider: Insider):
    ours, member = stolen(insider), UUID(newcomer.id)
    past = stolen(insider, aged=PASSPORT_LIFE + LEEWAY + timedelta(seconds=1))
    long_past = stolen(insider, aged=PASSPORT_LIFE + timedelta(seconds=61))
    passport = ours.passport(member)
    given = [
        {},
        {wire.PASSPORT: newcomer.token},
        {"authorization": f"Bearer {newcomer.token}"},
        {"authorization": f"Bearer {passport}"},
        {wire.PASSPORT: Identities().passport(member)},
        {wire.PASSPORT: past.passport(member)},
        {wire.PASSPORT: long_past.passport(member)},
        {wire.PASSPORT: signed_otherwise(passport, insider, aud="tandem-api")},
        {wire.PASSPORT: signed_otherwise(passport, insider, aud=[SERVICES_AUDIENCE, "tandem-api"])},
        {wire.PASSPORT: signed_otherwise(passport, insider, jti=None)},
        {wire.PASSPORT: passport, wire.ASSERTION: ours.assertion("coach", "mentor")},
        {wire.ASSERTION: Identities().assertion("coach", "goals")},
    ]

    answers = [await refused(insider, metadata) for metadata in given]
    control = await created(insider, {wire.PASSPORT: signed_otherwise(passport, insider)}, new_goal("Mine"))

    assert answers == [NOBODY] * len(given)
    assert control.member_id == newcomer.id
    assert await titles(newcomer) == ["Mine"]


async def test_h1_a_captured_passport_is_its_member_s_alone_and_soon_over(
    newcomer: Caller, ben: Caller, insider: Insider
):
    """It says who calls, not what is asked: for its minute whoever holds it is taken for its member."""
    left = timedelta(seconds=8)
    captured = {
        wire.PASSPORT: stolen(insider, aged=PASSPORT_LIFE + LEEWAY - left).passport(UUID(newcomer.id)),
    }
    foreign = await ben.goal()

    keyed = [await created(insider, captured, new_goal("Keyed", key="k")) for _ in range(2)]
    unkeyed = [await created(insider, captured, new_goal("Unkeyed")) for _ in range(2)]
    async with grpc.aio.insecure_channel(insider.target("goals")) as channel:
        look = goals_service_pb2_grpc.GoalsServiceStub(channel).GetGoal
        with pytest.raises(grpc.aio.AioRpcError) as of_another:
            await look(goals_service_pb2.GetGoalRequest(goal_id=foreign["id"]), metadata=list(captured.items()))
    async with grpc.aio.insecure_channel(insider.target("mentor")) as channel:
        listing = mentor_pb2_grpc.MentorServiceStub(channel).ListMembers
        with pytest.raises(grpc.aio.AioRpcError) as of_admins:
            await listing(mentor_pb2.ListMembersRequest(page_size=1), metadata=list(captured.items()))

    assert keyed[0].goal_id == keyed[1].goal_id
    assert unkeyed[0].goal_id != unkeyed[1].goal_id
    assert of_another.value.code() is grpc.StatusCode.NOT_FOUND
    assert of_admins.value.code() is grpc.StatusCode.PERMISSION_DENIED

    await asyncio.sleep(left.total_seconds() + 1)
    assert await refused(insider, captured) is NOBODY
    assert sorted(await titles(newcomer)) == ["Keyed", "Unkeyed", "Unkeyed"]


@pytest.fixture(scope="module")
async def in_production(services_database: TestDatabase, redis_url: str) -> AsyncIterator[Running]:
    with tempfile.TemporaryDirectory(prefix="td-") as folder:
        deployment = Deployment(Path(folder), Identities(), services_database, redis_url)
        deployment.write_keys()
        async with running(deployment, "goals", variables={"TANDEM_ENVIRONMENT": "production"}) as service:
            yield service


@pytest.mark.parametrize(
    "method",
    [
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        "/grpc.channelz.v1.Channelz/GetServers",
        "/grpc.channelz.v1.Channelz/GetTopChannels",
        "/grpc.channelz.v1.Channelz/GetServerSockets",
        "/envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus",
        "/tandem.goals.v1.GoalsService/DropEverything",
        "/tandem.goals.v2.GoalsService/CreateGoal",
        "/tandem.goals.v1.goalsservice/CreateGoal",
        "/tandem.mentor.v1.MentorService/ListMembers",
        "/tandem.goals.v1.GoalsService/",
        "/../grpc.health.v1.Health/Check",
    ],
)
async def test_h4_nothing_else_is_served(in_production: Running, method: str):
    async with grpc.aio.insecure_channel(in_production.address) as channel:
        call: Any = channel.unary_unary(method)
        health = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await call(b"", timeout=10)

    assert health.status == health_pb2.HealthCheckResponse.SERVING
    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a24_nor_do_the_values_that_they_have_within(ann: Caller, ben: Caller, insider: Insider):
    """A role where only administrators go, and a passport of somebody else that is signed as it should be."""
    goal, passport = await ben.goal(), stolen(insider).passport(UUID(ben.id))

    for headers in ({"x-role": "admin"}, {"x-tandem-role": "admin"}, {"grpc-metadata-x-role": "admin"}):
        assert_problem(await ann.get("/v1/members", headers=headers), 403, "forbidden")
    for name in ("x-tandem-passport", "grpc-metadata-x-tandem-passport"):
        assert_problem(await ann.get(f"/v1/goals/{goal['id']}", headers={name: passport}), 404, "not-found")


FOREIGN_TYPES = [
    "application/json", "application/grpc-web+proto", "text/html", "application/x-www-form-urlencoded", "a" * 4000, "",
]  # fmt: skip


@pytest.mark.parametrize("media_type", FOREIGN_TYPES, ids=lambda kind: kind[:40] or "none")
async def test_h4_another_media_type_makes_a_call_no_other(newcomer: Caller, insider: Insider, media_type: str):
    """GRPC's core does not judge the media type nor show it to us: a framed message counts under any, with a passport.

    docs/adr/0073 says why that is so and what it gives away, which is nothing.
    """
    passport = stolen(insider).passport(UUID(newcomer.id))
    headers = {"te": "trailers"} | ({"content-type": media_type} if media_type else {})
    known = {**headers, wire.PASSPORT: passport}

    async def status_of(path: str, headers: dict[str, str], body: bytes, patience_s: float = 5) -> int | None:
        socket = insider.target("goals").removeprefix("unix:")
        return (await ask(socket, Asked(path, headers, body), patience_s=patience_s)).grpc_status

    assert await status_of(CREATE_GOAL, headers, framed(new_goal("Stranger's"))) == NOBODY.value[0]
    assert await status_of("/v1/goals", known, framed(new_goal("By path"))) == grpc.StatusCode.UNIMPLEMENTED.value[0]
    unframed = (b'{"goal": {"title": "JSON", "pattern": "recurring"}}', b"title=Form&pattern=1", b"<goal/>")
    # What is cut off is never answered; that nothing comes of it later either is seen at the end.
    heard = await asyncio.gather(*(status_of(CREATE_GOAL, known, body, patience_s=2) for body in unframed))
    assert grpc.StatusCode.OK.value[0] not in heard
    assert await titles(newcomer) == []

    assert await status_of(CREATE_GOAL, known, framed(new_goal("Framed"))) == grpc.StatusCode.OK.value[0]
    assert await titles(newcomer) == ["Framed"]


def framed(request: goals_service_pb2.CreateGoalRequest) -> bytes:
    """A message as gRPC sends it."""
    message = request.SerializeToString()
    return b"\0" + len(message).to_bytes(4) + message


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS"])
async def test_h4_other_verbs_do_nothing(newcomer: Caller, insider: Insider, method: str):
    passport = stolen(insider).passport(UUID(newcomer.id))
    headers = {"te": "trailers", "content-type": "application/grpc", wire.PASSPORT: passport}

    heard = await ask(
        insider.target("goals").removeprefix("unix:"), Asked(CREATE_GOAL, headers, framed(new_goal()), method)
    )

    assert heard.is_reset or heard.grpc_status == grpc.StatusCode.INTERNAL.value[0]
    assert heard.data == b""
    assert await titles(newcomer) == []


def signed_otherwise(passport: str, insider: Insider, **changes: Any) -> str:
    """The passport with other claims (without those that are None), signed with the gateway's key."""
    claims = jwt.decode(passport, options={"verify_signature": False})
    claims = {name: value for name, value in {**claims, "jti": new_id(CLOCK).hex, **changes}.items() if value}
    return jwt.encode(
        claims, insider.key("gateway"), algorithm="EdDSA", headers={"typ": PASSPORT_TYPE, "kid": "gateway"}
    )
