"""Exports through a real channel on a real database: what they hold, and that they come in as they went out."""

import csv
import io
import json
from typing import Any

import pytest

from tandem.goals.v1 import activity_pb2, goal_pb2, progress_pb2, transfer_pb2
from tests.support.goals import GoalsMembers, on
from tests.support.transfers import (
    BACKUP,
    FILES,
    LOOP,
    TANDEM,
    bring,
    goals_of,
    lived,
    take,
    without_ids,
)


async def test_an_export_holds_everything(members: GoalsMembers):
    document = json.loads(await take(await lived(members)))

    goals = {goal["title"]: goal for goal in document["goals"]}
    assert (document["format"], document["version"]) == ("tandem-goals", 1)
    assert [vacation["from"] for vacation in document["vacations"]] == ["2026-01-01"]
    run = goals["Run 3x per week"]
    assert [rule["schedule"]["times"] for rule in run["rules"]] == [3, 4]
    assert run["reminders"] == [{"time": "07:30", "weekdays": ["mon", "wed"]}]
    assert run["vacations"][0]["reason"] == "flu"
    assert [each["title"] for each in run["subgoals"]] == ["Buy shoes"]
    assert run["activities"][4]["habit_id"] == run["habits"][0]["id"]
    assert run["activities"][4]["context"]["tags"] == ["a", "b"]
    assert [(each["title"], each["due_date"]) for each in goals["Thesis"]["past_milestones"]] == [
        ("Outline", "2026-02-10"), ("Draft", "2026-03-01"), ("Print", "2026-03-10"),
    ]  # fmt: skip
    assert [each["known_from"] is None for each in goals["Thesis"]["milestones"]] == [True, False]
    assert goals["Weight"]["status"] == "completed"
    assert goals["Draw"]["status"] == "archived"
    assert goals["Coffee"]["phases"][-1]["status"] == "paused"


async def test_export_import_export_is_a_fixed_point(members: GoalsMembers):
    ann, ben = await lived(members), members.member("Europe/Berlin")
    first = await take(ann)

    done = await bring(ben, TANDEM, first)

    assert list(done.skipped) == []
    assert without_ids(await take(ben)) == without_ids(first)


@pytest.mark.parametrize(
    ("source", "content"),
    [*FILES.items(), (LOOP, BACKUP)],
    ids=["loop archive", "beeminder", "habitica", "loop backup"],
)
async def test_what_was_imported_exports_and_imports_alike(members: GoalsMembers, source: int, content: bytes):
    ann, ben = members.member(), members.member()
    brought = await bring(ann, source, content)
    first = await take(ann)
    assert brought.created_goal_count > 0
    assert brought.created_activity_count > 0

    done = await bring(ben, TANDEM, first)

    assert list(done.skipped) == []
    assert without_ids(await take(ben)) == without_ids(first)


async def test_figures_are_the_same_after_a_move(members: GoalsMembers):
    ann, ben = await lived(members), members.member("Europe/Berlin")
    await bring(ben, TANDEM, await take(ann))

    mine, theirs = await goals_of(ann), await goals_of(ben)

    assert mine.keys() == theirs.keys()
    for title, goal in mine.items():
        assert theirs[title].progress_summary == goal.progress_summary, title


async def test_steps_that_were_moved_or_dropped_stay_what_they_came_to_after_a_move(members: GoalsMembers):
    ann, ben = await lived(members), members.member("Europe/Berlin")
    await bring(ben, TANDEM, await take(ann))

    for person in (ann, ben):
        thesis = (await goals_of(person))["Thesis"]
        progress = await person.progress(thesis.goal_id, period=progress_pb2.PROGRESS_PERIOD_ALL)
        assert (progress.done, progress.missed) == (1, 2)


@pytest.mark.parametrize(
    ("title", "change", "reason"),
    [
        ("Thesis", {"due_date": "2026-03-21"}, "past_milestones must have been due"),
        ("Thesis", {"due_date": None}, "due_date must be given"),
        ("Thesis", {"until": None}, "until must be given"),
        ("Thesis", {"weight": 0}, "must be greater than 0"),
        ("Run 3x per week", {}, "past_milestones are of a milestone goal"),
    ],
)
async def test_a_step_of_the_past_is_one(members: GoalsMembers, title: str, change: dict[str, Any], reason: str):
    ann, ben = await lived(members), members.member("Europe/Berlin")
    document = json.loads(await take(ann))
    goals = {goal["title"]: goal for goal in document["goals"]}
    goals[title]["past_milestones"] = [{**goals["Thesis"]["past_milestones"][0], **change}]

    done = await bring(ben, TANDEM, json.dumps(document).encode())

    assert title not in await goals_of(ben)
    assert [reason in each.reason for each in done.skipped] == [True]


async def test_ones_own_export_is_there_already(members: GoalsMembers):
    ann = await lived(members)
    before = await take(ann)

    done = await bring(ann, TANDEM, before)

    assert (done.created_goal_count, done.created_activity_count) == (0, 0)
    assert await take(ann) == before


async def test_the_table_has_a_row_for_each_activity_and_runs_no_formula(members: GoalsMembers):
    ann = await lived(members)

    table = (await take(ann, transfer_pb2.EXPORT_FORMAT_CSV)).decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == 12
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {row["goal_title"] for row in rows} == {"Run 3x per week", "Move", "Thesis", "Weight", "Coffee"}


async def test_a_table_is_read_back_onto_goals_that_are_there(members: GoalsMembers):
    ann = members.member()
    goal = await ann.create(start_date=on("2026-03-01"))
    logged = await ann.log(goal.goal_id, "2026-03-02", note="=SUM(A1)", mood=2)
    await ann.log(goal.goal_id, "2026-03-03", note="'=")
    table = await take(ann, transfer_pb2.EXPORT_FORMAT_CSV)
    await ann.take_back(logged.activity)

    done = await bring(ann, TANDEM, table)

    assert (done.created_goal_count, done.created_activity_count) == (0, 1)
    notes = {each.note for each in (await ann.activities(goal.goal_id)).activities}
    assert notes == {"=SUM(A1)", "'="}
    stranger = await bring(members.member(), TANDEM, table)
    assert (len(stranger.goals), len(stranger.skipped)) == (0, 1)


async def test_what_comes_back_comes_on_its_own_step_and_habit(members: GoalsMembers):
    """As a file was taken, then the steps were put in another order, the habit removed, and all of it taken back."""
    for form in (transfer_pb2.EXPORT_FORMAT_JSON, transfer_pb2.EXPORT_FORMAT_CSV):
        ann = members.member()
        steps = [goal_pb2.Milestone(title=title) for title in ("A", "B")]
        goal = await ann.create("Move", pattern=goal_pb2.PATTERN_MILESTONE, milestones=steps)
        habit = await ann.add_habit(goal.goal_id)
        first, second = goal.milestones
        logged = [
            await ann.log(goal.goal_id, type=activity_pb2.ACTIVITY_TYPE_MILESTONE, milestone_id=first.milestone_id),
            await ann.log(goal.goal_id, habit_id=habit.habit_id, completed=False),
        ]
        content = await take(ann, form)
        for each in logged:
            await ann.take_back(each.activity)
        await ann.update(goal.goal_id, milestones=[second, first])
        await ann.remove_habit(goal.goal_id, habit.habit_id)

        done = await bring(ann, TANDEM, content)

        assert (done.created_activity_count, list(done.skipped)) == (2, [])
        found = (await ann.activities(goal.goal_id)).activities
        assert {(each.milestone_id, each.habit_id) for each in found} == {
            (first.milestone_id, ""), ("", habit.habit_id),
        }  # fmt: skip
        assert [step.HasField("done_time") for step in (await ann.get(goal.goal_id)).milestones] == [False, True]
