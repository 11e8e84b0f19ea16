"""Reviews, rounds of suggestions and posts over the wire: for jobs alone, once for each period, sealed, and told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import grpc
import pytest
from google.type.date_pb2 import Date

from chassis.clock import FixedClock, new_id
from chassis.db import Database
from chassis.errors import FailedPrecondition, Unavailable
from chassis.identity.principal import Principal
from chassis.pages import PageTokens
from services.coach.clients.profiles import FakeProfiles, Profile
from services.coach.clients.reports import FakeReports
from services.coach.clients.structured import FakeStructured
from services.coach.domain.facts import GoalFact
from services.coach.domain.person import Consents, Person
from services.coach.domain.report import GoalReport, HabitFact, Outcome, Report, UnitFact
from services.coach.domain.reviews.writer import ReviewKind
from services.coach.servicer import servicing
from tandem.coach.v1 import coach_pb2_grpc
from tandem.coach.v1 import review_pb2 as pb
from tandem.event.v1 import event_pb2
from tests.support.coach import CLOCK, Unasked, use_cases
from tests.support.identities import Identities
from tests.support.rpc import serving
from tests.support.servers import TestDatabase

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 16), date(2026, 11, 22)
SECRET = "Whisper to the lighthouse"


def on(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)


@dataclass(frozen=True)
class Period:
    """What a review is of, and how it is asked for."""

    method: str
    kind: "pb.ReviewKind.ValueType"
    word: str
    first: date
    last: date


WEEK = Period("WriteWeeklyReview", pb.REVIEW_KIND_WEEKLY, "weekly", FIRST, LAST)
MONTH = Period("WriteMonthlyReport", pb.REVIEW_KIND_MONTHLY, "monthly", date(2026, 10, 1), date(2026, 10, 31))
PERIODS = pytest.mark.parametrize("period", [WEEK, MONTH], ids=lambda period: period.word)


def a_report(member_id: UUID, *, title: str = SECRET, first: date = FIRST) -> Report:
    outcomes = (Outcome.DONE, Outcome.MISSED, Outcome.MISSED, Outcome.MISSED, Outcome.DONE)
    units = tuple(UnitFact(day, day, outcome) for day, outcome in zip(_days(first), outcomes, strict=False))
    goal = GoalFact(new_id(CLOCK), member_id, title, "recurring", streak=3)
    habit = HabitFact(new_id(CLOCK), "Go out", "week", 3, 30)
    return Report(FIRST - timedelta(days=7), LAST, NOW.date(), (GoalReport(goal, units, habits=(habit,)),))


def _days(first: date) -> list[date]:
    return [first + timedelta(days=number) for number in range(7)]


@pytest.fixture
def unasked() -> Unasked:
    return Unasked(clock=FixedClock(NOW))


@pytest.fixture
async def jobs(
    database: Database, system_database: Database, identities: Identities, tmp_path: Path, unasked: Unasked
) -> AsyncIterator["coach_pb2_grpc.CoachServiceAsyncStub"]:
    served = servicing(use_cases(database, unasked=unasked, system_database=system_database), PageTokens(b"k" * 32))
    async with (
        serving(served, tmp_path, identities, audience="coach") as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        yield coach_pb2_grpc.CoachServiceStub(channel)


def as_service(identities: Identities, name: str = "jobs") -> tuple[tuple[str, str], ...]:
    return (("x-tandem-assertion", identities.assertion(name, "coach")),)


def as_member(identities: Identities, member_id: UUID) -> tuple[tuple[str, str], ...]:
    return (("x-tandem-passport", identities.passport(member_id)),)


async def written(stub: Any, identities: Identities, member_id: UUID, period: Period, day: date) -> pb.Review:
    request = pb.WriteReviewRequest(member_id=str(member_id), date=on(day))
    review: pb.Review = await getattr(stub, period.method)(request, metadata=as_service(identities))
    return review


async def weekly(stub: Any, identities: Identities, member_id: UUID, day: date = LAST) -> pb.Review:
    return await written(stub, identities, member_id, WEEK, day)


async def listed(stub: Any, identities: Identities, member_id: UUID, **asked: Any) -> pb.ListReviewsResponse:
    found: pb.ListReviewsResponse = await stub.ListReviews(
        pb.ListReviewsRequest(**asked), metadata=as_member(identities, member_id)
    )
    return found


@PERIODS
async def test_a_review_is_written_once_and_read_by_its_member_alone(
    jobs: Any, identities: Identities, unasked: Unasked, period: Period
):
    anna, ben = new_id(CLOCK), new_id(CLOCK)
    unasked.reports.answer = a_report(anna, first=period.first)

    first = await written(jobs, identities, anna, period, period.last)
    again = await written(jobs, identities, anna, period, period.first)

    assert first == again
    assert len(unasked.reports.calls) == 1
    assert (first.provider, first.degraded, first.kind) == ("offline", False, period.kind)
    assert first.start_date == on(period.first)
    assert first.end_date == on(period.last)
    assert "2 of 5" in first.text
    assert len(first.action_steps) == 1
    assert (await listed(jobs, identities, anna)).reviews == [first]
    assert (await listed(jobs, identities, anna, kind=period.kind)).reviews == [first]
    assert not (await listed(jobs, identities, ben)).reviews
    other = MONTH if period is WEEK else WEEK
    assert not (await listed(jobs, identities, anna, kind=other.kind)).reviews


@PERIODS
async def test_twins_write_one_review_and_one_event(
    jobs: Any, identities: Identities, unasked: Unasked, services_database: TestDatabase, period: Period
):
    anna = new_id(CLOCK)
    unasked.reports.answer = a_report(anna, first=period.first)

    twins = await asyncio.gather(*(written(jobs, identities, anna, period, period.last) for _ in range(5)))

    assert len({review.review_id for review in twins}) == 1
    behind = await asyncpg.connect(services_database.admin_dsn)
    rows = await behind.fetch("SELECT payload FROM coach.outbox")
    bodies = await behind.fetch("SELECT body, context_used::text AS used FROM coach.reviews WHERE member_id = $1", anna)
    await behind.close()
    ready = [event_pb2.Event.FromString(row["payload"]) for row in rows]
    mine = [event for event in ready if event.member_id == str(anna)]
    assert [(event.event_type, event.review_ready.kind) for event in mine] == [("coach.review_ready", period.word)]
    assert len(bodies) == 1
    assert SECRET.encode() not in bodies[0]["body"]
    assert SECRET not in bodies[0]["used"]


async def test_reviews_come_in_pages(jobs: Any, identities: Identities, unasked: Unasked):
    anna = new_id(CLOCK)
    for day in (LAST, LAST - timedelta(days=7)):
        goal = replace(a_report(anna).goals[0], units=(UnitFact(day, day, Outcome.DONE),))
        unasked.reports.answer = replace(a_report(anna), goals=(goal,))
        await weekly(jobs, identities, anna, day)

    page = await listed(jobs, identities, anna, page_size=1)
    rest = await listed(jobs, identities, anna, page_size=1, page_token=page.next_page_token)

    assert [*page.reviews, *rest.reviews] == list((await listed(jobs, identities, anna)).reviews)
    assert {review.start_date.day for review in (*page.reviews, *rest.reviews)} == {FIRST.day, FIRST.day - 7}
    assert page.next_page_token
    assert not rest.next_page_token


async def test_a_time_that_is_not_over_and_one_with_nothing_due_have_no_review(
    jobs: Any, identities: Identities, unasked: Unasked
):
    anna = new_id(CLOCK)
    unasked.reports.answer = Report(FIRST, LAST, NOW.date())

    with pytest.raises(grpc.aio.AioRpcError) as running:
        await weekly(jobs, identities, anna, NOW.date())
    with pytest.raises(grpc.aio.AioRpcError) as empty:
        await weekly(jobs, identities, anna)

    assert running.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert empty.value.code() is grpc.StatusCode.FAILED_PRECONDITION


GOOD = {"text": "2 of 5 were kept, and that counts. What would help next week?", "action_steps": ["Pick a day."]}
MADE_UP = {"text": "You kept 4 of 5. What would help?", "action_steps": ["Pick a day."]}


@PERIODS
@pytest.mark.parametrize(
    ("answers", "consents", "provider", "degraded"),
    [
        ((GOOD,), Consents(True, True), "anthropic", False),
        ((MADE_UP, GOOD), Consents(True, True), "anthropic", False),
        ((MADE_UP,), Consents(True, True), "offline", True),
        ((GOOD,), Consents(True, False), "offline", False),
    ],
)
async def test_a_model_writes_where_it_may_and_keeps_to_the_figures(
    database: Database,
    unasked: Unasked,
    answers: tuple[dict[str, Any], ...],
    consents: Consents,
    provider: str,
    degraded: bool,
    period: Period,
):
    anna = new_id(CLOCK)
    vendor = FakeStructured("anthropic", *answers)
    unasked.vendors = (vendor,)
    unasked.profiles = FakeProfiles(Profile(Person(), consents))
    unasked.reports = FakeReports(a_report(anna, first=period.first))

    stored = await unasked.reviews(database).write(Principal.system("jobs"), anna, ReviewKind(period.word), period.last)

    assert (stored.provider, stored.degraded) == (provider, degraded)
    assert "4 of 5" not in stored.review.text
    assert all(SECRET not in repr(asked) for asked in vendor.asked)


async def test_moods_are_read_where_the_member_allows_it(
    database: Database, unasked: Unasked, services_database: TestDatabase
):

    for allowed in (True, False):
        anna = new_id(CLOCK)
        await _write_journal(services_database, anna)
        unasked.profiles = FakeProfiles(Profile(Person(), Consents(allowed, False)))
        unasked.reports = FakeReports(a_report(anna))

        stored = await unasked.reviews(database).write(Principal.system("jobs"), anna, ReviewKind.WEEKLY, LAST)

        assert ("journal" in stored.review.text or "entries" in stored.review.text) is allowed


async def _write_journal(services_database: TestDatabase, member_id: UUID) -> None:
    behind = await asyncpg.connect(services_database.admin_dsn)
    for day in _days(FIRST)[:4]:
        await behind.execute(
            """INSERT INTO coach.journal_entries (entry_id, member_id, local_date, body, sentiment, sentiment_origin,
                mood_tags, mood_tags_origin, method, created_at, updated_at)
            VALUES ($1, $2, $3, 'x', -0.7, 'found', '{sad}', 'found', 'rules-1', now(), now())""",
            new_id(CLOCK),
            member_id,
            day,
        )
    await behind.close()


async def test_a_round_of_suggestions_is_one_a_week(jobs: Any, identities: Identities, unasked: Unasked):
    anna = new_id(CLOCK)
    unasked.reports.answer = a_report(anna)
    request = pb.SuggestChangesRequest(member_id=str(anna), today=on(NOW.date()))

    first = await jobs.SuggestChanges(request, metadata=as_service(identities))
    again = await jobs.SuggestChanges(request, metadata=as_service(identities))

    assert first == again
    assert list(first.suggestion_ids.values()) == ["suggestion-1"]
    assert len(unasked.offers.taken) == 1


async def test_a_round_waits_for_goals_and_passes_over_what_does_not_fit(
    jobs: Any, identities: Identities, unasked: Unasked
):
    anna = new_id(CLOCK)
    unasked.reports.answer = a_report(anna)
    request = pb.SuggestChangesRequest(member_id=str(anna), today=on(NOW.date()))

    unasked.offers.failure = Unavailable("away")
    with pytest.raises(grpc.aio.AioRpcError) as away:
        await jobs.SuggestChanges(request, metadata=as_service(identities))
    unasked.offers.failure = FailedPrecondition("too many wait")
    passed_over = await jobs.SuggestChanges(request, metadata=as_service(identities))

    assert away.value.code() is grpc.StatusCode.UNAVAILABLE
    assert not passed_over.suggestion_ids


async def test_a_group_has_one_post_a_week_with_names_that_no_database_shows(
    jobs: Any, identities: Identities, services_database: TestDatabase
):
    group_id = new_id(CLOCK)
    figures = [
        pb.GroupFigure(member_id=str(new_id(CLOCK)), display_name="Lighthouse Ann", done=3, due=3, streak=9),
        pb.GroupFigure(member_id=str(new_id(CLOCK)), display_name="Ben", done=0, due=4),
    ]
    request = pb.WriteGroupPostRequest(group_id=str(group_id), week=on(FIRST), figures=figures)

    first = await jobs.WriteGroupPost(request, metadata=as_service(identities, "mentor"))
    again = await jobs.WriteGroupPost(request, metadata=as_service(identities))

    assert first == again
    assert "Lighthouse Ann" in first.text
    assert "Ben" not in first.text
    behind = await asyncpg.connect(services_database.admin_dsn)
    body = await behind.fetchval("SELECT body FROM coach.group_posts WHERE group_id = $1", group_id)
    await behind.close()
    assert b"Lighthouse" not in body


@pytest.mark.parametrize(
    ("method", "request_message"),
    [
        ("WriteWeeklyReview", pb.WriteReviewRequest(member_id="x", date=on(LAST))),
        ("WriteMonthlyReport", pb.WriteReviewRequest(member_id=str(UUID(int=7)))),
        ("SuggestChanges", pb.SuggestChangesRequest(member_id=str(UUID(int=7)))),
        ("WriteGroupPost", pb.WriteGroupPostRequest(group_id="x", week=on(FIRST))),
        (
            "WriteGroupPost",
            pb.WriteGroupPostRequest(
                group_id=str(UUID(int=7)),
                week=on(FIRST),
                figures=[pb.GroupFigure(member_id=str(UUID(int=8)), done=3, due=1)],
            ),
        ),
    ],
)
async def test_bad_requests_name_the_field(jobs: Any, identities: Identities, method: str, request_message: Any):
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await getattr(jobs, method)(request_message, metadata=as_service(identities))

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("method", ["WriteWeeklyReview", "WriteMonthlyReport"])
async def test_members_and_other_services_write_no_reviews(jobs: Any, identities: Identities, method: str):
    request = pb.WriteReviewRequest(member_id=str(new_id(CLOCK)), date=on(LAST))

    for metadata in (as_member(identities, new_id(CLOCK)), as_service(identities, "notify")):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await getattr(jobs, method)(request, metadata=metadata)
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
