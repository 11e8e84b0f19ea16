"""The coach as a real process: real callers, real logs, its memory, and how it refuses a bad key ring."""

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import grpc
import httpx
import psutil
import pytest
from google.type.date_pb2 import Date

from chassis.clock import new_id
from chassis.request import current
from chassis.rpc.policy import READ, Allow
from chassis.rpc.server import Servicing
from tandem.coach.v1 import coach_pb2_grpc
from tandem.goals.v1 import activity_pb2, goal_pb2, goals_service_pb2, goals_service_pb2_grpc, progress_pb2
from tandem.mentor.v1 import mentor_pb2, mentor_pb2_grpc
from tests.support.coach import CLOCK, TEXTS, Talker
from tests.support.processes import ROOT, Deployment, Running, running, start
from tests.support.rpc import serving

CANARY = "zebra-canary-8812"
RING = {"JOURNAL_ENCRYPTION_KEYS": f"k1:{base64.b64encode(bytes(range(32))).decode()}"}
MAX_RSS_MB = 150
COLD_S = 1.5
COLD = """
import sys, time
sys.path[:0] = [".", "protos/gen"]
import chassis.service
began = time.process_time()
from services.coach.clients.texts import load_texts
import services.coach.__main__
load_texts()
print(time.process_time() - began)
"""
TODAY = Date(year=2026, month=11, day=21)


class GoalsStandIn(goals_service_pb2_grpc.GoalsServiceServicer):
    """One goal of whoever asks, kept on two days of this week."""

    def __init__(self) -> None:
        self.callers: list[str] = []

    async def GetOverview(self, request: Any, context: Any) -> goals_service_pb2.Overview:  # noqa: N802
        """The caller's own goal."""
        who = current().principal
        self.callers.append(who.caller)
        goal_id = str(new_id(CLOCK))
        goal = goal_pb2.Goal(
            goal_id=goal_id,
            member_id=str(who.member_id),
            title="Run 3x per week",
            pattern=goal_pb2.PATTERN_RECURRING,
            schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=3),
        )
        progress = progress_pb2.Progress(
            start_date=Date(year=2026, month=11, day=16), due=1, streak=progress_pb2.Streak(current=4, longest=6)
        )
        days = [Date(year=2026, month=11, day=day) for day in (17, 19, 19, 12)]
        entries = [
            activity_pb2.Activity(
                activity_id=str(new_id(CLOCK)),
                goal_id=goal_id,
                type=activity_pb2.ACTIVITY_TYPE_CHECK_IN,
                local_date=day,
                completed=True,
            )
            for day in days
        ]
        return goals_service_pb2.Overview(
            today=TODAY,
            goals=[goals_service_pb2.OverviewGoal(goal=goal, progress=progress)],
            recent_activities=entries,
            completion_rate_7d=66.7,
        )


class MentorStandIn(mentor_pb2_grpc.MentorServiceServicer):
    """Everybody lives in Germany."""

    async def GetMember(self, request: Any, context: Any) -> mentor_pb2.Member:  # noqa: N802
        """The caller."""
        return mentor_pb2.Member(member_id=request.member_id, locale="de-DE")


@pytest.fixture(scope="module")
async def coach(deployment: Deployment) -> AsyncIterator[Running]:
    async with running(deployment, "coach", variables=RING) as made:
        yield made


def _only(service: Any, method: str) -> dict[str, Allow]:
    nobody = Allow.services(deadline=READ)
    return {one.name: nobody for one in service.methods} | {method: Allow.members("coach", deadline=READ)}


@pytest.fixture
async def goals(deployment: Deployment) -> AsyncIterator[GoalsStandIn]:
    stand_in = GoalsStandIn()  # type: ignore[abstract] # the rest answers UNIMPLEMENTED
    described = goals_service_pb2.DESCRIPTOR.services_by_name["GoalsService"]
    add = goals_service_pb2_grpc.add_GoalsServiceServicer_to_server
    servicing = Servicing(add, stand_in, described, _only(described, "GetOverview"))
    async with serving(servicing, deployment.folder, deployment.identities, audience="goals"):
        yield stand_in


@pytest.fixture
async def mentor(deployment: Deployment) -> AsyncIterator[None]:
    described = mentor_pb2.DESCRIPTOR.services_by_name["MentorService"]
    add = mentor_pb2_grpc.add_MentorServiceServicer_to_server
    stand_in = MentorStandIn()  # type: ignore[abstract] # the rest answers UNIMPLEMENTED
    servicing = Servicing(add, stand_in, described, _only(described, "GetMember"))
    async with serving(servicing, deployment.folder, deployment.identities, audience="mentor"):
        yield


@pytest.fixture
async def anna(coach: Running, deployment: Deployment) -> AsyncIterator[Talker]:
    async with grpc.aio.insecure_channel(coach.address) as channel:
        yield Talker(coach_pb2_grpc.CoachServiceStub(channel), deployment.identities)


async def test_with_the_others_it_quotes_numbers_and_names_the_countrys_lines(
    anna: Talker, goals: GoalsStandIn, mentor: None
):
    answer = await anna.say("How am I doing this week?")
    crisis = await anna.say("I want to die")

    assert "2 of 3" in answer.reply.text
    assert set(goals.callers) == {"coach"}
    assert "0800 111 0 111" in crisis.reply.text


async def test_alone_it_answers_and_says_that_it_sees_no_numbers(anna: Talker):
    answer = await anna.say("How am I doing this week?")

    assert any(variant in answer.reply.text for variant in TEXTS.phrases.parts["fact.unavailable"])


async def test_alone_it_shows_international_lines(anna: Talker):
    answer = await anna.say("I want to kill myself")

    assert "findahelpline.com" in answer.reply.text
    assert not answer.unsaved


async def test_its_log_and_its_metrics_hold_no_word(anna: Talker, deployment: Deployment):
    await anna.stream(f"I want to die, {CANARY}")
    with pytest.raises(grpc.aio.AioRpcError):
        await anna.say(CANARY, thread_id=CANARY)

    log = await asyncio.to_thread((deployment.folder / "coach.log").read_text)
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=f"{deployment.folder}/coach-ops.sock")) as ops:
        metrics = (await ops.get("http://ops/metrics")).text
    assert "SendMessage" in log
    assert "tandem_coach_replies_total" in metrics
    assert 'tandem_coach_safety_shown_total{tier="risk"}' in metrics
    for told in (log, metrics):
        assert CANARY not in told
    assert str(anna.member_id) not in metrics


async def test_it_is_there_soon_after_its_start():
    """Its own modules, rules and texts, after those that every service loads; a second is usual, of processor time."""
    # As `make` starts it: compiled once. The first of two starts may have to do that.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    took = [await _cold_start_s(environment) for _ in range(2)]

    # A slow machine, or one that does other things, takes up to twice as long.
    assert min(took) <= 2 * COLD_S


async def _cold_start_s(environment: dict[str, str]) -> float:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", COLD), stdout=asyncio.subprocess.PIPE, cwd=ROOT, env=environment
    )
    told, _ = await process.communicate()
    assert process.returncode == 0
    return float(told)


async def test_it_stays_small(coach: Running, anna: Talker):
    for _ in range(20):
        await anna.say("How am I doing this week?")

    held_mb = psutil.Process(coach.process.pid).memory_info().rss / 2**20
    print(f"the coach holds {held_mb:.0f} MB")
    assert held_mb <= MAX_RSS_MB


async def test_a_bad_key_ring_is_one_clear_line_without_the_key(deployment: Deployment):
    process = await start(deployment, "coach", variables={"JOURNAL_ENCRYPTION_KEYS": "k1:c2hvcnQ="})
    _, error = await process.communicate()

    assert process.returncode == 2
    assert b"JOURNAL_ENCRYPTION_KEYS" in error
    assert b"c2hvcnQ=" not in error
