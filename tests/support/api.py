"""People who use the API, as tests see them."""

import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx

PASSWORD = "correct horse battery"


@dataclass
class Caller:
    """Somebody with a session."""

    client: httpx.AsyncClient
    email: str
    session: dict[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """The member's id."""
        member_id: str = self.session["member"]["id"]
        return member_id

    @property
    def token(self) -> str:
        """The access token."""
        token: str = self.session["access_token"]
        return token

    @property
    def headers(self) -> dict[str, str]:
        """What says who one is."""
        return {"authorization": f"Bearer {self.token}"}

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Asks as this person."""
        headers = {**self.headers, **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """Reads as this person."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx.Response:
        """Makes something as this person."""
        return await self.request("POST", path, **options)

    async def patch(self, path: str, **options: Any) -> httpx.Response:
        """Changes something as this person."""
        return await self.request("PATCH", path, **options)

    async def goal(self, **fields: Any) -> dict[str, Any]:
        """Makes a goal."""
        answer = await self.post("/v1/goals", json={"title": "Run 3x per week", "pattern": "recurring", **fields})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


def new_email() -> str:
    """An address that nobody has."""
    return f"p{secrets.token_hex(8)}@example.com"


async def register(client: httpx.AsyncClient, **fields: Any) -> Caller:
    """Registers somebody new."""
    email = fields.pop("email", None) or new_email()
    answer = await client.post(
        "/v1/auth/register", json={"email": email, "password": PASSWORD, "name": "Ann Lee", **fields}
    )
    assert answer.status_code == 201, answer.text
    return Caller(client, email, answer.json())


async def login(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> Caller:
    """Signs somebody in."""
    answer = await client.post("/v1/auth/login", json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text
    return Caller(client, email, answer.json())


def assert_problem(answer: httpx.Response, status: int, *slugs: str) -> dict[str, Any]:
    """Checks that an answer is a problem document of one of these kinds and returns it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["type"].removeprefix("/problems/") in slugs, problem
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]
    return problem
