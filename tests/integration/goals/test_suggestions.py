"""Plans and suggestions: made with the goal or later, kept for the member, applied together or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import FixedClock
from chassis.db import Database
from chassis.errors import DeadlineExceeded, TandemError
from services.goals.clients import FakePlanner
from services.goals.domain.care import Plan, PlannedHabit, PlannedSubgoal
from services.goals.domain.days import Period
from services.goals.domain.schedule import Schedule
from services.goals.usecases import UseCases
from tandem.goals.v1 import care_pb2, goal_pb2, goals_service_pb2, suggestion_pb2
from tests.support.goals import Connection, GoalsMember, GoalsMembers, fields_of, goal_events, iso, on, refused

PLAN = Plan(
    source="offline",
    summary="Three short runs a week.",
    subgoals=(PlannedSubgoal("Run 5 km", datetime(2026, 4, 20, tzinfo=UTC).toordinal()), PlannedSubgoal("Run 10 km")),
    habits=(PlannedHabit("Easy run", Schedule(Period.WEEK, 3), 30, "If it is 7 o'clock, then I put my shoes on"),),
    fits=True,
    warnings=("Started with 30 minutes.",),
    generate_time=datetime(2026, 3, 20, 12, tzinfo=UTC),
)
OTHER = Plan("anthropic", "Swim.", (), (PlannedHabit("Swim", Schedule(Period.WEEK, 2)),), True, (), PLAN.generate_time)


@pytest.fixture(autouse=True)
async def nobody_waits(behind: Connection) -> None:
    """Goals of other tests do not wait for plans."""
    await behind.execute("DELETE FROM goals.plan_requests")


@pytest.fixture(autouse=True)
def coach(planner: FakePlanner) -> Iterator[FakePlanner]:
    """Away, until a test brings it back."""
    planner.plan = planner.failure = planner.rules = None
    planner.asked.clear()
    yield planner
    planner.plan = planner.failure = planner.rules = None


async def create(member: GoalsMember, *, key: str = "", with_plan: bool | None = None, **asked: Any) -> goal_pb2.Goal:
    goal = goal_pb2.Goal(title="Run", pattern=goal_pb2.PATTERN_RECURRING)
    request = goals_service_pb2.CreateGoalRequest(goal=goal, idempotency_key=key, with_plan=with_plan, **asked)
    made: goal_pb2.Goal = await member.call("CreateGoal", request)
    return made


async def suggest(member: GoalsMember, goal_id: str, *, key: str = "") -> suggestion_pb2.Suggestion:
    request = suggestion_pb2.SuggestPlanRequest(goal_id=goal_id, idempotency_key=key)
    made: suggestion_pb2.Suggestion = await member.call("SuggestPlan", request)
    return made


async def listed(member: GoalsMember, goal_id: str, **fields: Any) -> suggestion_pb2.ListSuggestionsResponse:
    request = suggestion_pb2.ListSuggestionsRequest(goal_id=goal_id, **fields)
    page: suggestion_pb2.ListSuggestionsResponse = await member.call("ListSuggestions", request)
    return page


async def accept(
    member: GoalsMember, made: suggestion_pb2.Suggestion, *, key: str = ""
) -> suggestion_pb2.AcceptSuggestionResponse:
    request = suggestion_pb2.AcceptSuggestionRequest(
        goal_id=made.goal_id, suggestion_id=made.suggestion_id, idempotency_key=key
    )
    done: suggestion_pb2.AcceptSuggestionResponse = await member.call("AcceptSuggestion", request)
    return done


async def dismiss(member: GoalsMember, made: suggestion_pb2.Suggestion) -> suggestion_pb2.Suggestion:
    request = suggestion_pb2.DismissSuggestionRequest(goal_id=made.goal_id, suggestion_id=made.suggestion_id)
    done: suggestion_pb2.Suggestion = await member.call("DismissSuggestion", request)
    return done


async def test_a_new_goal_comes_with_its_plan(members: GoalsMembers, coach: FakePlanner) -> None:
    coach.plan = PLAN
    member = members.member()

    made = await create(member, constraints=goal_pb2.PlanConstraints(minutes_per_week=90))

    assert (made.plan.source, made.plan.summary, made.plan.fits) == ("offline", PLAN.summary, True)
    assert [(part.title, iso(part.due_date)) for part in made.subgoals] == [
        ("Run 5 km", "2026-04-20"),
        ("Run 10 km", "0000-00-00"),
    ]
    assert [(habit.title, habit.minutes, habit.schedule.times) for habit in made.habits] == [("Easy run", 30, 3)]
    assert made == await member.get(made.goal_id)
    assert [subject.constraints.minutes_per_week for subject in coach.asked] == [90]


async def test_who_wants_no_plan_gets_none(members: GoalsMembers, coach: FakePlanner, behind: Connection) -> None:
    coach.plan = PLAN

    made = await create(members.member(), with_plan=False)

    assert not made.HasField("plan")
    assert coach.asked == []
    assert await behind.fetchval("SELECT count(*) FROM goals.plan_requests WHERE goal_id = $1", made.goal_id) == 0


@pytest.mark.parametrize("failure", [None, DeadlineExceeded("late"), TandemError("broken")])
async def test_without_coach_a_goal_is_made_all_the_same_and_waits(
    members: GoalsMembers, coach: FakePlanner, behind: Connection, failure: TandemError | None
) -> None:
    coach.failure = failure

    made = await create(members.member())

    assert not made.HasField("plan")
    assert await behind.fetchval("SELECT count(*) FROM goals.plan_requests WHERE goal_id = $1", made.goal_id) == 1


@pytest.mark.parametrize("failure", [DeadlineExceeded("late"), TandemError("broken")])
async def test_a_late_or_broken_coach_leaves_a_plan_by_rules(
    members: GoalsMembers, coach: FakePlanner, behind: Connection, failure: TandemError
) -> None:
    coach.failure, coach.rules = failure, PLAN

    made = await create(members.member())

    assert made.plan.source == "offline"
    assert len(coach.asked) == 2
    assert await behind.fetchval("SELECT count(*) FROM goals.plan_requests WHERE goal_id = $1", made.goal_id) == 0


async def test_a_plan_that_no_goal_can_take_gives_way_to_one_by_rules(
    members: GoalsMembers, coach: FakePlanner
) -> None:
    coach.plan = Plan("gemini", "x", (), (PlannedHabit("", Schedule()),), True, (), PLAN.generate_time)
    coach.rules = PLAN

    made = await create(members.member())

    assert (made.plan.source, [habit.title for habit in made.habits]) == ("offline", ["Easy run"])


async def test_a_coach_that_is_away_is_not_asked_twice(members: GoalsMembers, coach: FakePlanner) -> None:
    coach.rules = PLAN

    made = await create(members.member())

    assert not made.HasField("plan")
    assert len(coach.asked) == 1


async def test_a_plan_that_no_goal_can_take_is_no_plan(members: GoalsMembers, coach: FakePlanner) -> None:
    coach.plan = Plan("gemini", "x", (), (PlannedHabit("", Schedule()),), True, (), PLAN.generate_time)

    made = await create(members.member())

    assert not made.HasField("plan")
    assert list(made.habits) == []


async def test_the_same_key_makes_one_goal_with_one_plan(members: GoalsMembers, coach: FakePlanner) -> None:
    coach.plan = PLAN
    member = members.member()

    first = await create(member, key="once")
    await member.update(first.goal_id, title="Walk")
    again = await create(member, key="once")

    assert again == first
    assert again.HasField("plan")
    assert len(coach.asked) == 1


async def test_the_plan_of_a_goal_that_waits_is_made_later(
    members: GoalsMembers, coach: FakePlanner, use_cases: UseCases, system_database: Database, clock: FixedClock
) -> None:
    member = members.member()
    made = await create(member, constraints=goal_pb2.PlanConstraints(minutes_per_week=60))
    coach.asked.clear()
    await use_cases.plans.make_overdue(system_database)
    too_early = list(coach.asked)

    coach.plan = PLAN
    clock.advance(timedelta(minutes=1))
    taken = await use_cases.plans.make_overdue(system_database)
    again = await use_cases.plans.make_overdue(system_database)

    assert (too_early, again) == ([], 0)
    assert taken >= 1
    assert coach.asked[-1].constraints.minutes_per_week == 60
    assert (await member.get(made.goal_id)).plan.summary == PLAN.summary


async def test_a_goal_waits_longer_after_each_failure_and_not_for_ever(
    members: GoalsMembers, use_cases: UseCases, system_database: Database, clock: FixedClock, behind: Connection
) -> None:
    made = await create(members.member())
    waits = []
    for _ in range(20):
        row = await behind.fetchrow("SELECT due_at FROM goals.plan_requests WHERE goal_id = $1", made.goal_id)
        if row is None:
            break
        waits.append((row["due_at"] - clock.now()).total_seconds())
        clock.advance(row["due_at"] - clock.now())
        await use_cases.plans.make_overdue(system_database)

    assert waits == [30, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600, 21600]


async def test_a_suggested_plan_waits_and_changes_nothing_until_it_is_accepted(
    members: GoalsMembers, coach: FakePlanner, behind: Connection
) -> None:
    coach.plan = PLAN
    member = members.member()
    made = await create(member)
    coach.plan = OTHER

    suggested = await suggest(member, made.goal_id)

    assert (suggested.source, suggested.summary, suggested.fits, suggested.misfit) == ("anthropic", "Swim.", True, "")
    assert await member.get(made.goal_id) == made
    accepted = await accept(member, suggested)
    assert [habit.title for habit in accepted.goal.habits] == ["Swim"]
    assert accepted.goal.plan.summary == "Swim."
    assert accepted.goal == await member.get(made.goal_id)
    assert accepted.suggestion.status == suggestion_pb2.SUGGESTION_STATUS_ACCEPTED
    told = [event.event_type for event in await goal_events(behind, member)]
    assert told[-3] == "goals.suggestion_made"
    assert set(told[-2:]) == {"goals.goal_updated", "goals.suggestion_accepted"}


async def test_what_the_member_made_of_the_former_plan_stays(members: GoalsMembers, coach: FakePlanner) -> None:
    coach.plan = PLAN
    member = members.member()
    made = await create(member)
    changed = care_pb2.UpdateHabitRequest(goal_id=made.goal_id, habit=made.habits[0])
    changed.habit.title = "Easy run with Tom"
    changed.update_mask.paths.append("title")
    await member.call("UpdateHabit", changed)
    coach.plan = OTHER

    accepted = await accept(member, await suggest(member, made.goal_id))

    assert [habit.title for habit in accepted.goal.habits] == ["Easy run with Tom", "Swim"]
    assert list(accepted.goal.subgoals) == []


async def test_a_suggestion_is_decided_once(members: GoalsMembers, coach: FakePlanner) -> None:
    coach.plan = PLAN
    member = members.member()
    made = await create(member)
    one, other = await suggest(member, made.goal_id), await suggest(member, made.goal_id)

    await accept(member, one)
    await dismiss(member, other)
    again = await accept(member, one)

    assert len(again.goal.habits) == 1
    await refused("INVALID_TRANSITION", dismiss(member, one))
    await refused("INVALID_TRANSITION", accept(member, other))
    statuses = {each.status for each in (await listed(member, made.goal_id)).suggestions}
    assert statuses == {suggestion_pb2.SUGGESTION_STATUS_DISMISSED, suggestion_pb2.SUGGESTION_STATUS_ACCEPTED}
    opened = await listed(member, made.goal_id, status=suggestion_pb2.SUGGESTION_STATUS_OPEN)
    assert list(opened.suggestions) == []


async def test_a_suggestion_that_no_longer_fits_says_so(members: GoalsMembers, coach: FakePlanner) -> None:
    coach.plan = PLAN
    member = members.member()
    made = await create(member)
    offered = await offer(members, member, made.goal_id, remove_habit_id=made.habits[0].habit_id)
    await member.call(
        "DeleteHabit", care_pb2.DeleteHabitRequest(goal_id=made.goal_id, habit_id=made.habits[0].habit_id)
    )

    (shown,) = (await listed(member, made.goal_id)).suggestions
    error = await refused("SUGGESTION_OUTDATED", accept(member, offered))

    assert (shown.fits, "no such habit" in shown.misfit) == (False, True)
    assert "no such habit" in error.message
    assert (await member.get(made.goal_id)).etag != made.etag


async def offer(
    members: GoalsMembers, member: GoalsMember, goal_id: str, *, key: str = "", source: str = "offline", **change: Any
) -> suggestion_pb2.Suggestion:
    """What coach suggests, as coach."""
    suggestion = suggestion_pb2.Suggestion(
        goal_id=goal_id, source=source, summary="Less is more.", operations=[suggestion_pb2.Operation(**change)]
    )
    request = suggestion_pb2.OfferSuggestionRequest(
        member_id=str(member.member_id), suggestion=suggestion, idempotency_key=key
    )
    made: suggestion_pb2.Suggestion = await members.as_service("coach", "OfferSuggestion", request)
    return made


async def test_every_kind_of_change(members: GoalsMembers, coach: FakePlanner) -> None:
    coach.plan = PLAN
    member = members.member()
    made = await create(member)
    goal_id, habit_id, first = made.goal_id, made.habits[0].habit_id, made.subgoals[0].subgoal_id
    parts = [goal_pb2.PlannedSubgoal(title="Run 2 km"), goal_pb2.PlannedSubgoal(title="Run 4 km")]
    weekly = goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=2)
    changes: list[dict[str, Any]] = [
        {"split_subgoal": suggestion_pb2.SubgoalSplit(subgoal_id=first, parts=parts)},
        {"add_subgoal": goal_pb2.PlannedSubgoal(title="Rest")},
        {"change_habit": suggestion_pb2.HabitChange(habit_id=habit_id, schedule=weekly, minutes=20)},
        {"add_habit": goal_pb2.PlannedHabit(title="Stretch", minutes=5)},
        {"move_deadline": on("2026-09-01")},
    ]

    for change in changes:
        await accept(member, await offer(members, member, goal_id, **change))

    after = await member.get(goal_id)
    assert [part.title for part in after.subgoals] == ["Run 2 km", "Run 4 km", "Run 10 km", "Rest"]
    assert [(habit.title, habit.schedule.times, habit.minutes) for habit in after.habits] == [
        ("Easy run", 2, 20),
        ("Stretch", 1, 5),
    ]
    assert iso(after.deadline) == "2026-09-01"


async def test_only_services_offer_and_only_the_owner_decides(members: GoalsMembers, coach: FakePlanner) -> None:
    coach.plan = PLAN
    member, stranger = members.member(), members.member()
    made = await create(member)
    suggested = await suggest(member, made.goal_id)

    await refused("NOT_FOUND", suggest(stranger, made.goal_id))
    await refused("NOT_FOUND", listed(stranger, made.goal_id))
    await refused("NOT_FOUND", accept(stranger, suggested))
    await refused("NOT_FOUND", dismiss(stranger, suggested))
    await refused("NOT_FOUND", offer(members, stranger, made.goal_id, move_deadline=on("2026-09-01")))
    await refused("FORBIDDEN", member.call("OfferSuggestion", suggestion_pb2.OfferSuggestionRequest()))
    assert (await listed(member, made.goal_id)).suggestions[0].fits


@pytest.mark.parametrize(
    ("change", "source", "field"),
    [
        ({}, "offline", "suggestion.operations[0]"),
        ({"move_deadline": on("2026-09-01")}, "somebody", "suggestion.source"),
        ({"remove_habit_id": "x"}, "offline", "suggestion.operations[0].remove_habit_id"),
        (
            {"split_subgoal": suggestion_pb2.SubgoalSplit(subgoal_id="0" * 8 + "-0000-7000-8000-" + "0" * 12)},
            "offline",
            "suggestion.operations[0].split_subgoal.parts",
        ),
        (
            {"add_habit": goal_pb2.PlannedHabit(schedule=goal_pb2.Schedule(times=0))},
            "offline",
            "suggestion.operations[0].add_habit.schedule.times",
        ),
    ],
)
async def test_an_offer_names_the_field_that_is_wrong(
    members: GoalsMembers, change: dict[str, Any], source: str, field: str
) -> None:
    member = members.member()
    made = await create(member)

    error = await refused("VALIDATION_FAILED", offer(members, member, made.goal_id, source=source, **change))

    assert field in fields_of(error)


async def test_the_same_key_suggests_once(members: GoalsMembers, coach: FakePlanner) -> None:
    coach.plan = PLAN
    member = members.member()
    made = await create(member)

    first, again = await suggest(member, made.goal_id, key="s"), await suggest(member, made.goal_id, key="s")
    offered = await offer(members, member, made.goal_id, key="o", move_deadline=on("2026-09-01"))
    offered_again = await offer(members, member, made.goal_id, key="o", move_deadline=on("2026-09-01"))

    assert (again, offered_again) == (first, offered)
    assert len(coach.asked) == 2
    assert len((await listed(member, made.goal_id)).suggestions) == 2


async def test_a_closed_goal_takes_no_suggestion(members: GoalsMembers, coach: FakePlanner) -> None:
    coach.plan = PLAN
    member = members.member()
    made = await create(member)
    suggested = await suggest(member, made.goal_id)
    await member.archive(made.goal_id)

    error = await refused("SUGGESTION_OUTDATED", accept(member, suggested))

    assert "archived" in error.message
    await refused("CONFLICT", suggest(member, made.goal_id))


async def test_pages_of_suggestions(members: GoalsMembers, coach: FakePlanner, clock: FixedClock) -> None:
    coach.plan = PLAN
    member = members.member()
    made = await create(member)
    suggested = []
    for _ in range(5):
        clock.advance(timedelta(seconds=1))
        suggested.append((await suggest(member, made.goal_id)).suggestion_id)

    first = await listed(member, made.goal_id, page_size=3)
    second = await listed(member, made.goal_id, page_size=3, page_token=first.next_page_token)

    found = [each.suggestion_id for page in (first, second) for each in page.suggestions]
    assert found == suggested[::-1]
    assert second.next_page_token == ""


async def test_as_many_wait_as_may(members: GoalsMembers, behind: Connection) -> None:
    member = members.member()
    made = await create(member)
    moved = {"move_deadline": on("2026-09-01")}
    await offer(members, member, made.goal_id, **moved)
    await behind.execute(
        """INSERT INTO goals.suggestions
            (suggestion_id, goal_id, member_id, source, summary, operations, status, created_at)
        SELECT gen_random_uuid(), goal_id, member_id, source, summary, operations, status, created_at
        FROM goals.suggestions, generate_series(1, 49) WHERE goal_id = $1""",
        made.goal_id,
    )

    error = await refused("CONFLICT", offer(members, member, made.goal_id, **moved))

    assert error.metadata["limit"] == "50"
