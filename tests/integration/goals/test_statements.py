"""How often the database is asked: as often for many goals as for few."""

from typing import Any

import asyncpg
import pytest

from tandem.goals.v1 import goal_pb2
from tests.support.goals import GoalsMember, GoalsMembers

OF_EACH: dict[str, dict[str, Any]] = {
    "recurring": {"amount": goal_pb2.Amount(unit="km", min_value=2)},
    "milestone": {"milestones": [goal_pb2.Milestone(title="Outline", weight=1)]},
    "target": {"target": goal_pb2.Target(unit="km", start_value=0, target_value=9)},
    "streak": {"streak": goal_pb2.StreakTerms(target_length=30)},
    "limit": {"limit": goal_pb2.Limit(unit="cups", max_value=2)},
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Statements with an answer, in order; beginnings and ends of transactions are none."""
    statements: list[str] = []
    execute = asyncpg.Connection._execute  # type: ignore[attr-defined]  # what all kinds of fetching go through

    async def counted(self: Any, query: str, *arguments: Any, **options: Any) -> Any:
        statements.append(query)
        return await execute(self, query, *arguments, **options)

    monkeypatch.setattr(asyncpg.Connection, "_execute", counted)
    return statements


async def make_goals(member: GoalsMember, count: int) -> None:
    """So many goals, of each pattern in turn, each with an entry."""
    for number in range(count):
        pattern = list(OF_EACH)[number % len(OF_EACH)]
        goal = await member.create(pattern=goal_pb2.Pattern.Value(f"PATTERN_{pattern.upper()}"), **OF_EACH[pattern])
        await member.log(goal.goal_id, type="ACTIVITY_TYPE_NOTE", note="there")


async def test_a_list_of_fifty_goals_takes_as_many_statements_as_one_of_five(
    members: GoalsMembers, asked: list[str]
) -> None:
    member = members.member()
    await make_goals(member, 5)
    asked.clear()
    assert len((await member.list_goals()).goals) == 5
    for_five = list(asked)
    await make_goals(member, 45)
    asked.clear()

    assert len((await member.list_goals()).goals) == 50

    assert len(for_five) > 0
    assert asked == for_five
    assert len(asked) <= 2


async def test_so_does_a_dashboard(members: GoalsMembers, asked: list[str]) -> None:
    member = members.member()
    await make_goals(member, 5)
    asked.clear()
    assert len((await member.overview()).goals) == 5
    for_five = list(asked)
    await make_goals(member, 20)
    asked.clear()

    assert len((await member.overview()).goals) == 25
    assert asked == for_five


async def test_what_the_coach_asks_for_with_every_message_takes_one(members: GoalsMembers, asked: list[str]) -> None:
    member = members.member()
    await make_goals(member, 5)
    asked.clear()

    overview = await member.overview(50, completed=10, logged_days=14, brief=True)

    assert len(overview.goals) == len(overview.recent_activities) == 5
    assert len(asked) == 1
