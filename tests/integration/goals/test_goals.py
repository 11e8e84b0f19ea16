"""Goals from end to end: made, read, listed, changed, archived."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.clock import FixedClock
from chassis.errors import Code, TandemError
from services.goals.clients import FakeMembers
from tandem.goals.v1 import goal_pb2
from tests.support.goals import Connection, GoalsMember, GoalsMembers, goal_events, iso, on, refused

NOBODYS = str(UUID(int=7 << 76 | 2 << 62))


async def test_a_goal_in_plain_words(members: GoalsMembers, behind: Connection) -> None:
    member = members.member("Europe/Berlin", week_start=7)

    goal = await member.create("Run 3x per week", category="fitness", description="Along the river\nor not")

    assert (goal.schedule.period, goal.schedule.times) == (goal_pb2.PERIOD_WEEK, 3)
    assert (goal.status, goal.pattern) == (goal_pb2.STATUS_ACTIVE, goal_pb2.PATTERN_RECURRING)
    assert iso(goal.start_date) == "2026-03-20"
    assert goal.progress_summary.due_today
    assert not goal.progress_summary.HasField("percent")
    assert await member.get(goal.goal_id) == goal
    [event] = await goal_events(behind, member)
    assert (event.event_type, event.aggregate_id, event.goal_created.pattern) == (
        "goals.goal_created",
        goal.goal_id,
        "recurring",
    )


async def test_the_calendar_is_asked_for_once(members: GoalsMembers, people: FakeMembers) -> None:
    member = members.member("Pacific/Auckland")
    before = people.asked

    goal = await member.create()
    await member.create()

    assert people.asked == before + 1
    assert iso(goal.start_date) == "2026-03-21"


async def test_a_stranger_sees_and_changes_nothing(members: GoalsMembers, behind: Connection) -> None:
    owner, stranger = members.member(), members.member()
    goal = await owner.create()
    await stranger.create("Swim")

    for attempt in (
        stranger.get(goal.goal_id),
        stranger.update(goal.goal_id, title="Mine"),
        stranger.archive(goal.goal_id),
        stranger.log(goal.goal_id),
        stranger.activities(goal.goal_id),
        stranger.progress(goal.goal_id),
    ):
        error = await refused("NOT_FOUND", attempt)
        assert error.message == (await refused("NOT_FOUND", stranger.get(NOBODYS))).message

    assert [g.title for g in (await stranger.list_goals()).goals] == ["Swim"]
    assert await owner.get(goal.goal_id) == goal
    assert await behind.fetchval("SELECT count(*) FROM goals.activities WHERE goal_id = $1", goal.goal_id) == 0


async def test_only_listed_callers_may_ask(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()

    assert await members.through("coach", member).get(goal.goal_id) == goal
    await refused("FORBIDDEN", members.through("coach", member).archive(goal.goal_id))
    await refused("FORBIDDEN", members.through("notify", member).get(goal.goal_id))


@pytest.mark.parametrize("goal_id", ["", "x", "0" * 36, "{" + "0" * 34 + "}", "1" * 10_000])
async def test_what_is_no_uuid_is_refused(members: GoalsMembers, goal_id: str) -> None:
    await refused("VALIDATION_FAILED", members.member().get(goal_id))


async def test_the_same_key_makes_one_goal(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()

    first = await member.create(key="one")
    await member.update(first.goal_id, title="Changed since")
    again = await member.create(key="one")

    assert member.replayed
    assert again == first
    assert len((await member.list_goals()).goals) == 1
    assert len(await goal_events(behind, member)) == 2
    await refused("IDEMPOTENCY_KEY_REUSED", member.create("Swim", key="one"))


async def test_twins_make_one_goal(members: GoalsMembers) -> None:
    member = members.member()
    await member.create("First")

    answers = await asyncio.gather(*(member.create("Twin", key="twin") for _ in range(8)), return_exceptions=True)

    made = {answer.goal_id for answer in answers if isinstance(answer, goal_pb2.Goal)}
    refusals = {answer.reason for answer in answers if isinstance(answer, TandemError)}
    assert len(made) == 1
    assert refusals <= {"IDEMPOTENCY_IN_PROGRESS", "CONFLICT"}
    assert len((await member.list_goals()).goals) == 2


async def test_fifty_active_goals_and_no_more(members: GoalsMembers) -> None:
    member = members.member()
    for number in range(49):
        await member.create(f"Goal {number}")

    answers = await asyncio.gather(*(member.create("Last") for _ in range(4)), return_exceptions=True)

    assert sum(isinstance(answer, goal_pb2.Goal) for answer in answers) == 1
    error = await refused("GOAL_QUOTA_EXCEEDED", member.create("Over"))
    assert error.code is Code.FAILED_PRECONDITION
    page = await member.list_goals(page_size=200)
    assert len(page.goals) == 50

    await member.update(page.goals[0].goal_id, status=goal_pb2.STATUS_PAUSED)
    await member.create("In its place")
    await refused("GOAL_QUOTA_EXCEEDED", member.update(page.goals[0].goal_id, status=goal_pb2.STATUS_ACTIVE))


async def test_dating_goals_are_for_adults(members: GoalsMembers) -> None:
    young, unknown, adult = members.member(birth_year=2010), members.member(birth_year=0), members.member()

    await refused("ADULTS_ONLY", young.create(category="dating"))
    await refused("ADULTS_ONLY", unknown.create(category="dating"))
    goal = await unknown.create()
    await refused("ADULTS_ONLY", unknown.update(goal.goal_id, category="dating"))
    assert (await adult.create(category="dating")).category == "dating"


async def test_an_update_changes_what_is_named(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await member.create("Run 3x per week", description="before")

    after = await member.update(goal.goal_id, title="Walk", deadline=on("2026-12-31"))

    assert (after.title, after.description, iso(after.deadline)) == ("Walk", "before", "2026-12-31")
    assert after.schedule == goal.schedule
    assert after.etag != goal.etag
    assert (await member.update(goal.goal_id, title="Walk")).etag == after.etag
    assert [event.event_type for event in await goal_events(behind, member)] == [
        "goals.goal_created",
        "goals.goal_updated",
    ]


async def test_an_update_that_changes_nothing_takes_its_key(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create("Run")

    await member.update(goal.goal_id, title="Run", key="same")
    again = await member.update(goal.goal_id, title="Run", key="same")

    assert member.replayed
    assert again.etag == goal.etag
    await refused("IDEMPOTENCY_KEY_REUSED", member.update(goal.goal_id, title="Walk", key="same"))


async def test_a_repeated_update_is_answered_as_the_first_was(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create("Run")

    first = await member.update(goal.goal_id, title="Jog", key="j")
    await member.update(goal.goal_id, title="Walk")
    again = await member.update(goal.goal_id, title="Jog", key="j")

    assert again == first
    assert (await member.get(goal.goal_id)).title == "Walk"


async def test_of_two_updates_with_one_etag_one_wins(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()

    answers = await asyncio.gather(
        *(member.update(goal.goal_id, etag=goal.etag, title=f"Title {n}") for n in range(6)), return_exceptions=True
    )

    won = [answer for answer in answers if isinstance(answer, goal_pb2.Goal)]
    lost = [answer for answer in answers if isinstance(answer, TandemError)]
    assert len(won) == 1
    assert {error.reason for error in lost} == {"ETAG_MISMATCH"}
    assert (await member.get(goal.goal_id)).title == won[0].title
    await refused("ETAG_MISMATCH", member.archive(goal.goal_id, etag=goal.etag))


async def test_updates_without_an_etag_all_take_effect(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create()

    await asyncio.gather(
        member.update(goal.goal_id, title="New"),
        member.update(goal.goal_id, description="New"),
        member.update(goal.goal_id, category="new"),
    )

    after = await member.get(goal.goal_id)
    assert (after.title, after.description, after.category) == ("New", "New", "new")


async def test_a_life(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    goal = await member.create()
    goal_id = goal.goal_id

    assert (await member.update(goal_id, status=goal_pb2.STATUS_PAUSED)).status == goal_pb2.STATUS_PAUSED
    await refused("INVALID_TRANSITION", member.update(goal_id, status=goal_pb2.STATUS_COMPLETED))
    await member.update(goal_id, status=goal_pb2.STATUS_ACTIVE)
    completed = await member.update(goal_id, status=goal_pb2.STATUS_COMPLETED)
    assert iso(completed.completed_on) == "2026-03-20"
    assert completed.progress_summary.state == goal_pb2.PROGRESS_STATE_DONE
    await refused("CONFLICT", member.update(goal_id, title="Too late"))
    await refused("PATTERN_IMMUTABLE", member.update(goal_id, pattern=goal_pb2.PATTERN_LIMIT))
    archived = await member.archive(goal_id)
    assert await member.archive(goal_id) == archived
    await refused("CONFLICT", member.log(goal_id))
    assert [event.event_type for event in await goal_events(behind, member)] == [
        "goals.goal_created",
        "goals.goal_updated",
        "goals.goal_updated",
        "goals.goal_completed",
        "goals.goal_archived",
    ]


async def test_a_new_schedule_leaves_the_open_week_alone(members: GoalsMembers) -> None:
    member = members.member()
    goal = await member.create("Run 3x per week", start_date=on("2026-03-02"))
    for day in ("2026-03-02", "2026-03-04", "2026-03-06", "2026-03-16"):
        await member.log(goal.goal_id, day)
    before = await member.get(goal.goal_id)

    after = await member.update(goal.goal_id, schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_DAY))

    assert after.schedule.period == goal_pb2.PERIOD_DAY
    assert after.progress_summary == before.progress_summary


async def test_lists_filter_and_sort(members: GoalsMembers, clock: FixedClock) -> None:
    member = members.member()
    await member.create("b", category="fitness", deadline=on("2026-05-01"))
    clock.advance(timedelta(seconds=1))
    await member.create("a", category="fitness")
    clock.advance(timedelta(seconds=1))
    third = await member.create("c", deadline=on("2026-04-01"))
    await member.archive(third.goal_id)

    async def titles(**fields: object) -> str:
        return "".join(goal.title for goal in (await member.list_goals(**fields)).goals)

    assert await titles() == "cab"
    assert await titles(order_by="create_time") == "bac"
    assert await titles(order_by="title") == "abc"
    assert await titles(order_by="-title") == "cba"
    assert await titles(order_by="deadline") == "cba"
    assert await titles(status=goal_pb2.STATUS_ACTIVE) == "ab"
    assert await titles(category="fitness") == "ab"
    assert await titles(pattern=goal_pb2.PATTERN_LIMIT) == ""
    await member.create("d", pattern=goal_pb2.PATTERN_LIMIT, limit=goal_pb2.Limit(unit="cups", max_value=2))
    assert await titles(pattern=goal_pb2.PATTERN_LIMIT) == "d"
    assert await titles(pattern=goal_pb2.PATTERN_RECURRING) == "cab"
    assert await titles(order_by="-deadline", category="fitness") == "ab"
    await refused("VALIDATION_FAILED", member.list_goals(order_by="name; DROP TABLE goals"))
    await refused("VALIDATION_FAILED", member.list_goals(category="a\x00"))
    await refused("VALIDATION_FAILED", member.list_goals(status=99))


@pytest.mark.parametrize(
    "order",
    ["create_time", "-create_time", "update_time", "-update_time", "deadline", "-deadline", "title", "-title"],
)
async def test_pages_show_every_goal_once_while_goals_are_added(members: GoalsMembers, order: str) -> None:
    member = members.member()
    there = {(await member.create(f"Goal {n % 3}", deadline=on(f"2026-0{4 + n % 4}-01"))).goal_id for n in range(11)}
    there |= {(await member.create(f"Goal {n % 3}")).goal_id for n in range(7)}

    shown: list[str] = []
    token = ""
    while True:
        page = await member.list_goals(order_by=order, page_size=3, page_token=token)
        shown += [goal.goal_id for goal in page.goals]
        assert len(shown) < 40
        token = page.next_page_token
        if not token:
            break
        await member.create("Goal 1", deadline=on("2026-05-01"))

    assert len(shown) == len(set(shown))
    assert there <= set(shown)


@pytest.mark.parametrize("letter", ["я", "習", "👩"])
async def test_pages_go_on_behind_the_longest_titles(members: GoalsMembers, letter: str) -> None:
    member = members.member()
    titles = [letter * 199 + end for end in "abc"]
    for title in titles:
        await member.create(title)

    shown, token = [], ""
    for _ in titles:
        page = await member.list_goals(order_by="title", page_size=1, page_token=token)
        shown += [goal.title for goal in page.goals]
        token = page.next_page_token

    assert (shown, token) == (titles, "")


async def test_page_tokens_are_good_for_their_list_only(members: GoalsMembers) -> None:
    member, other = members.member(), members.member()
    for n in range(3):
        await member.create(f"Goal {n}")
    token = (await member.list_goals(page_size=1)).next_page_token

    await refused("MALFORMED_REQUEST", other.list_goals(page_size=1, page_token=token))
    await refused("MALFORMED_REQUEST", member.list_goals(page_size=1, order_by="title", page_token=token))
    await refused("MALFORMED_REQUEST", member.list_goals(page_size=1, page_token=token[:-2] + "AA"))
    await refused("VALIDATION_FAILED", member.list_goals(page_size=201))


@pytest.mark.parametrize(
    "title", ["'; DROP TABLE goals.goals; --", "{{7*7}}", "<script>", "ｆｕｌｌ", "🏃‍♀️" * 40, "\u0939\u093f"]
)
async def test_texts_come_back_as_they_were(members: GoalsMembers, title: str) -> None:
    member = members.member()

    goal = await member.create(title, description=f"{title}\r\n\t{title}")

    assert (await member.get(goal.goal_id)).title == title
    assert (await member.get(goal.goal_id)).description == f"{title}\r\n\t{title}"


async def test_nobody_reads_with_no_identity(behind: Connection, members: GoalsMembers) -> None:
    await members.member().create()

    await behind.execute("SET SESSION AUTHORIZATION goals_app")

    assert await behind.fetchval("SELECT count(*) FROM goals.goals") == 0
    assert await behind.fetchval("SELECT count(*) FROM goals.activities") == 0
    assert await behind.fetchval("SELECT count(*) FROM goals.member_calendars") == 0


async def test_an_owner_is_the_only_reader(members: GoalsMembers) -> None:
    owner: GoalsMember = members.member()
    await owner.create()

    assert (await members.member().list_goals()).goals == []
