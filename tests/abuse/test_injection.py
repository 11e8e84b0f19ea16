"""Words that other languages would obey (rows D1, D3, D5, D6, D11, H12)."""

import asyncio
import csv
import io
import json
from urllib.parse import quote
from uuid import uuid4

import asyncpg
import httpx
import orjson
import pytest

from tests.support.api import Caller, assert_problem, new_email
from tests.support.system import stored_files_with
from tests.support.whole import Insider

pytestmark = pytest.mark.xdist_group("system")
SQL = [
    "'; DROP TABLE gateway.accounts; --",
    "' OR '1'='1",
    "x'); SELECT set_config('app.claims', 'x', false); --",
    "1; SELECT pg_sleep(5)",
    "\\'; --",
    "$1",
    ":name",
]


@pytest.mark.parametrize("words", SQL)
async def test_d1_sql_is_text(newcomer: Caller, ben: Caller, insider: Insider, words: str):
    ann, foreign = newcomer, await ben.goal()
    goal = await ann.goal(title=words, description=words, category=words[:50])
    listed = await ann.get("/v1/goals", params={"category": words[:50]})
    sorted_by = await ann.get("/v1/goals", params={"sort": words})
    login = await ann.client.post("/v1/auth/login", json={"email": f"{words}@example.com", "password": words + "x" * 8})
    keyed = await ann.post(
        "/v1/goals", json={"title": "x", "pattern": "recurring"}, headers={"idempotency-key": "';--"}
    )

    assert goal["title"] == words
    assert [item["id"] for item in listed.json()["items"]] == [goal["id"]]
    assert_problem(sorted_by, 422, "validation-failed")
    assert login.status_code in (401, 422)
    assert keyed.status_code == 201
    # Whoever asked is still who they were.
    assert (await ann.get("/v1/members/me")).json()["id"] == ann.id
    assert_problem(await ann.get(f"/v1/goals/{foreign['id']}"), 404, "not-found")
    connection = await asyncpg.connect(insider.dsn())
    assert await connection.fetchval("SELECT count(*) > 0 FROM gateway.accounts")
    await connection.close()


async def test_d1_a_name_with_sql_is_a_name(client: httpx.AsyncClient):
    answer = await client.post(
        "/v1/auth/register", json={"email": new_email(), "password": SQL[0], "name": "Robert'); DROP TABLE members;--"}
    )

    assert answer.json()["member"]["name"] == "Robert'); DROP TABLE members;--"


TEMPLATES = [
    "{{8123*9}}", "${8123*9}", "<%= 8123*9 %>", "#{8123*9}", "{% print(8123*9) %}", "{0.__class__}", "{title!r}",
    "{goal}", "%s%s%n", "%(title)s", "$title", "${HOME}", "`id`", "$(id)", "[[${8123*9}]]", "@(8123*9)", "*{8123*9}",
    "{{''.__class__.__mro__}}",
]  # fmt: skip
EVALUATED = ("73107", "73,107", "<class", "__main__", "/root", "uid=")


@pytest.mark.parametrize("words", TEMPLATES)
async def test_d3_what_looks_like_a_template_is_text(newcomer: Caller, words: str):
    """In a name and in a goal, wherever the coach, a plan, a copy or a file takes them up."""
    title = f"Read {words} daily"
    named = await newcomer.patch("/v1/members/me", json={"name": words})
    goal = await newcomer.goal(title=title, description=words, category=words)
    path = f"/v1/goals/{goal['id']}"
    said = await newcomer.post("/v1/chat", json={"message": f"How is my goal {title} going?"})

    assert (named.status_code, said.status_code) == (200, 200)
    assert named.json()["name"] == words
    assert (goal["title"], goal["description"], goal["category"]) == (title, words, words)
    assert said.json()["user_message"] == f"How is my goal {title} going?"
    copied = (await newcomer.post(f"{path}/copy")).json()
    assert copied["title"].startswith(title)
    exported = await newcomer.get("/v1/goals/export")
    assert {each["title"] for each in exported.json()["goals"]} == {goal["title"], copied["title"]}
    plan = json.dumps([goal["plan"], goal["subgoals"], goal["habits"]], ensure_ascii=False)
    for text in (said.json()["ai_reply"], plan):
        assert not [result for result in EVALUATED if result in text], text
    # Nothing of a template of ours shows either: a name that stands for a value would.
    assert "{" not in said.json()["ai_reply"].replace(words, "")


FORMULAS = [
    "=1+1", "=cmd|'/C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "'=1+1", "=HYPERLINK(\"x\")",
]  # fmt: skip


async def test_d6_a_table_holds_no_formula(newcomer: Caller):
    lines = [words for words in FORMULAS if words == words.strip()]
    for words in lines:
        await newcomer.goal(title=words, category=words, with_plan=False)
    goal = await newcomer.goal(pattern="target", title="-Save", target={"unit": "=A1", "target_value": 10})
    for words in FORMULAS:
        context = {"location": words, "tags": [words]} if words in lines else {}
        body = {"type": "note", "note": words, "context": context}
        logged = await newcomer.post(f"/v1/goals/{goal['id']}/activities", json=body)
        assert logged.status_code == 201, logged.text
    await newcomer.post(f"/v1/goals/{goal['id']}/activities", json={"type": "progress", "value": -3.5})

    table = await newcomer.get("/v1/goals/export?format=csv")

    assert table.status_code == 200
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"), newline="")))
    assert len(rows) == len(FORMULAS) + 1
    cells = [cell for row in rows for cell in row.values()]
    # A number may begin with a sign: no sheet runs it.
    assert [cell for cell in cells if cell[:1] in "=+-@\t\r\n" and cell and not is_number(cell)] == []
    assert {row["note"].removeprefix("'") for row in rows} >= {words for words in FORMULAS if words[0] != "'"}
    document = (await newcomer.get("/v1/goals/export")).json()
    assert {each["title"] for each in document["goals"]} == {*lines, "-Save"}


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


PATHS = [
    "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "..\\..\\win.ini", "/etc/passwd", "file:///etc/passwd", "a\0b",
    "$(id)", "; id", "|id", "`id`", "%00", "....//....//etc/passwd", "~root/.ssh/id_rsa", "en/../../x",
]  # fmt: skip


@pytest.mark.parametrize("given", PATHS)
async def test_d11_nothing_that_is_named_is_a_path_or_a_command(ann: Caller, given: str):
    profile, goals = (await ann.get("/v1/members/me")).json(), (await ann.get("/v1/goals")).json()
    quoted = quote(given, safe="")

    locale = await ann.patch("/v1/members/me", json={"locale": given})
    template = await ann.post("/v1/goals", json={"template_id": given})
    refusal = (400, "malformed-request") if "\0" in given else (422, "validation-failed")
    for answer in (locale, template):
        assert_problem(answer, *refusal)
    for path in ("/v1/goals/import?source=", "/v1/goals/export?format=", "/v1/goals?sort="):
        asked = ann.post(path + quoted, files={"file": b"{}"}) if "import" in path else ann.get(path + quoted)
        assert_problem(await asked, *refusal)
    for method, path in (
        ("GET", f"/docs/{quoted}"),
        ("POST", f"/v1/challenges/{quoted}/start"),
        ("GET", f"/v1/goals/{quoted}"),
    ):
        assert_problem(await ann.request(method, path), 404, "not-found")

    assert (await ann.get("/v1/members/me")).json() == profile
    assert (await ann.get("/v1/goals")).json() == goals


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/cron.d/x", "a\\..\\b", "x.zip;id", "a" * 1000, "", "$(id).csv"]
)
async def test_d11_a_file_s_name_is_nobody_s_business(ann: Caller, name: str, insider: Insider):
    """Only what is in the file counts, and nothing is kept under its name."""
    document = orjson.dumps({"format": "tandem", "goals": []})
    boundary = b"b0undary"
    disposition = f'Content-Disposition: form-data; name="file"; filename="{name}"'.encode()
    body = b"--%b\r\n%b\r\n\r\n%b\r\n--%b--\r\n" % (boundary, disposition, document, boundary)
    headers = {"content-type": "multipart/form-data; boundary=b0undary"}

    named = await ann.post("/v1/goals/import?source=tandem&dry_run=true", content=body, headers=headers)
    plain = await ann.post("/v1/goals/import?source=tandem&dry_run=true", files={"file": document})

    assert named.status_code == plain.status_code
    assert without_request(named) == without_request(plain)
    assert stored_files_with(insider.system.home / "logs", name or "filename") == []


def without_request(answer: httpx.Response) -> dict[str, object]:
    content: dict[str, object] = answer.json()
    return {name: value for name, value in content.items() if name not in ("request_id", "instance")}


WRITERS = {"goals", "coach", "mentor", "analytics", "notify", "gateway", "worker", "beat"}


@pytest.mark.parametrize(
    "words", ["a\nb", 'a\r\n{"event": "forged"}', "\u001b[2Jcleared", 'quote" and \\ back', "x" * 9_000, "\u2028line"]
)
async def test_d5_a_log_line_is_one_line_without_words_of_people(ann: Caller, insider: Insider, words: str):
    await ann.post("/v1/chat", json={"message": words[:8000] or "x"})
    await ann.client.get("/v1/goals", headers={"user-agent": "agent", "x-request-id": ascii(words)[:50]})

    logs = await asyncio.to_thread(insider.logs)
    ours = {file.stem: text for file, text in logs.items() if file.suffix == ".log" and file.stem in WRITERS}
    assert ours.keys() == WRITERS
    for line in b"".join(ours.values()).splitlines():
        assert line.startswith(b"{"), line[:200]
        orjson.loads(line)
    for file, text in logs.items():
        for canary in (b"forged", b"xxxxxxxxxxxx", b"cleared", b"and \\", words[:8000].encode()):
            assert canary not in text, (file, canary)


async def test_h12_no_failure_tells_how_we_are_built(ann: Caller, base_url: str):
    answers = [
        await ann.get("/v1/nothing"),
        await ann.get("/v1/goals/1"),
        await ann.post("/v1/goals", content=b"{", headers={"content-type": "application/json"}),
        await ann.post("/v1/goals", json={"title": 1}),
        await ann.get("/v1/goals?page_token=x"),
        await ann.get("/v1/mentors"),
        await ann.get("/v1/chat/history?page_token=x"),
        await ann.get(f"/v1/goals/{uuid4()}/progress"),
        await ann.post("/v1/goals", json={"title": "x", "pattern": "recurring", "schedule": {"rrule": "FREQ=NEVER"}}),
        await ann.request("BREW", "/v1/goals"),
        await ann.client.get("/v1/goals"),
        await ann.client.get("/v1/goals", headers={"authorization": "Bearer x"}),
    ]

    for answer in answers:
        assert 400 <= answer.status_code < 504
        assert answer.status_code != 500
        text = answer.text.lower()
        for word in (
            "traceback",
            "python",
            "grpc",
            "asyncpg",
            "pydantic",
            "sqlalchemy",
            "unix:",
            ".sock",
            ".py",
            "line ",
        ):
            assert word not in text, (word, answer.text)
