"""Lists and the overview of a member who writes as much as may be written, in the longest characters."""

import pytest

from tandem.goals.v1 import activity_pb2, goal_pb2
from tests.support.goals import GoalsMember, GoalsMembers

NOTE = activity_pb2.ACTIVITY_TYPE_NOTE
# Four bytes each.
LONGEST = "\N{RUNNER}" * 10_000


@pytest.fixture
async def writer(members: GoalsMembers) -> GoalsMember:
    return members.member()


async def test_a_page_of_the_longest_notes_ends_early_and_the_pages_hold_all(writer: GoalsMember) -> None:
    goal = await writer.create()
    made = {
        each.activity_id
        for _ in range(6)
        for each in await writer.batch(
            *[activity_pb2.Activity(goal_id=goal.goal_id, type=NOTE, note=LONGEST) for _ in range(20)]
        )
    }

    pages = [await writer.activities(goal.goal_id, page_size=200)]
    while pages[-1].next_page_token:
        pages.append(await writer.activities(goal.goal_id, page_size=200, page_token=pages[-1].next_page_token))

    listed = [each.activity_id for page in pages for each in page.activities]
    assert len(listed) == len(made)
    assert set(listed) == made
    assert [len(page.activities) for page in pages] == [78, 42]
    assert max(page.ByteSize() for page in pages) < 3.2 * 1024 * 1024


async def test_a_page_that_ends_with_the_last_row_is_the_last(writer: GoalsMember) -> None:
    goal = await writer.create()
    for _ in range(3):
        await writer.log(goal.goal_id, type=NOTE, note="short")

    page = await writer.activities(goal.goal_id, page_size=3)

    assert len(page.activities) == 3
    assert page.next_page_token == ""


async def test_many_goals_with_every_text_full_are_listed_and_overseen(writer: GoalsMember) -> None:
    steps = [goal_pb2.Milestone(title=LONGEST[:200], weight=1) for _ in range(100)]
    for _ in range(50):
        goal = await writer.create(description=LONGEST, pattern=goal_pb2.PATTERN_MILESTONE, milestones=steps)
    await writer.batch(*[activity_pb2.Activity(goal_id=goal.goal_id, type=NOTE, note=LONGEST) for _ in range(20)])

    first = await writer.list_goals(page_size=200)
    rest = await writer.list_goals(page_size=200, page_token=first.next_page_token)
    overview = await writer.overview(50)

    assert first.ByteSize() < 3.2 * 1024 * 1024
    assert len({goal.goal_id for page in (first, rest) for goal in page.goals}) == 50
    assert (len(overview.goals), len(overview.recent_activities)) == (50, 20)
    assert overview.ByteSize() > 6 * 1024 * 1024
