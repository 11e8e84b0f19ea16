"""What a member writes stands nowhere in clear: not in tables, logs, errors or spans; and nobody else can read it."""

import asyncio
import subprocess
import sys

import grpc
import pytest

from chassis.clock import new_id
from chassis.db import Database
from chassis.errors import PermissionDenied, TandemError
from chassis.identity.principal import Principal
from chassis.sql import text_statement
from chassis.vault import KeyRing, MemberKeys
from services.coach.domain.conversation import Author, Exchange, Message, SafetyNotice
from services.coach.repository import ConversationRepository
from services.coach.usecases import Draft, HistoryUseCases
from tests.integration.coach.conftest import Connection
from tests.support.coach import CLOCK, KEYS, Talker, chat_use_cases

CANARY = "zebra-canary-7461"


async def everything_in(behind: Connection) -> str:
    tables = await behind.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'coach'")
    names = [table["tablename"] for table in tables]
    rows = [await behind.fetch(f"SELECT t::text AS row FROM coach.{name} AS t") for name in names]  # noqa: S608
    return "\n".join(row["row"] for found in rows for row in found)


async def test_no_table_holds_a_word_in_clear(anna: Talker, behind: Connection):
    await anna.say(f"I missed my {CANARY} run")
    await anna.say(f"I want to die {CANARY}")

    dump = await everything_in(behind)

    assert str(anna.member_id) in dump
    assert CANARY not in dump
    assert CANARY.encode().hex() not in dump


async def test_no_log_line_holds_a_word(
    anna: Talker, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    await anna.say(f"I want to die {CANARY}")
    for text in (f"{CANARY} " * 700, f"hello {CANARY}"):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await anna.say(text, thread_id=str(new_id(CLOCK)))
        assert CANARY not in str(refused.value)

    captured = capfd.readouterr()
    assert CANARY not in captured.out + captured.err + caplog.text


async def test_no_failure_holds_a_word(database: Database):
    wrong_ring = MemberKeys(KeyRing({"other": b"x" * 32}))
    who = Principal.member(new_id(CLOCK))
    await chat_use_cases(database).send(who, Draft(CANARY), key=None)

    with pytest.raises(Exception) as failure:  # noqa: PT011 - whatever it is, it must not quote
        await HistoryUseCases(database, wrong_ring).list_messages(who, thread_id=None, before=None, limit=5)

    assert CANARY not in repr(failure.value)


def test_nothing_that_carries_text_shows_it_when_printed():
    message = Message(new_id(CLOCK), new_id(CLOCK), new_id(CLOCK), Author.MEMBER, CANARY, CLOCK.now())
    exchange = Exchange(message, message, (CANARY,), "offline", degraded=False, safety=SafetyNotice())

    assert CANARY not in f"{message!r} {exchange!r} {Draft(CANARY)!r}"


async def test_row_level_security_hides_what_the_query_forgets(anna: Talker, database: Database):
    await anna.say("hi")
    stranger = Principal.member(new_id(CLOCK))

    async with database.transaction(stranger, read_only=True) as transaction:
        for table in ("threads", "messages", "replies", "safety_states", "wrapped_keys"):
            count = await transaction.fetch_value(text_statement(f"SELECT count(*) FROM coach.{table}"))  # noqa: S608
            assert count == 0


async def test_the_system_login_sees_no_message(anna: Talker, system_database: Database):
    await anna.say("hi")

    async with system_database.transaction(Principal.system("coach"), read_only=True) as transaction:
        assert await transaction.fetch_value(text_statement("SELECT count(*) FROM coach.messages")) == 0


async def test_a_text_moved_to_another_row_does_not_open(anna: Talker, database: Database, behind: Connection):
    first, second = await anna.say("first"), await anna.say("second")
    await behind.execute(
        "UPDATE coach.messages SET body = (SELECT m.body FROM coach.messages AS m WHERE m.message_id = $1)"
        " WHERE message_id = $2",
        first.user_message.message_id,
        second.user_message.message_id,
    )

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await anna.messages()

    assert refused.value.code() is grpc.StatusCode.INTERNAL
    assert "first" not in (refused.value.details() or "")


async def test_without_its_key_a_text_is_gone(anna: Talker, database: Database):
    await anna.say("soon gone")
    who = Principal.member(anna.member_id)
    async with database.transaction(who) as transaction:
        KEYS.erase(transaction, anna.member_id)

    assert not (await anna.messages()).messages


async def test_a_service_acting_for_nobody_has_no_conversations(database: Database):
    for work in (
        chat_use_cases(database).send(Principal.system("jobs"), Draft("hi"), key=None),
        HistoryUseCases(database, KEYS).list_threads(Principal.system("jobs"), before=None, limit=5),
    ):
        with pytest.raises(PermissionDenied):
            await work


async def test_a_thread_of_somebody_else_cannot_be_written_even_by_id(anna: Talker, database: Database):
    thread_id = (await anna.say("hi")).reply.thread_id
    stranger = Principal.member(new_id(CLOCK))

    with pytest.raises(TandemError):
        await chat_use_cases(database).send(stranger, Draft("hi", thread_id), key=None)

    async with database.transaction(stranger, read_only=True) as transaction:
        assert not await ConversationRepository(transaction, KEYS).has_thread(stranger.member_id or new_id(CLOCK))


async def test_importing_the_whole_coach_imports_no_vendor():
    script = (
        "import sys, services.coach.__main__;"
        "print(sorted({'aiohttp', 'anthropic', 'google.genai', 'httpx', 'httpx2', 'litellm'} & set(sys.modules)))"
    )

    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
