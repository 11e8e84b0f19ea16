"""People who keep writing whatever falls over, each request with a key of its own, and remember what they were told."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar
from uuid import UUID, uuid4

import httpx

from tests.support.api import PASSWORD, Caller, register
from tests.support.system import Connection

GIVE_UP_S = 30.0
_PAUSE_S = 0.1
# Between two writes once the kill is over: the whole system is being written to, not measured.
_BREATH_S = 0.03


@dataclass
class Writer(ABC):
    """One who writes; what the system acknowledged is in `acknowledged`, by key, with the id it was told."""

    caller: Caller
    acknowledged: dict[str, str] = field(default_factory=dict)
    owed: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    is_sending: bool = False

    success: ClassVar[int] = 201
    # For one who would wait longer than the test: the keys stay owed and are settled later.
    patience_s: ClassVar[float] = GIVE_UP_S

    @property
    def member_id(self) -> UUID:
        """Who writes."""
        return UUID(self.caller.id)

    async def write_until(self, end: float, *, hurried_until: float) -> None:
        """Writes one after the other, each repeated until it is acknowledged or patience ends; then without haste."""
        while time.monotonic() < end:
            key = f"key-{uuid4()}"
            if not await self.write(key, patience_s=self.patience_s):
                self.owed.append(key)
            if time.monotonic() > hurried_until:
                await asyncio.sleep(_BREATH_S)

    async def settle(self, database: Connection) -> None:
        """Repeats what is owed. Nothing may stay unacknowledged."""
        for key in self.owed:
            assert await self.write(key, patience_s=GIVE_UP_S), f"never acknowledged; {dict(self.statuses)}"

    async def write(self, key: str, *, patience_s: float) -> bool:
        """Sends the write of this key until it is acknowledged; whether it was."""
        give_up_at = time.monotonic() + patience_s
        while time.monotonic() < give_up_at:
            self.is_sending = True
            try:
                answer = await self.send(key)
            except httpx.HTTPError:
                await asyncio.sleep(_PAUSE_S)
                continue
            finally:
                self.is_sending = False
            self.statuses[answer.status_code] += 1
            if answer.status_code == self.success:
                self.acknowledged[key] = self.id_in(answer.json())
                return True
            await asyncio.sleep(_PAUSE_S)
        return False

    @abstractmethod
    async def send(self, key: str) -> httpx.Response:
        """One attempt."""

    @abstractmethod
    def id_in(self, body: Any) -> str:
        """What the answer says was made."""

    @abstractmethod
    async def check(self, database: Connection) -> None:
        """Each acknowledged write is there once, through the API and in the tables, and nothing else is."""

    async def items(self, path: str) -> AsyncIterator[dict[str, Any]]:
        """All of a list, page by page."""
        token: str | None = None
        while token != "":
            more = {"page_token": token} if token else {}
            page = await self.caller.get(path, params={"page_size": 200} | more)
            assert page.status_code == 200, page.text
            for item in page.json()["items"]:
                yield item
            token = page.json()["next_page_token"] or ""


@dataclass
class CheckIns(Writer):
    """Checks in on a goal; the note is the key."""

    goal_id: str = ""

    async def prepare(self) -> None:
        """Makes the goal."""
        self.goal_id = (await self.caller.goal(title="Write daily", with_plan=False))["id"]

    async def send(self, key: str) -> httpx.Response:
        return await self.caller.post(
            f"/v1/goals/{self.goal_id}/checkins",
            json={"completed": True, "note": key},
            headers={"idempotency-key": key},
        )

    def id_in(self, body: Any) -> str:
        return str(body["activity"]["id"])

    async def check(self, database: Connection) -> None:
        listed = sorted(
            [(item["note"], item["id"]) async for item in self.items(f"/v1/goals/{self.goal_id}/activities")]
        )
        assert listed == sorted(self.acknowledged.items())
        rows = await database.fetch("SELECT activity_id FROM goals.activities WHERE member_id = $1", self.member_id)
        assert sorted(str(row["activity_id"]) for row in rows) == sorted(self.acknowledged.values())


@dataclass
class Messages(Writer):
    """Asks the coach; the key is in the question."""

    success = 200
    # Whoever was killed while it answered has a lease of minutes on the reply.
    patience_s = 2.0

    async def settle(self, database: Connection) -> None:
        await database.execute(
            "UPDATE coach.replies SET lease_until = now() WHERE member_id = $1 AND state = 'pending'", self.member_id
        )
        await super().settle(database)

    async def send(self, key: str) -> httpx.Response:
        return await self.caller.post("/v1/chat", json={"message": _question(key)}, headers={"idempotency-key": key})

    def id_in(self, body: Any) -> str:
        assert body["unsaved"] is False
        return str(body["message_id"])

    async def check(self, database: Connection) -> None:
        listed = [item async for item in self.items("/v1/chat/history")]
        asked = [item["text"] for item in listed if item["author"] == "member"]
        answers = [item["id"] for item in listed if item["author"] == "coach"]
        assert sorted(asked) == sorted(map(_question, self.acknowledged))
        assert sorted(answers) == sorted(self.acknowledged.values())
        rows = await database.fetch("SELECT message_id, state FROM coach.replies WHERE member_id = $1", self.member_id)
        assert {row["state"] for row in rows} <= {"done"}
        assert sorted(str(row["message_id"]) for row in rows) == sorted(self.acknowledged.values())
        stored = await database.fetchval("SELECT count(*) FROM coach.messages WHERE member_id = $1", self.member_id)
        assert stored == 2 * len(self.acknowledged)


@dataclass
class Profiles(Writer):
    """Takes one name after the other; each is the key."""

    success = 200
    first_version: int = 0

    async def prepare(self, database: Connection) -> None:
        """Remembers the version before the first change."""
        self.first_version = await self._version(database)

    async def send(self, key: str) -> httpx.Response:
        return await self.caller.patch("/v1/members/me", json={"name": key}, headers={"idempotency-key": key})

    def id_in(self, body: Any) -> str:
        return str(body["name"])

    async def check(self, database: Connection) -> None:
        assert list(self.acknowledged) == list(self.acknowledged.values())
        assert (await self.caller.get("/v1/members/me")).json()["name"] == list(self.acknowledged)[-1]
        assert await self._version(database) == self.first_version + len(self.acknowledged)
        # The edge puts the operation before the key.
        rows = await database.fetch(
            "SELECT substring(key FROM 'key-.*') AS key FROM mentor.idempotency"
            " WHERE member_id = $1 AND key LIKE '%key-%'",
            self.member_id,
        )
        assert sorted(row["key"] for row in rows) == sorted(self.acknowledged)

    async def _version(self, database: Connection) -> int:
        version: int = await database.fetchval(
            "SELECT version FROM mentor.members WHERE member_id = $1", self.member_id
        )
        return version


@dataclass
class Registrations(Writer):
    """Makes accounts; the key is in the address."""

    tokens: dict[str, str] = field(default_factory=dict)

    async def send(self, key: str) -> httpx.Response:
        return await self.caller.client.post(
            "/v1/auth/register",
            json={"email": f"{key}@tests.example", "password": PASSWORD, "name": "Ann Lee"},
            headers={"idempotency-key": key},
        )

    def id_in(self, body: Any) -> str:
        member_id = str(body["member"]["id"])
        self.tokens[member_id] = body["access_token"]
        return member_id

    async def check(self, database: Connection) -> None:
        for key, member_id in self.acknowledged.items():
            headers = {"authorization": f"Bearer {self.tokens[member_id]}"}
            shown = await self.caller.client.get("/v1/members/me", headers=headers)
            assert shown.status_code == 200, shown.text
            assert (shown.json()["id"], shown.json()["email"]) == (member_id, f"{key}@tests.example")
        rows = await database.fetch(
            "SELECT a.member_id, a.email, count(s.*) AS sessions, count(m.*) AS members FROM gateway.accounts AS a"
            " LEFT JOIN gateway.sessions AS s USING (member_id) LEFT JOIN mentor.members AS m USING (member_id)"
            " WHERE a.email = ANY($1) GROUP BY 1, 2",
            [f"{key}@tests.example" for key in self.acknowledged],
        )
        made = {row["email"].removesuffix("@tests.example"): str(row["member_id"]) for row in rows}
        assert made == self.acknowledged
        assert {(row["sessions"], row["members"]) for row in rows} == {(1, 1)}


AnyWriter = TypeVar("AnyWriter", bound=Writer)


async def new_writer(kind: type[AnyWriter], base_url: str) -> AnyWriter:
    """Somebody new, with a client of their own."""
    client = httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=10)
    return kind(await register(client))


def _question(key: str) -> str:
    return f"How is my goal going? {key}"
