"""Accounts and sessions through the real process, on real PostgreSQL."""

import asyncio

import httpx
import pytest

from tests.support.api import PASSWORD, Caller, assert_problem, login, new_email, register
from tests.support.gateway_fixtures import ADMIN_EMAIL, ADMIN_PASSWORD, Backstage


async def test_who_registers_is_signed_in_and_known_to_the_mentor_service(
    client: httpx.AsyncClient, backstage: Backstage
):
    email = new_email()

    answer = await client.post(
        "/v1/auth/register",
        json={
            "email": email.upper(),
            "password": PASSWORD,
            "name": "Ann",
            "timezone": "Europe/Berlin",
            "locale": "de",
            "birth_year": 1990,
        },
    )

    assert answer.status_code == 201
    session = answer.json()
    assert session["token_type"] == "Bearer"
    assert session["expires_in"] == 900
    assert session["member"]["email"] == email
    assert session["member"]["roles"] == ["member"]
    kept = backstage.mentor.members[session["member"]["id"]]
    assert (kept.name, kept.timezone, kept.locale, kept.birth_year) == ("Ann", "Europe/Berlin", "de", 1990)


async def test_the_same_person_signs_in_again(client: httpx.AsyncClient, ann: Caller):
    again = await login(client, ann.email.upper())

    assert again.id == ann.id
    assert (await again.get("/v1/members/me")).json()["email"] == ann.email


async def test_a_taken_address_is_a_conflict_that_tells_nothing(client: httpx.AsyncClient, ann: Caller):
    answer = await client.post(
        "/v1/auth/register", json={"email": ann.email, "password": "another password", "name": "Eve"}
    )

    assert ann.id not in assert_problem(answer, 409, "conflict")["detail"]


async def test_registering_again_with_the_same_key_is_the_same_registration(client: httpx.AsyncClient):
    words = {"email": new_email(), "password": PASSWORD, "name": "Ann"}
    first = await client.post("/v1/auth/register", json=words, headers={"idempotency-key": "k1"})

    again = await client.post("/v1/auth/register", json=words, headers={"idempotency-key": "k1"})
    other = await client.post("/v1/auth/register", json={**words, "name": "Eve"}, headers={"idempotency-key": "k1"})
    guess = await client.post(
        "/v1/auth/register", json={**words, "password": "a guess at it"}, headers={"idempotency-key": "k1"}
    )
    unkeyed = await client.post("/v1/auth/register", json=words)

    assert "idempotency-replayed" not in first.headers
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json()["member"] == first.json()["member"]
    assert again.json()["refresh_token"] == first.json()["refresh_token"]
    assert_problem(other, 422, "idempotency-key-reused")
    assert_problem(guess, 422, "idempotency-key-reused")
    assert_problem(unkeyed, 409, "conflict")


async def test_twins_of_one_registration_make_one_account(client: httpx.AsyncClient):
    words = {"email": new_email(), "password": PASSWORD, "name": "Ann"}

    async def register_in_the_end() -> httpx.Response:
        while True:
            answer = await client.post("/v1/auth/register", json=words, headers={"idempotency-key": "twin"})
            # Hashing passwords has a short queue; on a loaded machine some are told to come back, and do.
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(int(answer.headers["retry-after"]))

    answers = await asyncio.gather(*[register_in_the_end() for _ in range(4)])

    assert {answer.status_code for answer in answers} <= {201, 409}
    made = {answer.json()["member"]["id"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1


async def test_a_keyed_login_opens_one_session(client: httpx.AsyncClient, ann: Caller):
    words = {"email": ann.email, "password": PASSWORD}

    first = await client.post("/v1/auth/login", json=words, headers={"idempotency-key": "l1"})
    again = await client.post("/v1/auth/login", json=words, headers={"idempotency-key": "l1"})
    other = await client.post("/v1/auth/login", json=words, headers={"idempotency-key": "l2"})

    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["refresh_token"] == first.json()["refresh_token"]
    assert other.json()["refresh_token"] != first.json()["refresh_token"]


async def test_a_refresh_gives_the_next_token(client: httpx.AsyncClient, ann: Caller):
    answer = await client.post("/v1/auth/refresh", json={"refresh_token": ann.session["refresh_token"]})

    assert answer.status_code == 200
    assert answer.json()["refresh_token"] != ann.session["refresh_token"]
    assert answer.json()["member"] == ann.session["member"]


async def test_a_log_out_ends_access_and_refresh(client: httpx.AsyncClient, ann: Caller):
    words = {"refresh_token": ann.session["refresh_token"]}

    first = await client.post("/v1/auth/logout", json=words)
    again = await client.post("/v1/auth/logout", json=words)

    assert (first.status_code, again.status_code) == (204, 204)
    assert_problem(await ann.get("/v1/members/me"), 401, "invalid-token")
    assert_problem(await client.post("/v1/auth/refresh", json=words), 401, "invalid-token")


async def test_the_first_admin_is_made_once_and_never_reset(client: httpx.AsyncClient, admin: Caller):
    assert set(admin.session["member"]["roles"]) == {"admin", "member"}
    assert (await login(client, ADMIN_EMAIL, ADMIN_PASSWORD)).id == admin.id


async def test_an_admin_makes_an_account_for_somebody(client: httpx.AsyncClient, admin: Caller, ann: Caller):
    email = new_email()
    words = {"email": email, "password": PASSWORD, "name": "Mia", "roles": ["mentor"]}

    made = await admin.post("/v1/members", json=words)

    assert made.status_code == 201
    assert (await admin.get(made.headers["location"])).headers["etag"] == made.headers["etag"]
    assert set(made.json()["roles"]) == {"member", "mentor"}
    assert (await login(client, email)).id == made.json()["id"]
    assert_problem(await ann.post("/v1/members", json={**words, "email": new_email()}), 403, "forbidden")


async def test_admins_list_members_with_their_addresses(admin: Caller, ann: Caller):
    listed = await admin.get("/v1/members?page_size=200")

    assert {item["id"]: item["email"] for item in listed.json()["items"]}[ann.id] == ann.email
    assert_problem(await ann.get("/v1/members"), 403, "forbidden")


async def test_the_mentor_service_away_keeps_nobody_from_signing_in(client: httpx.AsyncClient, backstage: Backstage):
    words = {"email": new_email(), "password": PASSWORD, "name": "Ann", "timezone": "Asia/Tokyo"}
    answer = await client.post("/v1/auth/register", json=words)
    del backstage.mentor.members[answer.json()["member"]["id"]]

    again = await client.post("/v1/auth/login", json={"email": words["email"], "password": PASSWORD})

    assert again.status_code == 200
    assert again.json()["member"]["email"] == words["email"]


@pytest.mark.parametrize(
    ("field", "value"), [("name", "..."), ("birth_year", 2062), ("timezone", "Mars/Olympus"), ("locale", "en-abc")]
)
async def test_a_refused_profile_leaves_no_account_behind(
    client: httpx.AsyncClient, admin: Caller, field: str, value: object
):
    words: dict[str, object] = {"email": new_email(), "password": PASSWORD, "name": "Ann"}
    key = {"idempotency-key": "corrected"}

    for path, headers in (("/v1/auth/register", key), ("/v1/members", admin.headers)):
        refused = await client.post(path, json={**words, field: value}, headers=headers)
        errors = assert_problem(refused, 422, "validation-failed")["errors"]
        assert [error["field"] for error in errors] == [field]

    assert (await client.post("/v1/auth/register", json=words, headers=key)).status_code == 201


@pytest.mark.parametrize("key", [b"a" * 256, b"a b", b"\xc3\xa4"])
async def test_odd_keys_are_refused_before_anything_is_made(client: httpx.AsyncClient, key: bytes):
    words = {"email": new_email(), "password": PASSWORD, "name": "Ann"}

    refused = await client.post("/v1/auth/register", json=words, headers={b"idempotency-key": key})

    assert_problem(refused, 400, "malformed-request")
    await register(client, email=words["email"])
