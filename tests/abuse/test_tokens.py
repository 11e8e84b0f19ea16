"""Tokens that are not what they claim to be (rows A1-A5, A7, A9-A12, A14-A17, A24).

Forged tokens are signed with the system's own key and are good but for the one thing that a case changes; a control
shows that they are accepted when nothing is changed.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis.clock import SystemClock
from gateway.app import docs
from gateway.routes.table import all_operations
from gateway.tokens import jose
from tests.support.api import PASSWORD, Caller, assert_problem, login
from tests.support.identities import Identities
from tests.support.whole import Insider

pytestmark = pytest.mark.xdist_group("system")
CLOCK = SystemClock()
Sign = Callable[[Any, Any], str]
DOCUMENT = docs.document(all_operations(), "0")
PROTECTED = [
    (method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if "security" in operation
]


def concrete(path: str) -> str:
    """The path with ids that name nothing."""
    for name in ("{name}",):
        path = path.replace(name, "sync_warehouse")
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        path = f"{path[:start]}{uuid4()}{path[end + 1 :]}"
    return path


def taken_apart(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parsed = jose.parse(token)
    return parsed.header, parsed.claims


def encoded(part: Any) -> str:
    return jose.encode_segment(json.dumps(part).encode())


async def shown(person: Caller, token: str) -> httpx.Response:
    return await person.client.get("/v1/members/me", headers={"authorization": f"Bearer {token}"})


async def accepted(person: Caller, token: str) -> None:
    answer = await shown(person, token)
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == person.id


async def refused(person: Caller, token: str) -> None:
    assert_problem(await shown(person, token), 401, "invalid-token")


async def refused_within_seconds(person: Caller, seconds: float) -> None:
    """What ended elsewhere is read again every two seconds."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + seconds
    while (answer := await shown(person, person.token)).status_code == 200:
        assert loop.time() < give_up_at, "the token is still good"
        await asyncio.sleep(0.2)
    assert_problem(answer, 401, "invalid-token")


@pytest.fixture(scope="module")
def sign(insider: Insider) -> Sign:
    """Signs a header and claims as the gateway does."""
    key = insider.key("access-token")

    def signed(header: Any, claims: Any) -> str:
        text = f"{encoded(header)}.{encoded(claims)}"
        return f"{text}.{jose.encode_segment(key.sign(text.encode()))}"

    return signed


async def test_a_token_with_nothing_changed_is_accepted(ann: Caller, sign: Sign):
    header, claims = taken_apart(ann.token)

    await accepted(ann, ann.token)
    await accepted(ann, sign(header, claims))
    await accepted(ann, sign(header, {**claims, "jti": "another"}))


@pytest.mark.parametrize(("method", "path"), PROTECTED)
async def test_a1_every_route_asks_who_is_calling(client: httpx.AsyncClient, method: str, path: str):
    answer = await client.request(method, concrete(path))

    assert_problem(answer, 401, "authentication-required")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "NONE", ""])
async def test_a2_no_algorithm_is_none_of_ours(ann: Caller, alg: str):
    header, claims = taken_apart(ann.token)
    unsigned = f"{encoded({**header, 'alg': alg})}.{encoded(claims)}."

    await refused(ann, unsigned)
    await refused(ann, unsigned + ann.token.rpartition(".")[2])


async def test_a3_a_public_key_is_no_secret(ann: Caller):
    (key,) = (await ann.client.get("/.well-known/jwks.json")).json()["keys"]
    raw = jose.decode_segment(key["x"])

    for secret in (raw, key["x"].encode(), json.dumps(key).encode(), b"", b"secret", b"changeme"):
        await refused(ann, _hs256(ann.token, secret))


@pytest.mark.parametrize("secret", [b"", b"a", b"secret", b"super-secret-jwt-token-with-at-least-32-characters-long"])
async def test_a4_a_common_secret_signs_nothing(ann: Caller, secret: bytes):
    await refused(ann, _hs256(ann.token, secret))


@pytest.mark.parametrize(
    "more", [{"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}}, {"jku": "http://127.0.0.1:9/"}, {"crit": ["x"]}]
)
async def test_a5_a_token_brings_no_key_of_its_own(ann: Caller, sign: Sign, more: dict[str, Any]):
    header, claims = taken_apart(ann.token)

    await refused(ann, sign({**header, **more}, claims))


@pytest.mark.parametrize("kid", ["../../dev/null", "' OR '1'='1", "k" * 5000, "a\x00b", ["a"], None, 7, ""])
async def test_a7_a_key_id_reaches_nothing(ann: Caller, sign: Sign, kid: Any):
    header, claims = taken_apart(ann.token)

    await refused(ann, sign({**header, "kid": kid}, claims))


@pytest.mark.parametrize(
    "times",
    [
        {"exp": -61, "iat": -900}, {"iat": 120, "exp": 900}, {"exp": "drop"}, {"exp": "text"}, {"exp": float("nan")},
        {"exp": 10**18}, {"exp": True}, {"exp": None}, {"exp": 86_400}, {"exp": 1.5}, {"nbf": 61}, {"iat": "drop"},
    ],
)  # fmt: skip
async def test_a9_a_token_lives_fifteen_minutes(ann: Caller, sign: Sign, times: dict[str, Any]):
    header, claims = taken_apart(ann.token)
    now = int(CLOCK.now().timestamp())
    for name, value in times.items():
        if value == "drop":
            del claims[name]
        elif type(value) is int and abs(value) < 10**9:
            claims[name] = now + value
        else:
            claims[name] = value

    await refused(ann, sign(header, claims))


@pytest.mark.parametrize(
    "other",
    [
        {"aud": "tandem-services"}, {"aud": ["tandem-api", "x"]}, {"aud": None}, {"iss": "Tandem"}, {"iss": "tandem/"},
        {"iss": "tandem.example"}, {"iss": None},
    ],
)  # fmt: skip
async def test_a10_a_token_is_for_us_and_from_us(ann: Caller, sign: Sign, other: dict[str, Any]):
    header, claims = taken_apart(ann.token)

    await refused(ann, sign(header, {**claims, **other}))


async def test_a11_tokens_of_other_kinds_open_nothing(ann: Caller, sign: Sign, insider: Insider):
    header, claims = taken_apart(ann.token)
    passports = Identities(keys={"gateway": insider.key("gateway")})

    await refused(ann, ann.session["refresh_token"])
    await refused(ann, passports.passport(UUID(ann.id)))
    for kind in ("JWT", "refresh+jwt", "tandem-passport+jwt", "id+jwt", "password-reset+jwt"):
        await refused(ann, sign({**header, "typ": kind}, claims))
    answer = await ann.client.post("/v1/auth/refresh", json={"refresh_token": ann.token})
    assert_problem(answer, 401, "invalid-token")


async def test_a12_a_token_has_one_spelling(ann: Caller, sign: Sign):
    header, claims = taken_apart(ann.token)
    head, body, signature = ann.token.split(".")

    for token in (
        f"{ann.token}.AA.AA",
        f"{head}.{body}",
        f"{ann.token}=",
        f"{head}=.{body}.{signature}",
        "A" * 9000,
        f"{head}.{body}.{_other_last_bits(signature)}",
        sign({**header, "zip": "DEF"}, claims),
        sign({**header, "cty": "JWT"}, claims),
    ):
        await refused(ann, token)


async def test_a12_a_name_comes_once_in_a_token(ann: Caller, insider: Insider):
    head, body, _ = ann.token.split(".")
    key = insider.key("access-token")

    for first, second in ((_twice(head), jose.decode_segment(body)), (jose.decode_segment(head), _twice(body))):
        text = f"{jose.encode_segment(first)}.{jose.encode_segment(second)}"
        await refused(ann, f"{text}.{jose.encode_segment(key.sign(text.encode()))}")


async def test_a12_a_huge_token_is_a_huge_header(ann: Caller):
    assert_problem(await shown(ann, "A" * 17_000), 431, "headers-too-large")


async def test_a14_a_refresh_token_used_again_ends_the_family(client: httpx.AsyncClient, newcomer: Caller):
    first = newcomer.session["refresh_token"]
    second = (await client.post("/v1/auth/refresh", json={"refresh_token": first})).json()
    third = (await client.post("/v1/auth/refresh", json={"refresh_token": second["refresh_token"]})).json()

    reused = await client.post("/v1/auth/refresh", json={"refresh_token": first})

    assert_problem(reused, 401, "token-reuse-detected")
    after = await client.post("/v1/auth/refresh", json={"refresh_token": third["refresh_token"]})
    assert_problem(after, 401, "invalid-token")
    for session in (newcomer.session, second, third):
        await refused(newcomer, session["access_token"])


async def test_a15_twenty_parallel_refreshes_are_one_step(client: httpx.AsyncClient, newcomer: Caller):
    words = {"refresh_token": newcomer.session["refresh_token"]}

    answers = await asyncio.gather(*[client.post("/v1/auth/refresh", json=words) for _ in range(20)])

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


async def test_a16_a_logged_out_session_is_over(client: httpx.AsyncClient, newcomer: Caller):
    other = await login(client, newcomer.email)
    await client.post("/v1/auth/logout", json={"refresh_token": newcomer.session["refresh_token"]})

    await refused(newcomer, newcomer.token)
    assert (await other.get("/v1/members/me")).status_code == 200


async def test_a16_a_demoted_admin_s_token_is_void_within_seconds(admin: Caller, newcomer: Caller):
    path = f"/v1/members/{newcomer.id}/roles"
    assert (await admin.request("PUT", path, json={"roles": ["member", "admin"]})).status_code == 200
    await refused_within_seconds(newcomer, 5)
    promoted = await login(newcomer.client, newcomer.email)
    assert (await promoted.get("/v1/members?page_size=1")).status_code == 200

    assert (await admin.request("PUT", path, json={"roles": ["member"]})).status_code == 200

    await refused_within_seconds(promoted, 5)
    demoted = await login(newcomer.client, newcomer.email)
    assert_problem(await demoted.get("/v1/members?page_size=1"), 403, "forbidden")


async def test_a16_a_member_cannot_change_roles(ann: Caller, ben: Caller):
    for member_id in (ann.id, ben.id, "me"):
        answer = await ann.request("PUT", f"/v1/members/{member_id}/roles", json={"roles": ["member", "admin"]})
        assert_problem(answer, 403, "forbidden")
    await accepted(ann, ann.token)


async def test_a17_a_token_counts_in_its_header_only(ann: Caller, insider: Insider):
    client = ann.client

    in_query = await client.get(f"/v1/members/me?access_token={ann.token}")
    in_cookie = await client.get("/v1/members/me", headers={"cookie": f"access_token={ann.token}"})
    in_body = await client.post("/v1/goals", json={"title": "x", "pattern": "recurring", "access_token": ann.token})

    for answer in (in_query, in_cookie, in_body):
        assert_problem(answer, 401, "authentication-required")
    logs = await asyncio.to_thread(insider.logs)
    assert [file for file, text in logs.items() if ann.token.encode() in text or PASSWORD.encode() in text] == []


@pytest.mark.parametrize(
    "name", ["x-user-id", "x-role", "x-tandem-passport", "x-tandem-assertion", "grpc-metadata-x-role", "grpc-timeout"]
)
async def test_a24_headers_give_no_identity(ann: Caller, ben: Caller, name: str):
    goal = await ben.goal()
    plain = await ann.get(f"/v1/goals/{goal['id']}")

    claimed = await ann.get(f"/v1/goals/{goal['id']}", headers={name: ben.id})
    nobody = await ann.client.get("/v1/goals", headers={name: ben.id})

    assert_problem(claimed, 404, "not-found")
    assert claimed.json()["detail"] == plain.json()["detail"]
    assert_problem(nobody, 401, "authentication-required")


def _hs256(token: str, secret: bytes) -> str:
    header, claims = taken_apart(token)
    text = f"{encoded({**header, 'alg': 'HS256'})}.{encoded(claims)}"
    return f"{text}.{jose.encode_segment(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def _twice(segment: str) -> bytes:
    """The same JSON object with its first member repeated."""
    text = jose.decode_segment(segment)
    return text[:-1] + b"," + text[1:].split(b",")[0] + b"}"


def _other_last_bits(segment: str) -> str:
    """The same bytes in base64url whose unused last bits are not zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return segment[:-1] + alphabet[alphabet.index(segment[-1]) | 1]
