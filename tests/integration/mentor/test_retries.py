"""A call whose answer is lost is made again by the channel, and has one effect all the same."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from chassis.db import Database
from chassis.errors import Unavailable
from chassis.pages import PageTokens
from services.mentor.servicer import MentorServicer, servicing
from services.mentor.usecases import MemberUseCases
from tandem.mentor.v1 import mentor_pb2 as pb
from tests.support.identities import Identities
from tests.support.mentor import CLOCK, Connection, People, events_of
from tests.support.rpc import serving


class Forgetful(MentorServicer):
    """Does what it is asked and loses its first answers."""

    losses = 1

    def __init__(self, members: MemberUseCases, page_tokens: PageTokens) -> None:
        super().__init__(members, page_tokens)
        self.keys: list[str] = []

    async def UpdateMember(self, request: pb.UpdateMemberRequest, context: Any) -> pb.Member:  # noqa: N802
        self.keys.append(request.idempotency_key)
        try:
            return await super().UpdateMember(request, context)
        finally:
            if len(self.keys) <= self.losses:
                raise Unavailable("The answer was lost.")


@pytest.fixture
def forgetful(database: Database) -> Forgetful:
    return Forgetful(MemberUseCases(database, CLOCK), PageTokens(b"k" * 32))


@pytest.fixture
async def customers(
    forgetful: Forgetful, database: Database, identities: Identities, tmp_path: Path
) -> AsyncIterator[People]:
    """People who call one that is forgetful."""
    served = replace(servicing(MemberUseCases(database, CLOCK), PageTokens(b"k" * 32)), servicer=forgetful)
    async with serving(served, tmp_path, identities, audience="mentor") as address:
        people = People(address, identities)
        yield people
        await people.close()


def repeated() -> float:
    labels = {"method": "/tandem.mentor.v1.MentorService/UpdateMember"}
    return REGISTRY.get_sample_value("tandem_rpc_repeated_total", labels) or 0


@pytest.mark.parametrize("key", ["k1", ""], ids=["keyed by the client", "keyed by the caller"])
async def test_a_lost_answer_is_one_effect(customers: People, forgetful: Forgetful, behind: Connection, key: str):
    anna = customers.person()
    await anna.register("Anna")
    before = repeated()

    changed = await anna.update(name="Anne", key=key)

    assert (changed.name, changed.version) == ("Anne", 2)
    assert len(forgetful.keys) == 2
    assert len(set(forgetful.keys) - {""}) == 1
    assert anna.replayed
    assert len(await events_of(behind, anna.member_id)) == 2
    assert repeated() == before + 1


async def test_two_calls_without_a_key_are_two_effects(customers: People, forgetful: Forgetful):
    forgetful.losses = 0
    anna = customers.person()
    await anna.register("Anna")

    await anna.update(name="Anne")
    again = await anna.update(name="Anna")

    assert (again.name, again.version) == ("Anna", 3)
    assert len(set(forgetful.keys)) == 2


async def test_the_third_attempt_is_the_last(customers: People, forgetful: Forgetful):
    forgetful.losses = 5
    anna = customers.person()
    await anna.register("Anna")

    with pytest.raises(Unavailable):
        await anna.update(name="Anne")

    assert len(forgetful.keys) == 3
