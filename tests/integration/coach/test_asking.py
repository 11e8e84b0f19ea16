"""Numbers and consents are asked for beside the storing, not beside a sign of crisis, and given up with an exchange."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest

from chassis import idempotency
from chassis.clock import new_id
from chassis.db import Database
from chassis.identity.principal import Principal
from services.coach.clients.members import FakeMembers
from services.coach.clients.providers import FakeProvider
from services.coach.domain.facts import Overview
from services.coach.domain.person import Consents
from services.coach.errors import ThreadNotFound
from services.coach.usecases import Draft
from tests.integration.coach.conftest import Connection
from tests.support.coach import CLOCK, OwnGoals, chat_use_cases


class WatchedGoals(OwnGoals):
    """Says when it was asked, and when whoever asked went away; may never answer."""

    def __init__(self, *, hangs: bool = False) -> None:
        super().__init__()
        self.asked, self.left = asyncio.Event(), asyncio.Event()
        self._hangs = hangs

    async def overview(self, member_id: UUID) -> Overview:
        """The member's numbers."""
        self.asked.set()
        try:
            if self._hangs:
                await asyncio.Event().wait()
            return await super().overview(member_id)
        except asyncio.CancelledError:
            self.left.set()
            raise


class WatchedMembers(FakeMembers):
    """Says when consents were asked for."""

    def __init__(self) -> None:
        super().__init__("GB")
        self.asked = asyncio.Event()

    async def consents(self, member_id: UUID) -> Consents:
        """What the member allows."""
        self.asked.set()
        return await super().consents(member_id)


@asynccontextmanager
async def nothing_can_be_stored(behind: Connection) -> AsyncIterator[None]:
    """Whoever stores a message waits for the end of the block."""
    transaction = behind.transaction()
    await transaction.start()
    await behind.execute("LOCK TABLE coach.messages IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        await transaction.rollback()


async def count_messages(behind: Connection, who: Principal) -> int:
    count: int = await behind.fetchval("SELECT count(*) FROM coach.messages WHERE member_id = $1", who.member_id)
    return count


async def test_both_are_asked_before_the_message_is_stored(database: Database, behind: Connection):
    goals, members, who = WatchedGoals(), WatchedMembers(), Principal.member(new_id(CLOCK))
    vendor = FakeProvider("vendor", ("You are doing it.",))
    chat = chat_use_cases(database, goals=goals, members=members, vendors=(vendor,))

    async with nothing_can_be_stored(behind):
        sending = asyncio.create_task(chat.send(who, Draft("hi"), key=None))
        async with asyncio.timeout(10):
            await goals.asked.wait()
            await members.asked.wait()
        assert (await count_messages(behind, who), vendor.calls) == (0, 0)

    assert (await sending).provider == "vendor"


async def test_nothing_is_asked_beside_a_sign_of_crisis(database: Database, behind: Connection):
    goals, members, who = WatchedGoals(), WatchedMembers(), Principal.member(new_id(CLOCK))
    chat = chat_use_cases(database, goals=goals, members=members, vendors=(FakeProvider("vendor", ("cheerful",)),))

    async with nothing_can_be_stored(behind):
        pieces = chat.stream(who, Draft("I want to die"), key=None)
        assert isinstance(await anext(pieces), str)
        assert not goals.asked.is_set()
        assert not members.asked.is_set()

    assert [piece async for piece in pieces]
    assert not goals.asked.is_set()


async def test_what_was_asked_in_vain_is_given_up(database: Database):
    goals, who = WatchedGoals(hangs=True), Principal.member(new_id(CLOCK))

    with pytest.raises(ThreadNotFound):
        await chat_use_cases(database, goals=goals).send(who, Draft("hi", thread_id=str(new_id(CLOCK))), key=None)

    async with asyncio.timeout(10):
        await goals.left.wait()


async def test_who_leaves_while_numbers_are_asked_for_gives_the_reply_back(database: Database, behind: Connection):
    who = Principal.member(new_id(CLOCK))
    key = idempotency.make_key("chat", str(uuid4()), content=b"hi", principal=who)
    goals = WatchedGoals(hangs=True)
    first = asyncio.create_task(chat_use_cases(database, goals=goals).send(who, Draft("hi"), key=key))
    while await count_messages(behind, who) == 0:  # noqa: ASYNC110 - the database tells nobody
        await asyncio.sleep(0.01)
    # What was committed is known here a moment later.
    await asyncio.sleep(0.5)

    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    async with asyncio.timeout(10):
        await goals.left.wait()
    await asyncio.sleep(0.5)
    assert (await chat_use_cases(database).send(who, Draft("hi"), key=key)).reply.text
