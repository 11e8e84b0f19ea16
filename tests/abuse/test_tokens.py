"""Tokens that are not what they claim to be (rows A1-A12, A17, A24).

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
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.clock import SystemClock
from gateway.app import docs
from gateway.routes.table import all_operations
from gateway.tokens import jose
from tests.abuse.bearing import refused, shown
from tests.support.api import PASSWORD, Caller, assert_problem
from tests.support.identities import Identities
from tests.support.whole import Insider

pytestmark = pytest.mark.xdist_group("system")
CLOCK = SystemClock()
Sign = Callable[[Any, Any], str]
DOCUMENT = docs.document(all_operations(), "0.0.0")
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


async def accepted(person: Caller, token: str) -> None:
    answer = await shown(person, token)
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == person.id


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


async def test_a5_a_token_brings_no_key_of_its_own(ann: Caller):
    """Signed with the very key that it shows."""
    header, claims = taken_apart(ann.token)
    own = Ed25519PrivateKey.generate()
    shown_key = {"kty": "OKP", "crv": "Ed25519", "x": jose.encode_segment(own.public_key().public_bytes_raw())}

    for more in ({"jwk": shown_key}, {"jwk": shown_key, "kid": "own"}, {"jwk": {**shown_key, "alg": "EdDSA"}}):
        text = f"{encoded({**header, **more})}.{encoded(claims)}"
        await refused(ann, f"{text}.{jose.encode_segment(own.sign(text.encode()))}")


async def test_a5_nor_one_of_ours(ann: Caller, sign: Sign):
    header, claims = taken_apart(ann.token)

    await refused(ann, sign({**header, "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}}, claims))


@pytest.mark.parametrize("name", ["jku", "x5u", "x5c", "x5t", "x5t#S256"])
async def test_a6_a_token_sends_us_nowhere(ann: Caller, sign: Sign, name: str):
    """Nobody calls at the address that it names, not even to see what is there."""
    header, claims = taken_apart(ann.token)
    callers: list[object] = []

    async with await asyncio.start_server(lambda reader, writer: callers.append(writer), "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        for address in (f"http://127.0.0.1:{port}/jwks.json", f"https://localhost:{port}/", f"//127.0.0.1:{port}"):
            given = [address] if name == "x5c" else address
            await refused(ann, sign({**header, name: given}, claims))
        await asyncio.sleep(0.2)

    assert callers == []


async def test_a6_the_listener_would_have_heard():
    callers: list[object] = []

    async with await asyncio.start_server(lambda reader, writer: callers.append(writer), "127.0.0.1", 0) as listener:
        _, writer = await asyncio.open_connection("127.0.0.1", listener.sockets[0].getsockname()[1])
        await asyncio.sleep(0.1)
        writer.close()

    assert len(callers) == 1


KEY_IDS = [
    "../../dev/null", "/etc/passwd", "' OR '1'='1", "k" * 5000, "k" * 10_000, "a\x00b", ["a"], None, 7, "", True,
    {"kid": "a"}, 'a\r\n{"event": "canary-of-a-kid"}', "\u001b[2Jcanary-of-a-kid", "${jndi:canary-of-a-kid}",
]  # fmt: skip


@pytest.mark.parametrize("kid", KEY_IDS, ids=range(len(KEY_IDS)))
async def test_a7_a_key_id_reaches_nothing(ann: Caller, sign: Sign, insider: Insider, kid: Any):
    """Neither a file nor a query nor the log."""
    header, claims = taken_apart(ann.token)
    token = sign({**header, "kid": kid}, claims)

    if len(token) > 16_000:
        assert_problem(await shown(ann, token), 431, "headers-too-large")
    else:
        await refused(ann, token)

    logs = await asyncio.to_thread(insider.logs)
    words = (b"canary-of-a-kid", b"k" * 100, b"dev/null", token[:16_000].encode())
    assert [(file.name, word) for file, text in logs.items() for word in words if word in text] == []


@pytest.mark.parametrize(
    "more",
    [{"crit": ["x"]}, {"crit": ["exp"]}, {"crit": []}, {"crit": "b64"}, {"crit": ["b64"], "b64": False}, {"b64": False},
     {"b64": True}, {"crit": ["b64", "b64"], "b64": True}],
)  # fmt: skip
async def test_a8_what_must_be_understood_is_not(ann: Caller, sign: Sign, more: dict[str, Any]):
    header, claims = taken_apart(ann.token)

    await refused(ann, sign({**header, **more}, claims))


async def test_a8_claims_are_never_taken_as_they_stand(ann: Caller, insider: Insider):
    """RFC 7797 would have them unencoded between the dots, and signed so."""
    header, claims = taken_apart(ann.token)
    key = insider.key("access-token")
    text = f"{encoded({**header, 'crit': ['b64'], 'b64': False})}.{json.dumps(claims, separators=(',', ':'))}"

    await refused(ann, f"{text}.{jose.encode_segment(key.sign(text.encode()))}")


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
