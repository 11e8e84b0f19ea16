"""Notes and titles with a sign of crisis: no vendor reads them, their tier holds for the reply, and is told of once."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.clock import FixedClock, new_id
from chassis.db import Database
from chassis.identity.principal import Principal
from services.coach.clients.goals import FakeGoals
from services.coach.clients.members import FakeMembers
from services.coach.clients.providers import FakeProvider, PromptBundle, ProviderText
from services.coach.domain.facts import EntryFact, GoalFact, Overview
from services.coach.domain.person import Consents
from services.coach.domain.tiers import Tier
from services.coach.usecases import ChatUseCases, Draft
from tandem.event.v1 import event_pb2
from tests.integration.coach.conftest import Connection
from tests.support.coach import CLOCK, chat_use_cases

SAMARITANS = "116 123"
SIGN = "I want to die zebra-canary"


@dataclass
class NotedGoals(FakeGoals):
    """One goal with the title and the notes at hand."""

    title: str = "Run 3x per week"
    notes: dict[UUID, str] = field(default_factory=dict)

    async def overview(self, member_id: UUID) -> Overview:
        """For whoever asks."""
        today = CLOCK.now().date()
        goal = GoalFact(UUID(int=member_id.int ^ 1), member_id, self.title, "recurring", times=3, period="week")
        entries = tuple(
            EntryFact(entry_id, member_id, goal.goal_id, "check_in", today, note=note)
            for entry_id, note in self.notes.items()
        )
        return Overview(today, (goal,), entries)


class Reader(FakeProvider):
    """Keeps what it was asked with."""

    def __init__(self) -> None:
        super().__init__("reader", ["Keep at it."])
        self.asked: list[PromptBundle] = []

    async def complete(self, request: PromptBundle, *, deadline: float) -> ProviderText:
        """The usual words."""
        self.asked.append(request)
        return await super().complete(request, deadline=deadline)


@dataclass
class Talk:
    """A member who allows vendors, and the goals that they wrote."""

    database: Database
    goals: NotedGoals
    reader: Reader = field(default_factory=Reader)
    who: Principal = field(default_factory=lambda: Principal.member(new_id(CLOCK)))

    def process(self, clock: FixedClock | None = None) -> ChatUseCases:
        """A process of the coach that has just begun."""
        members = FakeMembers("GB", consents=Consents(ai_vendors=True, coach_reads_journal=False))
        return chat_use_cases(
            self.database, goals=self.goals, vendors=(self.reader,), members=members, clock=clock or CLOCK
        )


async def events_of(behind: Connection, who: Principal) -> list[event_pb2.Event]:
    rows = await behind.fetch("SELECT payload FROM coach.outbox WHERE event_type = 'coach.safety_flagged'")
    return [
        event for row in rows if (event := event_pb2.Event.FromString(row["payload"])).member_id == str(who.member_id)
    ]


@pytest.mark.parametrize("place", ["note", "title"])
async def test_no_vendor_reads_it_and_its_tier_holds_for_the_reply(database: Database, behind: Connection, place: str):
    entry_id = new_id(CLOCK)
    goals = NotedGoals(notes={entry_id: SIGN}) if place == "note" else NotedGoals(title=SIGN)
    talk = Talk(database, goals)

    exchange = await talk.process().send(talk.who, Draft("How is my week?"), key=None)

    assert len(talk.reader.asked) == 1
    context = talk.reader.asked[0].context
    assert "zebra-canary" not in "".join(section.text for section in context.sections)
    assert exchange.safety.tier is Tier.RISK
    assert exchange.safety.resources[0].contact == SAMARITANS
    assert SAMARITANS in exchange.reply.text
    assert exchange.reply.text.endswith("Keep at it.")
    (event,) = await events_of(behind, talk.who)
    assert event.safety_flagged.tier == "risk"
    assert b"zebra-canary" not in event.SerializeToString()
    if place == "note":
        assert event.aggregate_id == str(entry_id)


async def test_it_is_told_of_once_by_whatever_process_and_after_a_denial(database: Database, behind: Connection):
    talk = Talk(database, NotedGoals(notes={new_id(CLOCK): SIGN}))
    clock = FixedClock(CLOCK.now())
    one = talk.process(clock)
    await one.send(talk.who, Draft("How is my week?"), key=None)

    denied = await one.send(talk.who, Draft("you misunderstood, forget it"), key=None)
    again = await talk.process(clock).send(talk.who, Draft("How is my week?"), key=None)
    clock.advance(timedelta(hours=25))
    later = await talk.process(clock).send(talk.who, Draft("How is my week?"), key=None)

    assert denied.safety.tier is Tier.WATCH
    assert again.safety.tier is Tier.WATCH
    assert later.safety.tier is Tier.NONE
    assert len(await events_of(behind, talk.who)) == 1
    assert all("zebra-canary" not in repr(asked.context.sections) for asked in talk.reader.asked)


async def test_another_note_raises_it_again(database: Database, behind: Connection):
    talk = Talk(database, NotedGoals(notes={new_id(CLOCK): SIGN}))
    clock = FixedClock(CLOCK.now())
    await talk.process(clock).send(talk.who, Draft("How is my week?"), key=None)
    clock.advance(timedelta(hours=25))
    talk.goals.notes[new_id(CLOCK)] = "took a bunch of pills an hour ago"

    exchange = await talk.process(clock).send(talk.who, Draft("How is my week?"), key=None)

    assert exchange.safety.tier is Tier.IMMINENT
    assert len(await events_of(behind, talk.who)) == 2


async def test_two_messages_at_once_tell_of_it_once(database: Database, behind: Connection):
    talk = Talk(database, NotedGoals(notes={new_id(CLOCK): SIGN}))

    exchanges = await asyncio.gather(
        *(talk.process().send(talk.who, Draft("How is my week?"), key=None) for _ in range(2))
    )

    assert any(exchange.safety.tier is Tier.RISK for exchange in exchanges)
    assert len(await events_of(behind, talk.who)) == 1


async def test_a_quiet_note_changes_nothing(database: Database, behind: Connection):
    talk = Talk(database, NotedGoals(notes={new_id(CLOCK): "rainy, but fine zebra-canary"}))

    exchange = await talk.process().send(talk.who, Draft("How is my week?"), key=None)

    assert exchange.safety.tier is Tier.NONE
    assert "zebra-canary" in "".join(section.text for section in talk.reader.asked[0].context.sections)
    assert not await events_of(behind, talk.who)
