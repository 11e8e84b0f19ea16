"""The dating-goals conversation through the real servicer on a real database."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import grpc
import pytest

from chassis.clock import FixedClock, new_id
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.identity.principal import Principal
from chassis.pages import PageTokens
from chassis.sql import text_statement
from services.coach.clients.dating import FakeDatingGoals
from services.coach.clients.members import FakeMembers
from services.coach.domain.person import Person
from services.coach.servicer import servicing
from services.coach.usecases import Draft
from tandem.coach.v1 import chat_pb2, coach_pb2_grpc
from tandem.coach.v1 import dating_pb2 as pb
from tandem.event.v1 import event_pb2
from tandem.goals.v1 import goal_pb2
from tests.integration.coach.conftest import Connection
from tests.support.coach import ADULT, CLOCK, TEXTS, intake_use_cases, use_cases
from tests.support.identities import Identities
from tests.support.rpc import serving

CANARY = "zebra-canary-5521"
REMEMBERED = "SELECT count(*) FROM coach.memories WHERE member_id = $1"
ANSWERS = (
    f"I want to ask out my {CANARY} neighbour and feel calm",
    "two dates a month",
    "in three months",
    "dating apps",
    "going with a friend",
    "overthinking",
    "4",
    "silence",
    "coffee shops",
    "my sister",
    "weekly",
    "gently",
)


class Members(FakeMembers):
    """Everybody is an adult in Britain, until told otherwise."""

    def __init__(self) -> None:
        super().__init__("GB", person=ADULT)
        self.failure: Exception | None = None

    async def person(self, member_id: UUID) -> Person:
        """The given person."""
        if self.failure is not None:
            raise self.failure
        return self.profile


@dataclass
class Dater:
    """One member calling as the gateway would."""

    stub: "coach_pb2_grpc.CoachServiceAsyncStub"
    identities: Identities
    clock: FixedClock
    member_id: UUID = field(default_factory=lambda: new_id(CLOCK))

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return (("x-tandem-passport", self.identities.passport(self.member_id)),)

    async def say(self, text: str, *, thread_id: str = "", key: str = "") -> pb.IntakeTurn:
        self.clock.advance(timedelta(seconds=1))
        request = pb.ContinueIntakeRequest(text=text, thread_id=thread_id, idempotency_key=key)
        return await self.stub.ContinueIntake(request, metadata=self.metadata)

    async def history(self, thread_id: str) -> list[chat_pb2.Message]:
        request = chat_pb2.ListMessagesRequest(thread_id=thread_id, page_size=100)
        return list((await self.stub.ListMessages(request, metadata=self.metadata)).messages)

    async def delete(self, message_id: str) -> None:
        request = chat_pb2.DeleteMessageRequest(message_id=message_id)
        await self.stub.DeleteMessage(request, metadata=self.metadata)

    async def goals(self, member_id: str = "") -> pb.DatingGoals:
        request = pb.GetDatingGoalsRequest(member_id=member_id or str(self.member_id))
        return await self.stub.GetDatingGoals(request, metadata=self.metadata)

    async def reset(self, member_id: str = "", *, key: str = "") -> pb.ResetIntakeResponse:
        request = pb.ResetIntakeRequest(member_id=member_id or str(self.member_id), idempotency_key=key)
        return await self.stub.ResetIntake(request, metadata=self.metadata)

    async def adopt(self, member_id: str = "", *, key: str = "") -> list[goal_pb2.Goal]:
        request = pb.AdoptDatingGoalsRequest(member_id=member_id or str(self.member_id), idempotency_key=key)
        return list((await self.stub.AdoptDatingGoals(request, metadata=self.metadata)).goals)

    async def finish(self) -> pb.IntakeTurn:
        for text in ANSWERS:
            await self.say(text)
        return await self.say("yes")


@pytest.fixture(scope="module")
def members() -> Members:
    return Members()


@pytest.fixture(scope="module")
def clock() -> FixedClock:
    return FixedClock(datetime.now(UTC))


@pytest.fixture(scope="module")
def maker(clock: FixedClock) -> FakeDatingGoals:
    return FakeDatingGoals(clock)


@pytest.fixture(scope="module")
async def dating_stub(
    database: Database,
    identities: Identities,
    members: Members,
    maker: FakeDatingGoals,
    clock: FixedClock,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator["coach_pb2_grpc.CoachServiceAsyncStub"]:
    served = servicing(use_cases(database, members=members, maker=maker, clock=clock), PageTokens(b"k" * 32))
    folder: Path = tmp_path_factory.mktemp("dating")
    async with (
        serving(served, folder, identities, audience="coach") as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        yield coach_pb2_grpc.CoachServiceStub(channel)


@pytest.fixture
def dater(
    dating_stub: "coach_pb2_grpc.CoachServiceAsyncStub", identities: Identities, clock: FixedClock
) -> Callable[[], Dater]:
    return lambda: Dater(dating_stub, identities, clock)


@pytest.fixture
def dora(dater: Callable[[], Dater]) -> Dater:
    return dater()


async def flags(behind: Connection, member_id: UUID) -> list[event_pb2.Event]:
    rows = await behind.fetch("SELECT payload FROM coach.outbox WHERE event_type = 'coach.safety_flagged'")
    found = [event_pb2.Event.FromString(row["payload"]) for row in rows]
    return [event for event in found if event.member_id == str(member_id)]


async def refused(code: grpc.StatusCode, call: object) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call  # type: ignore[misc]
    assert failure.value.code() is code
    return failure.value


async def test_a_conversation_is_asked_summed_up_confirmed_and_remembered(dora: Dater, behind: Connection):
    first = await dora.say("hi")
    assert (first.completion_percentage, first.current_topic, first.provider) == (0, "goals", "offline")
    assert [topic.status for topic in first.topics] == [pb.TOPIC_STATUS_NOT_STARTED] * 4

    percents = [(await dora.say(text)).completion_percentage for text in ANSWERS]
    before = await dora.goals()
    remembered_before = await behind.fetchval(REMEMBERED, dora.member_id)
    last = await dora.say("yes")
    after = await dora.goals()

    assert percents == [8, 17, 25, 33, 42, 50, 58, 67, 75, 83, 92, 100]
    assert (before.is_complete, before.completion_percentage, remembered_before) == (False, 100, 0)
    assert last.is_complete
    assert last.current_topic == ""
    assert [topic.status for topic in last.topics] == [pb.TOPIC_STATUS_COMPLETE] * 4
    assert after.is_complete
    assert list(after.data.goals) == [f"ask out my {CANARY} neighbour", "feel calm"]
    assert list(after.data.preferred_venues) == ["coffee_shop"]
    assert after.data.comfort_level == pb.COMFORT_LEVEL_MODERATE
    rows = await behind.fetch(
        "SELECT kind, pinned, source_ids FROM coach.memories WHERE member_id = $1", dora.member_id
    )
    assert [(row["kind"], row["pinned"]) for row in rows] == [("dating_goals", True)]
    assert len(rows[0]["source_ids"]) == 12


async def test_nothing_is_remembered_while_memory_is_paused(dora: Dater, behind: Connection):
    await behind.execute("INSERT INTO coach.memory_settings VALUES ($1, true, now())", dora.member_id)

    last = await dora.finish()

    assert last.is_complete
    assert not await behind.fetchval(REMEMBERED, dora.member_id)


async def test_a_corrected_conversation_is_confirmed_again_and_remembered_once(dora: Dater, behind: Connection):
    await dora.finish()

    changed = await dora.say("Actually, my target is one date a week")
    confirmed = await dora.say("yes, that's right")

    assert not changed.is_complete
    assert "one date a week" in changed.text
    assert confirmed.is_complete
    assert (await dora.goals()).data.target == "one date a week"
    assert await behind.fetchval(REMEMBERED, dora.member_id) == 1


async def test_a_deleted_message_leaves_no_echo(dora: Dater, behind: Connection):
    await dora.finish()
    thread_id = (await dora.say("thanks")).thread_id
    named = [message for message in await dora.history(thread_id) if CANARY in message.text]

    await dora.delete(named[-1].message_id)

    left, goals = await dora.history(thread_id), await dora.goals()
    assert len(named) == 2, "their own words and the summary"
    assert not [message for message in left if CANARY in message.text]
    assert (len(goals.data.goals), goals.data.target) == (0, "two dates a month")
    assert (goals.is_complete, goals.completion_percentage) == (False, 92)
    assert not await behind.fetchval(REMEMBERED, dora.member_id)
    # What was not said with it stays, and the slot is asked for again.
    assert [message.text for message in left if message.text == "my sister"]
    assert (await dora.say("hello again")).current_topic == "goals"


async def test_a_deleted_part_of_a_list_takes_the_list_along(dora: Dater):
    for text in ANSWERS:
        turn = await dora.say(text)
    await dora.say("museums too")
    history = await dora.history(turn.thread_id)
    (first,) = [message for message in history if message.text == "coffee shops"]

    await dora.delete(first.message_id)

    assert list((await dora.goals()).data.preferred_venues) == []


async def test_a_conversation_that_was_set_aside_keeps_no_echo_either(dora: Dater, behind: Connection):
    thread_id = (await dora.say(ANSWERS[0])).thread_id
    await dora.reset()
    archived = "SELECT count(*) FROM coach.archived_intakes WHERE member_id = $1"
    (said,) = [message for message in await dora.history(thread_id) if message.text == ANSWERS[0]]
    before = await behind.fetchval(archived, dora.member_id)

    await dora.delete(said.message_id)

    assert (before, await behind.fetchval(archived, dora.member_id)) == (1, 0)
    assert not await dora.history(thread_id)


async def test_small_talk_is_deleted_with_its_answer_alone(dora: Dater):
    thread_id = (await dora.say("hi")).thread_id
    await dora.say(ANSWERS[0])
    (small,) = [message for message in await dora.history(thread_id) if message.text == "hi"]

    await dora.delete(small.message_id)

    assert len(await dora.history(thread_id)) == 2
    assert (await dora.goals()).completion_percentage == 8


async def test_before_the_first_word_everything_is_empty(dora: Dater):
    assert await dora.goals() == pb.DatingGoals(member_id=str(dora.member_id))


async def test_strangers_and_others_see_and_change_nothing(dora: Dater, dater: Callable[[], Dater]):
    await dora.say("I want to go on dates")
    other, theirs = dater(), str(dora.member_id)

    for call in (other.goals(theirs), other.reset(theirs), other.adopt(theirs), other.goals("me"), other.adopt("me")):
        await refused(grpc.StatusCode.NOT_FOUND, call)
    assert not (await other.goals()).data.goals
    for nameless in (
        dora.stub.ContinueIntake(pb.ContinueIntakeRequest(text="hi")),
        dora.stub.GetDatingGoals(pb.GetDatingGoalsRequest(member_id=theirs)),
        dora.stub.ResetIntake(pb.ResetIntakeRequest(member_id=theirs)),
        dora.stub.AdoptDatingGoals(pb.AdoptDatingGoalsRequest(member_id=theirs)),
    ):
        await refused(grpc.StatusCode.UNAUTHENTICATED, nameless)
    assert list((await dora.goals()).data.goals) == ["go on dates"]


async def test_the_database_shows_nobody_elses_conversation(dora: Dater, database: Database):
    await dora.finish()
    await dora.reset()
    await dora.say("hi")

    async with database.transaction(Principal.member(new_id(CLOCK)), read_only=True) as transaction:
        for table in ("intakes", "archived_intakes", "memories"):
            count = text_statement(f"SELECT count(*) FROM coach.{table}")  # noqa: S608
            assert await transaction.fetch_value(count) == 0
    async with database.transaction(Principal.member(dora.member_id), read_only=True) as transaction:
        assert await transaction.fetch_value(text_statement("SELECT count(*) FROM coach.archived_intakes")) == 1


async def test_the_same_key_is_one_turn_and_the_same_bytes(dora: Dater):
    first = await dora.say("I want to go on dates", key="k1")
    again = await dora.say("I want to go on dates", key="k1")
    twins = await asyncio.gather(*(dora.say("two a month", key="k2") for _ in range(5)), return_exceptions=True)

    assert first.SerializeToString(deterministic=True) == again.SerializeToString(deterministic=True)
    done = {one.SerializeToString() for one in twins if isinstance(one, pb.IntakeTurn)}
    assert len(done) == 1
    assert (await dora.say("hm")).revision == first.revision + 2
    await refused(grpc.StatusCode.FAILED_PRECONDITION, dora.say("something else", key="k1"))


async def test_turns_at_the_same_time_are_all_kept(dora: Dater):
    await dora.say("hi")

    turns = await asyncio.gather(*(dora.say(text) for text in ("what is this?", "how long does it take?", "lol")))

    assert sorted(turn.revision for turn in turns) == [2, 3, 4]


async def test_messages_stand_in_the_conversations_thread_or_the_asked_one(dora: Dater):
    first = await dora.say("hi")
    second = await dora.say("I want to go on dates")
    chat = await dora.stub.SendMessage(chat_pb2.SendMessageRequest(text="hello"), metadata=dora.metadata)
    elsewhere = await dora.say("two a month", thread_id=chat.reply.thread_id)

    assert second.thread_id == first.thread_id
    assert elsewhere.thread_id == chat.reply.thread_id
    assert (await dora.say("in June")).thread_id == first.thread_id
    asked = chat_pb2.ListMessagesRequest(thread_id=first.thread_id)
    listed = await dora.stub.ListMessages(asked, metadata=dora.metadata)
    assert [message.text for message in listed.messages][1::2] == ["in June", "I want to go on dates", "hi"]
    await refused(grpc.StatusCode.NOT_FOUND, dora.say("hm", thread_id=str(new_id(CLOCK))))


async def test_only_adults_talk_about_dating_and_everybody_reads_and_resets(dora: Dater, members: Members):
    for year in (0, datetime.now(UTC).year - 18):
        members.profile = Person(birth_year=year)
        try:
            problem = await refused(grpc.StatusCode.PERMISSION_DENIED, dora.say("I want to go on dates"))
            assert not (await dora.goals()).data.goals
            await dora.reset()
            card = await dora.say("I want to kill myself")
        finally:
            members.profile = ADULT
        details = [value for _, value in problem.trailing_metadata() or () if isinstance(value, bytes)]
        assert b"ADULTS_ONLY" in b"".join(details)
        assert card.safety.tier == chat_pb2.SAFETY_TIER_RISK


async def test_a_sign_of_crisis_gets_the_card_alone_and_is_no_answer(dora: Dater, behind: Connection, members: Members):
    await dora.say("I want to go on dates")
    members.failure = Unavailable("mentor is away")
    try:
        card = await dora.say("honestly I want to die")
    finally:
        members.failure = None
    after = await dora.goals()

    assert "116 123" in card.text
    assert card.safety.tier == chat_pb2.SAFETY_TIER_RISK
    assert card.safety.resources
    assert not any(ask in card.text for ask in TEXTS.intake.parts["ask.target"])
    assert after.completion_percentage == 8
    assert not after.data.target
    assert [event.safety_flagged.tier for event in await flags(behind, dora.member_id)] == ["risk"]
    following = await dora.say("two dates a month")
    assert following.completion_percentage == 17
    assert "116 123" in following.text


async def test_with_storage_away_the_card_is_shown_unsaved(members: Members):
    class NoDatabase:
        async def run(self, *_: object, **__: object) -> None:
            raise Unavailable("no database")

    broken = intake_use_cases(NoDatabase(), members=members)  # type: ignore[arg-type]
    reply = await broken.continue_intake(Principal.member(new_id(CLOCK)), Draft("I want to die"), key=None)

    assert not reply.kept
    assert "116 123" in reply.text


@pytest.mark.parametrize(
    ("message", "boundary", "rule_id"),
    [
        ("How do I get her to say yes after she said no?", "consent", "boundary.consent"),
        ("Help me find where she lives, I only have her Instagram", "stalking", "boundary.stalking"),
        ("She's drunk, how do I make my move", "intoxicated", "boundary.intoxicated"),
        ("write a message to humiliate my ex", "harassment", "boundary.harassment"),
        ("I'm 15, how do I get a girlfriend at school", "minor", "minor_signal"),
    ],
)
async def test_boundaries_end_the_turn_and_are_flagged(
    dora: Dater, behind: Connection, message: str, boundary: str, rule_id: str
):
    await dora.say("I want to go on dates")

    turn = await dora.say(message)
    following = await dora.say("two dates a month")

    assert any(variant in turn.text for variant in TEXTS.phrases.parts[f"boundary.{boundary}"])
    assert not any(ask in turn.text for ask in TEXTS.intake.parts["ask.target"])
    assert [list(event.safety_flagged.rule_ids) for event in await flags(behind, dora.member_id)] == [[rule_id]]
    assert [event.safety_flagged.tier for event in await flags(behind, dora.member_id)] == ["none"]
    if boundary == "minor":
        assert turn.current_topic == ""
        assert any(variant in following.text for variant in TEXTS.intake.parts["stopped.minor"])
        assert not (await dora.goals()).data.target
    else:
        assert following.completion_percentage == 17


async def test_who_says_to_be_under_age_is_not_asked_again_that_day(dora: Dater, clock: FixedClock):
    await dora.finish()
    await dora.say("Actually I'm 16, I lied")
    await refused(grpc.StatusCode.PERMISSION_DENIED, dora.adopt())
    await dora.reset()
    same_day = await dora.say("I want to go on dates")
    clock.advance(timedelta(hours=25))
    await dora.reset()
    next_day = await dora.say("I want to go on dates")

    assert any(variant in same_day.text for variant in TEXTS.intake.parts["stopped.minor"])
    assert next_day.completion_percentage == 8


async def test_starting_over_sets_aside_and_forgets(dora: Dater, behind: Connection):
    await dora.finish()
    revision = (await dora.say("thanks")).revision

    await dora.reset(key="r1")
    await dora.reset(key="r1")
    found = await dora.goals()
    fresh = await dora.say("hello")

    assert (found.is_complete, found.completion_percentage, found.data) == (False, 0, pb.DatingGoalsData())
    assert fresh.revision == revision + 2
    archived = await behind.fetchval("SELECT count(*) FROM coach.archived_intakes WHERE member_id = $1", dora.member_id)
    assert archived == 1
    assert not await behind.fetchval(REMEMBERED, dora.member_id)
    await refused(grpc.StatusCode.FAILED_PRECONDITION, dora.adopt())


async def test_after_a_while_the_coach_says_what_it_knows(dora: Dater, clock: FixedClock):
    await dora.say("I want to go on dates")
    clock.advance(timedelta(hours=7))

    turn = await dora.say("two dates a month")

    assert "your goals" in turn.text
    assert turn.completion_percentage == 17


async def test_nothing_stands_in_clear(dora: Dater, behind: Connection, capfd: pytest.CaptureFixture[str]):
    await dora.finish()
    await dora.reset()
    await dora.finish()

    tables = await behind.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'coach'")
    rows = [
        row["row"]
        for table in tables
        for row in await behind.fetch(f"SELECT t::text AS row FROM coach.{table['tablename']} AS t")  # noqa: S608
    ]
    dump = "\n".join(rows)
    assert str(dora.member_id) in dump
    assert CANARY not in dump
    assert CANARY.encode().hex() not in dump
    assert "coffee" not in dump
    captured = capfd.readouterr()
    assert CANARY not in captured.out + captured.err


async def test_confirmed_goals_become_goals_once(dora: Dater, maker: FakeDatingGoals):
    await dora.say("I want to go on dates")
    await refused(grpc.StatusCode.FAILED_PRECONDITION, dora.adopt())
    await dora.reset()
    await dora.finish()

    first = await dora.adopt(key="a1")
    replayed = await dora.adopt(key="a1")
    again = await dora.adopt()
    maker_keys = [key for key, (draft, _) in maker.made.items() if CANARY in draft.title or draft.title == "Feel calm"]

    assert [goal.title for goal in first] == [f"Ask out my {CANARY} neighbour", "Feel calm"]
    assert {goal.category for goal in first} == {"dating"}
    assert {(goal.schedule.period, goal.schedule.times) for goal in first} == {(goal_pb2.PERIOD_MONTH, 2)}
    assert all(goal.HasField("deadline") for goal in first)
    assert replayed == first
    assert [goal.goal_id for goal in again] == [goal.goal_id for goal in first]
    assert all(key.startswith("intake-") and CANARY not in key for key in maker_keys)


async def test_a_goal_that_comes_later_is_made_besides(dora: Dater):
    await dora.finish()
    first = await dora.adopt()
    await dora.say("Add dance once a week to my goals")
    await refused(grpc.StatusCode.FAILED_PRECONDITION, dora.adopt())
    await dora.say("yes")

    second = await dora.adopt()

    assert [goal.goal_id for goal in second][:2] == [goal.goal_id for goal in first]
    assert [goal.title for goal in second][2:] == ["Dance once a week"]
    assert second[2].schedule.times == 1
    assert second[2].schedule.period == goal_pb2.PERIOD_WEEK


async def test_what_was_made_before_a_failure_is_not_made_twice(dora: Dater, maker: FakeDatingGoals):
    await dora.finish()
    maker.failures["Feel calm"] = Unavailable("goals is away")
    try:
        await refused(grpc.StatusCode.UNAVAILABLE, dora.adopt())
    finally:
        maker.failures.clear()
    count = len(maker.made)

    made = await dora.adopt()

    assert len(made) == 2
    assert len(maker.made) == count + 1


@pytest.mark.parametrize("text", ["", "  \n", "x" * 8001])
async def test_a_message_has_one_to_eight_thousand_characters(dora: Dater, text: str):
    await refused(grpc.StatusCode.INVALID_ARGUMENT, dora.say(text))


async def test_any_text_is_answered(dora: Dater):
    corpus = Path(__file__).parents[2] / "abuse" / "data" / "texts.json"
    texts = [text for kind in json.loads(corpus.read_text()).values() for text in kind[:3]]
    for text in (*texts, "ß漢😀é" * 2000, "I want " * 1000):
        if text.strip() and len(text) <= 8000:
            assert (await dora.say(text)).text
