"""Templates, exports and imports through the real process; what goals would say, a stand-in says."""

import httpx
import pytest

from gateway.routes import answers
from tests.support.api import Caller, assert_problem
from tests.support.gateway_fixtures import Backstage
from tests.support.standins.transfer import PIECES

IMPORT = "/v1/goals/import?source=loop"


async def test_strangers_are_refused(client: httpx.AsyncClient):
    assert_problem(await client.get("/v1/goals/export"), 401, "authentication-required")
    assert_problem(await client.get("/v1/goal-templates"), 401, "authentication-required")
    assert_problem(await client.post(IMPORT, files={"file": b"x"}), 401, "authentication-required")


async def test_templates_are_a_list(ann: Caller):
    listed = await ann.get("/v1/goal-templates?category=health&pattern=milestone")

    page = answers.Page[answers.GoalTemplate].model_validate_json(listed.content)
    assert page.next_page_token is None
    assert (page.items[0].id, page.items[0].category, page.items[0].deadline_days) == ("first-10k", "health", 84)


async def test_templates_come_in_pages(ann: Caller):
    first = (await ann.get("/v1/goal-templates?page_size=1")).json()
    last = (await ann.get(f"/v1/goal-templates?page_size=1&page_token={first['next_page_token']}")).json()

    assert (len(first["items"]), first["next_page_token"]) == (1, "1-more")
    assert last["next_page_token"] is None


@pytest.mark.parametrize("query", ["pattern=daily", "page_size=201", "page_size=0", "category=" + "x" * 51])
async def test_filters_of_templates_are_judged(ann: Caller, query: str):
    assert_problem(await ann.get(f"/v1/goal-templates?{query}"), 422, "validation-failed")


async def test_a_goal_is_made_from_a_template(ann: Caller, backstage: Backstage):
    made = await ann.post("/v1/goals", json={"template_id": "first-10k", "title": "Run"})

    assert made.status_code == 201
    assert backstage.goals.last.template_id == "first-10k"
    assert backstage.goals.last.goal.pattern == 0


async def test_without_a_template_title_and_pattern_are_required(ann: Caller):
    problem = assert_problem(await ann.post("/v1/goals", json={}), 422, "validation-failed")

    assert [each["field"] for each in problem["errors"]] == ["title", "pattern"]


@pytest.mark.parametrize("name", ["", "UPPER", "a b", "x" * 65, "../x"])
async def test_an_id_that_no_template_can_have_is_refused(ann: Caller, name: str):
    problem = assert_problem(await ann.post("/v1/goals", json={"template_id": name}), 422, "validation-failed")

    assert problem["errors"][0]["field"] == "template_id"


async def test_an_export_is_a_file_in_pieces(ann: Caller):
    whole = await ann.get("/v1/goals/export")
    table = await ann.get("/v1/goals/export?format=csv")

    assert whole.content == b"".join(PIECES)
    assert whole.headers["content-type"] == "application/json"
    assert whole.headers["content-disposition"].startswith('attachment; filename="tandem-goals-')
    assert table.headers["content-type"].startswith("text/csv")
    assert table.headers["content-disposition"].endswith('.csv"')
    assert_problem(await ann.get("/v1/goals/export?format=xml"), 422, "validation-failed")


async def test_what_fails_before_the_first_piece_is_a_problem(ann: Caller, backstage: Backstage):
    backstage.goals.is_away = True
    try:
        assert_problem(await ann.get("/v1/goals/export"), 503, "dependency-unavailable")
    finally:
        backstage.goals.is_away = False


async def test_what_fails_later_breaks_the_file_off(ann: Caller, backstage: Backstage):
    """Nobody may take half of their goals for all of them."""
    backstage.goals.breaks_off = True
    try:
        with pytest.raises(httpx.RemoteProtocolError):
            await ann.get("/v1/goals/export")
    finally:
        backstage.goals.breaks_off = False


async def test_a_file_reaches_goals_as_it_is(ann: Caller):
    content = bytes(range(256)) * 4

    done = await ann.post(IMPORT, files={"file": ("a.zip", content, "application/zip")})

    report = answers.ImportReport.model_validate_json(done.content)
    assert (report.dry_run, report.source) == (False, "loop")
    assert (report.created.goals, report.created.activities) == (1, len(content))
    assert report.skipped[0].reason == content[:16].hex()
    assert report.goals[0].id is None


async def test_a_dry_run_is_asked_for_by_name(ann: Caller):
    assert (await ann.post(f"{IMPORT}&dry_run=true", files={"file": b"x"})).json()["dry_run"]
    assert_problem(await ann.post(f"{IMPORT}&dry_run=1", files={"file": b"x"}), 422, "validation-failed")


async def test_a_file_larger_than_other_bodies_may_be_comes_in(ann: Caller):
    content = b"x" * (19 * 1024 * 1024)

    done = await ann.post(IMPORT, files={"file": content})

    assert done.status_code == 200, done.text
    assert done.json()["created"]["activities"] == len(content)


async def test_a_file_beyond_twenty_mebibytes_is_refused(ann: Caller):
    refused = await ann.post(IMPORT, files={"file": b"x" * (20 * 1024 * 1024 + 1)})

    assert_problem(refused, 413, "payload-too-large")


async def test_the_same_key_and_file_is_one_import(ann: Caller):
    headers = {"idempotency-key": "import-1"}

    first = await ann.post(IMPORT, files={"file": b"x"}, headers=headers)
    again = await ann.post(IMPORT, files={"file": b"x"}, headers=headers)
    other = await ann.post(IMPORT, files={"file": b"y"}, headers=headers)

    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    assert_problem(other, 422, "idempotency-key-reused")


async def test_what_goals_cannot_read_names_the_file(ann: Caller):
    problem = assert_problem(await ann.post(IMPORT, files={"file": b"broken"}), 422, "validation-failed")

    assert problem["errors"] == [{"field": "file", "message": "is not valid JSON in UTF-8"}]


async def test_other_bodies_are_refused(ann: Caller):
    assert_problem(await ann.post(IMPORT, json={}), 415, "unsupported-media-type")
    assert_problem(await ann.post(IMPORT), 415, "unsupported-media-type")
    assert_problem(await ann.post(IMPORT, files={"data": b"x"}), 422, "validation-failed")
    assert_problem(await ann.post(IMPORT, files={"file": b"x"}, data={"more": "y"}), 422, "validation-failed")
    assert_problem(await ann.post("/v1/goals/import", files={"file": b"x"}), 422, "validation-failed")
    assert_problem(await ann.post("/v1/goals/import?source=excel", files={"file": b"x"}), 422, "validation-failed")


async def test_forms_are_taken_nowhere_else(ann: Caller):
    assert_problem(await ann.post("/v1/goals", files={"file": b"x"}), 415, "unsupported-media-type")


async def test_files_have_a_limit_of_their_own(limited_gateway, backstage: Backstage):
    from tests.support.api import register

    async with limited_gateway.client() as client:
        someone = await register(client)
        told = [(await someone.get("/v1/goals/export")).status_code for _ in range(6)]

    assert told == [200] * 5 + [429]
