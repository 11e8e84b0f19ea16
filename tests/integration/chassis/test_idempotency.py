"""One key, one effect: twins, replays, kept failures, other bodies, other members, and the end of the window."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from chassis import errors, idempotency
from chassis.clock import SystemClock, new_id
from chassis.db import Database, Transaction, UniqueViolation
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from chassis.request import RequestContext, answering
from tandem.goals.v1 import goal_pb2, goals_service_pb2
from tests.support.notes import ADD_NOTE, COUNT_NOTES, LOAD

CLOCK = SystemClock()
Work = Callable[[Transaction], Awaitable[UUID]]


def key_of(
    principal: Principal,
    *,
    key: str = "k1",
    content: bytes = b"body",
    form: Callable[[str], goal_pb2.Goal] | None = None,
) -> IdempotencyKey:
    return idempotency.make_key("/goals/AddNote", key, content=content, principal=principal, form=form)


def adding(key: IdempotencyKey | None) -> Work:
    """Keyed work as a service writes it."""

    async def work(tx: Transaction) -> UUID:
        loaded = await tx.fetch_one(LOAD, **idempotency.parameters(key))
        made_before = idempotency.recall(loaded, key)
        if made_before is not None:
            return made_before
        note_id = new_id(CLOCK)
        tx.write(ADD_NOTE, expect=1, note_id=note_id, member_id=tx.principal.member_id, body=str(note_id))
        idempotency.remember(tx, key, note_id)
        return note_id

    return work


async def notes_of(database: Database, member: Principal) -> int:
    async with database.transaction(member) as tx:
        return int(await tx.fetch_value(COUNT_NOTES))


async def test_twenty_racers_have_one_effect_and_one_answer(database: Database, member: Principal) -> None:
    key = key_of(member)

    answers = await asyncio.gather(*(database.run(member, adding(key), idempotency=key) for _ in range(20)))

    assert len(set(answers)) == 1
    assert await notes_of(database, member) == 1


async def test_a_repetition_is_answered_from_the_first_and_says_so(database: Database, member: Principal) -> None:
    key = key_of(member)
    first = await database.run(member, adding(key), idempotency=key)

    with answering(RequestContext("/goals/AddNote", "r", member)) as request:
        again = await database.run(member, adding(key), idempotency=key)

    assert again == first
    assert request.replayed


async def test_a_kept_answer_comes_again_as_it_was(database: Database, member: Principal, admin: Any) -> None:
    key = key_of(member, form=lambda title: goal_pb2.Goal(title=title))
    titles = iter(("first title", "another"))

    async def work(tx: Transaction) -> str:
        idempotency.recall(await tx.fetch_one(LOAD, **idempotency.parameters(key)), key)
        title = next(titles)
        idempotency.remember(tx, key, new_id(CLOCK), outcome=title)
        return title

    assert await database.run(member, work, idempotency=key) == "first title"
    with pytest.raises(idempotency.KeptAnswer) as kept:
        await database.run(member, work, idempotency=key)

    assert goal_pb2.Goal.FromString(kept.value.answer).title == "first title"
    (stored,) = [row["answer"] for row in await admin.fetch("SELECT answer FROM goals.idempotency")]
    assert b"first title" not in stored


async def test_a_second_step_amends_the_answer_of_its_key_and_of_no_other(
    database: Database, member: Principal
) -> None:
    one, other = (key_of(member, key=name, form=lambda title: goal_pb2.Goal(title=title)) for name in ("k1", "k2"))
    for key in (one, other):
        async with database.transaction(member) as tx:
            idempotency.remember(tx, key, new_id(CLOCK), outcome="first")
    async with database.transaction(member) as tx:
        idempotency.amend(tx, one, "with a plan")
        idempotency.amend(tx, None, "nothing")

    answers = []
    for key in (one, other):
        with pytest.raises(idempotency.KeptAnswer) as kept:
            await database.run(member, lambda tx, key=key: idempotency.find(tx, key), idempotency=key)  # type: ignore[misc]
        answers.append(goal_pb2.Goal.FromString(kept.value.answer).title)

    assert answers == ["with a plan", "first"]


async def test_a_kept_answer_opens_under_its_own_key_only(database: Database, member: Principal, admin: Any) -> None:
    one, other = (key_of(member, key=name, form=lambda title: goal_pb2.Goal(title=title)) for name in ("k1", "k2"))
    for key in (one, other):
        async with database.transaction(member) as tx:
            idempotency.remember(tx, key, new_id(CLOCK), outcome=key.key)
    await admin.execute(
        "UPDATE goals.idempotency SET answer = (SELECT answer FROM goals.idempotency WHERE key = 'k2') WHERE key = 'k1'"
    )

    with pytest.raises(errors.Internal):
        await database.run(member, lambda tx: idempotency.find(tx, one), idempotency=one)


async def test_the_twin_of_a_slow_first_request_is_told_to_wait(database: Database, member: Principal) -> None:
    key = key_of(member)
    is_written, may_end = asyncio.Event(), asyncio.Event()

    async def waiting(tx: Transaction) -> UUID:
        note_id = await adding(key)(tx)
        await tx.flush()
        is_written.set()
        await may_end.wait()
        return note_id

    slow = asyncio.create_task(database.run(member, waiting, idempotency=key))
    await is_written.wait()

    with pytest.raises(errors.IdempotencyInProgress) as told:
        await database.run(member, adding(key), idempotency=key)

    assert not slow.done()
    assert told.value.retry_after is not None
    may_end.set()
    first = await slow
    assert await database.run(member, adding(key), idempotency=key) == first


async def test_another_body_under_the_same_key_is_refused(database: Database, member: Principal) -> None:
    key, other = key_of(member), key_of(member, content=b"other")
    await database.run(member, adding(key), idempotency=key)

    with pytest.raises(errors.IdempotencyKeyReused):
        await database.run(member, adding(other), idempotency=other)

    assert await notes_of(database, member) == 1


async def test_keys_of_other_members_are_independent(database: Database, member: Principal) -> None:
    stranger = Principal.member(new_id(CLOCK))
    for principal in (member, stranger, Principal.system("jobs")):
        key = key_of(principal)
        if principal.is_system:
            assert await database.run(principal, lambda tx: idempotency.find(tx, key_of(tx.principal))) is None
        else:
            await database.run(principal, adding(key), idempotency=key)

    assert await notes_of(database, member) == await notes_of(database, stranger) == 1


async def test_business_failures_are_kept_and_repeated(database: Database, member: Principal) -> None:
    key = key_of(member)
    runs = 0

    async def refuse(tx: Transaction) -> None:
        nonlocal runs
        idempotency.recall(await tx.fetch_one(LOAD, **idempotency.parameters(key)), key)
        runs += 1
        raise errors.FailedPrecondition("The goal is archived.", metadata={"goal": "1"})

    failures: list[errors.TandemError] = []
    for _ in range(3):
        with pytest.raises(errors.TandemError) as caught:
            await database.run(member, refuse, idempotency=key)
        failures.append(caught.value)

    assert runs == 1
    assert {(f.code, f.reason, f.message, f.metadata["goal"]) for f in failures} == {
        (errors.Code.FAILED_PRECONDITION, "CONFLICT", "The goal is archived.", "1")
    }


class Taken(errors.AlreadyExists):
    """A service's own words for a key that is taken."""


@pytest.mark.parametrize("is_keyed", [True, False])
async def test_a_services_own_failure_after_a_statements_is_the_answer_and_is_kept(
    database: Database, member: Principal, is_keyed: bool
) -> None:
    note_id = await database.run(member, adding(None))
    key = key_of(member) if is_keyed else None
    runs = 0

    async def add_again(tx: Transaction) -> None:
        nonlocal runs
        idempotency.recall(await tx.fetch_one(LOAD, **idempotency.parameters(key)), key)
        runs += 1
        tx.write(ADD_NOTE, note_id=note_id, member_id=member.member_id, body="again")
        try:
            await tx.flush()
        except UniqueViolation:
            raise Taken("There is such a note already.") from None

    failures: list[errors.TandemError] = []
    for _ in range(2):
        with pytest.raises(errors.TandemError) as caught:
            await database.run(member, add_again, idempotency=key)
        failures.append(caught.value)

    assert isinstance(failures[0], Taken)
    assert {failure.message for failure in failures} == {"There is such a note already."}
    assert runs == (1 if is_keyed else 2)


@pytest.mark.parametrize("is_keyed", [True, False])
async def test_a_violated_constraint_that_nobody_words_is_the_answer(
    database: Database, member: Principal, is_keyed: bool
) -> None:
    note_id = await database.run(member, adding(None))
    key = key_of(member) if is_keyed else None

    async def add_again(tx: Transaction) -> None:
        tx.write(ADD_NOTE, note_id=note_id, member_id=member.member_id, body="again")
        idempotency.remember(tx, key, note_id)

    with pytest.raises(UniqueViolation):
        await database.run(member, add_again, idempotency=key)


@pytest.mark.parametrize(
    "failure", [errors.InvalidArgument("no"), errors.Unavailable("no"), errors.PermissionDenied("no")]
)
async def test_validation_and_outages_are_not_kept(
    database: Database, member: Principal, failure: errors.TandemError
) -> None:
    key = key_of(member)

    async def refuse(tx: Transaction) -> None:
        raise failure

    with pytest.raises(type(failure)):
        await database.run(member, refuse, idempotency=key)

    await database.run(member, adding(key), idempotency=key)
    assert await notes_of(database, member) == 1


async def test_a_key_older_than_a_day_is_as_good_as_new(database: Database, member: Principal, admin: Any) -> None:
    key, other = key_of(member), key_of(member, content=b"other")
    first = await database.run(member, adding(key), idempotency=key)
    await admin.execute("UPDATE goals.idempotency SET created_at = created_at - interval '25 hours'")

    second = await database.run(member, adding(other), idempotency=other)

    assert first != second
    assert await database.run(member, adding(other), idempotency=other) == second


async def test_keyed_work_that_forgets_its_key_fails_loudly(database: Database, member: Principal) -> None:
    async def forgetful(tx: Transaction) -> None:
        tx.write(ADD_NOTE, note_id=new_id(CLOCK), member_id=member.member_id, body="x")

    with pytest.raises(RuntimeError, match="remember"):
        await database.run(member, forgetful, idempotency=key_of(member))
    assert await notes_of(database, member) == 0


async def test_a_lost_commit_is_repeated_and_finds_its_effect(
    database: Database, member: Principal, admin: Any
) -> None:
    """The connection dies after the commit, before its answer: the repetition must answer from the row."""
    key = key_of(member)
    kills = 0

    async def work(tx: Transaction) -> UUID:
        nonlocal kills
        note_id = await adding(key)(tx)
        if kills == 0:
            kills += 1
            await tx.flush()
            await tx._connection.execute("COMMIT")
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = 'goals_app'"
            )
        return note_id

    await database.run(member, work, idempotency=key)

    assert await notes_of(database, member) == 1


def test_key_for_ignores_the_key_and_sees_everything_else(member: Principal) -> None:
    def key_for(**fields: Any) -> IdempotencyKey | None:
        return idempotency.key_for(goals_service_pb2.ArchiveGoalRequest(**fields))

    with answering(RequestContext("/m", "r", member)):
        one = key_for(goal_id="a", idempotency_key="1")
        two = key_for(goal_id="a", idempotency_key="2")
        three = key_for(goal_id="b", idempotency_key="1")
        none = key_for(goal_id="a")
        for bad in ("x" * (idempotency.MAX_CHARACTERS + 1), "a b", "ä", "nul\x00"):
            with pytest.raises(errors.MalformedRequest):
                key_for(goal_id="a", idempotency_key=bad)

    assert one is not None
    assert two is not None
    assert three is not None
    assert none is None
    assert one.fingerprint == two.fingerprint != three.fingerprint
    assert (one.operation, one.member_id) == ("/m", member.member_id)
