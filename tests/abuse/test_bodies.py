"""Bodies, headers and addresses that are not what they should be (rows C1-C5, C7, C9-C17, C19, C20)."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit
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
    for size in (256 * 1024 + 1, 3_000_000):
        assert_problem(await sent(ann, b'"' + b"a" * size + b'"'), 413, "payload-too-large")


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
async def test_c3_numbers_are_finite(ann: Caller, number: str):
    goal = await ann.goal()
    for body in (f'{{"type": "progress", "value": {number}}}', f'{{"type": "note", "mood": {number}}}'):
        answer = await ann.post(f"/v1/goals/{goal['id']}/activities", content=body.encode(), headers=JSON)
        assert_problem(answer, 400, "malformed-request")


@pytest.mark.parametrize(
    "number", [str(2**31), str(2**63), str(-(2**63) - 1), "9" * 400, "9" * 5000, "1.0", "1e2", "0", "-1", "101"]
)
async def test_c4_whole_numbers_are_small_and_whole(ann: Caller, number: str):
    body = f'{{"title": "x", "pattern": "recurring", "schedule": {{"period": "week", "times": {number}}}}}'
    answer = await sent(ann, body.encode())

    assert_problem(answer, answer.status_code, "malformed-request", "validation-failed")
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "body",
    [
        {"schedule": {"times": "42"}}, {"schedule": {"times": True}}, {"with_plan": "yes"}, {"with_plan": 1},
        {"title": ["Run"]}, {"title": 42}, {"title": None}, {"schedule": []}, {"schedule": "daily"},
        {"schedule": {"weekdays": "mon"}}, {"pattern": ["recurring"]},
    ],
)  # fmt: skip
async def test_c5_nothing_is_taken_for_something_else(ann: Caller, body: dict[str, Any]):
    assert_problem(await ann.post("/v1/goals", json={**GOAL, **body}), 422, "validation-failed")


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
    assert_problem(await ann.patch("/v1/members/me", json={"name": name}), 422, "validation-failed")


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
    "day", ["0000-01-01", "0001-01-01", "9999-12-31", "infinity", "2026-02-29", "2026-13-01", "1e3", "today"]
)
async def test_c12_days_are_days(ann: Caller, day: str):
    goal = await ann.goal()
    path = f"/v1/goals/{goal['id']}"

    assert_problem(
        await ann.post(f"{path}/checkins", json={"completed": True, "local_date": day}), 422, "validation-failed"
    )
    assert_problem(await ann.get(f"{path}/activities?from={day}"), 422, "validation-failed")
    assert_problem(await ann.post("/v1/goals", json={**GOAL, "deadline": day}), 422, "validation-failed")


@pytest.mark.parametrize("zone", ["../../etc/passwd", "localtime", "GMT+25", "Nowhere/Town", "U" * 10_000, "UTC\x00"])
async def test_c13_zones_are_known_places(ann: Caller, zone: str):
    answer = await ann.patch("/v1/members/me", json={"timezone": zone})

    assert_problem(answer, answer.status_code, "validation-failed", "malformed-request")
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("schedule", [{"times": 0}, {"times": -1}, {"times": 10**6}, {"window_days": 0}, {"rrule": ""}])
async def test_c14_schedules_are_bounded(ann: Caller, schedule: dict[str, Any]):
    assert_problem(await ann.post("/v1/goals", json={**GOAL, "schedule": schedule}), 422, "validation-failed")


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/json; charset=utf-7", "multipart/form-data; boundary=x", "application/xml", "text/json",
     "application/x-www-form-urlencoded"],
)  # fmt: skip
async def test_c15_bodies_are_json(ann: Caller, kind: str):
    answer = await ann.post("/v1/goals", content=json.dumps(GOAL).encode(), headers={"content-type": kind})

    assert_problem(answer, 415, "unsupported-media-type")


async def test_c15_a_body_says_what_it_is(ann: Caller):
    assert_problem(await ann.post("/v1/goals", content=b"{}"), 415, "unsupported-media-type")


async def test_c16_headers_and_addresses_are_bounded(ann: Caller):
    large = await ann.get("/v1/goals", headers={"x-filler": "a" * 17_000})
    many = await ann.get("/v1/goals", headers={f"x-filler-{number}": "a" for number in range(120)})
    long = await ann.get("/v1/goals?category=" + "a" * 9_000)

    assert_problem(large, 431, "headers-too-large")
    assert many.status_code in (400, 431)
    assert_problem(long, 414, "uri-too-long")


@pytest.mark.parametrize("name", ["authorization", "content-type", "idempotency-key", "content-length"])
async def test_c16_what_counts_comes_once(ann: Caller, name: str):
    body = json.dumps(GOAL).encode()
    given = {**ann.headers, **JSON, "idempotency-key": "k", "content-length": str(len(body))}
    before = await goals_of(ann)

    raw = b"".join(f"{key}: {value}\r\n".encode() for key, value in given.items())
    answer = await spoken(ann, b"POST /v1/goals HTTP/1.1\r\nhost: x\r\n" + raw + f"{name}: x\r\n\r\n".encode() + body)

    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 401", b"HTTP/1.0 400"))
    assert await goals_of(ann) == before


SMUGGLED = {
    "both lengths": b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "unknown coding": b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"content-length: 4\r\ncontent-length: 5\r\n\r\nabcd",
    "negative length": b"content-length: -4\r\n\r\n",
    "folded header": b"x-a: b\r\n c\r\n\r\n",
    "bare line feed": b"x-a: b\nx-c: d\n\n",
    "null in a header": b"x-a: b\x00c\r\n\r\n",
    "space before the colon": b"x-a : b\r\n\r\n",
    "bad chunk": b"transfer-encoding: chunked\r\n\r\nZZ\r\n",
}


@pytest.mark.parametrize("rest", SMUGGLED.values(), ids=SMUGGLED.keys())
async def test_c17_requests_do_not_hide_in_requests(ann: Caller, rest: bytes):
    head = b"POST /v1/goals HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    token = f"authorization: Bearer {ann.token}\r\n".encode()
    before = await goals_of(ann)

    answer = await spoken(ann, head + token + rest + b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")

    assert not answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 5"))
    assert answer.count(b"HTTP/1.1 ") <= 1 or b"\r\n\r\nok\n" in answer
    assert await goals_of(ann) == before


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


@pytest.mark.parametrize(
    "bait", ["a" * 50_000 + "!", "a@" * 25_000, "a." * 25_000 + "@x", "\t" * 30_000, "((((" * 12_500]
)
async def test_c20_no_text_takes_long_to_judge(ann: Caller, bait: str):
    loop = asyncio.get_running_loop()
    begun = loop.time()

    login = await ann.client.post("/v1/auth/login", json={"email": bait, "password": "x" * 8})
    profile = await ann.patch("/v1/members/me", json={"locale": bait, "timezone": bait, "name": bait})

    assert_problem(login, 422, "validation-failed")
    assert_problem(profile, 422, "validation-failed")
    assert loop.time() - begun < 0.5


async def test_c20_a_string_without_an_end_holds_nobody_up(client: httpx.AsyncClient):
    opening = b"[" + b"[]," * 40 + b'"'
    room = 256 * 1024 - len(opening)
    endless = opening + b'\\"' * (room // 2)
    plain = opening + b"\\n" * (room // 2 - 1) + b'"]'

    bearable = await held_up_by(client, plain)

    # Judged once per quote, it would hold everybody up for minutes; the slack is for a busy machine.
    assert await held_up_by(client, endless) < 20 * bearable + 1.0


async def held_up_by(client: httpx.AsyncClient, body: bytes) -> float:
    """How long others wait for /livez, at worst, while somebody who is not signed in sends this."""
    loop = asyncio.get_running_loop()
    sending = asyncio.create_task(client.post("/v1/auth/login", content=body, headers=JSON))
    waits: list[float] = []
    while not (sending.done() and waits):
        begun = loop.time()
        assert (await client.get("/livez")).status_code == 200
        waits.append(loop.time() - begun)
    assert (await sending).status_code in {400, 422}
    return max(waits)


async def spoken(person: Caller, request: bytes) -> bytes:
    """What the server says to these very bytes."""
    address = urlsplit(str(person.client.base_url))
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    heard = b""
    try:
        writer.write(request)
        await writer.drain()
        # The connection may be kept open; a second of silence ends the conversation.
        while chunk := await asyncio.wait_for(reader.read(65_536), timeout=1):
            heard += chunk
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()
    return heard
