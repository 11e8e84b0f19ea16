"""One measurement: 32 connections for some seconds, by wrk."""

import asyncio
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CONNECTIONS = 32
THREADS = 2
_SCRIPT = Path(__file__).with_name("load.lua")
_REPLY_TIMEOUT_S = 10
_PATIENCE_S = 30


class LoadFailed(RuntimeError):
    """wrk could not measure; the message is its last words."""


@dataclass(frozen=True)
class Leg:
    """What one subject did in one round.

    Attributes:
        errors: Answers that were no success and broken connections, by kind; empty when all went well.
    """

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: Mapping[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Successful requests a second."""
        return (self.requests - self.errors.get("non-2xx", 0)) / self.seconds


@dataclass(frozen=True)
class Plan:
    """What to send for how long.

    Attributes:
        requests: One rendered request per member; `@key@` becomes a fresh key.
        sums: Cumulative shares of the members, in the same order.
        seed: Makes draws and keys differ between legs.
    """

    requests: Sequence[str]
    sums: Sequence[float]
    seed: int
    duration_s: float


async def measure(port: int, plan: Plan, *, folder: Path) -> Leg:
    """Loads the server on a port of loopback.

    Raises:
        LoadFailed: wrk ended badly.
    """
    requests, sums = folder / "requests", folder / "shares"
    requests.write_text("\0".join(plan.requests), encoding="ascii", newline="")
    sums.write_text("\n".join(map(repr, plan.sums)), encoding="ascii")
    process = await asyncio.create_subprocess_exec(
        *(shutil.which("wrk") or "wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{plan.duration_s:.0f}s"),
        *("--timeout", f"{_REPLY_TIMEOUT_S}s", "-s", str(_SCRIPT), f"http://127.0.0.1:{port}"),
        *("--", str(requests), str(sums), str(plan.seed)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(plan.duration_s + _PATIENCE_S):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return read_leg(output.decode("utf-8", "replace"))


def read_leg(output: str) -> Leg:
    """What `load.lua` printed, or one line of the same form by another client."""
    lines = [line.removeprefix("RESULT ") for line in output.splitlines() if line.startswith("RESULT ")]
    if len(lines) != 1:
        raise LoadFailed(output.strip()[-400:] or "nothing was measured")
    found = json.loads(lines[0])
    names = {"refused": "non-2xx", "connect": "not connected", "read": "read", "write": "write", "timeout": "timeout"}
    errors = {label: found[name] for name, label in names.items() if found.get(name)}
    return Leg(found["requests"], found["seconds"], found["p50_ms"], found["p99_ms"], errors)
