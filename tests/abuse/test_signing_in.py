"""Guessing at accounts (rows A18, A20, B14), and accounts that a refusal must not spoil (row C9)."""

import math
import time
import unicodedata
from typing import Any

import httpx
import psutil
import pytest

from tests.support.api import PASSWORD, Caller, assert_problem, new_email, register
from tests.support.whole import Insider

pytestmark = pytest.mark.xdist_group("system")


async def test_a18_an_unknown_address_and_a_wrong_password_look_alike(client: httpx.AsyncClient, ann: Caller):
    bodies = []
    for email in (ann.email, new_email()):
        answer = await client.post("/v1/auth/login", json={"email": email, "password": "wrong password"})
        problem = assert_problem(answer, 401, "authentication-required")
        bodies.append({name: problem[name] for name in problem.keys() - {"request_id", "instance"}})

    assert bodies[0] == bodies[1]


async def test_a18_neither_takes_longer(client: httpx.AsyncClient, ann: Caller):
    """A missing hash would save some 20 ms in each and every pair, so that its fastest never meet."""
    fastest = {ann.email: math.inf, new_email(): math.inf}
    for pairs in range(1, 201):
        for email in fastest:
            fastest[email] = min(fastest[email], await seconds_to_refuse(client, email))
        known, unknown = fastest.values()
        # A busy machine only ever adds, more to the one or to the other by chance: then more pairs tell.
        if pairs >= 20 and abs(known - unknown) < 0.005:
            return
    pytest.fail(f"the fastest of {pairs}: {known * 1000:.1f} ms for a known address, {unknown * 1000:.1f} ms else")


async def test_a18_neither_is_less_work(client: httpx.AsyncClient, ann: Caller, insider: Insider):
    """What the gateway computes tells the same on a machine that has other things to do."""
    gateway = psutil.Process(insider.system.pid("gateway"))
    computed = {ann.email: 0.0, new_email(): 0.0}
    for _ in range(5):
        for email in computed:
            before = sum(gateway.cpu_times()[:2])
            for _ in range(8):
                await seconds_to_refuse(client, email)
            computed[email] += sum(gateway.cpu_times()[:2]) - before

    known, unknown = (seconds / 40 for seconds in computed.values())
    assert known > 0.005, "a hash takes longer"
    assert abs(known - unknown) < 0.005


async def seconds_to_refuse(client: httpx.AsyncClient, email: str) -> float:
    begun = time.perf_counter()
    answer = await client.post("/v1/auth/login", json={"email": email, "password": "wrong password"})
    assert answer.status_code == 401, answer.text
    return time.perf_counter() - begun


@pytest.mark.parametrize("password", ["p" * 1025, "é" * 513, "p" * 200_000, "short", ""], ids=len)
async def test_a20_passwords_have_bounds(client: httpx.AsyncClient, password: str):
    answer = await client.post("/v1/auth/register", json={"email": new_email(), "password": password, "name": "Ann"})

    assert_problem(answer, 422, "validation-failed")


async def test_a20_nothing_of_a_password_is_cut_off_and_its_form_does_not_count(client: httpx.AsyncClient):
    password = "é" * 40 + "x"
    person = await register(client, email=new_email())
    words = {"email": new_email(), "password": unicodedata.normalize("NFC", password), "name": "Ann"}
    await client.post("/v1/auth/register", json=words)

    composed = await client.post(
        "/v1/auth/login", json={"email": words["email"], "password": unicodedata.normalize("NFD", password)}
    )
    cut = await client.post("/v1/auth/login", json={"email": words["email"], "password": password[:-1]})

    assert person.id
    assert composed.status_code == 200
    assert_problem(cut, 401, "authentication-required")


async def test_a20_letters_that_only_look_alike_are_other_letters(client: httpx.AsyncClient):
    """NFKC would make `ﬁ` of one sign `fi` of two, and so one password of several."""
    words = {"email": new_email(), "password": "ﬁnd the way ½ ①", "name": "Ann"}
    made = await client.post("/v1/auth/register", json=words)

    twin = await client.post(
        "/v1/auth/login", json={"email": words["email"], "password": unicodedata.normalize("NFKC", words["password"])}
    )
    same = await client.post("/v1/auth/login", json={name: words[name] for name in ("email", "password")})

    assert made.status_code == 201, made.text
    assert_problem(twin, 401, "authentication-required")
    assert same.status_code == 200


@pytest.mark.parametrize("path", ["/v1/auth/register", "/v1/auth/login"])
async def test_a20_a_megabyte_is_not_even_hashed(client: httpx.AsyncClient, path: str):
    words = {"email": new_email(), "password": "p" * 2**20}

    answer = await client.post(path, json={**words, "name": "Ann"} if path.endswith("register") else words)

    assert_problem(answer, 413, "payload-too-large")


async def test_a20_nul_is_refused(client: httpx.AsyncClient):
    body = b'{"email": "a@example.com", "password": "pass\\u0000word", "name": "Ann"}'

    answer = await client.post("/v1/auth/register", content=body, headers={"content-type": "application/json"})

    assert_problem(answer, 400, "malformed-request")


async def test_b14_keys_of_others_tell_nothing(ann: Caller, ben: Caller):
    key = {"idempotency-key": "known-to-both"}
    words = {"title": "Run", "pattern": "recurring"}
    await ben.post("/v1/goals", json=words, headers=key)

    mine = await ann.post("/v1/goals", json={**words, "title": "Walk"}, headers=key)

    assert mine.status_code == 201
    assert "idempotency-replayed" not in mine.headers


@pytest.mark.parametrize("wrong", [{"name": "..."}, {"name": "\u2800"}, {"birth_year": 2062}], ids=ascii)
async def test_c9_who_is_refused_corrects_themselves_and_signs_in(client: httpx.AsyncClient, wrong: dict[str, Any]):
    """One rule judges a name whether it comes with an account or later, and before there is anything to be stuck in."""
    words: dict[str, Any] = {"email": new_email(), "password": PASSWORD, "name": "علی\u200cرضا", "birth_year": 1962}
    key = {"idempotency-key": "register-once"}

    refused = await client.post("/v1/auth/register", json={**words, **wrong}, headers=key)
    stranger = await client.post("/v1/auth/login", json={name: words[name] for name in ("email", "password")})
    made = await client.post("/v1/auth/register", json=words, headers=key)
    again = await client.post("/v1/auth/login", json={name: words[name] for name in ("email", "password")})

    assert [error["field"] for error in assert_problem(refused, 422, "validation-failed")["errors"]] == list(wrong)
    assert_problem(stranger, 401, "authentication-required")
    assert (made.status_code, again.status_code) == (201, 200), (made.text, again.text)
    assert again.json()["member"]["name"] == words["name"]


async def test_c9_nor_does_an_administrator_make_accounts_that_nobody_can_use(client: httpx.AsyncClient, admin: Caller):
    words: dict[str, Any] = {"email": new_email(), "password": PASSWORD, "name": "👩\u200d👩\u200d👧"}

    refused = await admin.post("/v1/members", json={**words, "birth_year": 2062})
    made = await admin.post("/v1/members", json=words)
    entered = await client.post("/v1/auth/login", json={name: words[name] for name in ("email", "password")})

    assert_problem(refused, 422, "validation-failed")
    assert (made.status_code, entered.status_code) == (201, 200), (made.text, entered.text)
