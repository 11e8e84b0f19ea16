"""Bodies, headers and addresses that are not what they should be (rows C1-C5, C7, C9-C15, C19)."""

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.app.binding import WORDS
from gateway.app.operation import Access, Operation
from gateway.routes.table import all_operations
from tests.support.api import Caller, assert_problem, register

pytestmark = pytest.mark.xdist_group("system")
JSON = {"content-type": "application/json"}
GOAL = {"title": "Run", "pattern": "recurring"}
BUILT = [operation for operation in all_operations() if operation.is_built]
WRITES = [operation for operation in BUILT if operation.is_write]


@pytest.fixture(scope="module")
async def ann(base_url: str) -> AsyncIterator[Caller]:
    """One person for all of these tests; none of them leaves much behind."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=20) as client:
        yield await register(client)


@pytest.fixture(scope="module")
async def goal(ann: Caller) -> dict[str, Any]:
    """A goal that nobody manages to change."""
    return await ann.goal()


async def left_alone(person: Caller, goal: dict[str, Any]) -> None:
    """Checks that the goal is as it was made and has nothing on it."""
    path = f"/v1/goals/{goal['id']}"
    assert (await person.get(path)).json() == goal
    for part in ("activities", "vacations"):
        assert (await person.get(f"{path}/{part}")).json()["items"] == []


def named(operation: Operation) -> str:
    return operation.operation_id


def address_of(operation: Operation, **values: str) -> str:
    """The operation's path; ids that are not given name nothing."""
    path = operation.path
    for name in operation.path_names:
        path = path.replace(f"{{{name}}}", values.get(name) or ("me" if name == "member_id" else str(uuid4())))
    return path


async def sent(person: Caller, body: bytes, **headers: str) -> httpx.Response:
    return await person.post("/v1/goals", content=body, headers={**JSON, **headers})


async def goals_of(person: Caller) -> int:
    return len((await person.get("/v1/goals")).json()["items"])


async def test_c1_a_body_has_at_most_256_kib(ann: Caller):
    before = await goals_of(ann)

    for size in (256 * 1024 + 1, 3_000_000):
        body = json.dumps({**GOAL, "description": "a" * size}).encode()
        assert_problem(await sent(ann, body), 413, "payload-too-large")
    assert await goals_of(ann) == before


@pytest.mark.parametrize("operation", [each for each in WRITES if not each.takes_file], ids=named)
async def test_c1_no_address_takes_more_than_its_limit(ann: Caller, admin: Caller, operation: Operation):
    person = admin if operation.access is Access.ADMIN else ann
    body = b'"' + b"a" * operation.body_limit_bytes + b'"'

    answer = await person.request(operation.method, address_of(operation), content=body, headers=JSON)

    assert_problem(answer, 413, "payload-too-large")


async def test_c1_no_import_takes_more_than_its_limit(ann: Caller):
    files = {"file": b"a" * (20 * 1024 * 1024 + 1)}

    assert_problem(await ann.post("/v1/goals/import?source=loop", files=files), 413, "payload-too-large")


def test_c1_only_a_batch_and_an_import_may_be_larger():
    limits = {operation.operation_id: operation.body_limit_bytes for operation in all_operations()}

    assert limits.pop("log_batch") == 1024 * 1024
    assert limits.pop("import_goals") == 20 * 1024 * 1024
    assert set(limits.values()) == {256 * 1024}


async def test_c1_an_endless_body_is_cut(ann: Caller):
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"a" * 16_384

    try:
        answer = await ann.post("/v1/goals", content=endless(), headers=JSON)
    except httpx.WriteError:
        return  # The server hung up while we were still sending, which is an answer too.
    assert_problem(answer, 413, "payload-too-large")


async def test_c1_compressed_bodies_are_refused_unopened(ann: Caller):
    bomb = gzip.compress(b" " * 20_000_000)

    assert_problem(await sent(ann, bomb, **{"content-encoding": "gzip"}), 415, "unsupported-media-type")


@pytest.mark.parametrize("depth", [33, 900, 5000, 100_000])
async def test_c2_a_body_is_at_most_32_deep(ann: Caller, depth: int):
    assert_problem(await sent(ann, b"[" * depth + b"]" * depth), 400, "malformed-request")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1e400", "-1e999"])
async def test_c3_numbers_are_finite(ann: Caller, goal: dict[str, Any], number: str):
    for body in (f'{{"type": "progress", "value": {number}}}', f'{{"type": "note", "mood": {number}}}'):
        answer = await ann.post(f"/v1/goals/{goal['id']}/activities", content=body.encode(), headers=JSON)
        assert_problem(answer, 400, "malformed-request")
    await left_alone(ann, goal)


@pytest.mark.parametrize(
    ("number", "status"),
    [(str(2**31), 422), (str(2**63), 422), (str(-(2**31) - 1), 422), (str(-(2**63) - 1), 422), ("9" * 19, 422),
     ("9" * 400, 400), ("9" * 5000, 400), ("-" + "9" * 400, 400), ("1.0", 422), ("1e2", 422), ("0", 422), ("-0", 422),
     ("-0.0", 422), ("0e0", 422), ("-1", 422), ("101", 422)],
)  # fmt: skip
async def test_c4_whole_numbers_are_small_and_whole(ann: Caller, goal: dict[str, Any], number: str, status: int):
    before = await goals_of(ann)
    slug = {400: "malformed-request", 422: "validation-failed"}[status]

    times = f'{{"title": "x", "pattern": "recurring", "schedule": {{"period": "week", "times": {number}}}}}'
    assert_problem(await sent(ann, times.encode()), status, slug)
    for part in (f'"mood": {number}', f'"context": {{"energy": {number}}}'):
        body = f'{{"type": "note", "note": "x", {part}}}'.encode()
        answer = await ann.post(f"/v1/goals/{goal['id']}/activities", content=body, headers=JSON)
        assert_problem(answer, status, slug)

    assert await goals_of(ann) == before
    await left_alone(ann, goal)


@pytest.mark.parametrize("value", ["-0", "-0.0"])
async def test_c4_nothing_is_nothing_with_either_sign(ann: Caller, value: str):
    """Where a zero may stand one with a sign may too, and is the same."""
    limit = await ann.goal(pattern="limit", title="Coffee", limit={"unit": "cups", "max_value": 2})
    body = f'{{"type": "progress", "value": {value}}}'.encode()

    logged = await ann.post(f"/v1/goals/{limit['id']}/activities", content=body, headers=JSON)

    assert logged.status_code == 201, logged.text
    assert b"-0" not in logged.content.partition(b'"value":')[2][:5]


@pytest.mark.parametrize(
    "body",
    [
        {"schedule": {"times": "42"}}, {"schedule": {"times": True}}, {"with_plan": "yes"}, {"with_plan": 1},
        {"title": ["Run"]}, {"title": 42}, {"title": None}, {"schedule": []}, {"schedule": "daily"},
        {"schedule": {"weekdays": "mon"}}, {"pattern": ["recurring"]},
    ],
)  # fmt: skip
async def test_c5_nothing_is_taken_for_something_else(ann: Caller, body: dict[str, Any]):
    before = await goals_of(ann)

    assert_problem(await ann.post("/v1/goals", json={**GOAL, **body}), 422, "validation-failed")
    assert await goals_of(ann) == before


@pytest.mark.parametrize("operation", [each for each in WRITES if each.body_model is not None], ids=named)
async def test_c5_no_field_takes_what_no_field_can_be(ann: Caller, admin: Caller, operation: Operation):
    person = admin if operation.access is Access.ADMIN else ann
    assert operation.body_model is not None
    for name, field in operation.body_model.model_fields.items():
        given = field.alias or name

        answer = await person.request(operation.method, address_of(operation), json={given: [[[]]]})

        problem = assert_problem(answer, 422, "validation-failed")
        assert given in {error["field"].partition(".")[0] for error in problem["errors"]}


async def test_c7_a_member_comes_once(ann: Caller):
    before = await goals_of(ann)

    refused = await sent(ann, b'{"title": "a", "title": "b", "pattern": "recurring"}')

    assert_problem(refused, 400, "malformed-request")
    assert await goals_of(ann) == before


@pytest.mark.parametrize(
    "name", ["a\u202eb", "a\u200bb", "a\x07b", "a\nb", "e" + "\u0301" * 10_000, "\u2066a", "a" * 101, " \t "]
)
async def test_c9_a_name_is_readable(ann: Caller, name: str):
    before = (await ann.get("/v1/members/me")).json()

    assert_problem(await ann.patch("/v1/members/me", json={"name": name}), 422, "validation-failed")
    assert (await ann.get("/v1/members/me")).json() == before


@pytest.mark.parametrize("sign", ["İ", "ﷺ", "ﬃ", "𝕏", "각", "e\u0301"], ids=ascii)
async def test_c10_what_grows_when_it_is_folded_or_takes_many_bytes_is_as_long_as_it_is_written(ann: Caller, sign: str):
    """`İ` is two characters in lower case, `ﷺ` eighteen in NFKC, `𝕏` four bytes: a title has 200 of any of them."""
    fits = (sign * 200)[:200]

    made = await ann.post("/v1/goals", json={**GOAL, "title": fits})

    assert made.status_code == 201, made.text
    assert made.json()["title"] == fits
    assert_problem(await ann.post("/v1/goals", json={**GOAL, "title": fits + sign[0]}), 422, "validation-failed")


async def test_c10_lengths_count_characters(ann: Caller):
    assert (await ann.post("/v1/goals", json={**GOAL, "title": "ß" * 200})).status_code == 201
    assert_problem(await ann.post("/v1/goals", json={**GOAL, "title": "ß" * 201}), 422, "validation-failed")
    assert_problem(await ann.post("/v1/goals", json={**GOAL, "description": "x" * 10_001}), 422, "validation-failed")
    assert_problem(await ann.post("/v1/chat", json={"message": "x" * 8_001}), 422, "validation-failed")


@pytest.mark.parametrize(
    "query",
    ["page_size=0", "page_size=-1", "page_size=201", "page_size=1000000000", "page_size=1_000", "page_size=%205",
     "page_size=1&page_size=2", "offset=1000000000", "page_size=", "user_id=x", "mentor_id=x", "include=owner.journal",
     "sort=user.email", "filter%5Buser%5D=x"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/goals", "/v1/chat/history"])
async def test_c11_queries_are_ours(ann: Caller, path: str, query: str):
    assert_problem(await ann.get(f"{path}?{query}"), 422, "validation-failed")


async def test_c11_a_page_token_is_ours(ann: Caller):
    assert_problem(await ann.get("/v1/goals?page_token=tampered"), 400, "malformed-request")


@pytest.mark.parametrize(
    "day",
    ["0000-01-01", "0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31", "infinity", "-infinity", "2026-02-29",
     "2100-02-29", "2026-13-01", "2026-00-01", "2026-04-31", "1e3", "today", "20260301", "2026-W10-1", "2026-060",
     "2026-03-01T00:00:00Z", "01/03/2026", "1772323200", " 2026-03-01"],
)  # fmt: skip
async def test_c12_days_are_days(ann: Caller, goal: dict[str, Any], day: str):
    path, before = f"/v1/goals/{goal['id']}", await goals_of(ann)

    for answer in (
        await ann.post(f"{path}/checkins", json={"completed": True, "local_date": day}),
        await ann.get(f"{path}/activities", params={"from": day}),
        await ann.get(f"{path}/progress", params={"date": day}),
        await ann.post("/v1/goals", json={**GOAL, "deadline": day}),
        await ann.post(f"{path}/vacations", json={"from": day, "to": "2026-03-02"}),
    ):
        assert_problem(answer, 422, "validation-failed")
    assert await goals_of(ann) == before
    await left_alone(ann, goal)


@pytest.mark.parametrize("day", [1772323200, 0, -1, 20260301, 2026.0, True, ["2026-03-01"], {"day": 1}])
async def test_c12_days_are_texts(ann: Caller, goal: dict[str, Any], day: Any):
    answer = await ann.post(f"/v1/goals/{goal['id']}/checkins", json={"completed": True, "local_date": day})

    assert_problem(answer, 422, "validation-failed")
    await left_alone(ann, goal)


@pytest.mark.parametrize(
    "instant",
    ["2026-06-30T23:59:60Z", "2026-03-01T24:00:00Z", "2026-03-01T25:00:00Z", "2026-03-01T07:60:00Z",
     "2026-03-01T07:30:00+99:99", "2026-03-01T07:30:00+24:00", "2026-03-01T07:30:00+14:60", "2026-03-01T07:30:00",
     "2026-03-01 07:30:00Z", "2026-03-01", "1772359200", 1772359200, 1772359200.5, -1, True, "infinity", "-infinity",
     "now", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31T23:59:59Z",
     "2026-02-29T10:00:00Z", "2026-03-01T07:30:00Z[Europe/Berlin]"],
)  # fmt: skip
async def test_c12_instants_are_instants_with_a_zone(ann: Caller, goal: dict[str, Any], instant: Any):
    path = f"/v1/goals/{goal['id']}"

    for answer in (
        await ann.post(f"{path}/activities", json={"type": "note", "note": "x", "occurred_at": instant}),
        await ann.get(f"{path}/progress", params={"known_at": instant}),
    ):
        assert_problem(answer, 422, "validation-failed")
    await left_alone(ann, goal)


@pytest.mark.parametrize(
    "zone",
    ["../../etc/passwd", "/etc/localtime", "localtime", "Factory", "posixrules", "GMT+25", "Nowhere/Town", "",
     "U" * 10_000, "europe/berlin", "Europe/Berlin ", "UTC0", "+02:00", "Europe/Berlin\n"],
)  # fmt: skip
async def test_c13_zones_are_known_places(ann: Caller, zone: str):
    before = (await ann.get("/v1/members/me")).json()

    assert_problem(await ann.patch("/v1/members/me", json={"timezone": zone}), 422, "validation-failed")
    assert_problem(await ann.patch("/v1/members/me", json={"timezone": f"{zone}\0"}), 400, "malformed-request")

    assert (await ann.get("/v1/members/me")).json() == before


SCHEDULES: list[dict[str, Any]] = [
    *({"times": times} for times in (0, -1, 101, 10**6)),
    *({"window": "rolling", "window_days": days} for days in (0, -7, 367, 10**6)),
    *({"rrule": f"FREQ=DAILY;INTERVAL={interval}"} for interval in (0, -1, 99_999, 10**9, 1.5, "", "x")),
    *({"rrule": f"FREQ=DAILY;COUNT={count}"} for count in (0, -1, 10**6, 10**30)),
    *({"rrule": f"FREQ={frequency}"} for frequency in ("SECONDLY", "MINUTELY", "HOURLY", "NEVER", "")),
    *({"rrule": f"FREQ=DAILY;{part}"} for part in ("BYSECOND=0,1", "BYMINUTE=5", "BYHOUR=1,2", "X-A=1", "FREQ=DAILY")),
    *({"rrule": rule} for rule in (
        "", "* * * * * *", "0 0 1 1 *", "@daily", "FREQ=DAILY\r\nRRULE:FREQ=SECONDLY", "FREQ=DAILY;UNTIL=20261399",
        "DTSTART:20200101\nRRULE:FREQ=DAILY", "FREQ=DAILY;COUNT=1;UNTIL=20270101", "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;BYMONTH=13", "FREQ=DAILY\nRDATE:" + ",".join(["20270101"] * 200),
    )),
]  # fmt: skip


@pytest.mark.parametrize("schedule", SCHEDULES, ids=str)
async def test_c14_schedules_are_bounded(ann: Caller, goal: dict[str, Any], schedule: dict[str, Any]):
    before = await goals_of(ann)

    for answer in (
        await ann.post("/v1/goals", json={**GOAL, "schedule": schedule}),
        await ann.patch(f"/v1/goals/{goal['id']}", json={"schedule": schedule}),
        await ann.post(f"/v1/goals/{goal['id']}/habits", json={"title": "x", "schedule": schedule}),
    ):
        problem = assert_problem(answer, 422, "validation-failed")
        assert {error["field"].partition(".")[0] for error in problem["errors"]} == {"schedule"}
    assert await goals_of(ann) == before
    await left_alone(ann, goal)


async def test_c14_nothing_ends_before_it_begins(ann: Caller, goal: dict[str, Any]):
    path, before = f"/v1/goals/{goal['id']}", await goals_of(ann)
    backwards = {"from": "2026-03-02", "to": "2026-03-01"}

    for answer in (
        await ann.post("/v1/goals", json={**GOAL, "start_date": "2026-03-02", "deadline": "2026-03-01"}),
        await ann.patch(path, json={"deadline": "2026-01-01"}),
        await ann.post(f"{path}/vacations", json=backwards),
        await ann.post("/v1/members/me/vacations", json=backwards),
        await ann.get(f"{path}/activities", params=backwards),
        await ann.get(f"{path}/calendar", params=backwards),
        await ann.get(f"{path}/calendar", params={"from": "1900-01-01", "to": "2200-12-31"}),
    ):
        assert_problem(answer, 422, "validation-failed")
    assert await goals_of(ann) == before
    assert (await ann.get("/v1/members/me/vacations")).json()["items"] == []
    await left_alone(ann, goal)


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/json; charset=utf-7", "multipart/form-data; boundary=x", "application/xml", "text/json",
     "application/x-www-form-urlencoded"],
)  # fmt: skip
async def test_c15_bodies_are_json(ann: Caller, kind: str):
    before = await goals_of(ann)

    answer = await ann.post("/v1/goals", content=json.dumps(GOAL).encode(), headers={"content-type": kind})

    assert_problem(answer, 415, "unsupported-media-type")
    assert await goals_of(ann) == before


async def test_c15_a_body_says_what_it_is(ann: Caller):
    assert_problem(await ann.post("/v1/goals", content=b"{}"), 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "given",
    ["00000000-0000-0000-0000-000000000000", "{01a1fc72-0759-72fe-905f-9d4c0c81841c}", "1", "x" * 5000, "0" * 32,
     "urn:uuid:01a1fc72-0759-72fe-905f-9d4c0c81841c", "01a1fc72-0759-72fe-905f-9d4c0c81841g", "-1", "null", "%00"],
)  # fmt: skip
async def test_c19_an_id_that_names_nothing_is_not_there(ann: Caller, given: str):
    for path in (f"/v1/goals/{given}", f"/v1/members/{given}", f"/v1/goals/{given}/progress"):
        assert_problem(await ann.get(path), 404, "not-found")


@pytest.mark.parametrize("operation", [each for each in BUILT if set(each.path_names) - WORDS], ids=named)
async def test_c19_no_address_takes_what_is_no_id(ann: Caller, admin: Caller, operation: Operation):
    person = admin if operation.access is Access.ADMIN else ann
    for name in operation.path_names:
        for given in ("1", "me" if name != "member_id" else "ME", "%00", "01a1fc72-0759-72fe-905f-9d4c0c81841g"):
            path = address_of(operation, **{name: given})
            assert_problem(await person.request(operation.method, path), 404, "not-found")


async def test_c19_an_id_may_be_written_large(ann: Caller):
    goal = await ann.goal()

    assert (await ann.get(f"/v1/goals/{goal['id'].upper()}")).json()["id"] == goal["id"]
