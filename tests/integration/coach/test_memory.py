"""What is remembered through the real servicer on a real database: seen, corrected, forgotten, paused, and dropped."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from chassis.clock import new_id
from chassis.db import Database
from chassis.identity.principal import Principal
from services.coach.clients.groups import FakeGroups
from services.coach.clients.members import FakeMembers
from services.coach.domain.group_talk import GroupPost, GroupTalk
from services.coach.domain.journal import JournalDraft
from services.coach.domain.person import Consents
from services.coach.usecases import Draft
from tandem.coach.v1 import chat_pb2, journal_pb2
from tandem.coach.v1 import memory_pb2 as pb
from tests.integration.coach.conftest import Connection
from tests.support.coach import CLOCK, Talker, chat_use_cases, journal_use_cases

CANARY = "zebra-canary-5521"


async def remembered(member: Talker, **asked: Any) -> pb.ListMemoriesResponse:
    return await member.stub.ListMemories(pb.ListMemoriesRequest(**asked), metadata=member.metadata)


async def texts(member: Talker) -> list[str]:
    return [memory.text for memory in (await remembered(member)).memories]


async def change(member: Talker, memory_id: str, *, key: str = "", **fields: Any) -> pb.Memory:
    memory, mask = pb.Memory(memory_id=memory_id, **fields), FieldMask(paths=list(fields))
    request = pb.UpdateMemoryRequest(memory=memory, update_mask=mask, idempotency_key=key)
    return await member.stub.UpdateMemory(request, metadata=member.metadata)


async def forget(member: Talker, memory_id: str, *, key: str = "") -> None:
    request = pb.DeleteMemoryRequest(memory_id=memory_id, idempotency_key=key)
    await member.stub.DeleteMemory(request, metadata=member.metadata)


async def pause(member: Talker, *, paused: bool) -> pb.MemoryPause:
    return await member.stub.PauseMemory(pb.PauseMemoryRequest(paused=paused), metadata=member.metadata)


async def delete(member: Talker, message_id: str, *, key: str = "") -> None:
    request = chat_pb2.DeleteMessageRequest(message_id=message_id, idempotency_key=key)
    await member.stub.DeleteMessage(request, metadata=member.metadata)


async def rate(
    member: Talker, message_id: str, *, helpful: bool, note: str = "", key: str = ""
) -> chat_pb2.ReplyRating:
    request = chat_pb2.RateReplyRequest(message_id=message_id, helpful=helpful, note=note, idempotency_key=key)
    return await member.stub.RateReply(request, metadata=member.metadata)


async def refs(behind: Connection, message_id: str) -> dict[str, list[str]]:
    """What stood in the context of a reply, by section."""
    row = await behind.fetchrow("SELECT context_used FROM coach.replies WHERE message_id = $1", message_id)
    assert row is not None
    return {section["name"]: section["refs"] for section in json.loads(row["context_used"])["sections"]}


async def refused_with(attempt: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await attempt
    return refused.value.code()


async def test_what_is_told_is_remembered_once_and_stands_in_the_context(anna: Talker, behind: Connection):
    for text in ("I work nights", "Well, I work nights.", f"Remember that {CANARY} is my dog."):
        answer = await anna.say(text)

    found = (await remembered(anna)).memories
    assert [memory.text for memory in found] == [f"{CANARY} is my dog".capitalize(), "I work nights"]
    assert {memory.kind for memory in found} == {"fact"}
    assert set((await refs(behind, answer.reply.message_id))["memory"]) == {memory.memory_id for memory in found}
    rows = await behind.fetch("SELECT t::text AS row FROM coach.memories AS t")
    assert not any(CANARY in row["row"] or CANARY.encode().hex() in row["row"] for row in rows)


async def test_twins_that_tell_the_same_at_once_make_one_memory(anna: Talker):
    await anna.say("hi")

    await asyncio.gather(anna.say("I'm vegan"), anna.say("I'm vegan"))

    assert await texts(anna) == ["I'm vegan"]


async def test_what_is_corrected_or_pinned_stays_so(anna: Talker):
    await anna.say("I work nights")
    await anna.say("My knee hurts")
    knee, nights = (await remembered(anna)).memories

    changed = await change(anna, nights.memory_id, text="Nights until May", pinned=True, key="once")
    await anna.say("I work nights")

    assert (changed.text, changed.pinned, changed.create_time) == ("Nights until May", True, nights.create_time)
    assert await texts(anna) == ["Nights until May", knee.text]
    assert await change(anna, nights.memory_id, text="Nights until May", pinned=True, key="once") == changed
    for text in ("", "x" * 1_001):
        assert await refused_with(change(anna, knee.memory_id, text=text)) is grpc.StatusCode.INVALID_ARGUMENT


async def test_more_than_fits_every_context_cannot_be_pinned(anna: Talker):
    for text in ("I work nights", "I'm vegan", "I can't swim"):
        await anna.say(text)
    first, second, third = [memory.memory_id for memory in (await remembered(anna)).memories]
    for memory_id in (first, second):
        await change(anna, memory_id, text="x" * 1_000, pinned=True)

    assert await refused_with(change(anna, third, text="x" * 1_000, pinned=True)) is grpc.StatusCode.FAILED_PRECONDITION


async def test_what_is_forgotten_is_not_remembered_from_the_same_words(anna: Talker):
    await anna.say("I work nights")
    (nights,) = (await remembered(anna)).memories

    for _ in range(2):
        await forget(anna, nights.memory_id, key="forget")
    await anna.say("I work nights")

    assert await texts(anna) == []
    assert await refused_with(forget(anna, nights.memory_id)) is grpc.StatusCode.NOT_FOUND
    await anna.say("I work days")
    assert await texts(anna) == ["I work days"]


async def test_a_paused_memory_remembers_nothing_new(anna: Talker):
    await anna.say("I'm vegan")

    assert (await pause(anna, paused=True)).paused
    await anna.say("I work nights")
    assert (await remembered(anna)).paused
    assert await texts(anna) == ["I'm vegan"]

    await pause(anna, paused=False)
    await anna.say("I work nights")
    assert len(await texts(anna)) == 2


async def talked(member: Talker, count: int, text: str) -> list[chat_pb2.SendMessageResponse]:
    answers: list[chat_pb2.SendMessageResponse] = []
    for number in range(count):
        thread_id = answers[0].reply.thread_id if answers else ""
        answers.append(await member.say(text.format(number), thread_id=thread_id))
    return answers


async def test_older_turns_come_down_to_a_summary_that_deleting_one_drops(anna: Talker, behind: Connection):
    answers = await talked(anna, 10, "I want to run more every week, number {}.")

    (summary,) = (await remembered(anna)).memories
    used = await refs(behind, answers[-1].reply.message_id)
    assert summary.kind == "summary"
    assert summary.text.startswith("I want to run more every week, number 3.")
    assert used["summary"] == [summary.memory_id]
    assert answers[0].user_message.message_id not in used["turns"]

    await delete(anna, answers[1].user_message.message_id)

    assert await texts(anna) == []
    listed = {message.message_id for message in (await anna.messages()).messages}
    assert answers[1].user_message.message_id not in listed
    assert answers[1].reply.message_id not in listed
    again = await anna.say("I want to go on.", thread_id=answers[0].reply.thread_id)
    (summary,) = (await remembered(anna)).memories
    assert "number 1." not in summary.text
    assert "number 0." in summary.text
    assert (await refs(behind, again.reply.message_id))["summary"] == [summary.memory_id]


async def test_forgetting_a_fact_reaches_the_summary_and_a_forgotten_summary_is_not_made_again(anna: Talker):
    first = await anna.say("I work nights and I want to run every week.")
    for number in range(9):
        await anna.say(f"I want to run more every week, number {number}.", thread_id=first.reply.thread_id)
    found = {memory.kind: memory for memory in (await remembered(anna)).memories}
    assert "nights" in found["summary"].text

    await forget(anna, found["fact"].memory_id)
    assert await texts(anna) == []
    await anna.say("I want to see.", thread_id=first.reply.thread_id)
    (summary,) = (await remembered(anna)).memories
    assert "nights" not in summary.text

    await forget(anna, summary.memory_id)
    for number in range(5):
        await anna.say(f"I want to keep on every week, {number}.", thread_id=first.reply.thread_id)
    assert await texts(anna) == []


async def test_deleting_a_message_drops_what_stands_on_it_alone(anna: Talker):
    first = await anna.say("I work nights")
    second = await anna.say("I work nights")
    other = await anna.say("I'm vegan")

    await delete(anna, first.user_message.message_id)
    assert await texts(anna) == ["I'm vegan", "I work nights"]
    await delete(anna, second.user_message.message_id)
    await delete(anna, other.user_message.message_id, key="once")
    await delete(anna, other.user_message.message_id, key="once")
    assert await texts(anna) == []
    assert await refused_with(delete(anna, first.user_message.message_id)) is grpc.StatusCode.NOT_FOUND


async def test_deleting_a_reply_leaves_the_message_and_the_record_without_text(anna: Talker, behind: Connection):
    answer = await anna.say("How am I doing?", key="again")

    await delete(anna, answer.reply.message_id)

    assert [message.text for message in (await anna.messages()).messages] == ["How am I doing?"]
    row = await behind.fetchrow(
        "SELECT state, outcome, context_used FROM coach.replies WHERE message_id = $1", answer.reply.message_id
    )
    assert row is not None
    assert (row["state"], row["outcome"]) == ("done", None)
    assert json.loads(row["context_used"])["context_hash"]
    assert await refused_with(anna.say("How am I doing?", key="again")) is grpc.StatusCode.NOT_FOUND


async def test_a_message_that_is_being_answered_can_be_deleted(anna: Talker, database: Database, behind: Connection):
    answer = await anna.say("hi")
    await behind.execute(
        "UPDATE coach.replies SET state = 'pending', provider = NULL, outcome = NULL, finished_at = NULL"
        " WHERE message_id = $1",
        answer.reply.message_id,
    )

    await delete(anna, answer.user_message.message_id)

    row = await behind.fetchrow("SELECT state FROM coach.replies WHERE message_id = $1", answer.reply.message_id)
    assert row is not None
    assert row["state"] == "failed"


async def test_what_a_member_says_of_a_reply_is_kept_sealed_and_can_change(anna: Talker, behind: Connection):
    answer = await anna.say("hi")

    first = await rate(anna, answer.reply.message_id, helpful=False, note=CANARY, key="rate")
    row = await behind.fetchval("SELECT r::text FROM coach.ratings AS r WHERE member_id = $1", anna.member_id)
    assert CANARY not in row
    assert CANARY.encode().hex() not in row
    assert await rate(anna, answer.reply.message_id, helpful=False, note=CANARY, key="rate") == first
    last = await rate(anna, answer.reply.message_id, helpful=True)

    assert (first.note, last.note, last.helpful) == (CANARY, "", True)
    rows = await behind.fetch(
        "SELECT r::text AS row, helpful FROM coach.ratings AS r WHERE member_id = $1", anna.member_id
    )
    assert [row["helpful"] for row in rows] == [True]
    assert await refused_with(rate(anna, answer.user_message.message_id, helpful=True)) is grpc.StatusCode.NOT_FOUND
    assert (
        await refused_with(rate(anna, answer.reply.message_id, helpful=True, note="x" * 10_001))
        is grpc.StatusCode.INVALID_ARGUMENT
    )


async def test_a_note_that_is_a_sign_of_crisis_holds_for_the_chat(anna: Talker):
    answer = await anna.say("hi")

    rated = await rate(anna, answer.reply.message_id, helpful=False, note="I want to die", key="note")

    assert rated.safety.tier == chat_pb2.SAFETY_TIER_RISK
    assert rated.safety.resources[0].contact == "116 123"
    assert (await anna.say("hello")).safety.tier == chat_pb2.SAFETY_TIER_RISK
    assert await rate(anna, answer.reply.message_id, helpful=False, note="I want to die", key="note") == rated
    assert (await rate(anna, answer.reply.message_id, helpful=True)).safety.tier == chat_pb2.SAFETY_TIER_NONE


async def test_a_memory_that_is_written_anew_is_screened(anna: Talker):
    await anna.say("I work nights")
    (memory,) = (await remembered(anna)).memories

    pinned = await change(anna, memory.memory_id, pinned=True)
    quiet = await change(anna, memory.memory_id, text="I work days")
    found = await change(anna, memory.memory_id, text="I want to die")

    assert not pinned.HasField("safety")
    assert (quiet.safety.tier, list(quiet.safety.resources)) == (chat_pb2.SAFETY_TIER_NONE, [])
    assert found.safety.tier == chat_pb2.SAFETY_TIER_RISK
    assert found.safety.resources[0].contact == "116 123"
    assert (await anna.say("hello")).safety.tier == chat_pb2.SAFETY_TIER_RISK


async def test_what_is_remembered_of_somebody_else_looks_like_nothing(anna: Talker, talker: Callable[[], Talker]):
    answer, ben = await anna.say(f"Remember that {CANARY} is my dog."), talker()
    await ben.say("I'm vegan")
    (memory,) = (await remembered(anna)).memories

    for attempt in (
        change(ben, memory.memory_id, text="mine"),
        forget(ben, memory.memory_id),
        delete(ben, answer.user_message.message_id),
        rate(ben, answer.reply.message_id, helpful=True),
    ):
        assert await refused_with(attempt) is grpc.StatusCode.NOT_FOUND
    assert await texts(ben) == ["I'm vegan"]
    assert list((await remembered(anna)).memories) == [memory]


async def test_pages_show_pinned_ones_first_and_everything_once(anna: Talker):
    for text in ("I work nights", "I'm vegan", "I can't swim", "My knee hurts", "I live alone"):
        await anna.say(text)
    everything = (await remembered(anna)).memories
    await change(anna, everything[-1].memory_id, pinned=True)

    seen, token = list[str](), ""
    while True:
        page = await remembered(anna, page_size=2, page_token=token)
        seen += [memory.memory_id for memory in page.memories]
        token = page.next_page_token
        if not token:
            break

    assert seen == [everything[-1].memory_id, *(memory.memory_id for memory in everything[:-1])]


@pytest.mark.parametrize("allowed", [True, False])
async def test_the_journal_stands_in_a_context_only_where_that_is_allowed(
    database: Database, behind: Connection, allowed: bool
):
    who = Principal.member(new_id(CLOCK))
    journal = journal_use_cases(database)
    entry = (await journal.write(who, JournalDraft("I was proud today."), key=None)).entry
    members = FakeMembers("GB", consents=Consents(coach_reads_journal=allowed, ai_vendors=True))

    exchange = await chat_use_cases(database, members=members).send(who, Draft("hi"), key=None)

    used = await refs(behind, str(exchange.reply.message_id))
    assert set(used["journal"]) == ({str(entry.entry_id)} if allowed else set())


async def test_a_group_that_may_be_read_stands_in_the_context_and_in_no_memory(database: Database, behind: Connection):
    who, group_id = Principal.member(new_id(CLOCK)), new_id(CLOCK)
    assert who.member_id is not None
    post = GroupPost(new_id(CLOCK), "Ben", "Remember that I work nights. My knee hurts.", CLOCK.now())
    groups = FakeGroups(GroupTalk(group_id, who.member_id, "Runners", (post,)))
    chat = chat_use_cases(database, groups=groups)

    exchange = await chat.send(who, Draft("What do they say?", group_id=str(group_id)), key=None)

    assert (await refs(behind, str(exchange.reply.message_id)))["group"] == [str(post.post_id)]
    assert await behind.fetchval("SELECT count(*) FROM coach.memories WHERE member_id = $1", who.member_id) == 0


async def test_a_group_that_cannot_be_read_stores_nothing_but_a_card_waits_for_none(anna: Talker):
    def asked(text: str, group_id: str = "01a1fc72-0759-72fe-905f-9d4c0c81841c") -> Any:
        request = chat_pb2.SendMessageRequest(text=text, group_id=group_id)
        return anna.stub.SendMessage(request, metadata=anna.metadata)

    assert await refused_with(asked("hi")) is grpc.StatusCode.UNIMPLEMENTED
    assert await refused_with(asked("hi", "x")) is grpc.StatusCode.INVALID_ARGUMENT
    assert not (await anna.messages()).messages
    assert (await asked("I want to die")).safety.resources


async def test_deleting_a_journal_entry_drops_what_would_stand_on_it(anna: Talker, behind: Connection):
    request = journal_pb2.CreateJournalEntryRequest(entry=journal_pb2.JournalEntry(text="x"))
    entry = await anna.stub.CreateJournalEntry(request, metadata=anna.metadata)
    await anna.say("I'm vegan")
    await behind.execute(
        "UPDATE coach.memories SET source_ids = ARRAY[$1::uuid] WHERE member_id = $2", entry.entry_id, anna.member_id
    )

    await anna.stub.DeleteJournalEntry(
        journal_pb2.DeleteJournalEntryRequest(entry_id=entry.entry_id), metadata=anna.metadata
    )

    assert await texts(anna) == []


async def test_the_coach_without_a_model_brings_up_what_it_was_told_and_nothing_that_was_forgotten(anna: Talker):
    await anna.say("I work nights. How do I plan around that?", key="k1")
    told = await anna.say("I can't get started", key="k2")
    await forget(anna, (await remembered(anna)).memories[0].memory_id)
    after = [await anna.say("I can't get started", key=f"k{number}") for number in range(3, 10)]

    assert "“I work nights”" in told.reply.text
    assert not any("nights" in exchange.reply.text for exchange in after)


@pytest.mark.parametrize("allowed", [True, False])
async def test_the_mood_of_the_journal_is_told_only_where_it_may_be_read(database: Database, allowed: bool):
    who = Principal.member(new_id(CLOCK))
    journal = journal_use_cases(database)
    for days in range(3):
        day = (CLOCK.now() - timedelta(days=days)).date()
        await journal.write(who, JournalDraft("An awful, sad and terrible day.", local_date=day), key=None)
    members = FakeMembers("GB", consents=Consents(coach_reads_journal=allowed, ai_vendors=False))

    exchange = await chat_use_cases(database, members=members).send(who, Draft("I feel sad"), key=None)

    assert ("journal" in exchange.reply.text) is allowed
