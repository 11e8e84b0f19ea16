"""Tokens shown at the door, and what they are worth there."""

import httpx

from tests.support.api import Caller, assert_problem


async def shown(person: Caller, token: str) -> httpx.Response:
    """What a profile's address says to whoever holds the token."""
    return await person.client.get("/v1/members/me", headers={"authorization": f"Bearer {token}"})


async def refused(person: Caller, token: str) -> None:
    """Checks that the token is good for nothing."""
    assert_problem(await shown(person, token), 401, "invalid-token")
