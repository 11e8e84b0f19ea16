"""Importing through a real channel on a real database; what goes out is in `test_exports`."""

import json
from typing import Any
from uuid import UUID

import pytest

from tandem.goals.v1 import goal_pb2
from tests.support.foreign import beeminder_goal, habitica_file, loop_backup, point
from tests.support.goals import Connection, GoalsMembers, fields_of, goal_events, on, refused
from tests.support.transfers import BACKUP, BEEMINDER, FILES, HABITICA, LOOP, TANDEM, bring, goals_of, lived, take


@pytest.mark.parametrize("source", FILES)
async def test_a_dry_run_writes_nothing_and_tells_what_the_real_one_does(members: GoalsMembers, source: int):
    ann = members.member()

    told = await bring(ann, source, FILES[source], dry_run=True)
    before = await goals_of(ann)
    done = await bring(ann, source, FILES[source])

    assert before == {}
    assert told.dry_run
    assert not done.dry_run
    assert {goal.goal_id for goal in told.goals} == {""}
    assert [(g.title, g.pattern, g.status, g.activity_count) for g in told.goals] == [
        (g.title, g.pattern, g.status, g.activity_count) for g in done.goals
    ]
    assert told.skipped == done.skipped
    assert (told.created_goal_count, told.created_activity_count) == (
        done.created_goal_count, done.created_activity_count,
    )  # fmt: skip
    assert done.created_goal_count == len(await goals_of(ann)) == len(done.goals)
    for goal in done.goals:
        assert len((await ann.activities(goal.goal_id)).activities) == goal.activity_count


@pytest.mark.parametrize("source", FILES)
async def test_the_same_file_twice_is_one_import(members: GoalsMembers, source: int):
    ann = members.member()
    first = await bring(ann, source, FILES[source])

    again = await bring(ann, source, FILES[source])

    assert (again.created_goal_count, again.created_activity_count) == (0, 0)
    assert [goal.goal_id for goal in again.goals] == [goal.goal_id for goal in first.goals]
    assert all(goal.found for goal in again.goals)
    assert len(await goals_of(ann)) == first.created_goal_count


async def test_a_later_file_brings_what_is_new(members: GoalsMembers):
    ann = members.member()
    points = [point(1, "2026-03-02", 1)]
    await bring(ann, BEEMINDER, json.dumps([beeminder_goal("x", datapoints=points)]).encode())

    points += [point(2, "2026-03-03", 2)]
    later = await bring(ann, BEEMINDER, json.dumps([beeminder_goal("x", rate=9, datapoints=points)]).encode())

    assert (later.created_goal_count, later.created_activity_count) == (0, 1)
    goal = (await goals_of(ann))["X"]
    assert goal.amount.min_value == 3, "a goal that is there stays as it is"


async def test_a_later_file_completes_a_goal_that_is_there(members: GoalsMembers):
    ann = members.member()
    goal = beeminder_goal("books", goalval=3, rate=None, datapoints=[point(1, "2026-03-02", 1)])
    await bring(ann, BEEMINDER, json.dumps([goal]).encode())

    goal["datapoints"].append(point(2, "2026-03-03", 2))
    await bring(ann, BEEMINDER, json.dumps([goal]).encode())

    assert (await goals_of(ann))["Books"].status == goal_pb2.STATUS_COMPLETED


async def test_the_same_key_twice_answers_alike(members: GoalsMembers):
    ann = members.member()

    first = await bring(ann, LOOP, BACKUP, key="k")
    again = await bring(ann, LOOP, BACKUP, key="k")

    assert ann.replayed
    assert again == first
    await refused("IDEMPOTENCY_KEY_REUSED", bring(ann, LOOP, FILES[LOOP], key="k"))


async def test_goals_beyond_fifty_come_in_as_paused(members: GoalsMembers):
    ann = members.member()
    goals = [beeminder_goal(f"g{n}") for n in range(52)]

    done = await bring(ann, BEEMINDER, json.dumps(goals).encode())

    statuses = [goal.status for goal in done.goals]
    assert statuses.count(goal_pb2.STATUS_ACTIVE) == 50
    assert statuses[-2:] == [goal_pb2.STATUS_PAUSED] * 2
    assert [item.where for item in done.skipped] == ["goals[50]", "goals[51]"]
    await refused("GOAL_QUOTA_EXCEEDED", ann.create("One more"))


async def test_figures_follow_from_what_came_in(members: GoalsMembers):
    ann = members.member()
    rows = [(1, f"2026-03-{day:02}", 2, "") for day in range(10, 20)]
    await bring(ann, LOOP, loop_backup([{"id": 1, "name": "Read", "freq_num": 1, "freq_den": 1, "uuid": "u"}], rows))

    goal = (await goals_of(ann))["Read"]

    assert goal.progress_summary.current_streak == 10
    assert goal.progress_summary.due_today


async def test_goals_are_told_and_no_entry_is(members: GoalsMembers, behind: Connection):
    ann = members.member()

    await bring(ann, LOOP, BACKUP)

    assert {event.event_type for event in await goal_events(behind, ann)} == {"goals.goal_created"}
    assert len(await goal_events(behind, ann)) == 5


async def test_another_calendar_counts_from_now_on(members: GoalsMembers):
    ann, cleo = await lived(members), members.member("Asia/Tokyo", week_start=7)

    await bring(cleo, TANDEM, await take(ann))

    goals = {goal["title"]: goal for goal in json.loads(await take(cleo))["goals"]}
    zones = [rule["timezone"] for rule in goals["Run 3x per week"]["rules"]]
    assert zones == ["Europe/Berlin", "Europe/Berlin", "Asia/Tokyo"]


async def test_dating_goals_of_the_young_stay_out(members: GoalsMembers):
    ann, young = members.member(), members.member(birth_year=2010)
    await ann.create("Meet somebody", category="dating")
    await ann.create("Run")

    done = await bring(young, TANDEM, await take(ann))

    assert [goal.title for goal in done.goals] == ["Run"]
    assert "adults" in done.skipped[0].reason


async def test_a_checklist_that_grew_marks_the_step_that_was_done(members: GoalsMembers):
    ann = members.member()
    boxes, van = ({"id": key, "text": title, "completed": False} for key, title in (("1", "Boxes"), ("2", "Van")))
    todo = {"_id": "t", "type": "todo", "text": "Move", "createdAt": "2026-03-01T08:00:00Z", "checklist": [boxes, van]}
    nothing: dict[str, Any] = {"habits": [], "dailys": [], "rewards": []}
    await bring(ann, HABITICA, habitica_file(todos=[todo], **nothing))

    mother = {"id": "3", "text": "Call mother", "completed": False}
    todo["checklist"] = [mother, {**boxes, "completed": True}, van]
    await bring(ann, HABITICA, habitica_file(todos=[todo], **nothing))

    steps = (await goals_of(ann))["Move"].milestones
    assert [(step.title, step.HasField("done_time")) for step in steps] == [("Boxes", True), ("Van", False)]


async def test_nobody_reaches_goals_of_another(members: GoalsMembers):
    """Ids in a file name things within it; somebody else's goal of that id is neither shown nor changed."""
    ann, ben = members.member(), members.member()
    goal = await ann.create(start_date=on("2026-03-01"))
    document = json.loads(await take(ann))
    document["goals"][0]["activities"].append(
        {"id": str(UUID(int=7 << 76 | 2 << 62 | 5)), "type": "check_in", "completed": True, "local_date": "2026-03-05",
         "occurred_at": "2026-03-05T10:00:00Z", "timezone": "UTC"}
    )  # fmt: skip

    done = await bring(ben, TANDEM, json.dumps(document).encode())

    assert done.goals[0].goal_id != goal.goal_id
    assert (await ann.activities(goal.goal_id)).activities == []
    assert json.loads(await take(members.member()))["goals"] == []


async def test_a_file_of_many_entries_comes_in_and_goes_out(members: GoalsMembers):
    """More than one statement writes and one page reads."""
    ann = members.member()
    points = [
        {
            "id": f"p{n}",
            "timestamp": 1_735_689_600 + n * 600,
            "daystamp": f"2025{1 + n // 1000:02}{1 + n % 28:02}",
            "value": 1,
        }
        for n in range(6_000)
    ]

    done = await bring(ann, BEEMINDER, json.dumps([beeminder_goal("x", datapoints=points)]).encode())

    assert done.created_activity_count == 6_000
    assert len(json.loads(await take(ann))["goals"][0]["activities"]) == 6_000


@pytest.mark.parametrize(
    ("source", "content", "field"),
    [(LOOP, b"PK", "file"), (0, b"{}", "source"), (99, b"{}", "source"), (TANDEM, b"", "file")],
)
async def test_what_is_no_file_is_refused_by_name(members: GoalsMembers, source: int, content: bytes, field: str):
    error = await refused("VALIDATION_FAILED", bring(members.member(), source, content))

    assert fields_of(error) == [field]
