"""The API's description of itself."""

import re
from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter

from gateway import problems
from gateway.app import docs, refusals
from gateway.app.binding import bind_body
from gateway.app.operation import Access, Operation
from gateway.routes import examples, requests
from gateway.routes.table import all_operations

BUILT = [operation for operation in all_operations() if operation.is_built]
BODIES = [operation for operation in BUILT if operation.body_model is not None]
DOCUMENT = docs.document(all_operations(), "0.0.0")


def test_every_operation_is_described():
    described = {(path, method.upper()) for path, methods in DOCUMENT["paths"].items() for method in methods}

    assert described == {(operation.path, operation.method) for operation in all_operations()}


def test_groups_stand_in_order_and_what_is_not_built_comes_last():
    names = [tag["name"] for tag in DOCUMENT["tags"]]

    assert names == ["Accounts", "Members", "Goals", "Coach", "Wingman", "Dashboard", "Operations", "Not built yet"]
    assert {operation.tag for operation in all_operations()} == set(names)


def test_everything_but_signing_in_asks_for_a_token():
    open_paths = {operation.path for operation in all_operations() if operation.access is Access.ANYONE}

    assert {path for path in open_paths if not path.startswith("/v1/auth/")} == {
        "/.well-known/jwks.json", "/livez", "/readyz", "/health", "/openapi.json", "/docs", "/docs/{name}",
        "/v1/unsubscribe", "/v1/webhooks/resend",
    }  # fmt: skip


def test_keys_and_entity_tags_are_described():
    names = {parameter["name"] for parameter in DOCUMENT["paths"]["/v1/goals/{goal_id}"]["patch"]["parameters"]}

    assert names == {"goal_id", "Idempotency-Key", "If-Match"}


def test_a_refresh_takes_no_key_and_says_what_repeats_it():
    described = DOCUMENT["paths"]["/v1/auth/refresh"]["post"]

    assert "parameters" not in described
    assert "10 seconds" in described["description"]
    (operation,) = [each for each in all_operations() if each.operation_id == "refresh"]
    assert not {"idempotency-key-reused", "idempotency-in-progress"} & set(refusals.slugs_of(operation))


def test_the_page_needs_nothing_from_elsewhere():
    loaded = re.findall(r'(?:src|href)="([^"]+)"', docs.PAGE.decode())

    assert loaded
    assert all(docs.asset(path.removeprefix("/docs/")) is not None for path in loaded)
    assert docs.asset("redoc.standalone.js") is None


def named(operation: Operation) -> str:
    return operation.operation_id


@pytest.mark.parametrize("operation", BODIES, ids=named)
def test_every_body_has_examples_that_it_takes(operation: Operation):
    assert operation.body_model is not None

    for example in examples.REQUESTS[operation.body_model].values():
        bind_body(operation.body_model, orjson.dumps(example))


@pytest.mark.parametrize("operation", [each for each in BUILT if each.answer is not None], ids=named)
def test_every_answer_has_an_example_that_is_one(operation: Operation):
    example = examples.of_answer(operation.answer)

    TypeAdapter(operation.answer).validate_json(orjson.dumps(example))


@pytest.mark.parametrize("operation", all_operations(), ids=named)
def test_no_status_is_described_by_default(operation: Operation):
    """With `default` any status is a described one, for whoever reads the document and for `make fuzz`."""
    told = DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"]

    refused = {problems.KINDS[slug].status for slug in refusals.slugs_of(operation)}
    assert set(told) == {str(status) for status in (operation.status, *refused)}


@pytest.mark.parametrize("operation", all_operations(), ids=named)
def test_every_refusal_is_described(operation: Operation):
    told = DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"]

    for slug in refusals.slugs_of(operation):
        name = told[str(problems.KINDS[slug].status)]["$ref"].rpartition("/")[2]
        content = DOCUMENT["components"]["responses"][name]["content"]["application/problem+json"]
        assert content["examples"][slug]["value"]["type"] == f"/problems/{slug}"


def test_what_an_operation_takes_says_what_it_can_be_refused_with():
    of = {operation.operation_id: set(refusals.slugs_of(operation)) for operation in all_operations()}

    assert {"not-found", "precondition-failed", "pattern-immutable", "payload-too-large"} <= of["patch_goal"]
    assert {"invalid-token", "not-found", "deadline-exceeded"} <= of["get_goal"]
    assert not {"payload-too-large", "precondition-failed", "idempotency-in-progress", "forbidden"} & of["get_goal"]
    assert "forbidden" in of["put_roles"]
    assert all("not-found" in of[name] for name in ("list_goals", "list_messages", "send_message"))
    assert all("conflict" in of[name] for name in ("create_my_vacation", "create_vacation", "delete_vacation"))
    assert "invalid-token" not in of["login"]
    assert all("not-implemented" in of[name] for name in ("get_member_analytics", "list_notifications", "send_message"))
    assert {slug for slug in of["get_mentors"] if problems.KINDS[slug].status == 501} == {"not-implemented"}


def test_no_object_of_a_body_is_open():
    """A field that nobody knows is refused wherever it stands."""
    for operation in BODIES:
        assert operation.body_model is not None
        schema = operation.body_model.model_json_schema()
        for kind in [schema, *schema.get("$defs", {}).values()]:
            assert kind.get("type") != "object" or kind["additionalProperties"] is False


def test_what_is_made_has_an_address_and_goals_and_members_a_tag():
    described = {
        operation.operation_id: set(
            DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"][str(operation.status)].get(
                "headers", ()
            )
        )
        for operation in BUILT
    }

    assert described["create_goal"] == described["copy_goal"] == described["create_member"] == {"ETag", "Location"}
    assert described["get_goal"] == described["patch_member"] == described["restore_goal"] == {"ETag"}
    assert described["accept_suggestion"] == {"ETag"}
    assert described["log_activity"] == described["create_my_vacation"] == described["create_habit"] == {"Location"}
    assert described["log_batch"] == described["register"] == described["correct_activity"] == set()


def test_a_body_that_may_be_left_out_is_described_so():
    bodies = {
        operation.operation_id: DOCUMENT["paths"][operation.path][operation.method.lower()]["requestBody"]
        for operation in BODIES
    }

    assert {name for name, body in bodies.items() if not body.get("required")} == {
        "make_plan", "start_challenge", "pause_memory",
    }  # fmt: skip


def test_reminders_are_described_in_both_forms():
    described = DOCUMENT["components"]["schemas"]["RemindersDraft"]["anyOf"]

    assert [form["type"] for form in described] == ["array", "object"]


def test_what_cannot_be_changed_is_no_part_of_the_description():
    schema: dict[str, Any] = requests.ActivityChange.model_json_schema()

    assert "local_date" not in schema["properties"]
