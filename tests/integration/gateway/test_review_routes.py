"""Reviews over the REST API."""

from gateway.routes import answers
from tests.support.api import Caller, assert_problem


async def test_reviews_are_listed_and_filtered(ann: Caller):
    both, weekly = await ann.get("/v1/coach/reviews"), await ann.get("/v1/coach/reviews?kind=weekly")

    shown = answers.Page[answers.Review].model_validate_json(both.content)
    assert [review.kind for review in shown.items] == ["weekly", "monthly"]
    assert [review["kind"] for review in weekly.json()["items"]] == ["weekly"]
    assert weekly.json()["items"][0]["start_date"] == "2026-11-16"


async def test_a_kind_that_is_none_names_the_field(ann: Caller):
    problem = assert_problem(await ann.get("/v1/coach/reviews?kind=daily"), 422, "validation-failed")

    assert [error["field"] for error in problem["errors"]] == ["kind"]
