"""Answers that only a model can read: when one is asked, what it changes, and that nothing waits for it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from chassis.clock import new_id
from chassis.db import Database
from chassis.idempotency import IdempotencyKey, KeptAnswer
from chassis.identity.principal import Principal
from services.coach.clients.members import FakeMembers
from services.coach.clients.structured import (
    FakeStructured,
    OfflineStructured,
    Size,
    StructuredChain,
    StructuredRequest,
    Written,
)
from services.coach.domain.intake.topics import Slot
from services.coach.domain.person import Consents
from services.coach.servicer.dating import _turn
from services.coach.usecases import Draft, IntakeReply
from tests.integration.coach.conftest import Connection
from tests.support.coach import ADULT, CLOCK, intake_use_cases

UNREAD = "Evenings are quiet here and it is time to have company beside me when I cook."
COMPANY = {"slots": [{"slot": "goals", "value": "company beside me", "quote": "time to have company beside me"}]}
NOTHING: Mapping[str, Any] = {"slots": []}


@dataclass
class Dater:
    """One member whose answers the given vendors may read."""

    database: Database
    vendors: tuple[FakeStructured, ...]
    consents: Consents = Consents(coach_reads_journal=False, ai_vendors=True)  # noqa: RUF009 - frozen
    member_id: UUID = field(default_factory=lambda: new_id(CLOCK))

    def __post_init__(self) -> None:
        """Connects the parts."""
        self.intake = intake_use_cases(
            self.database,
            chain=StructuredChain(self.vendors, OfflineStructured()),
            members=FakeMembers("GB", consents=self.consents, person=ADULT),
            patience_s=5.0,
        )

    async def say(self, text: str, *, key: IdempotencyKey | None = None) -> IntakeReply:
        """The coach's turn."""
        return await self.intake.continue_intake(Principal.member(self.member_id), Draft(text), key=key)


class Noticing(FakeStructured):
    """Says when it is asked, and answers when it may."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.may_answer = asyncio.Event()
        self.is_asked = asyncio.Event()
        super().__init__("anthropic", answer, until=self.may_answer)

    async def structured(self, request: StructuredRequest, schema: type[BaseModel], *, deadline: float) -> Written:
        """What it was given."""
        self.is_asked.set()
        return await super().structured(request, schema, deadline=deadline)


async def test_a_model_reads_what_the_rules_cannot(database: Database):
    vendor = FakeStructured("anthropic", COMPANY)
    dora = Dater(database, (vendor,))
    await dora.say("hi")

    turn = await dora.say(UNREAD)

    assert (turn.provider, turn.degraded) == ("anthropic", False)
    assert turn.intake.values(Slot.GOALS) == ("company beside me",)
    assert (turn.intake.revision, turn.intake.turn, turn.intake.requested) == (2, 2, Slot.TARGET)
    (asked,) = vendor.asked
    assert (asked.purpose, asked.size, asked.prompt.member_id) == ("intake", Size.FAST, dora.member_id)
    assert '"asked": "goals"' in asked.prompt.user
    assert UNREAD in asked.prompt.user


async def test_no_model_is_asked_for_what_rules_read_nor_for_what_answers_nothing(database: Database):
    vendor = FakeStructured("anthropic", NOTHING)
    dora = Dater(database, (vendor,))

    for text in (
        *(
            "hi",
            "I want to go on dates",
            "why do you ask?",
            "two a month",
            "lol",
            "skip",
            "apps",
            "a friend",
            "no time",
        ),
        *("actually one a month", "4", "I don't know", "silence", "parks", "not parks", "zoo", "my sister", "weekly"),
        *("how long does it take?", "gently", "hm", UNREAD, "yes", UNREAD),
    ):
        turn = await dora.say(text)
        assert (turn.provider, turn.degraded) == ("offline", False)

    assert turn.intake.is_complete
    assert vendor.calls == 0


async def test_nobody_is_asked_whom_the_member_does_not_allow(database: Database):
    vendor = FakeStructured("anthropic", COMPANY)
    dora = Dater(database, (vendor,), Consents(coach_reads_journal=True, ai_vendors=False))
    await dora.say("hi")

    turn = await dora.say(UNREAD)

    assert (turn.provider, turn.degraded, turn.intake.percent) == ("offline", False, 0)
    assert vendor.calls == 0


async def test_nobody_is_asked_while_a_sign_of_crisis_holds(database: Database):
    vendor = FakeStructured("anthropic", COMPANY)
    dora = Dater(database, (vendor,))
    await dora.say("hi")
    await dora.say("I want to kill myself")

    turn = await dora.say(UNREAD)

    assert turn.intake.percent == 0
    assert "116 123" in turn.text
    assert vendor.calls == 0


@pytest.mark.parametrize(
    ("answer", "degraded"),
    [
        (NOTHING, False),
        ({"slots": [{"slot": "goals", "value": "a wife", "quote": "I want a wife"}]}, False),
        ({"slots": [{"slot": "salary", "value": "a lot", "quote": UNREAD}]}, True),
        ({"text": "hello"}, True),
    ],
)
async def test_a_reading_that_does_not_do_leaves_the_rules_answer(
    database: Database, answer: Mapping[str, Any], degraded: bool
):
    vendor = FakeStructured("anthropic", answer)
    dora = Dater(database, (vendor,))
    await dora.say("hi")

    turn = await dora.say(UNREAD)

    assert (turn.provider, turn.degraded, turn.intake.percent) == ("offline", degraded, 0)
    assert turn.intake.unclear == 1
    assert turn.text
    assert vendor.calls == (2 if degraded else 1)


async def test_a_repeated_key_asks_no_model_again(database: Database):
    vendor = FakeStructured("anthropic", COMPANY)
    dora = Dater(database, (vendor,))
    await dora.say("hi")
    key = IdempotencyKey("ContinueIntake", "k1", b"f" * 32, dora.member_id, form=_turn)

    turn = await dora.say(UNREAD, key=key)
    with pytest.raises(KeptAnswer):
        await dora.say(UNREAD, key=key)

    assert turn.provider == "anthropic"
    assert vendor.calls == 1


async def test_nothing_waits_for_a_model_and_its_reading_meets_the_state_that_is_there_then(
    database: Database, behind: Connection
):
    """While it is asked other turns are stored; the turn is decided on what they left."""
    vendor = Noticing(COMPANY)
    dora = Dater(database, (vendor,))
    await dora.say("hi")

    reading = asyncio.create_task(dora.say(UNREAD))
    async with asyncio.timeout(5):
        await vendor.is_asked.wait()
    open_s = await behind.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    )
    meanwhile = await dora.say("I want to dance with strangers")
    vendor.may_answer.set()
    turn = await reading

    assert open_s == 0
    assert (meanwhile.intake.revision, meanwhile.intake.values(Slot.GOALS)) == (2, ("dance with strangers",))
    assert turn.intake.revision == 3
    # The asked slot is another one by now, and an answer that is there is not changed.
    assert turn.intake.values(Slot.GOALS) == ("dance with strangers",)
    assert (turn.provider, turn.intake.requested) == ("offline", Slot.TARGET)


async def test_a_model_that_is_late_is_not_waited_for(database: Database):
    dora = Dater(database, (FakeStructured("anthropic"),))
    dora.intake = intake_use_cases(
        database,
        chain=StructuredChain(dora.vendors, OfflineStructured()),
        members=FakeMembers("GB", person=ADULT),
        patience_s=0.1,
    )
    await dora.say("hi")

    turn = await dora.say(UNREAD)

    assert (turn.provider, turn.degraded, turn.intake.percent) == ("offline", True, 0)


async def test_the_words_of_a_reading_are_sealed(database: Database, behind: Connection):
    dora = Dater(database, (FakeStructured("anthropic", COMPANY),))
    await dora.say("hi")
    await dora.say(UNREAD)

    row = await behind.fetchval("SELECT i::text FROM coach.intakes AS i WHERE member_id = $1", dora.member_id)

    assert row
    assert b"company".hex() not in row
