"""Moving goals with everything on them: files brought and taken, and a member who has a bit of everything."""

import json
import re
from typing import Any

from tandem.goals.v1 import activity_pb2, care_pb2, goal_pb2, transfer_pb2
from tests.support.foreign import beeminder_file, habitica_file, loop_archive, plain_backup
from tests.support.goals import GoalsMember, GoalsMembers, on

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
