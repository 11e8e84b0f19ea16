"""The four that are measured, each told how to read a goal and how to log a check-in."""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from chassis.clock import SystemClock
from chassis.identity.passport import PassportMinter
from gateway.tokens.access import AccessTokens
from tests.bench import load
from tests.bench.load import Leg, Plan
from tests.bench.seeding import Member
from tests.bench.stack import ROOT, Stack

TITLES: Final = {
    "a": "Tandem: gateway and goals",
    "b": "FastAPI and ORM, two workers",
    "c": "Envoy before the same goals",
    "d": "bare statements on asyncpg",
}
_ROLES: Final = frozenset({"member"})
# Well below the fifteen minutes that a token lives, and the sixty seconds of a passport.
_TOKEN_AGE: Final = timedelta(minutes=8)
_PASSPORT_AGE: Final = timedelta(seconds=20)
_PATIENCE_S: Final = 30


class Kind(StrEnum):
    """What is asked for."""

    READ = "read"
    CHECK_IN = "check-in"


@dataclass
class Credentials:
    """Access tokens and passports of all members, signed again when they have become old."""

    stack: Stack
    members: Sequence[Member]
    _clock: SystemClock = field(default_factory=SystemClock)
    _kept: dict[str, tuple[float, list[str]]] = field(default_factory=dict)

    def tokens(self) -> list[str]:
        """Access tokens, as the gateway issues them."""
        issuer = AccessTokens(self.stack.token_key, "tandem", self._clock)
        return self._young(
            "tokens", _TOKEN_AGE, lambda member: issuer.issue(member.member_id, member.session_id, roles=_ROLES)
        )

    def passports(self) -> list[str]:
        """Passports, as the gateway mints them."""
        minter = PassportMinter(self.stack.deployment.identities.keys["gateway"], "gateway", self._clock)
        return self._young(
            "passports", _PASSPORT_AGE, lambda member: minter.mint(member.member_id, _ROLES, member.session_id)
        )

    def _young(self, name: str, age: timedelta, sign: Callable[[Member], str]) -> list[str]:
        now = self._clock.monotonic()
        signed_at, signed = self._kept.get(name, (float("-inf"), []))
        if now - signed_at > age.total_seconds():
            signed = [sign(member) for member in self.members]
            self._kept[name] = (now, signed)
        return signed


@dataclass
class Subjects:
    """All that can be measured here."""

    stack: Stack
    members: Sequence[Member]
    credentials: Credentials

    @property
    def letters(self) -> list[str]:
        """Of the subjects that are there."""
        return sorted([*self.stack.ports, "d"])

    def requests(self, letter: str, kind: Kind) -> list[str]:
        """A rendered request per member."""
        if letter == "c":
            headers = [f"x-tandem-passport: {passport}\r\n" for passport in self.credentials.passports()]
        else:
            headers = [f"Authorization: Bearer {token}\r\n" for token in self.credentials.tokens()]
        render = _read if kind is Kind.READ else (_proxied_check_in if letter == "c" else _check_in)
        return [render(member, header) for member, header in zip(self.members, headers, strict=True)]

    async def measure(self, letter: str, kind: Kind, *, sums: Sequence[float], seed: int, duration_s: float) -> Leg:
        """One subject's leg of a round."""
        if letter == "d":
            return await self._measure_raw(kind, sums, seed, duration_s)
        plan = Plan(self.requests(letter, kind), sums, seed, duration_s)
        return await load.measure(self.stack.ports[letter], plan, folder=self.stack.folder)

    async def _measure_raw(self, kind: Kind, sums: Sequence[float], seed: int, duration_s: float) -> Leg:
        database = self.stack.deployment.database
        plan = {
            "dsn": database.app_dsn("goals"),
            "claims_key": database.claims_key("goals").hex(),
            "members": [(str(member.member_id), str(member.goal_id)) for member in self.members],
            "kind": kind,
            "sums": list(sums),
            "seed": seed,
            "seconds": duration_s,
        }
        file = self.stack.folder / "raw.json"
        file.write_text(json.dumps(plan))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.peers.raw", str(file)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), duration_s + _PATIENCE_S)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return load.read_leg(output.decode())


def _read(member: Member, header: str) -> str:
    return f"GET /v1/goals/{member.goal_id} HTTP/1.1\r\nHost: bench\r\n{header}\r\n"


def _check_in(member: Member, header: str) -> str:
    return _post(f"/v1/goals/{member.goal_id}/checkins", f"{header}Idempotency-Key: @key@\r\n", '{"completed":true}')


def _proxied_check_in(member: Member, header: str) -> str:
    body = '{"type":"ACTIVITY_TYPE_CHECK_IN","completed":true}'
    return _post(f"/v1/goals/{member.goal_id}/checkins?idempotency_key=@key@", header, body)


def _post(target: str, headers: str, body: str) -> str:
    head = f"POST {target} HTTP/1.1\r\nHost: bench\r\n{headers}Content-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}"
