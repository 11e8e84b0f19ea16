"""The bare statements of a read and a check-in on asyncpg, with identity in BEGIN: the bound of the data layer.

No HTTP, no gRPC, no domain: `python -m tests.bench.peers.raw <file>` runs 32 loops over as many connections as the
goals service has, and prints one line of the form that `load.lua` prints.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import uvloop

from chassis import idempotency, outbox
from chassis.clock import SystemClock, new_id
from chassis.db.claims import ClaimSigner
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from chassis.sql import compose
from services.goals.repository import activities as activity_rows
from services.goals.repository import goals as goal_rows

_CONNECTIONS = 10
_LOOPS = 32
_OPERATION = "/tandem.goals.v1.GoalsService/LogActivity"
# An event of the usual size.
_PAYLOAD = b"x" * 260

_REMEMBER = idempotency._insert("goals")
_TELL = outbox._insert("goals")
_WRITES = (_REMEMBER, activity_rows._ADD, _TELL)
_WRITE = compose(_WRITES)

Work = Callable[[Any, UUID, UUID], Awaitable[None]]


class Bench:
    """The loops and what they measured."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._members = [(UUID(member), UUID(goal)) for member, goal in plan["members"]]
        self._sums = plan["sums"]
        self._seed = plan["seed"]
        self._duration_s = plan["seconds"]
        self._dsn = plan["dsn"]
        self._clock = SystemClock()
        self._signer = ClaimSigner(bytes.fromhex(plan["claims_key"]), wall=self._clock)
        self._work: Work = {"read": self._read, "check-in": self._check_in}[plan["kind"]]
        self._free: asyncio.Queue[Any] = asyncio.Queue()
        self._latencies: list[float] = []

    async def run(self) -> dict[str, float]:
        """Runs for as long as planned."""
        for _ in range(_CONNECTIONS):
            self._free.put_nowait(await _connect(self._dsn))
        begun = time.monotonic()
        await asyncio.gather(*(self._loop(number, begun + self._duration_s) for number in range(_LOOPS)))
        lasted = time.monotonic() - begun
        while not self._free.empty():
            await self._free.get_nowait().close()
        latencies = sorted(self._latencies)
        return {
            "requests": len(latencies),
            "seconds": lasted,
            "p50_ms": 1000 * latencies[len(latencies) // 2],
            "p99_ms": 1000 * latencies[len(latencies) * 99 // 100],
        }

    async def _loop(self, number: int, until: float) -> None:
        for member_id, goal_id in self._draws(number):
            begun = time.monotonic()
            if begun > until:
                return
            connection = await self._free.get()
            await connection.execute("BEGIN;" + self._signer.settings(Principal.member(member_id)))
            await self._work(connection, member_id, goal_id)
            await connection.execute("COMMIT")
            self._free.put_nowait(connection)
            self._latencies.append(time.monotonic() - begun)

    def _draws(self, number: int) -> Iterator[tuple[UUID, UUID]]:
        chance = random.Random(self._seed * 1000 + number)
        while True:
            yield from chance.choices(self._members, cum_weights=self._sums, k=1000)

    async def _read(self, connection: Any, member_id: UUID, goal_id: UUID) -> None:
        row = await connection.fetchrow(goal_rows._LOAD.text, goal_id)
        assert row is not None

    async def _check_in(self, connection: Any, member_id: UUID, goal_id: UUID) -> None:
        now, activity_id = datetime.now(UTC), new_id(self._clock)
        key = IdempotencyKey(_OPERATION, str(activity_id), b"f" * 32, member_id)
        load = goal_rows._LOAD_TO_WRITE
        row = await connection.fetchrow(load.text, *load.arguments(goal_id=goal_id, **idempotency.parameters(key)))
        assert row is not None
        values = (
            {**idempotency.parameters(key), "fingerprint": key.fingerprint, "resource_id": activity_id}
            | {"failure": None, "answer": None},
            {"activity_id": activity_id, "goal_id": goal_id, "member_id": member_id, "type": "check_in"}
            | {"local_date": now.date(), "occurred_at": now, "timezone": "UTC", "completed": True, "value": None}
            | {"note": "", "mood": None, "context": None, "created_at": now, "updated_at": now}
            | {"milestone_id": None, "habit_id": None},
            {"event_id": new_id(self._clock), "event_type": "goals.activity_logged", "payload": _PAYLOAD},
        )
        arguments = [each for part, given in zip(_WRITES, values, strict=True) for each in part.arguments(**given)]
        await connection.fetchrow(_WRITE, *arguments)


async def _connect(dsn: str) -> Any:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "goals", "jit": "off"})
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
    return connection


if __name__ == "__main__":
    measured = uvloop.run(Bench(json.loads(Path(sys.argv[1]).read_text())).run())
    print("RESULT", json.dumps(measured))
