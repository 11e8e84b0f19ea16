"""Importing and exporting through a real channel on a real database."""

import csv
import io
import json
import re
from typing import Any
from uuid import UUID

import pytest

from tandem.goals.v1 import activity_pb2, care_pb2, goal_pb2, progress_pb2, transfer_pb2
from tests.support.foreign import (
    beeminder_file,
    beeminder_goal,
    habitica_file,
    loop_archive,
    loop_backup,
    plain_backup,
    point,
)
from tests.support.goals import Connection, GoalsMember, GoalsMembers, fields_of, goal_events, on, refused

LOOP = transfer_pb2.IMPORT_SOURCE_LOOP
BEEMINDER = transfer_pb2.IMPORT_SOURCE_BEEMINDER
HABITICA = transfer_pb2.IMPORT_SOURCE_HABITICA
TANDEM = transfer_pb2.IMPORT_SOURCE_TANDEM
FILES: dict[int, bytes] = {LOOP: loop_archive(), BEEMINDER: beeminder_file(), HABITICA: habitica_file()}
BACKUP = plain_backup()
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


async def bring(
    member: GoalsMember, source: int, content: bytes, *, dry_run: bool = False, key: str = ""
) -> transfer_pb2.ImportGoalsResponse:
    request = transfer_pb2.ImportGoalsRequest(
        source=source,  # type: ignore[arg-type]  # a number of the enum
        content=content,
        dry_run=dry_run,
        idempotency_key=key,
    )
    answer: transfer_pb2.ImportGoalsResponse = await member.call("ImportGoals", request)
    return answer


async def take(member: GoalsMember, form: int = transfer_pb2.EXPORT_FORMAT_JSON) -> bytes:
    return b"".join(await member.stream("GetExport", transfer_pb2.GetExportRequest(format=form)))  # type: ignore[arg-type]


def without_ids(content: bytes) -> Any:
    """The file with ids by the order in which they first stand in it."""
    numbers: dict[str, str] = {}
    return json.loads(_ID.sub(lambda found: numbers.setdefault(found[0], f"id {len(numbers)}"), content.decode()))


async def goals_of(member: GoalsMember) -> dict[str, goal_pb2.Goal]:
    return {goal.title: goal for goal in (await member.list_goals(page_size=200)).goals}


async def lived(members: GoalsMembers) -> GoalsMember:
    """A member with a goal of each pattern and with everything that can stand around one."""
    ann = members.member("Europe/Berlin")
    run = await ann.create(
        "Run 3x per week", start_date=on("2026-02-01"), category="fitness", description="=far\n“away”"
    )
    habit = await ann.add_habit(run.goal_id, "Stretch", minutes=5, if_then="If I am home, then I stretch.")
    for day in ("2026-02-02", "2026-02-03", "2026-03-01"):
        await ann.log(run.goal_id, day, note='"quoted", =1+1', mood=4)
    context = activity_pb2.ActivityContext(location="Park", energy=3, with_wingman=True, tags=["a", "b"])
    await ann.log(run.goal_id, "2026-03-02", habit_id=habit.habit_id, context=context)
    await ann.log(run.goal_id, "2026-03-03", type=activity_pb2.ACTIVITY_TYPE_SKIP)
    await ann.update(run.goal_id, schedule=goal_pb2.Schedule(period=goal_pb2.PERIOD_WEEK, times=4))
    await ann.add_subgoal(run.goal_id, "Buy shoes", due_date=on("2026-04-01"))
    await ann.remind(run.goal_id, care_pb2.Reminder(minute_of_day=450, weekdays=[1, 3]))
    await ann.vacation("2026-02-10", "2026-02-12", goal_id=run.goal_id, reason="flu")
    await ann.vacation("2026-01-01", "2026-01-05")
    # A note does not count, so the start can be moved behind it.
    await ann.log(run.goal_id, "2026-02-01", type=activity_pb2.ACTIVITY_TYPE_NOTE, note="Tomorrow!")
    await ann.update(run.goal_id, start_date=on("2026-02-02"))
    move = await ann.create(
        "Move",
        pattern=goal_pb2.PATTERN_MILESTONE,
        milestones=[
            goal_pb2.Milestone(title="Boxes", weight=2),
            goal_pb2.Milestone(title="Van", due_date=on("2026-05-01")),
            goal_pb2.Milestone(title="Keys"),
        ],
    )
    boxes, van, keys = move.milestones
    reaches = activity_pb2.ACTIVITY_TYPE_MILESTONE
    await ann.log(move.goal_id, type=reaches, milestone_id=boxes.milestone_id)
    # A step that is done and dropped, without a day that it could have been due on, is in no list any more.
    await ann.log(move.goal_id, type=reaches, milestone_id=keys.milestone_id)
    await ann.update(move.goal_id, milestones=[van, boxes])
    thesis = await ann.create(
        "Thesis",
        pattern=goal_pb2.PATTERN_MILESTONE,
        start_date=on("2026-02-01"),
        milestones=[
            goal_pb2.Milestone(title=title, due_date=on(due))
            for title, due in (("Outline", "2026-02-10"), ("Draft", "2026-03-01"), ("Print", "2026-03-10"))
        ],
    )
    outline, draft, _ = thesis.milestones
    await ann.log(thesis.goal_id, "2026-02-09", type=reaches, milestone_id=outline.milestone_id)
    # One that was done is dropped, one that was missed is moved and another one dropped; one comes later.
    draft.due_date.CopyFrom(on("2026-04-01"))
    await ann.update(thesis.goal_id, milestones=[draft, goal_pb2.Milestone(title="Hand in")])
    weight = await ann.create(
        "Weight",
        pattern=goal_pb2.PATTERN_TARGET,
        start_date=on("2026-03-01"),
        deadline=on("2026-06-01"),
        target=goal_pb2.Target(unit="kg", start_value=80, target_value=75, aggregation=goal_pb2.AGGREGATION_LAST),
    )
    await ann.log(weight.goal_id, "2026-03-05", type=activity_pb2.ACTIVITY_TYPE_PROGRESS, value=74.25)
    coffee = await ann.create("Coffee", pattern=goal_pb2.PATTERN_LIMIT, limit=goal_pb2.Limit(unit="cups", max_value=2))
    await ann.log(coffee.goal_id, type=activity_pb2.ACTIVITY_TYPE_PROGRESS, value=1.5)
    # What is said of a habit is said of it alone, also when it is gone.
    tea = await ann.add_habit(coffee.goal_id, "Tea instead")
    await ann.log(coffee.goal_id, habit_id=tea.habit_id, completed=False)
    await ann.remove_habit(coffee.goal_id, tea.habit_id)
    await ann.update(coffee.goal_id, status=goal_pb2.STATUS_PAUSED)
    days = await ann.create(
        "Draw", pattern=goal_pb2.PATTERN_STREAK, streak=goal_pb2.StreakTerms(target_length=30, freezes_per_month=1)
    )
    await ann.archive(days.goal_id)
    return ann


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
