"""Crisis: the card comes whatever is down, is announced once without text, and stays for a day."""

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

import pytest

from chassis.clock import new_id
from chassis.db import Database
from chassis.errors import DeadlineExceeded, Unavailable
from chassis.identity.principal import Principal
from services.coach.clients.goals import FakeGoals
from services.coach.domain.conversation import Exchange
from services.coach.domain.facts import Overview
from services.coach.domain.tiers import Tier
from services.coach.errors import TooManyReplies
from services.coach.usecases import Draft
from tandem.coach.v1 import chat_pb2 as pb
from tandem.event.v1 import event_pb2
from tests.integration.coach.conftest import Connection
from tests.support.coach import CLOCK, OwnGoals, Talker, chat_use_cases
from tests.support.servers import TestDatabase

SAMARITANS = "116 123"


class GatedGoals(OwnGoals):
    """Answers when the gate opens; counts who asked."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.asked = asyncio.Semaphore(0)

    async def overview(self, member_id: UUID) -> Overview:
        """The usual figures, later."""
        self.asked.release()
        await self.gate.wait()
        return await super().overview(member_id)


async def events_of(behind: Connection, talker: Talker) -> list[event_pb2.Event]:
    rows = await behind.fetch("SELECT payload FROM coach.outbox WHERE event_type = 'coach.safety_flagged'")
    events = [event_pb2.Event.FromString(row["payload"]) for row in rows]
    return [event for event in events if event.member_id == str(talker.member_id)]


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("I want to kill myself", pb.SAFETY_TIER_RISK),
        ("I took a bunch of pills an hour ago", pb.SAFETY_TIER_IMMINENT),
        ("what's the point of anything anymore", pb.SAFETY_TIER_WATCH),
        ("my brother said he wants to die, what do I do", pb.SAFETY_TIER_THIRD_PARTY),
    ],
)
async def test_a_sign_of_crisis_gets_the_card_the_lines_and_one_event(
    anna: Talker, behind: Connection, text: str, tier: int
):
    answer = await anna.say(text)

    assert answer.safety.tier == tier
    assert SAMARITANS in answer.reply.text
    assert answer.safety.resources[0].contact == SAMARITANS
    assert answer.safety.resources[-1].contact == "999"
    assert "AI" in answer.reply.text
    events = await events_of(behind, anna)
    assert len(events) == 1
    assert events[0].safety_flagged.rule_ids
    assert events[0].aggregate_id == answer.user_message.message_id


async def test_abuse_names_the_lines_against_violence(anna: Talker):
    answer = await anna.say("my boyfriend hits me when I'm late")

    assert answer.safety.tier == pb.SAFETY_TIER_WATCH
    assert "0808 2000 247" in answer.reply.text
    assert answer.safety.resources[0].contact == "0808 2000 247"


async def test_the_same_key_five_times_is_one_announcement(anna: Talker, behind: Connection):
    answers = [await anna.say("I want to die, zebra-canary", key="again") for _ in range(5)]

    assert len({answer.SerializeToString() for answer in answers}) == 1
    events = await events_of(behind, anna)
    assert len(events) == 1
    assert b"zebra-canary" not in events[0].SerializeToString()


async def test_a_tier_stays_and_a_denial_lowers_it_by_one(anna: Talker):
    first = await anna.say("I want to kill myself")
    later = await anna.say("How am I doing this week?", thread_id=first.reply.thread_id)
    denied = await anna.say("you misunderstood, forget it", thread_id=first.reply.thread_id)
    again = await anna.say("you misunderstood, forget it")

    assert later.safety.tier == pb.SAFETY_TIER_RISK
    assert SAMARITANS in later.reply.text
    assert "Run 3x per week" in later.reply.text
    assert denied.safety.tier == pb.SAFETY_TIER_WATCH
    assert again.safety.tier == pb.SAFETY_TIER_WATCH
    assert denied.safety.resources
    assert denied.reply.text.count("?") == 1


async def test_another_process_knows_the_tier_from_the_database(anna: Talker, database: Database):
    await anna.say("I took a bunch of pills")

    exchange = await chat_use_cases(database).send(
        Principal.member(anna.member_id), Draft("how is my running?"), key=None
    )

    assert exchange.safety.tier is Tier.IMMINENT


async def test_with_everything_down_the_card_is_shown_unsaved(services_database: TestDatabase):
    down = await Database.connect(
        services_database.app_dsn("coach"), schema="coach", claims_key=services_database.claims_key("coach")
    )
    await down.close()
    chat = chat_use_cases(down, goals=FakeGoals(Unavailable("away")), country="")
    who = Principal.member(new_id(CLOCK))

    started = time.monotonic()
    exchange = await chat.send(who, Draft("I want to kill myself"), key=None)

    assert time.monotonic() - started < 2.5
    assert not exchange.kept
    assert exchange.safety.tier is Tier.RISK
    assert "findahelpline.com" in exchange.reply.text
    assert exchange.safety.resources
    with pytest.raises((Unavailable, DeadlineExceeded)):
        await chat.send(who, Draft("How am I doing?"), key=None)


async def test_the_card_does_not_wait_for_a_slow_database(database: Database, behind: Connection):
    chat = chat_use_cases(database)
    who = Principal.member(new_id(CLOCK))
    transaction = behind.transaction()
    await transaction.start()
    await behind.execute("LOCK TABLE coach.safety_states IN ACCESS EXCLUSIVE MODE")

    started = time.monotonic()
    pieces = chat.stream(who, Draft("I want to kill myself"), key=None)
    first = await anext(pieces)
    waited_s = time.monotonic() - started
    await transaction.rollback()
    rest = [piece async for piece in pieces]

    assert isinstance(first, str)
    # Measured 16 ms; the bound leaves room for a busy machine.
    assert waited_s < 0.25
    done = rest[-1]
    assert isinstance(done, Exchange)
    assert done.kept
    assert done.reply.text == first + "".join(piece for piece in rest if isinstance(piece, str))


async def test_a_thread_that_is_not_the_members_does_not_stand_before_the_card(
    anna: Talker, talker: Callable[[], Talker]
):
    stranger = talker()
    own = (await anna.say("hi")).reply.thread_id

    answers = [await stranger.say("I want to die", thread_id=thread) for thread in (own, str(new_id(CLOCK)))]

    for answer in answers:
        assert answer.unsaved
        assert SAMARITANS in answer.reply.text
        assert answer.safety.resources[0].contact == SAMARITANS
    assert not (await stranger.messages()).messages
    assert len((await anna.messages()).messages) == 2


async def test_a_key_of_another_message_does_not_stand_before_the_card(anna: Talker):
    await anna.say("hi", key="mine")

    answer = await anna.say("I want to die", key="mine")

    assert answer.unsaved
    assert SAMARITANS in answer.reply.text


async def test_two_running_replies_stand_before_a_third_and_not_before_the_card(database: Database):
    goals = GatedGoals()
    chat = chat_use_cases(database, goals=goals)
    who, other = Principal.member(new_id(CLOCK)), Principal.member(new_id(CLOCK))
    running = [asyncio.create_task(chat.send(who, Draft("How am I doing?"), key=None)) for _ in range(2)]
    await asyncio.wait_for(goals.asked.acquire(), 5)
    await asyncio.wait_for(goals.asked.acquire(), 5)

    with pytest.raises(TooManyReplies):
        await chat.send(who, Draft("And now?"), key=None)
    card = await chat.send(who, Draft("I want to kill myself"), key=None)
    goals.gate.set()
    await asyncio.gather(*running)

    assert card.kept
    assert SAMARITANS in card.reply.text
    assert (await chat.send(who, Draft("And now?"), key=None)).kept
    assert (await chat.send(other, Draft("How am I doing?"), key=None)).kept


async def test_many_crises_at_once_all_get_their_card(talker: Callable[[], Talker]):
    answers = await asyncio.gather(*(talker().say("I want to die") for _ in range(20)))

    assert all(SAMARITANS in answer.reply.text for answer in answers)
