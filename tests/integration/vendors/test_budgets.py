"""A spent budget, in every use: the rules answer, no vendor is asked, and nobody failed."""

import pytest

from services.coach.clients.vendors.budget import LocalBudget
from tests.support.vendors import CLOCK, USES, Stores, wired
from tests.vendors import StandIns


def spent(_: str) -> LocalBudget:
    """One a minute, which is gone."""
    budget = LocalBudget(CLOCK, per_minute=1)
    assert budget.take_now()
    return budget


@pytest.mark.parametrize("name", USES)
async def test_a_spent_budget_is_answered_by_rules(standins: StandIns, stores: Stores, name: str):
    before = len(standins.requests)

    async with wired(standins, {"anthropic": "stub-ok", "gemini": "stub-ok"}, budget=spent, stores=stores) as coach:
        outcome = await USES[name](coach)

    assert outcome.text
    assert outcome.provider == "offline"
    assert outcome.failed == ()
    assert len(standins.requests) == before
