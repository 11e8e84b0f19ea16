"""Texts of all kinds in every field of every body, and bytes that are no text or no JSON (rows C6, C8, C18).

Bodies and their fields are read from the operations themselves, so that what is built next is attacked as well.
"""

import asyncio
import json
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from itertools import cycle, islice
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest

from gateway.app import guard
from gateway.app.operation import Access, Operation
from gateway.problems import Problem
from gateway.routes.table import all_operations
from tests.abuse.bodies import DOUBTFUL, NO_JSON, NO_TEXT, no_json
from tests.abuse.corpus import ALL_TEXTS, SOME_TEXTS, TEXTS, is_plain_name, is_visible_line, quoted
from tests.support.api import PASSWORD, Caller, assert_problem, new_email, register

pytestmark = pytest.mark.xdist_group("system")
JSON = {"content-type": "application/json"}
GOAL = {"title": "Run", "pattern": "recurring"}
BODIES = [operation for operation in all_operations() if operation.is_built and operation.body_model is not None]
# Bodies that are good but for the field under attack; of others the model judges that field all the same.
GOOD: dict[str, dict[str, Any]] = {
    "register": {"email": "ann@example.com", "password": PASSWORD, "name": "Ann"},
    "login": {"email": "ann@example.com", "password": PASSWORD},
    "create_goal": GOAL,
    "log_activity": {"type": "note"},
    "check_in": {"completed": True},
    "create_journal_entry": {"text": "x"},
}
# What fields that take a while meet: some of each kind; and what fields of one line meet: all that a reader cannot see.
SPREAD = list(dict.fromkeys([*SOME_TEXTS, *ALL_TEXTS[::6]]))
HARD_TO_SEE = ("controls", "blanks", "line ends", "directions", "invisible", "marks", "noncharacters", "lookalikes")
UNSEEN = list(dict.fromkeys([*SOME_TEXTS, *(text for kind in HARD_TO_SEE for text in TEXTS[kind])]))
AT_ONCE = 4
REFUSALS = ("validation-failed", "not-found", "conflict", "invalid-token", "authentication-required",
            "goal-quota-exceeded", "pattern-immutable", "adults-only", "not-implemented")  # fmt: skip
Path = tuple[str | int, ...]
Given = TypeVar("Given")


@pytest.fixture(scope="module")
async def ann(base_url: str) -> AsyncIterator[Caller]:
    """One person for all of these tests."""
    async with httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=20) as client:
        yield await register(client)


@pytest.fixture(scope="module")
async def goal(ann: Caller) -> dict[str, Any]:
    """A goal to write on."""
    return await ann.goal()


def named(operation: Operation) -> str:
    return operation.operation_id


def text_fields(operation: Operation) -> list[Path]:
    """Where text stands in the operation's body; 0 stands for the first of a list."""
    assert operation.body_model is not None
    schema = operation.body_model.model_json_schema()
    return list(_text_below(schema, schema.get("$defs", {}), ()))


def _text_below(schema: dict[str, Any], kinds: dict[str, Any], at: Path) -> Iterator[Path]:
    if "$ref" in schema:
        schema = kinds[schema["$ref"].rpartition("/")[2]]
    if schema.get("type") == "string":
        yield at
    for choice in schema.get("anyOf", ()):
        yield from _text_below(choice, kinds, at)
    for name, member in schema.get("properties", {}).items():
        yield from _text_below(member, kinds, (*at, name))
    if "items" in schema:
        yield from _text_below(schema["items"], kinds, (*at, 0))


def body_with(operation: Operation, at: Path, value: bytes) -> bytes:
    """A body of the operation with these very bytes at one place."""
    for step in reversed(at[1:]):
        value = b"[%b]" % value if step == 0 else b"{%b: %b}" % (quoted(str(step)), value)
    rest = {name: good for name, good in GOOD.get(operation.operation_id, {}).items() if name != at[0]}
    members = [b"%b: %b" % (quoted(name), json.dumps(good).encode()) for name, good in rest.items()]
    return b"{%b}" % b", ".join([*members, b"%b: %b" % (quoted(str(at[0])), value)])


async def sent(operation: Operation, person: Caller, goal: dict[str, Any], body: bytes) -> httpx.Response:
    path = operation.path.replace("{member_id}", "me").replace("{goal_id}", goal["id"])
    while "{" in path:
        path = path[: path.index("{")] + str(uuid4()) + path[path.index("}") + 1 :]
    return await person.request(operation.method, path, content=body, headers=JSON)


def caller_of(operation: Operation, member: Caller, admin: Caller) -> Caller:
    return admin if operation.access is Access.ADMIN else member


async def each(given: Iterable[Given], attack: Callable[[Given], Awaitable[None]]) -> None:
    """Runs an attack with everything that is given, a few at a time."""
    waiting = iter(given)

    async def attacker() -> None:
        for one in waiting:
            await attack(one)

    await asyncio.gather(*(attacker() for _ in range(AT_ONCE)))


async def listed(person: Caller, path: str) -> list[dict[str, Any]]:
    """Every item of every page."""
    items: list[dict[str, Any]] = []
    token = ""
    while True:
        page = (await person.get(path, params={"page_size": "200", "page_token": token})).json()
        items += page["items"]
        if (token := page["next_page_token"]) is None:
            return items


def test_the_bodies_are_all_there():
    fields = {operation.operation_id: text_fields(operation) for operation in BODIES}

    assert {"register", "create_goal", "patch_goal", "log_activity", "check_in", "send_message", "patch_member"} <= set(
        fields
    )
    assert {("title",), ("milestones", 0, "title"), ("schedule", "rrule")} <= set(fields["create_goal"])
    assert {("note",), ("context", "tags", 0)} <= set(fields["log_activity"])


@pytest.mark.parametrize("operation", BODIES, ids=named)
async def test_c6_text_is_text_in_every_body(ann: Caller, admin: Caller, goal: dict[str, Any], operation: Operation):
    caller, fields = caller_of(operation, ann, admin), text_fields(operation)
    count = max(len(NO_TEXT), len(fields))
    bodies = [b'{"%b": 1}' % words for words in NO_TEXT]
    if fields:
        pairs = islice(zip(cycle(fields), cycle(NO_TEXT), strict=False), count)
        bodies += [body_with(operation, field, b'"%b"' % words) for field, words in pairs]

    for body in bodies:
        assert_problem(await sent(operation, caller, goal, body), 400, "malformed-request")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("operation", BODIES, ids=named)
async def test_c6_other_encodings_are_refused(
    ann: Caller, admin: Caller, goal: dict[str, Any], operation: Operation, encoding: str
):
    body = json.dumps(GOOD.get(operation.operation_id, {})).encode(encoding)

    answer = await sent(operation, caller_of(operation, ann, admin), goal, body)

    assert_problem(answer, 400, "malformed-request")


@pytest.mark.parametrize("operation", [each for each in BODIES if text_fields(each)], ids=named)
async def test_c8_no_text_is_more_than_a_text(ann: Caller, admin: Caller, goal: dict[str, Any], operation: Operation):
    """Every field meets eight texts of other kinds than its neighbour: it takes them or says why not."""
    caller, texts = caller_of(operation, ann, admin), cycle(SOME_TEXTS)
    for field in text_fields(operation):
        for text in islice(texts, 8):
            answer = await sent(operation, caller, goal, body_with(operation, field, quoted(text)))
            if answer.status_code >= 300:
                assert_problem(answer, answer.status_code, *REFUSALS)


async def test_c8_notes_places_and_tags_come_back_as_they_were(newcomer: Caller):
    path = f"/v1/goals/{(await newcomer.goal())['id']}/activities"
    kept: dict[str, dict[str, Any]] = {}

    async def log(text: str) -> None:
        noted = {"type": "note", "note": text}
        context: dict[str, Any] = {"location": text[:200], "tags": [text[:50]]}
        answer = await newcomer.post(path, json={**noted, "context": context})
        if answer.status_code == 422 and not is_visible_line(text):
            assert all(fault["field"].startswith("context.") for fault in answer.json()["errors"]) or len(text) > 10_000
            context = {"location": None, "tags": []}
            answer = await newcomer.post(path, json=noted)
        if len(text) > 10_000:
            assert_problem(answer, 422, "validation-failed")
        else:
            assert answer.status_code == 201, (text[:50], answer.text[:300])
            kept[answer.json()["activity"]["id"]] = {"note": text, **context}

    await each(ALL_TEXTS, log)

    items = {item["id"]: item for item in await listed(newcomer, path)}
    assert items.keys() == kept.keys()
    for activity_id, wanted in kept.items():
        context = items[activity_id]["context"] or {"location": None, "tags": []}
        shown = {"note": items[activity_id]["note"], "location": context["location"], "tags": context["tags"]}
        assert shown == wanted


async def test_c8_descriptions_come_back_as_they_were(newcomer: Caller):
    path = f"/v1/goals/{(await newcomer.goal())['id']}"

    for text in SPREAD:
        answer = await newcomer.patch(path, json={"description": text})

        assert answer.status_code == (422 if len(text) > 10_000 else 200), (text[:50], answer.text[:300])
        if answer.status_code == 200:
            assert (await newcomer.get(path)).json()["description"] == text


async def test_c8_titles_and_categories_are_lines_and_come_back_as_they_were(newcomer: Caller):
    path = f"/v1/goals/{(await newcomer.goal())['id']}"

    longest = {"title": 200, "category": 50}
    for text in UNSEEN:
        given = dict.fromkeys(longest, text)
        # What is refused is left out and the rest sent again, as the gateway and the service name what each refuses.
        while given and (answer := await newcomer.patch(path, json=given)).status_code != 200:
            refused = {error["field"] for error in assert_problem(answer, 422, "validation-failed")["errors"]}
            assert refused
            assert not is_visible_line(text) or refused <= {name for name in given if len(text) > longest[name]}, text
            given = dict.fromkeys(given.keys() - refused, text)
        if given:
            assert not set(text) & set("\n\r\x01\x1b\u2028")
            assert {name: answer.json()[name] for name in given} == given


async def test_c8_what_one_says_comes_back_as_it_was(newcomer: Caller):
    said: list[str] = []
    for text in SPREAD:
        answer = await newcomer.post("/v1/chat", json={"message": text})
        if not text.strip() or len(text) > 8_000:
            assert_problem(answer, 422, "validation-failed")
        else:
            assert answer.status_code == 200, (text[:50], answer.text[:300])
            assert answer.json()["user_message"] == text
            said.append(text)

    shown = [message["text"] for message in await listed(newcomer, "/v1/chat/history")]
    assert set(said) <= set(shown)


async def test_c8_a_name_is_plain_and_comes_back_composed(newcomer: Caller):
    for text in UNSEEN:
        answer = await newcomer.patch("/v1/members/me", json={"name": text})
        if answer.status_code == 200:
            assert is_plain_name(text)
            assert answer.json()["name"] == unicodedata.normalize("NFC", text).strip()
        else:
            assert_problem(answer, 422, "validation-failed")
    await newcomer.patch("/v1/members/me", json={"name": "Zo\u0065\u0308 O'Neill-Łuczak 李"})
    assert (await newcomer.get("/v1/members/me")).json()["name"] == "Zoë O'Neill-Łuczak 李"


async def test_c8_a_password_is_what_was_typed(client: httpx.AsyncClient):
    """Hashing takes long on purpose, so these are few."""
    for text in (
        "{{7*7}} or '1'='1",
        "\u202epassword\u200b",
        "😀" * 8,
        "\x01\x02\x03\x04\x05\x06\x07\x08",
        "a\r\nb: c ; d",
    ):
        words = {"email": new_email(), "password": text}
        made = await client.post("/v1/auth/register", json={**words, "name": "Ann"})
        other = await client.post("/v1/auth/login", json={**words, "password": f"{text} "})
        same = await client.post("/v1/auth/login", json=words)

        assert (made.status_code, other.status_code, same.status_code) == (201, 401, 200), text


@pytest.mark.parametrize("kind", NO_JSON)
def test_c18_the_guard_takes_none_of_any_kind(kind: str):
    """All of them, where bodies are judged; through the door go some of each."""
    for body in NO_JSON[kind]:
        with pytest.raises(Problem) as refused:
            guard.check_json(body)
        assert refused.value.slug == "malformed-request", body[:200]
    assert len(NO_JSON[kind]) >= 20


async def test_c18_what_is_no_json_is_never_taken_for_some(ann: Caller):
    before = await listed(ann, "/v1/goals")

    async def send(body: bytes) -> None:
        answer = await ann.post("/v1/goals", content=body, headers=JSON)
        assert answer.status_code == 400, body[:200]
        assert_problem(answer, 400, "malformed-request")

    await each(no_json(700), send)
    assert await listed(ann, "/v1/goals") == before


async def test_c18_what_parsers_read_differently_is_no_goal(ann: Caller):
    before = await listed(ann, "/v1/goals")

    for body in DOUBTFUL:
        answer = await ann.post("/v1/goals", content=body, headers=JSON)
        # What is nearly nothing is a number, if none that a goal could be made of.
        status = 422 if b"e-" in body else 400
        assert_problem(answer, status, {400: "malformed-request", 422: "validation-failed"}[status])
    assert await listed(ann, "/v1/goals") == before


@pytest.mark.parametrize("operation", BODIES, ids=named)
async def test_c18_nor_at_any_other_address(ann: Caller, admin: Caller, goal: dict[str, Any], operation: Operation):
    for body in no_json(300)[BODIES.index(operation) :: len(BODIES)]:
        if operation.body_is_optional and not body:
            continue  # None at all is as good as an empty object.
        answer = await sent(operation, caller_of(operation, ann, admin), goal, body)
        assert answer.status_code == 400, body
        assert_problem(answer, 400, "malformed-request")


@pytest.mark.parametrize(
    "body", [b"[]", b"1", b'"x"', b"null", b"true", b"{}", b'{"title": 1e5}', b"-0", b"[1e-400]", b"123456789012345678"]
)
async def test_c18_json_that_is_no_goal_names_fields(ann: Caller, body: bytes):
    answer = await ann.post("/v1/goals", content=body, headers=JSON)

    assert_problem(answer, 422, "validation-failed")
