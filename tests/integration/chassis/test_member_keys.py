"""Members' keys in a schema: made once, seen by their member only, and gone for good."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.clock import SystemClock, new_id
from chassis.db import Database, Transaction
from chassis.identity.principal import Principal
from chassis.migrations import member_keys_v1
from chassis.sql import text_statement
from chassis.vault import KeyRing, MemberKeys, lookup

KEYS = MemberKeys(KeyRing({"one": b"1" * 32}))
ROW = new_id(SystemClock())
LOAD = text_statement(f"SELECT {lookup('goals')}")


@pytest.fixture(autouse=True)
async def _table(admin: Any) -> None:
    statements: list[str] = []
    operations: Any = SimpleNamespace(execute=statements.append)
    member_keys_v1(operations, "goals")
    await admin.execute("SET ROLE goals_owner")
    for statement in statements:
        await admin.execute(statement)
    await admin.execute("RESET ROLE")


async def seal(database: Database, member: Principal, text: str) -> bytes:
    async def work(tx: Transaction) -> bytes:
        assert member.member_id is not None
        key = await KEYS.find_or_make(tx, member.member_id)
        return key.seal(text, table="goals.notes.body", row_id=ROW)

    return await database.run(member, work)


async def test_racing_first_texts_share_one_key(database: Database, member: Principal, admin: Any) -> None:
    sealed = await asyncio.gather(*(seal(database, member, f"text {number}") for number in range(10)))

    async with database.transaction(member) as tx:
        assert member.member_id is not None
        key = KEYS.of_row(await tx.fetch_one(LOAD, vault_member=member.member_id), member.member_id)
    assert key is not None
    assert [key.open(one, table="goals.notes.body", row_id=ROW) for one in sealed] == [f"text {n}" for n in range(10)]
    assert await admin.fetchval("SELECT count(*) FROM goals.wrapped_keys") == 1


async def test_keys_are_their_members_alone_and_end_with_erasure(database: Database, member: Principal) -> None:
    await seal(database, member, "private")
    assert member.member_id is not None

    async with database.transaction(Principal.member(new_id(SystemClock()))) as stranger:
        assert await KEYS.find(stranger, member.member_id) is None
        KEYS.erase(stranger, member.member_id)
    async with database.transaction(member) as tx:
        assert await KEYS.find(tx, member.member_id) is not None
        KEYS.erase(tx, member.member_id)
    async with database.transaction(member) as tx:
        assert await KEYS.find(tx, member.member_id) is None
