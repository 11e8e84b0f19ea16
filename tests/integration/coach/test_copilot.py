"""Advice to mentors over the wire: for mentor alone, audited before any model is asked, by what the member shares."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import grpc
import pytest

from chassis.clock import FixedClock, new_id
from chassis.db import Database
from chassis.errors import TandemError, Unavailable
from chassis.identity.principal import Principal
from chassis.pages import PageTokens
from services.coach.clients.profiles import FakeProfiles, Profile
from services.coach.clients.reports import FakeReports
from services.coach.clients.structured import FakeStructured, StructuredRequest, Written
from services.coach.domain.copilot.advice import Mode
from services.coach.domain.copilot.records import Note, Scope
from services.coach.domain.facts import EntryFact, GoalFact
from services.coach.domain.person import Consents, Person
from services.coach.domain.report import GoalReport, HabitFact, Outcome, Report, UnitFact
from services.coach.servicer import servicing
from services.coach.usecases import Draft
from services.coach.usecases.copilot import Asked
from tandem.coach.v1 import coach_pb2_grpc
from tandem.coach.v1 import copilot_pb2 as pb
from tandem.event.v1 import event_pb2
from tests.support.coach import CLOCK, Unasked, chat_use_cases, use_cases
from tests.support.identities import Identities
from tests.support.rpc import serving
from tests.support.servers import TestDatabase

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LAST = date(2026, 11, 22)
SECRET = "Whisper to the lighthouse"
ALLOWED = Consents(coach_reads_journal=True, ai_vendors=True)


def a_report(member_id: UUID) -> Report:
    outcomes = [Outcome.DONE, Outcome.DONE, *[Outcome.MISSED] * 4]
    days = [LAST - timedelta(days=number) for number in range(len(outcomes))][::-1]
    units = tuple(UnitFact(day, day, outcome) for day, outcome in zip(days, outcomes, strict=True))
    goal = GoalFact(new_id(CLOCK), member_id, SECRET, "recurring", streak=0)
    habit = HabitFact(new_id(CLOCK), "Go out", "week", 3, 30)
    entry = EntryFact(new_id(CLOCK), member_id, goal.goal_id, "check_in", LAST - timedelta(days=5), completed=True)
    return Report(LAST - timedelta(days=28), LAST, NOW.date(), (GoalReport(goal, units, habits=(habit,)),), (entry,))


@pytest.fixture
def unasked() -> Unasked:
    return Unasked(clock=FixedClock(NOW))


@pytest.fixture
async def stub(
    database: Database, identities: Identities, tmp_path: Path, unasked: Unasked
) -> AsyncIterator["coach_pb2_grpc.CoachServiceAsyncStub"]:
    served = servicing(use_cases(database, unasked=unasked), PageTokens(b"k" * 32))
    async with (
        serving(served, tmp_path, identities, audience="coach") as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        yield coach_pb2_grpc.CoachServiceStub(channel)


def as_service(identities: Identities, name: str = "mentor") -> tuple[tuple[str, str], ...]:
    return (("x-tandem-assertion", identities.assertion(name, "coach")),)


def asking(member_id: UUID, text: str = "How is it going?", **given: Any) -> pb.AdviseMentorRequest:
    request: dict[str, Any] = {"mode": pb.COPILOT_MODE_QUICK_CHECK, "scopes": ["goals", "journal", "chat"]}
    return pb.AdviseMentorRequest(
        member_id=str(member_id), mentor_id=str(new_id(CLOCK)), text=text, **{**request, **given}
    )


async def calls(services_database: TestDatabase, member_id: UUID) -> list[asyncpg.Record]:
    behind = await asyncpg.connect(services_database.admin_dsn)
    rows = await behind.fetch(
        "SELECT *, context_used::text AS used FROM coach.copilot_calls WHERE member_id = $1 ORDER BY advice_id",
        member_id,
    )
    await behind.close()
    return list(rows)


@pytest.mark.parametrize(
    "mode", [pb.COPILOT_MODE_QUICK_CHECK, pb.COPILOT_MODE_DEEP_DIVE, pb.COPILOT_MODE_RISK_INTERVENTION]
)
async def test_every_mode_answers_with_sources_and_is_audited(
    stub: Any, identities: Identities, unasked: Unasked, services_database: TestDatabase, mode: Any
):
    anna = new_id(CLOCK)
    report = a_report(anna)
    unasked.reports.answer = report

    advice = await stub.AdviseMentor(asking(anna, mode=mode), metadata=as_service(identities))

    assert advice.reply
    assert (advice.provider, advice.degraded) == ("offline", False)
    assert {pattern.pattern_id for pattern in advice.risk_patterns} == {"missed_in_a_row", "silence"}
    assert all(pattern.refs for pattern in advice.risk_patterns)
    records = {str(report.goals[0].goal.goal_id), str(report.entries[0].entry_id)}
    assert {source.record_id for source in advice.sources_used} <= records
    assert advice.sources_used
    assert bool(advice.plan_patch) is (mode != pb.COPILOT_MODE_QUICK_CHECK)
    (call,) = await calls(services_database, anna)
    assert (str(call["advice_id"]), call["state"], call["provider"]) == (advice.advice_id, "answered", "offline")
    assert SECRET not in call["used"]
    assert records <= set(json.loads(call["used"])["refs"])


async def test_a_repeated_key_gets_the_first_advice(
    stub: Any, identities: Identities, unasked: Unasked, services_database: TestDatabase
):
    anna = new_id(CLOCK)
    unasked.reports.answer = a_report(anna)
    request = asking(anna, idempotency_key="once")

    first = await stub.AdviseMentor(request, metadata=as_service(identities))
    again = await stub.AdviseMentor(request, metadata=as_service(identities))

    assert first == again
    assert len(await calls(services_database, anna)) == 1


class Watching(FakeStructured):
    """Looks at the audit while it is asked."""

    def __init__(self, services_database: TestDatabase, member_id: UUID) -> None:
        super().__init__("anthropic", {"reply": "All quiet.", "actions": [], "summary": "", "plan_patch": []})
        self.seen: list[str] = []
        self._look = lambda: calls(services_database, member_id)

    async def structured(self, request: StructuredRequest, schema: Any, *, deadline: float) -> Written:
        """What it was given."""
        self.seen = [row["state"] for row in await self._look()]
        return await super().structured(request, schema, deadline=deadline)


async def test_the_audit_is_written_before_a_model_is_asked(
    stub: Any, identities: Identities, unasked: Unasked, services_database: TestDatabase
):
    anna = new_id(CLOCK)
    vendor = Watching(services_database, anna)
    unasked.reports.answer = a_report(anna)

    unasked.vendors = (vendor,)
    given = await _advise(unasked, services_database, well(anna))

    assert vendor.seen == ["asked"]
    assert (given.provider, given.reply) == ("anthropic", "All quiet.")
    assert SECRET in vendor.asked[0].prompt.data


def well(member_id: UUID, *, shared: frozenset[Scope] = frozenset(Scope)) -> Asked:
    return Asked(member_id, new_id(CLOCK), "Well?", Mode.QUICK_CHECK, shared)


async def _advise(unasked: Unasked, services_database: TestDatabase, asked: Any) -> Any:
    database = await Database.connect(
        services_database.app_dsn("coach"), schema="coach", claims_key=services_database.claims_key("coach")
    )
    try:
        return await unasked.copilot(database).advise(Principal.system("mentor"), asked, key=None)
    finally:
        await database.close()


@dataclass
class Each(FakeProfiles):
    """A profile for everybody, and other ones for some."""

    of: dict[UUID, Profile | TandemError]

    async def profile(self, member_id: UUID) -> Profile:
        """Their own, else one that allows everything, in Germany."""
        found = self.of.get(member_id, Profile(Person(country="DE"), ALLOWED))
        if isinstance(found, TandemError):
            raise found
        return found


QUIET = {"reply": "All quiet.", "actions": [], "summary": "", "plan_patch": []}
REFUSING = Consents(coach_reads_journal=True, ai_vendors=False)


@pytest.mark.parametrize(
    ("mentors", "calls_made"),
    [(Profile(Person(), ALLOWED), 1), (Profile(Person(), REFUSING), 0), (Unavailable("Away."), 0)],
)
async def test_a_mentors_words_go_to_a_vendor_where_the_mentor_allows_it_too(
    unasked: Unasked, services_database: TestDatabase, mentors: Profile | TandemError, calls_made: int
):
    anna, vendor = new_id(CLOCK), FakeStructured("anthropic", QUIET)
    unasked.reports.answer, unasked.vendors, asked = a_report(anna), (vendor,), well(anna)
    unasked.profiles = Each({asked.mentor_id: mentors})

    given = await _advise(unasked, services_database, asked)

    assert vendor.calls == calls_made
    assert (given.provider, given.degraded) == ("anthropic" if calls_made else "offline", False)


@pytest.mark.parametrize("is_audit_away", [False, True])
async def test_a_mentor_in_danger_gets_a_card_of_their_own(
    unasked: Unasked, services_database: TestDatabase, is_audit_away: bool
):
    anna, vendor = new_id(CLOCK), FakeStructured("anthropic", QUIET)
    asked = replace(well(anna), text="I want to die")
    unasked.reports.answer, unasked.vendors = a_report(anna), (vendor,)
    unasked.profiles = Each({asked.mentor_id: Profile(Person(country="GB"), ALLOWED)})
    behind = await asyncpg.connect(services_database.admin_dsn)
    if is_audit_away:
        await behind.execute("REVOKE INSERT ON coach.copilot_calls FROM coach_app")
    try:
        given = await _advise(unasked, services_database, asked)
    finally:
        await behind.execute("GRANT INSERT ON coach.copilot_calls TO coach_app")

    assert "116 123" in given.reply
    assert (given.provider, given.actions, given.patch, given.patterns, given.sources) == ("offline", (), (), (), ())
    assert (vendor.calls, unasked.reports.calls) == (0, [])
    states = await behind.fetch("SELECT member_id, tier FROM coach.safety_states WHERE member_id IN ($1, $2)", anna,
                                asked.mentor_id)  # fmt: skip
    payloads = [row["payload"] for row in await behind.fetch("SELECT payload FROM coach.outbox")]
    await behind.close()
    assert [tuple(row) for row in states] == [(asked.mentor_id, "risk")]
    flagged = [event for event in map(event_pb2.Event.FromString, payloads) if event.member_id == str(asked.mentor_id)]
    assert [event.safety_flagged.tier for event in flagged] == ["risk"]
    rows = await calls(services_database, anna)
    assert [row["state"] for row in rows] == ([] if is_audit_away else ["answered"])


async def test_what_tells_of_a_crisis_reaches_no_vendor(
    database: Database, unasked: Unasked, services_database: TestDatabase
):
    anna, vendor = new_id(CLOCK), FakeStructured("anthropic", QUIET)
    for text in ("I want to die", "My secret harbour"):
        await chat_use_cases(database).send(Principal.member(anna), Draft(text), key=None)
    notes = tuple(Note(new_id(CLOCK), text, NOW) for text in ("She said she wants to kill herself", "Likes tea"))
    report = a_report(anna)
    signs = tuple(replace(entry, note="I want to kill myself tonight") for entry in report.entries)
    unasked.reports.answer, unasked.vendors = replace(report, entries=signs), (vendor,)

    await _advise(unasked, services_database, replace(well(anna), notes=notes))
    await _advise(unasked, services_database, replace(well(anna), text="He said he wants to kill himself"))

    (request,) = vendor.asked
    assert "My secret harbour" in request.prompt.data
    assert "Likes tea" in request.prompt.data
    assert "want to die" not in request.prompt.data
    assert "kill" not in request.prompt.data


@pytest.mark.parametrize(
    ("answer", "provider"),
    [
        ({"reply": "2 of 6 kept [g1].", "actions": [], "summary": "", "plan_patch": []}, "anthropic"),
        ({"reply": "5 of 6 kept [g1].", "actions": [], "summary": "", "plan_patch": []}, "offline"),
        ({"reply": "She has depression [g1].", "actions": [], "summary": "", "plan_patch": []}, "offline"),
        (
            {
                "reply": "Fine.",
                "actions": [],
                "summary": "",
                "plan_patch": [
                    {
                        "op": "remove_habit", "ref": "h9", "field": "", "value_text": "", "value_int": 0,
                        "value_date": None, "reason": "Less.",
                    }
                ],
            },
            "offline",
        ),
    ],
)  # fmt: skip
async def test_what_a_model_may_not_say_is_said_by_rules(
    unasked: Unasked, services_database: TestDatabase, answer: dict[str, Any], provider: str
):

    anna = new_id(CLOCK)
    unasked.reports.answer = a_report(anna)
    unasked.vendors = (FakeStructured("anthropic", answer),)

    given = await _advise(unasked, services_database, well(anna))

    assert given.provider == provider
    assert "5 of 6" not in given.reply
    assert "depression" not in given.reply


async def test_a_mentor_who_asks_for_a_diagnosis_gets_what_can_be_observed(
    stub: Any, identities: Identities, unasked: Unasked
):
    anna = new_id(CLOCK)
    unasked.reports.answer = a_report(anna)

    asked = asking(anna, "My mentee sleeps all day, is she depressed?")
    advice = await stub.AdviseMentor(asked, metadata=as_service(identities))

    assert "clinician" in advice.reply
    assert "depress" not in advice.reply


async def test_a_mentor_who_tells_of_danger_sees_whom_to_call(stub: Any, identities: Identities, unasked: Unasked):
    anna = new_id(CLOCK)
    unasked.reports.answer = a_report(anna)
    unasked.profiles.answer = Profile(Person(country="GB"), ALLOWED)

    advice = await stub.AdviseMentor(asking(anna, "He said he wants to kill himself"), metadata=as_service(identities))

    assert "116 123" in advice.reply


async def test_only_what_is_shared_is_read(
    database: Database, stub: Any, identities: Identities, unasked: Unasked, services_database: TestDatabase
):
    anna = new_id(CLOCK)
    chat = chat_use_cases(database)
    await chat.send(Principal.member(anna), Draft("My secret harbour"), key=None)
    unasked.reports.answer = a_report(anna)

    shared = await stub.AdviseMentor(asking(anna, scopes=["chat"]), metadata=as_service(identities))
    unshared = await stub.AdviseMentor(asking(anna, scopes=[]), metadata=as_service(identities))

    assert not unasked.reports.calls
    assert not shared.risk_patterns
    rows = await calls(services_database, anna)
    refs = [json.loads(row["used"])["refs"] for row in rows]
    assert sorted(map(len, refs)) == [0, 1]
    assert unshared.reply


@pytest.mark.parametrize("alerts", [True, False])
async def test_a_sign_of_crisis_is_told_where_the_member_allows_it(
    database: Database, stub: Any, identities: Identities, unasked: Unasked, alerts: bool
):
    anna = new_id(CLOCK)
    unasked.clock = CLOCK
    await chat_use_cases(database).send(Principal.member(anna), Draft("I want to die"), key=None)
    unasked.profiles = FakeProfiles(Profile(Person(country="GB"), ALLOWED, alerts_mentor=alerts))
    unasked.reports.answer = replace(Report(LAST, LAST, CLOCK.now().date()))

    asked = well(anna, shared=frozenset())
    given = await unasked.copilot(database).advise(Principal.system("mentor"), asked, key=None)

    assert [pattern.pattern_id for pattern in given.patterns] == (["crisis_sign"] if alerts else [])
    assert ("116 123" in given.reply) is alerts


class OfASpan(FakeReports):
    """Tells of a span what goals would: no entry after it, and no unit that ends after it."""

    async def report(self, member_id: UUID, first: date, last: date) -> Report:
        """What lies within the span."""
        told = await super().report(member_id, first, last)
        goals = tuple(replace(each, units=each.within(first, last)) for each in told.goals)
        entries = tuple(entry for entry in told.entries if entry.local_date <= last)
        return replace(told, first=first, last=last, goals=goals, entries=entries)


@pytest.mark.parametrize("ahead", [0, 1])
async def test_who_logged_today_is_not_told_as_silent(unasked: Unasked, services_database: TestDatabase, ahead: int):
    """Also where goals' day is one ahead of the profile's, as after a flight to the west."""
    anna, today = new_id(CLOCK), NOW.date() + timedelta(days=ahead)
    report = a_report(anna)
    fresh = replace(report.entries[0], entry_id=new_id(CLOCK), local_date=today)
    open_unit = UnitFact(today, today, Outcome.DONE)
    goal = replace(report.goals[0], units=(*report.goals[0].units, open_unit))
    told = replace(report, today=today, goals=(goal,), entries=(fresh, *report.entries))
    unasked.reports = OfASpan(told)

    given = await _advise(unasked, services_database, well(anna))

    assert given.patterns == ()


async def test_no_audit_no_answer(unasked: Unasked, services_database: TestDatabase):
    """The login loses its right to write the audit, as an attacker would have it."""
    anna, vendor = new_id(CLOCK), FakeStructured("anthropic", {})
    unasked.reports.answer, unasked.vendors = a_report(anna), (vendor,)
    behind = await asyncpg.connect(services_database.admin_dsn)
    await behind.execute("REVOKE INSERT ON coach.copilot_calls FROM coach_app")
    try:
        with pytest.raises(TandemError):
            await _advise(unasked, services_database, well(anna, shared=frozenset()))
    finally:
        await behind.execute("GRANT INSERT ON coach.copilot_calls TO coach_app")
        await behind.close()

    assert vendor.calls == 0


async def test_twins_of_one_key_have_one_row(
    stub: Any, identities: Identities, unasked: Unasked, services_database: TestDatabase
):
    anna = new_id(CLOCK)
    unasked.reports.answer = a_report(anna)
    request = asking(anna, idempotency_key="twins")

    answers = await asyncio.gather(
        *(stub.AdviseMentor(request, metadata=as_service(identities)) for _ in range(4)), return_exceptions=True
    )

    assert any(isinstance(answer, pb.MentorAdvice) for answer in answers)
    assert all(
        isinstance(answer, pb.MentorAdvice)
        or (isinstance(answer, grpc.aio.AioRpcError) and answer.code() is grpc.StatusCode.ABORTED)
        for answer in answers
    )
    assert len(await calls(services_database, anna)) == 1


@pytest.mark.parametrize(
    "request_message",
    [
        asking(UUID(int=7), ""),
        asking(UUID(int=7), "x" * 8_001),
        asking(UUID(int=7), mode=pb.COPILOT_MODE_UNSPECIFIED),
        asking(UUID(int=7), scopes=["everything"]),
        asking(UUID(int=7), notes=[pb.MentorNote(note_id="x")]),
        asking(UUID(int=7), notes=[pb.MentorNote(note_id=str(UUID(int=8)))] * 51),
    ],
)
async def test_bad_questions_are_refused(stub: Any, identities: Identities, request_message: Any):
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.AdviseMentor(request_message, metadata=as_service(identities))

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_nobody_else_asks_the_copilot(stub: Any, identities: Identities):
    member = (("x-tandem-passport", identities.passport(new_id(CLOCK))),)

    for metadata in (member, as_service(identities, "jobs"), as_service(identities, "notify")):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.AdviseMentor(asking(new_id(CLOCK)), metadata=metadata)
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
