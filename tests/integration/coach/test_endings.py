"""Erasing a member in every table and nobody else, and deleting what is past its time."""

import os
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import grpc
import pytest

from chassis.clock import new_id
from chassis.db import Database
from chassis.pages import PageTokens
from chassis.platform import Swept
from chassis.rpc.platform import PlatformServicer
from services.coach.config import Retention
from services.coach.repository.erasure import OF_MEMBERS
from services.coach.tables import metadata
from services.coach.usecases import RetentionUseCases, SafetyMemory
from tandem.coach.v1 import chat_pb2, dating_pb2, journal_pb2
from tandem.coach.v1 import memory_pb2 as pb
from tandem.platform.v1.platform_pb2 import SweepExpiredRequest
from tests.integration.coach.conftest import Connection
from tests.support.coach import CLOCK, Talker
from tests.support.identities import Identities

CANARY = "zebra-canary-9917"


async def erase(anna: Talker, identities: Identities) -> dict[str, int]:
    by_mentor = (("x-tandem-assertion", identities.assertion("mentor", "coach")),)
    answer = await anna.stub.EraseMember(pb.EraseMemberRequest(member_id=str(anna.member_id)), metadata=by_mentor)
    return dict(answer.deleted)


async def live(member: Talker) -> chat_pb2.SendMessageResponse:
    """Leaves something in as many tables as calls can."""
    answer = await member.say(f"I want to die {CANARY}", key="key-1")
    await member.say(f"Remember that {CANARY} is my dog.", key="key-2")
    for number in range(10):
        await member.say(f"I want to run more every week, {number}.", thread_id=answer.reply.thread_id)
    rating = chat_pb2.RateReplyRequest(message_id=answer.reply.message_id, helpful=True, note=CANARY)
    await member.stub.RateReply(rating, metadata=member.metadata)
    entry = journal_pb2.CreateJournalEntryRequest(entry=journal_pb2.JournalEntry(text=CANARY), idempotency_key="key-3")
    await member.stub.CreateJournalEntry(entry, metadata=member.metadata)
    await member.stub.PauseMemory(pb.PauseMemoryRequest(paused=True), metadata=member.metadata)
    memory = (await member.stub.ListMemories(pb.ListMemoriesRequest(), metadata=member.metadata)).memories[0]
    await member.stub.DeleteMemory(pb.DeleteMemoryRequest(memory_id=memory.memory_id), metadata=member.metadata)
    await member.stub.ContinueIntake(dating_pb2.ContinueIntakeRequest(text="hi"), metadata=member.metadata)
    return answer


async def rows_of(behind: Connection, member_id: UUID) -> dict[str, list[str]]:
    """Every row of the schema that names the member, by table."""
    tables = await behind.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'coach'")
    found = {}
    for name in (table["tablename"] for table in tables):
        rows = await behind.fetch(
            f"SELECT t::text AS row FROM coach.{name} AS t WHERE t::text LIKE $1 ORDER BY 1",  # noqa: S608
            f"%{member_id}%",
        )
        if rows:
            found[name] = [row["row"] for row in rows]
    return found


def test_the_list_of_tables_is_the_schemas():
    of_members = {table.name for table in metadata.tables.values() if "member_id" in table.c}

    assert set(OF_MEMBERS) == (of_members - {"copilot_calls"}) | {"wrapped_keys"}


async def test_a_member_is_erased_everywhere_and_nobody_else_is_touched(
    anna: Talker, talker: Callable[[], Talker], identities: Identities, behind: Connection
):
    ben = talker()
    for member in (anna, ben):
        await live(member)
    for asked, mentor in ((anna.member_id, ben.member_id), (ben.member_id, anna.member_id)):
        await behind.execute(
            "INSERT INTO coach.copilot_calls (advice_id, member_id, mentor_id, mode, state, context_used, created_at)"
            " VALUES (gen_random_uuid(), $1, $2, 'quick_check', 'asked', '{}', now())",
            asked,
            mentor,
        )
    before = await rows_of(behind, ben.member_id)

    erased = await erase(anna, identities)
    again = await erase(anna, identities)

    left = await rows_of(behind, anna.member_id)
    assert set(left) <= {"outbox"}
    assert {name for name, count in erased.items() if not count} <= {"reviews", "suggestion_rounds", "archived_intakes"}
    assert erased["copilot_calls"] == 2
    assert not any(again.values())
    after = await rows_of(behind, ben.member_id)
    assert {name: rows for name, rows in after.items() if name != "copilot_calls"} == {
        name: rows for name, rows in before.items() if name != "copilot_calls"
    }
    assert len(after["copilot_calls"]) == len(before["copilot_calls"])
    assert not (await anna.messages()).messages
    assert (await ben.messages()).messages


async def test_no_word_of_an_erased_member_is_left_anywhere(anna: Talker, identities: Identities, behind: Connection):
    await live(anna)

    await erase(anna, identities)

    tables = await behind.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'coach'")
    for name in (table["tablename"] for table in tables):
        rows = await behind.fetch(f"SELECT t::text AS row FROM coach.{name} AS t")  # noqa: S608
        assert not any(CANARY in row["row"] or CANARY.encode().hex() in row["row"] for row in rows), name
    answers = await behind.fetchval("SELECT count(*) FROM coach.idempotency WHERE member_id = $1", anna.member_id)
    assert answers == 0


async def test_only_services_that_own_members_erase(anna: Talker, identities: Identities):
    for known in (anna.metadata, (("x-tandem-assertion", identities.assertion("jobs", "coach")),)):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await anna.stub.EraseMember(pb.EraseMemberRequest(member_id=str(anna.member_id)), metadata=known)
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_what_is_past_its_time_goes_and_what_is_known_without_text_stays_longer(
    anna: Talker, talker: Callable[[], Talker], database: Database, system_database: Database, behind: Connection
):
    ben = talker()
    old, kept = await anna.say("old"), await ben.say("kept")
    ancient = await anna.say("ancient")
    await age(behind, old, days=200)
    await age(behind, ancient, days=400)
    sweeper = RetentionUseCases(database, system_database, CLOCK, memory=SafetyMemory(), retention=Retention())

    first = await sweeper.sweep()
    while (await sweeper.sweep()).more:
        pass

    assert first.removed > 0
    assert not (await anna.messages()).messages
    assert len((await ben.messages()).messages) == 2
    rows = await behind.fetch(
        "SELECT message_id, outcome, context_used FROM coach.replies WHERE member_id = $1", anna.member_id
    )
    assert [(str(row["message_id"]), row["outcome"]) for row in rows] == [(old.reply.message_id, None)]
    assert rows[0]["context_used"]
    assert [thread.thread_id for thread in (await anna.threads()).threads] == [old.reply.thread_id]
    assert not (await sweeper.sweep()).removed
    assert (await ben.messages()).messages[0].message_id == kept.reply.message_id


async def test_archived_conversations_and_audits_of_advice_go_in_time(
    database: Database, system_database: Database, behind: Connection
):
    for days in (31, 29):
        await behind.execute(
            "INSERT INTO coach.archived_intakes (intake_id, member_id, state, archived_at)"
            " VALUES ($1, $1, $2, now() - $3::interval)",
            new_id(CLOCK),
            os.urandom(8),
            timedelta(days=days),
        )
    for days in (366, 364):
        await behind.execute(
            "INSERT INTO coach.copilot_calls (advice_id, member_id, mentor_id, mode, state, context_used, created_at)"
            " VALUES ($1, $1, $1, 'deep_dive', 'asked', '{}', now() - $2::interval)",
            new_id(CLOCK),
            timedelta(days=days),
        )

    await RetentionUseCases(database, system_database, CLOCK, memory=SafetyMemory()).sweep()

    for table, column, days in (("archived_intakes", "archived_at", 30), ("copilot_calls", "created_at", 365)):
        late = f"SELECT count(*) FROM coach.{table} WHERE {column} < now() - interval '{days} days'"  # noqa: S608
        early = f"SELECT count(*) FROM coach.{table} WHERE {column} < now() - interval '{days - 2} days'"  # noqa: S608
        assert await behind.fetchval(late) == 0
        assert await behind.fetchval(early) > 0


async def age(behind: Connection, answer: chat_pb2.SendMessageResponse, *, days: int) -> None:
    """Makes an exchange and its thread older than they are."""
    by = timedelta(days=days)
    for table, column in (("messages", "created_at"), ("replies", "created_at"), ("threads", "updated_at")):
        await behind.execute(
            f"UPDATE coach.{table} SET {column} = {column} - $1::interval WHERE thread_id = $2",  # noqa: S608
            by,
            answer.reply.thread_id,
        )


async def test_the_platforms_sweep_sweeps_the_services_own_as_well(system_database: Database):
    async def own() -> Swept:
        return Swept(3, more=True)

    tokens = PageTokens(b"k" * 32)
    swept = await PlatformServicer(system_database, tokens, own).SweepExpired(SweepExpiredRequest(), None)
    alone = await PlatformServicer(system_database, tokens).SweepExpired(SweepExpiredRequest(), None)

    assert swept.more
    assert swept.removed_count >= 3
    assert not alone.more
