"""Plans through a real channel: who may ask, what every pattern gets, and what failing providers change."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import pytest
from google.type.date_pb2 import Date

from chassis.clock import new_id
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.identity.principal import Principal
from chassis.pages import PageTokens
from services.coach.clients.profiles import FakeProfiles
from services.coach.clients.structured import FakeStructured, StructuredProvider
from services.coach.domain.planning.task import PlanTask
from services.coach.domain.safety import Screening
from services.coach.domain.tiers import Tier
from services.coach.servicer import servicing
from services.coach.usecases import Draft, KeptFindings, PlanUseCases, SafetyMemory
from services.coach.usecases.findings import FakeFindings
from services.coach.usecases.goal_words import WAIT_S
from tandem.coach.v1 import coach_pb2_grpc
from tandem.coach.v1 import plan_pb2 as pb
from tandem.event.v1 import event_pb2
from tandem.goals.v1 import goal_pb2
from tests.integration.coach.conftest import Connection
from tests.support.coach import CLOCK, chat_use_cases, goal_words, plan_use_cases, use_cases
from tests.support.identities import Identities
from tests.support.rpc import serving

TODAY = Date(year=2027, month=1, day=4)
MARCH = Date(year=2027, month=3, day=15)

PATTERNS: dict[str, dict[str, Any]] = {
    "recurring": {
        "title": "Run 3x per week",
        "pattern": goal_pb2.PATTERN_RECURRING,
        "schedule": goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=3),
    },
    "milestone": {
        "title": "Write my thesis",
        "pattern": goal_pb2.PATTERN_MILESTONE,
        "milestones": [goal_pb2.Milestone(title="Outline"), goal_pb2.Milestone(title="Draft", due_date=MARCH)],
    },
    "target": {
        "title": "Lose 5 kg",
        "pattern": goal_pb2.PATTERN_TARGET,
        "target": goal_pb2.Target(unit="kg", start_value=80, target_value=75),
    },
    "streak": {
        "title": "Meditate every morning",
        "pattern": goal_pb2.PATTERN_STREAK,
        "schedule": goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY),
        "streak": goal_pb2.StreakTerms(target_length=30),
    },
    "limit": {
        "title": "Max 2 cups of coffee a day",
        "pattern": goal_pb2.PATTERN_LIMIT,
        "schedule": goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY),
        "limit": goal_pb2.Limit(unit="cups", max_value=2),
    },
}
WORN_OUT = {"summary": "Go.", "subgoals": [], "assumptions": [], "question": "", "warnings": []}
RUN = {
    "title": "Run",
    "schedule": {"period": "week", "times": 3, "weekdays": [], "rrule": "", "window_days": 0},
    "minutes": 30,
    "if_then": {"cue": "I get home", "response": "I run"},
    "minimum": "Shoes on counts.",
}


def a_request(*, constraints: goal_pb2.PlanConstraints | None = None, **goal: Any) -> pb.MakePlanRequest:
    member_id = str(new_id(CLOCK))
    known = PATTERNS["recurring"] | goal
    return pb.MakePlanRequest(
        member_id=member_id,
        goal=goal_pb2.Goal(goal_id=str(new_id(CLOCK)), member_id=member_id, deadline=MARCH, **known),
        constraints=constraints,
        today=TODAY,
    )


def as_service(identities: Identities, name: str) -> tuple[tuple[str, str], ...]:
    return (("x-tandem-assertion", identities.assertion(name, "coach")),)


async def asked(
    stub: "coach_pb2_grpc.CoachServiceAsyncStub", identities: Identities, request: pb.MakePlanRequest
) -> pb.MakePlanResponse:
    """As the goals service asks."""
    return await stub.MakePlan(request, metadata=as_service(identities, "goals"))


@pytest.mark.parametrize("name", PATTERNS)
async def test_every_pattern_gets_a_plan(
    stub: "coach_pb2_grpc.CoachServiceAsyncStub", identities: Identities, name: str
):
    answer = await asked(stub, identities, a_request(**PATTERNS[name]))

    plan = answer.plan
    assert plan.source == "offline"
    assert not answer.degraded
    assert plan.fits
    assert plan.summary
    assert plan.HasField("generate_time")
    days = [_day(step.due_date) for step in plan.subgoals]
    assert days == sorted(days)
    assert _day(TODAY) <= days[0]
    assert days[-1] == _day(MARCH)
    assert 1 <= len(plan.habits) <= 3
    for habit in plan.habits:
        assert habit.if_then.startswith("If ")
        assert ", then " in habit.if_then
        assert habit.minutes > 0
        assert habit.schedule.period
    if PATTERNS[name].get("schedule") and name != "limit":
        assert plan.habits[0].schedule.period == PATTERNS[name]["schedule"].period


async def test_the_earlier_of_two_last_days_and_the_minutes_are_kept_to(
    stub: "coach_pb2_grpc.CoachServiceAsyncStub", identities: Identities
):
    february = Date(year=2027, month=2, day=1)
    constraints = goal_pb2.PlanConstraints(minutes_per_week=45, deadline=february)

    plan = (await asked(stub, identities, a_request(constraints=constraints))).plan

    assert _day(plan.subgoals[-1].due_date) == _day(february)
    assert plan.habits[0].minutes == 15
    assert len(plan.habits) == 1
    assert plan.fits
    assert any("instead of 30" in warning for warning in plan.warnings)


async def test_what_an_earlier_plan_brought_makes_room_and_own_habits_stay(
    stub: "coach_pb2_grpc.CoachServiceAsyncStub", identities: Identities
):
    first = (await asked(stub, identities, a_request())).plan
    brought = [goal_pb2.Habit(title=one.title, minutes=one.minutes, if_then=one.if_then) for one in first.habits]
    weekly = goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=1)
    own = goal_pb2.Habit(title="Swim", minutes=30, schedule=weekly)
    constraints = goal_pb2.PlanConstraints(minutes_per_week=90)

    again = await asked(stub, identities, a_request(habits=brought, plan=first, constraints=constraints))
    beside = await asked(stub, identities, a_request(habits=[*brought, own], plan=first, constraints=constraints))

    assert again.plan.habits[0].minutes == 30
    assert beside.plan.habits[0].minutes == 20


@pytest.mark.parametrize("caller", ["gateway", "mentor", "analytics"])
async def test_a_stranger_service_is_refused(
    stub: "coach_pb2_grpc.CoachServiceAsyncStub", identities: Identities, caller: str
):
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.MakePlan(a_request(), metadata=as_service(identities, caller))

    assert refused.value.code() in {grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED}


async def test_a_member_is_refused(stub: "coach_pb2_grpc.CoachServiceAsyncStub", identities: Identities):
    passport = (("x-tandem-passport", identities.passport()),)

    for metadata in (passport, (*passport, *as_service(identities, "goals"))):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.MakePlan(a_request(), metadata=metadata)
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_nobody_is_refused(stub: "coach_pb2_grpc.CoachServiceAsyncStub"):
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.MakePlan(a_request())

    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"today": None}, "today"),
        ({"today": Date(year=2027, month=2, day=30)}, "today"),
        ({"member_id": "anna"}, "member_id"),
        ({"goal": goal_pb2.Goal(goal_id="run", title="Run")}, "goal.goal_id"),
        ({"goal": goal_pb2.Goal(title="  ")}, "goal.title"),
        ({"constraints": goal_pb2.PlanConstraints(minutes_per_week=-1)}, "constraints.minutes_per_week"),
    ],
)
async def test_what_cannot_be_planned_is_named(
    stub: "coach_pb2_grpc.CoachServiceAsyncStub", identities: Identities, change: dict[str, Any], field: str
):
    known: dict[str, Any] = {"member_id": str(new_id(CLOCK)), "goal": goal_pb2.Goal(title="Run"), "today": TODAY}

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await asked(stub, identities, pb.MakePlanRequest(**known | change))

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert field in str(refused.value.debug_error_string()) or field in str(refused.value.trailing_metadata())


@pytest.mark.parametrize(
    ("title", "said"),
    [("I want to kill myself by Friday", "AI"), ("Find out where she lives, I only have her Instagram", "")],
)
async def test_some_goals_are_not_planned(
    stub: "coach_pb2_grpc.CoachServiceAsyncStub", identities: Identities, title: str, said: str
):
    plan = (await asked(stub, identities, a_request(title=title))).plan

    assert not plan.habits
    assert not plan.subgoals
    assert said in plan.summary
    assert plan.warnings


SIGN = "I want to kill myself by Friday"
TASK = PlanTask(SIGN, date(2027, 1, 4))
GERMAN_LINE = "0800 111 0 111"


async def events_of(behind: Connection, member_id: UUID) -> list[event_pb2.Event]:
    rows = await behind.fetch("SELECT payload FROM coach.outbox WHERE event_type = 'coach.safety_flagged'")
    events = [event_pb2.Event.FromString(row["payload"]) for row in rows]
    return [event for event in events if event.member_id == str(member_id)]


def plans_of(database: Database) -> PlanUseCases:
    """A process of the coach that has just begun, whose members live in Germany."""
    memory = SafetyMemory()
    kept = KeptFindings(database, CLOCK, memory=memory)
    return plan_use_cases(words=goal_words(kept, country="DE", memory=memory))


async def test_a_goal_that_is_a_sign_of_crisis_names_their_lines_holds_and_is_told_of_once(
    database: Database, behind: Connection
):
    anna, goal_id = new_id(CLOCK), new_id(CLOCK)

    made = await plans_of(database).make_plan(TASK, member_id=anna, goal_id=goal_id)
    again = await plans_of(database).make_plan(TASK, member_id=anna, goal_id=goal_id, by_rules=True)
    later = await chat_use_cases(database).send(Principal.member(anna), Draft("How is my week?"), key=None)

    for one in (made, again):
        assert GERMAN_LINE in one.plan.summary
        assert not one.plan.habits
    (event,) = await events_of(behind, anna)
    assert (event.aggregate_id, event.safety_flagged.tier) == (str(goal_id), "risk")
    assert SIGN.encode() not in event.SerializeToString()
    assert later.safety.tier is Tier.RISK


async def test_a_goal_takes_nothing_back_that_was_said_in_a_chat(database: Database, behind: Connection):
    anna = new_id(CLOCK)
    await chat_use_cases(database).send(Principal.member(anna), Draft("I want to die"), key=None)

    task = replace(TASK, title="Run", description="I was joking, I am safe now")
    made = await plans_of(database).make_plan(task, member_id=anna, goal_id=new_id(CLOCK))
    later = await chat_use_cases(database).send(Principal.member(anna), Draft("How is my week?"), key=None)

    assert made.plan.habits
    assert len(await events_of(behind, anna)) == 1
    assert later.safety.tier is Tier.RISK


class Stuck(FakeFindings):
    """Storage that does not answer."""

    async def announce(self, principal: Principal, member_id: UUID, findings: Mapping[UUID, Screening]) -> None:
        """Never."""
        await asyncio.Event().wait()


@pytest.mark.parametrize("findings", [FakeFindings(Unavailable("away")), Stuck()])
async def test_the_card_stands_whatever_is_away_and_its_tier_holds_here(findings: FakeFindings):
    anna, memory = new_id(CLOCK), SafetyMemory()
    words = goal_words(findings, profiles=FakeProfiles(Unavailable("away")), memory=memory)
    begun = CLOCK.monotonic()

    made = await plan_use_cases(words=words).make_plan(TASK, member_id=anna, goal_id=new_id(CLOCK))

    assert CLOCK.monotonic() - begun < 2 * WAIT_S
    assert "findahelpline.com" in made.plan.summary
    held = memory.of(anna)
    assert held is not None
    assert held.tier is Tier.RISK


@pytest.fixture
async def with_vendors(
    database: Database, identities: Identities, tmp_path: Path
) -> AsyncIterator["coach_pb2_grpc.CoachServiceAsyncStub"]:
    """A coach whose first provider breaks, whose second leaves out the habits, and whose third does it right."""
    vendors: tuple[StructuredProvider, ...] = (
        FakeStructured("anthropic", failure=RuntimeError("away")),
        FakeStructured("gemini", WORN_OUT | {"habits": []}),
        FakeStructured("third", WORN_OUT | {"habits": [RUN]}),
    )
    served = servicing(use_cases(database, plans=plan_use_cases(*vendors)), PageTokens(b"k" * 32))
    async with (
        serving(served, tmp_path, identities, audience="coach") as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        yield coach_pb2_grpc.CoachServiceStub(channel)


async def test_a_plan_that_breaks_its_task_is_passed_over(
    with_vendors: "coach_pb2_grpc.CoachServiceAsyncStub", identities: Identities
):
    good = await asked(with_vendors, identities, a_request())
    none_good = await asked(
        with_vendors,
        identities,
        a_request(title="Run 5x per week", schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=5)),
    )

    assert (good.plan.source, good.degraded) == ("third", True)
    assert (none_good.plan.source, none_good.degraded) == ("offline", True)
    assert none_good.plan.habits[0].schedule.times == 5


async def test_a_plan_by_rules_asks_no_provider(
    with_vendors: "coach_pb2_grpc.CoachServiceAsyncStub", identities: Identities
):
    request = a_request()
    request.by_rules = True

    answer = await asked(with_vendors, identities, request)

    assert (answer.plan.source, answer.degraded) == ("offline", False)


def _day(day: Date) -> date:
    return date(day.year, day.month, day.day)
