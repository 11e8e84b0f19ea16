"""What happens to a reply whose maker is stopped: given back, taken over, swept, given up. And failing providers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis import idempotency
from chassis.clock import FixedClock, new_id
from chassis.db import Database
from chassis.errors import IdempotencyInProgress
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from services.coach.clients.members import FakeMembers
from services.coach.clients.providers import FakeProvider, PromptBundle, ProviderText
from services.coach.domain.conversation import MAX_ATTEMPTS, Exchange
from services.coach.domain.person import Consents
from services.coach.errors import ReplyGivenUp
from services.coach.usecases import Draft, ReplyUseCases
from services.coach.worker import sweeping
from tests.integration.coach.conftest import Connection
from tests.support.coach import CLOCK, TEXTS, chat_use_cases


class HangingVendor(FakeProvider):
    """Never answers; says when it was asked, which is after the message was stored."""

    def __init__(self) -> None:
        super().__init__("vendor")
        self.asked = asyncio.Event()

    async def complete(self, request: PromptBundle, *, deadline: float) -> ProviderText:
        """Waits for ever."""
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError


def a_member() -> tuple[Principal, IdempotencyKey]:
    who = Principal.member(new_id(CLOCK))
    return who, idempotency.make_key("chat", str(uuid4()), content=b"hi", principal=who)


async def begin_and_stop(database: Database, who: Principal, key: IdempotencyKey) -> None:
    """A request whose client goes away while the reply is made."""
    vendor = HangingVendor()
    task = asyncio.create_task(chat_use_cases(database, vendors=(vendor,)).send(who, Draft("hi"), key=key))
    await vendor.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.1)


async def state_of(behind: Connection, who: Principal) -> list[tuple[str, int]]:
    rows = await behind.fetch("SELECT state, attempts FROM coach.replies WHERE member_id = $1", who.member_id)
    return [(row["state"], row["attempts"]) for row in rows]


async def test_a_retry_takes_over_what_a_client_left(database: Database, behind: Connection):
    who, key = a_member()
    await begin_and_stop(database, who, key)
    assert await state_of(behind, who) == [("pending", 1)]

    exchange = await chat_use_cases(database).send(who, Draft("hi"), key=key)
    again = await chat_use_cases(database).send(who, Draft("hi"), key=key)

    assert await state_of(behind, who) == [("done", 2)]
    assert again == exchange
    assert exchange.reply.text.startswith(TEXTS.phrases.disclosure)


async def test_while_somebody_is_at_it_a_twin_is_told_so(database: Database, behind: Connection):
    who, key = a_member()
    vendor = HangingVendor()
    first = asyncio.create_task(chat_use_cases(database, vendors=(vendor,)).send(who, Draft("hi"), key=key))
    await vendor.asked.wait()

    with pytest.raises(IdempotencyInProgress):
        await chat_use_cases(database).send(who, Draft("hi"), key=key)

    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_a_reply_left_by_a_crash_is_swept_and_may_still_be_taken_over(
    database: Database, system_database: Database, behind: Connection
):
    who, key = a_member()
    await begin_and_stop(database, who, key)
    await behind.execute(
        "UPDATE coach.replies SET lease_until = now() - interval '1 second' WHERE member_id = $1", who.member_id
    )

    assert await ReplyUseCases(system_database, CLOCK).fail_overdue() >= 1

    assert await state_of(behind, who) == [("failed", 1)]
    assert (await chat_use_cases(database).send(who, Draft("hi"), key=key)).reply.text
    assert await state_of(behind, who) == [("done", 2)]


async def test_the_sweep_leaves_a_lease_alone(database: Database, system_database: Database, behind: Connection):
    who, key = a_member()
    vendor = HangingVendor()
    first = asyncio.create_task(chat_use_cases(database, vendors=(vendor,)).send(who, Draft("hi"), key=key))
    await vendor.asked.wait()

    await ReplyUseCases(system_database, CLOCK).fail_overdue()

    assert await state_of(behind, who) == [("pending", 1)]
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_a_reply_is_not_tried_for_ever(database: Database, behind: Connection):
    who, key = a_member()
    for _ in range(MAX_ATTEMPTS):
        await begin_and_stop(database, who, key)

    with pytest.raises(ReplyGivenUp):
        await chat_use_cases(database).send(who, Draft("hi"), key=key)

    assert (await chat_use_cases(database).send(who, Draft("hi"), key=None)).reply.text


async def test_a_slow_maker_does_not_overwrite_who_took_over(database: Database, behind: Connection):
    who, key = a_member()
    vendor = HangingVendor()
    slow = chat_use_cases(database, vendors=(vendor,), clock=FixedClock(CLOCK.now() - timedelta(seconds=120)))
    first = asyncio.create_task(slow.send(who, Draft("hi"), key=key))
    await vendor.asked.wait()

    second = await chat_use_cases(database).send(who, Draft("hi"), key=key)

    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert await state_of(behind, who) == [("done", 2)]
    assert second.kept


async def test_the_sweep_runs_until_it_is_stopped(system_database: Database):
    sweep = asyncio.create_task(_run(sweeping(ReplyUseCases(system_database, CLOCK), every=timedelta(milliseconds=5))))
    await asyncio.sleep(0.05)

    assert not sweep.done()
    sweep.cancel()


async def _run(loop: Callable[[], Awaitable[None]]) -> None:
    await loop()


async def test_a_vendor_that_fails_before_its_first_word_is_not_noticed(database: Database):
    who, _ = a_member()
    vendor = FakeProvider("vendor", failure=OSError("reset"))

    exchange = await chat_use_cases(database, vendors=(vendor,)).send(who, Draft("hi"), key=None)

    assert vendor.calls == 1
    assert exchange.provider == "offline"
    assert exchange.degraded


async def test_a_vendor_lost_half_way_leaves_no_trace_where_nothing_was_sent_yet(database: Database):
    who, _ = a_member()
    vendor = FakeProvider("vendor", ("You are ", "doing "), failure=OSError("reset"))

    exchange = await chat_use_cases(database, vendors=(vendor,)).send(who, Draft("hi"), key=None)

    assert exchange.provider == "offline"
    assert "You are doing" not in exchange.reply.text


async def test_a_vendor_lost_half_way_ends_with_our_sentence(database: Database):
    who, _ = a_member()
    vendor = FakeProvider("vendor", ("You are ", "doing "), failure=OSError("reset"))

    pieces = [piece async for piece in chat_use_cases(database, vendors=(vendor,)).stream(who, Draft("hi"), key=None)]

    exchange = pieces[-1]
    assert isinstance(exchange, Exchange)
    assert exchange.provider == "vendor"
    assert exchange.degraded
    assert exchange.reply.text.startswith("You are doing")
    assert exchange.reply.text.endswith(f"{TEXTS.phrases.interrupted} {exchange.action_steps[0]}")


async def test_a_vendor_is_never_asked_where_only_the_card_is_due(database: Database):
    who, _ = a_member()
    vendor = FakeProvider("vendor", ("cheerful",))

    exchange = await chat_use_cases(database, vendors=(vendor,)).send(who, Draft("I want to die"), key=None)

    assert vendor.calls == 0
    assert "cheerful" not in exchange.reply.text


async def test_what_a_reply_cost_is_kept_with_it(database: Database, behind: Connection):
    who, _ = a_member()
    vendor = FakeProvider("vendor", ("You are doing it.",))

    exchange = await chat_use_cases(database, vendors=(vendor,)).send(who, Draft("hi"), key=None)

    kept = json.loads(
        await behind.fetchval("SELECT context_used FROM coach.replies WHERE message_id = $1", exchange.reply.message_id)
    )
    assert {"provider", "model", "fallback_chain", "usage", "ttft_ms", "total_ms"} <= set(kept)
    assert (kept["provider"], kept["fallback_chain"]) == ("vendor", [])
    assert exchange.action_steps


async def test_who_allows_no_vendor_is_answered_offline_and_nobody_failed(database: Database):
    who, _ = a_member()
    vendor = FakeProvider("vendor", ("You are doing it.",))
    members = FakeMembers("GB", consents=Consents(coach_reads_journal=True, ai_vendors=False))

    exchange = await chat_use_cases(database, vendors=(vendor,), members=members).send(who, Draft("hi"), key=None)

    assert (exchange.provider, exchange.degraded, vendor.calls) == ("offline", False, 0)
