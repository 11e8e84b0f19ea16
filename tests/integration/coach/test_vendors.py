"""The coach as a real process with two vendors: words of a model for who allows it, kept with what they cost."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import grpc
import pytest

from chassis.request import current
from chassis.rpc.policy import READ, Allow
from chassis.rpc.server import Servicing
from tandem.coach.v1 import coach_pb2_grpc
from tandem.mentor.v1 import mentor_pb2, mentor_pb2_grpc
from tests.integration.coach.test_process import CANARY, RING
from tests.support.coach import Talker
from tests.support.processes import Deployment, Running, running
from tests.support.rpc import serving
from tests.support.servers import TestDatabase
from tests.vendors import KEY, StandIns
from tests.vendors.answers import REPLY


class MentorStandIn(mentor_pb2_grpc.MentorServiceServicer):
    """Whoever is not named here allows vendors."""

    def __init__(self) -> None:
        self.refusing = set[str]()

    async def GetMember(self, request: Any, context: Any) -> mentor_pb2.Member:  # noqa: N802
        """The caller."""
        return mentor_pb2.Member(member_id=request.member_id, locale="de-DE")

    async def GetConsents(self, request: Any, context: Any) -> mentor_pb2.Consents:  # noqa: N802
        """What the caller allows."""
        return mentor_pb2.Consents(ai_vendors=str(current().principal.member_id) not in self.refusing)


@pytest.fixture(scope="module")
async def standins() -> AsyncIterator[StandIns]:
    async with StandIns.serving() as made:
        yield made


@pytest.fixture(scope="module")
async def coach(deployment: Deployment, standins: StandIns) -> AsyncIterator[Running]:
    vendors = {
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": standins.anthropic_url,
        "ANTHROPIC_MODEL": "stub-ok",
        "GEMINI_API_KEY": KEY,
        "GEMINI_BASE_URL": standins.gemini_url,
        "GEMINI_MODEL": "stub-503",
        # Would switch texts on in the SDK's own spans, and send its requests elsewhere, were it heeded.
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true",
    }
    # Importing both SDKs takes seconds of a busy machine.
    async with running(deployment, "coach", variables=RING | vendors, budget_s=100) as made:
        yield made


@pytest.fixture
async def mentor(deployment: Deployment) -> AsyncIterator[MentorStandIn]:
    described = mentor_pb2.DESCRIPTOR.services_by_name["MentorService"]
    policies = {one.name: Allow.services(deadline=READ) for one in described.methods}
    policies |= {name: Allow.members("coach", deadline=READ) for name in ("GetMember", "GetConsents")}
    stand_in = MentorStandIn()  # type: ignore[abstract] # the rest answers UNIMPLEMENTED
    add = mentor_pb2_grpc.add_MentorServiceServicer_to_server
    servicing = Servicing(add, stand_in, described, policies)
    async with serving(servicing, deployment.folder, deployment.identities, audience="mentor"):
        yield stand_in


@pytest.fixture
async def anna(coach: Running, deployment: Deployment) -> AsyncIterator[Talker]:
    async with grpc.aio.insecure_channel(coach.address) as channel:
        yield Talker(coach_pb2_grpc.CoachServiceStub(channel), deployment.identities)


async def test_a_member_reads_a_models_words(
    anna: Talker, mentor: MentorStandIn, standins: StandIns, services_database: TestDatabase
):
    whole = await anna.say("How am I doing?")
    pieces = await anna.stream(f"And what now, {CANARY}?", thread_id=whole.reply.thread_id)

    assert (whole.provider, whole.reply.text, whole.degraded) == ("anthropic", REPLY, False)
    assert pieces[-1].done.reply.text == REPLY
    assert len(pieces) > 10
    history = standins.of("anthropic")[-1].body["messages"]
    assert [turn["role"] for turn in history] == ["user", "assistant", "user"]
    kept = await kept_of(services_database, whole.reply.message_id)
    assert '"cache_read": 100' in kept
    assert CANARY not in kept


async def test_who_does_not_allow_it_is_answered_offline(anna: Talker, mentor: MentorStandIn, standins: StandIns):
    mentor.refusing.add(str(anna.member_id))
    count = len(standins.requests)

    answer = await anna.say("How am I doing?")

    assert (answer.provider, answer.degraded) == ("offline", False)
    assert len(standins.requests) == count


async def test_where_nobody_can_say_it_nothing_leaves(anna: Talker, standins: StandIns):
    count = len(standins.requests)

    answer = await anna.say("How am I doing?")

    assert (answer.provider, answer.degraded) == ("offline", False)
    assert len(standins.requests) == count


async def test_a_sign_of_crisis_is_no_vendors_business(anna: Talker, mentor: MentorStandIn, standins: StandIns):
    count = len(standins.requests)

    assert (await anna.say("I want to die")).safety.resources

    assert len(standins.requests) == count


async def test_the_log_knows_no_word_and_no_key(anna: Talker, mentor: MentorStandIn, deployment: Deployment):
    await anna.say(CANARY)

    log = await asyncio.to_thread((deployment.folder / "coach.log").read_text)
    assert "SendMessage" in log
    for secret in (CANARY, KEY, "which first minute"):
        assert secret not in log


async def kept_of(database: TestDatabase, message_id: str) -> str:
    """What is kept of how a reply was made."""
    connection = await asyncpg.connect(database.admin_dsn)
    try:
        kept: str = await connection.fetchval(
            "SELECT context_used::text FROM coach.replies WHERE message_id = $1::uuid", message_id
        )
        return kept
    finally:
        await connection.close()
