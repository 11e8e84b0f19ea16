"""The journal through the real servicer on a real database."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.type.date_pb2 import Date

from chassis.clock import new_id
from chassis.db import Database
from chassis.errors import TandemError, Unavailable
from chassis.identity.principal import Principal
from services.coach.clients.members import FakeMembers
from services.coach.domain.journal import JournalDraft
from services.coach.domain.person import Person
from services.coach.usecases import SafetyMemory, Watch
from tandem.coach.v1 import chat_pb2
from tandem.coach.v1 import journal_pb2 as pb
from tests.integration.coach.conftest import Connection
from tests.support.coach import CLOCK, TEXTS, Talker, journal_use_cases

CANARY = "zebra-canary-3311"


async def write(
    member: Talker, text: str, *, key: str = "", day: date | None = None, moods: Any = ()
) -> pb.JournalEntry:
    entry = pb.JournalEntry(text=text, mood_tags=moods, local_date=_date(day) if day else None)
    request = pb.CreateJournalEntryRequest(entry=entry, idempotency_key=key)
    return await member.stub.CreateJournalEntry(request, metadata=member.metadata)


async def change(member: Talker, entry_id: str, *, key: str = "", **fields: Any) -> pb.JournalEntry:
    request = pb.UpdateJournalEntryRequest(
        entry=pb.JournalEntry(entry_id=entry_id, **fields),
        update_mask=FieldMask(paths=list(fields)),
        idempotency_key=key,
    )
    return await member.stub.UpdateJournalEntry(request, metadata=member.metadata)


async def read(member: Talker, entry_id: str) -> pb.JournalEntry:
    return await member.stub.GetJournalEntry(pb.GetJournalEntryRequest(entry_id=entry_id), metadata=member.metadata)


async def remove(member: Talker, entry_id: str, *, key: str = "") -> pb.DeleteJournalEntryResponse:
    request = pb.DeleteJournalEntryRequest(entry_id=entry_id, idempotency_key=key)
    return await member.stub.DeleteJournalEntry(request, metadata=member.metadata)


async def page(member: Talker, **asked: Any) -> pb.ListJournalEntriesResponse:
    return await member.stub.ListJournalEntries(pb.ListJournalEntriesRequest(**asked), metadata=member.metadata)


async def test_an_entry_is_read_and_kept(anna: Talker):
    entry = await write(anna, "Ran in the rain. I'm really proud of myself!")

    assert entry.sentiment_score > 0.3
    assert list(entry.mood_tags) == ["proud"]
    assert (entry.sentiment_origin, entry.mood_tags_origin) == (pb.ORIGIN_FOUND, pb.ORIGIN_FOUND)
    assert entry.safety.tier == chat_pb2.SAFETY_TIER_NONE
    entry.ClearField("safety")
    assert await read(anna, entry.entry_id) == entry
    assert list((await page(anna)).entries) == [entry]


async def test_the_day_is_the_members_own(database: Database):
    far = FakeMembers(person=Person(timezone="Pacific/Kiritimati", day_start_hour=0))
    who = Principal.member(new_id(CLOCK))

    written = await journal_use_cases(database, members=far).write(who, JournalDraft("x"), key=None)

    assert written.entry.local_date == (CLOCK.now().astimezone(UTC) + timedelta(hours=14)).date()


async def test_a_day_given_waits_for_nobody_who_is_away(database: Database):
    class Away(FakeMembers):
        async def person(self, member_id: Any) -> Person:
            raise Unavailable("mentor is away")

    who = Principal.member(new_id(CLOCK))
    journal = journal_use_cases(database, members=Away())
    yesterday = CLOCK.now().date() - timedelta(days=1)

    assert (await journal.write(who, JournalDraft("x", yesterday), key=None)).entry.local_date == yesterday
    for day in (None, yesterday + timedelta(days=4)):
        with pytest.raises(TandemError):
            await journal.write(who, JournalDraft("x", day), key=None)


async def test_a_day_ahead_is_refused(anna: Talker):
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await write(anna, "x", day=CLOCK.now().date() + timedelta(days=2))

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "local_date" in (refused.value.details() or "")


async def test_what_the_member_says_stands_above_what_is_found(anna: Talker):
    entry = await write(anna, "I'm so sad and tired.", moods=["calm"])

    changed = await change(anna, entry.entry_id, sentiment_score=0.25)
    rewritten = await change(anna, entry.entry_id, text="I'm furious.")

    assert (list(entry.mood_tags), entry.mood_tags_origin) == (["calm"], pb.ORIGIN_MEMBER)
    assert (changed.sentiment_score, changed.sentiment_origin) == (0.25, pb.ORIGIN_MEMBER)
    assert (rewritten.text, list(rewritten.mood_tags), rewritten.sentiment_score) == ("I'm furious.", ["calm"], 0.25)
    assert (await change(anna, entry.entry_id, mood_tags=[])).mood_tags == []


@pytest.mark.parametrize("text", ["", " ", "x" * 10_001])
async def test_texts_have_a_length(anna: Talker, text: str):
    for attempt in (write(anna, text), change(anna, "01a1fc72-0759-72fe-905f-9d4c0c81841c", text=text)):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await attempt
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_sign_of_crisis_gets_help_and_is_announced(anna: Talker, behind: Connection):
    entry = await write(anna, "I want to kill myself", key="help")
    again = await write(anna, "I want to kill myself", key="help")
    harmless = await write(anna, "Ate an apple.")

    assert entry == again
    assert entry.safety.tier == chat_pb2.SAFETY_TIER_RISK
    assert any("116 123" in line.contact for line in entry.safety.resources)
    assert harmless.safety.resources, "the tier holds for a day"
    payloads = await behind.fetch("SELECT payload FROM coach.outbox WHERE event_type = 'coach.safety_flagged'")
    assert sum(entry.entry_id.encode() in row["payload"] for row in payloads) == 1
    assert (await anna.say("hello")).safety.tier == chat_pb2.SAFETY_TIER_RISK
    assert (await change(anna, harmless.entry_id, text="I want to die")).safety.resources


def test_a_sign_of_crisis_is_remembered_before_anything_is_stored():
    memory, member_id = SafetyMemory(), new_id(CLOCK)

    found = Watch(CLOCK, texts=TEXTS, memory=memory).look(member_id, "I want to die")

    assert found.foreseen.flagged
    assert memory.of(member_id) == found.foreseen.state


async def test_the_same_key_is_one_entry_and_the_same_answer(anna: Talker):
    first = await write(anna, "once", key="k")
    await change(anna, first.entry_id, text="changed since")

    assert await write(anna, "once", key="k") == first
    assert len((await page(anna)).entries) == 1
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await write(anna, "twice", key="k")
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_taking_an_entry_back_is_one_effect(anna: Talker):
    entry = await write(anna, "gone soon")

    for _ in range(2):
        await remove(anna, entry.entry_id, key="gone")

    for attempt in (read(anna, entry.entry_id), remove(anna, entry.entry_id), change(anna, entry.entry_id, text="y")):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await attempt
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_somebody_elses_entry_looks_like_none(anna: Talker, talker: Callable[[], Talker]):
    entry, ben = await write(anna, CANARY), talker()
    await write(ben, "own")

    for attempt in (
        read(ben, entry.entry_id),
        change(ben, entry.entry_id, text="mine"),
        remove(ben, entry.entry_id),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await attempt
        assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    assert CANARY not in str(await page(ben))
    assert (await read(anna, entry.entry_id)).text == CANARY


async def test_pages_and_days_show_every_entry_once(anna: Talker):
    today = CLOCK.now().date()
    for back in (3, 1, 2, 1, 0, 3):
        await write(anna, f"{back} days ago", day=today - timedelta(days=back))

    seen, token = list[str](), ""
    while True:
        found = await page(anna, page_size=2, page_token=token)
        seen += [entry.entry_id for entry in found.entries]
        token = found.next_page_token
        if not token:
            break
        await write(anna, "while reading", day=today)
    some = await page(anna, from_date=_date(today - timedelta(days=2)), to_date=_date(today - timedelta(days=1)))

    assert len(set(seen)) == len(seen) == 6
    assert [entry.text for entry in some.entries] == ["1 days ago", "1 days ago", "2 days ago"]
    filtered = await page(anna, page_size=1, to_date=_date(today))
    with pytest.raises(grpc.aio.AioRpcError):
        await page(anna, page_token=filtered.next_page_token)


async def test_twins_that_change_one_entry_both_succeed_in_some_order(anna: Talker):
    entry = await write(anna, "first")

    changed = await asyncio.gather(*(change(anna, entry.entry_id, text=f"twin {n}") for n in range(4)))

    assert (await read(anna, entry.entry_id)).text in {each.text for each in changed}


async def test_no_table_holds_a_word_in_clear(anna: Talker, behind: Connection):
    entry = await write(anna, CANARY, key="sealed")
    await change(anna, entry.entry_id, text=f"{CANARY} again", key="sealed-too")

    for table in ("journal_entries", "idempotency", "outbox", "safety_states"):
        rows = await behind.fetch(f"SELECT t::text AS row FROM coach.{table} AS t")  # noqa: S608
        assert not any(CANARY in row["row"] or CANARY.encode().hex() in row["row"] for row in rows)


def _date(day: date | datetime) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)
