"""Answers in a fixed form: whatever a provider does, an answer comes, in time, from the first that does it right."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from services.coach.clients import plan_schema
from services.coach.clients.structured import (
    Answered,
    FakeStructured,
    OfflineStructured,
    StructuredChain,
    StructuredRequest,
)
from services.coach.clients.texts import load_texts
from services.coach.domain.conversation import Author
from services.coach.domain.framing import Frame
from services.coach.domain.planning.asking import plan_request
from services.coach.domain.planning.planner import propose, study
from services.coach.domain.planning.proposal import PlanRejected
from services.coach.domain.planning.task import PlanTask
from services.coach.domain.prompting import Prompt

TEXTS = load_texts().plans
BRIEF = study(PlanTask("Run 3x per week by March", date(2027, 1, 4), pattern="milestone"), TEXTS)
GOOD = dict(plan_schema.content(propose(BRIEF, TEXTS)))
PROMPT = Prompt("plan-1", "Plan.", plan_request(BRIEF, Frame("k7f3")))
REQUEST = StructuredRequest("plan", PROMPT, lambda: GOOD, may_ask_vendors=True)


async def answer(
    *vendors: FakeStructured, within_s: float = 5.0, reject: str = "", request: StructuredRequest = REQUEST
) -> tuple[str, tuple[str, ...]]:
    """Who answered, and who failed before; the provider named `reject` breaks its task."""

    def accept(made: plan_schema.Plan, provider: str) -> plan_schema.Plan:
        if provider == reject:
            raise PlanRejected("dates rise")
        return made

    chain = StructuredChain(vendors, OfflineStructured())
    deadline = asyncio.get_running_loop().time() + within_s
    answered = await chain.answer(request, plan_schema.Plan, accept=accept, deadline=deadline)
    assert answered.value.habits
    return answered.provider, answered.failed


async def test_the_first_good_answer_is_taken_and_nobody_else_is_asked():
    second = FakeStructured("gemini", GOOD)

    assert await answer(FakeStructured("anthropic", GOOD), second) == ("anthropic", ())
    assert second.calls == 0


async def test_without_vendors_the_rules_answer():
    assert await answer() == ("offline", ())


@pytest.mark.parametrize(
    "broken",
    [
        FakeStructured("anthropic", failure=RuntimeError("away")),
        FakeStructured("anthropic", {}),
        FakeStructured("anthropic", GOOD | {"more": 1}),
        FakeStructured("anthropic", GOOD | {"habits": "none"}),
        FakeStructured("anthropic", GOOD | {"subgoals": [{"title": "x", "due_date": "soon"}]}),
    ],
    ids=["fails", "empty", "too much", "another type", "no date"],
)
async def test_a_broken_answer_is_passed_over(broken: FakeStructured):
    assert await answer(broken, FakeStructured("gemini", GOOD)) == ("gemini", ("anthropic",))
    assert await answer(broken) == ("offline", ("anthropic",))


async def test_an_answer_that_is_not_accepted_is_passed_over():
    assert await answer(FakeStructured("gemini", GOOD), reject="gemini") == ("offline", ("gemini",))


async def test_a_broken_answer_is_told_why_and_may_be_repaired_once():
    vendor = FakeStructured("anthropic", GOOD | {"habits": "none"}, GOOD)

    assert await answer(vendor) == ("anthropic", ())

    repair = vendor.asked[1].prompt
    assert vendor.calls == 2
    assert "habits" in repair.user
    assert [turn.author for turn in repair.turns] == [Author.MEMBER, Author.COACH]
    assert repair.turns[0].text == PROMPT.user


async def test_a_vendor_is_told_which_rule_its_answer_breaks_and_asked_no_third_time():
    vendor = FakeStructured("gemini", GOOD)

    assert await answer(vendor, reject="gemini") == ("offline", ("gemini",))

    assert vendor.calls == 2
    assert "dates rise" in vendor.asked[1].prompt.user


async def test_a_member_who_allows_no_vendor_is_answered_by_the_rules():
    vendor = FakeStructured("anthropic", GOOD)

    assert await answer(vendor, request=replace(REQUEST, may_ask_vendors=False)) == ("offline", ())

    assert vendor.calls == 0


async def test_a_silent_vendor_leaves_time_for_the_next():
    assert await answer(FakeStructured("anthropic"), FakeStructured("gemini", GOOD), within_s=1.4) == (
        "gemini",
        ("anthropic",),
    )


async def test_a_silent_provider_costs_no_more_than_the_time_there_is():
    loop = asyncio.get_running_loop()
    began = loop.time()

    assert await answer(FakeStructured("anthropic"), within_s=1.3) == ("offline", ("anthropic",))

    assert loop.time() - began < 1.3


async def with_patience(vendor: FakeStructured, *, within_s: float = 1.1) -> Answered[plan_schema.Plan]:
    """The answer of a chain whose vendor may be late."""
    chain = StructuredChain((vendor,), OfflineStructured())
    deadline = asyncio.get_running_loop().time() + within_s
    return await chain.answer(REQUEST, plan_schema.Plan, accept=lambda made, _: made, deadline=deadline, late_s=0.5)


async def test_a_late_provider_goes_on_beside_the_answer_by_rules():
    come = asyncio.Event()
    vendor = FakeStructured("anthropic", GOOD, until=come)

    answered = await with_patience(vendor)
    come.set()

    assert (answered.provider, answered.failed) == ("offline", ("anthropic",))
    assert answered.late is not None
    assert (await answered.late).provider == "anthropic"
    assert vendor.calls == 1


async def test_patience_with_a_late_provider_ends():
    answered = await with_patience(FakeStructured("anthropic"))

    assert answered.late is not None
    with pytest.raises(TimeoutError):
        await answered.late


async def test_who_breaks_in_time_is_waited_for_no_longer():
    assert (await with_patience(FakeStructured("anthropic", {}))).late is None
    assert (await with_patience(FakeStructured("anthropic", GOOD))).late is None


async def test_a_caller_who_leaves_is_not_answered_by_the_next():
    second = FakeStructured("gemini", GOOD)
    asking = asyncio.create_task(answer(FakeStructured("anthropic"), second))
    await asyncio.sleep(0.01)

    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert second.calls == 0


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": 0},
        {"minutes": 1_441},
        {"title": " "},
        {"title": "x" * 201},
        {"if_then": {"cue": "", "response": "I run"}},
        {"minimum": ""},
        {"schedule": {"period": "week", "times": 8, "weekdays": [], "rrule": "", "window_days": 0}},
        {"schedule": {"period": "day", "times": 1, "weekdays": [1, 1], "rrule": "", "window_days": 0}},
        {"schedule": {"period": "week", "times": 1, "weekdays": [], "rrule": "FREQ=DAILY", "window_days": 0}},
        {"schedule": {"period": "hour", "times": 1, "weekdays": [], "rrule": "", "window_days": 0}},
    ],
)
def test_the_form_refuses_what_a_goal_cannot_take(change: dict[str, Any]):
    habit = GOOD["habits"][0] | change

    with pytest.raises(ValidationError):
        plan_schema.Plan.model_validate(GOOD | {"habits": [habit]})
