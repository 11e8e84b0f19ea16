"""Goals made from templates, through a real channel on a real database."""

from typing import Any

from tandem.goals.v1 import goal_pb2, transfer_pb2
from tandem.goals.v1 import goals_service_pb2 as pb
from tests.support.goals import GoalsMember, GoalsMembers, fields_of, iso, refused


async def make(member: GoalsMember, template_id: str, *, key: str = "", **fields: Any) -> goal_pb2.Goal:
    request = pb.CreateGoalRequest(
        goal=goal_pb2.Goal(**fields), template_id=template_id, with_plan=False, idempotency_key=key
    )
    made: goal_pb2.Goal = await member.call("CreateGoal", request)
    return made


async def test_the_library_is_listed_and_filtered(members: GoalsMembers):
    ann = members.member()

    everything = await ann.call("ListTemplates", transfer_pb2.ListTemplatesRequest())
    some = await ann.call(
        "ListTemplates", transfer_pb2.ListTemplatesRequest(category="fitness", pattern=goal_pb2.PATTERN_MILESTONE)
    )

    assert len(everything.templates) >= 30
    assert [each.template_id for each in some.templates] == ["first-10k"]
    assert [step.after_days for step in some.templates[0].milestones] == [14, 28, 49, 70, 84]
    assert some.templates[0].habits[0].if_then.startswith("If ")


async def test_the_library_comes_in_pages(members: GoalsMembers):
    ann = members.member()
    whole = await ann.call("ListTemplates", transfer_pb2.ListTemplatesRequest(page_size=200))

    found, token = list[str](), ""
    while token or not found:
        page = await ann.call("ListTemplates", transfer_pb2.ListTemplatesRequest(page_size=7, page_token=token))
        assert 1 <= len(page.templates) <= 7
        found, token = [*found, *(each.template_id for each in page.templates)], page.next_page_token

    assert found == [each.template_id for each in whole.templates]
    assert not whole.next_page_token
    first = await ann.call("ListTemplates", transfer_pb2.ListTemplatesRequest(page_size=7))
    of_another_list = transfer_pb2.ListTemplatesRequest(category="health", page_token=first.next_page_token)
    await refused("MALFORMED_REQUEST", ann.call("ListTemplates", of_another_list))


async def test_a_goal_is_what_its_template_says(members: GoalsMembers):
    goal = await make(members.member(), "first-10k")

    assert (goal.title, goal.category, goal.pattern) == ("Run 10 km", "fitness", goal_pb2.PATTERN_MILESTONE)
    assert iso(goal.start_date) == "2026-03-20"
    assert iso(goal.deadline) == "2026-06-12"
    assert iso(goal.milestones[0].due_date) == "2026-04-03"
    assert [habit.minutes for habit in goal.habits] == [35]


async def test_what_the_member_gives_wins(members: GoalsMembers):
    goal = await make(members.member(), "less-sugar", title="Less cake", limit=goal_pb2.Limit(unit="g", max_value=10))

    assert (goal.title, goal.limit.max_value, goal.category) == ("Less cake", 10, "health")


async def test_an_id_that_names_nothing_is_refused_by_name(members: GoalsMembers):
    error = await refused("VALIDATION_FAILED", make(members.member(), "no-such-template"))

    assert fields_of(error) == ["template_id"]


async def test_dating_templates_are_for_adults(members: GoalsMembers):
    young = members.member(birth_year=2010)

    await refused("ADULTS_ONLY", make(young, "first-dates"))

    assert (await make(members.member(), "first-dates")).category == "dating"


async def test_the_same_key_twice_is_one_goal(members: GoalsMembers):
    ann = members.member()

    first = await make(ann, "meditate-daily", key="k1")
    again = await make(ann, "meditate-daily", key="k1")

    assert ann.replayed
    assert first == again
    assert len((await ann.list_goals()).goals) == 1
