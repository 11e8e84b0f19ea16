"""The whole system at rest: what it holds in memory, and how long it takes from stopped to ready.

Memory is PSS, which shares what several processes map among them, so that the sum counts nothing twice. PostgreSQL's
shared memory is left out: it is a setting (`shared_buffers`), filled by what was read and not by how many processes
there are.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.stack import ROOT, free_port

_STARTS = 3
# Long enough for relays, consumers, pools and beat to have turned several times.
_SETTLE_S = 20
_COMMAND_TIMEOUT_S = 180


class SystemFailed(RuntimeError):
    """The system did not start or stop; the message is what the launcher said."""


@dataclass(frozen=True)
class SystemFigures:
    """What was measured.

    Attributes:
        first_up_s: From nothing: with a new database and new keys.
        up_s: From stopped to ready, several times.
        process_mb: PSS by process; of PostgreSQL without shared memory.
        shared_mb: PostgreSQL's shared memory, for the record.
    """

    first_up_s: float
    up_s: list[float]
    process_mb: dict[str, float]
    shared_mb: float

    @property
    def idle_mb(self) -> float:
        """Of all processes."""
        return sum(self.process_mb.values())


def measure(tell: Callable[[str], None]) -> SystemFigures:
    """Starts a system of its own several times, lets it rest, and removes it.

    Raises:
        SystemFailed: It did not start or stop.
    """
    with tempfile.TemporaryDirectory(prefix="tdb-") as folder:
        home = Path(folder) / "home"
        variables = {
            **os.environ,
            "TANDEM_HOME": str(home),
            "TANDEM_GATEWAY_PORT": str(free_port()),
            "TANDEM_OPS_PORT": str(free_port()),
        }
        tell("whole system: first start")
        try:
            first_up_s = _run("up", variables)
            up_s = []
            for number in range(_STARTS):
                tell(f"whole system: start {number + 1} of {_STARTS}")
                _run("down", variables)
                up_s.append(_run("up", variables))
            tell("whole system: at rest")
            time.sleep(_SETTLE_S)
            processes, shared_mb = _memory(json.loads((home / "state.json").read_text())["pid"])
        finally:
            _run("down", variables)
            _run("reset", variables, "--yes")
    return SystemFigures(first_up_s, up_s, processes, shared_mb)


def _run(command: str, variables: dict[str, str], *options: str) -> float:
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local", command, *options],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=_COMMAND_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise SystemFailed(f"make {command}: {(done.stderr or done.stdout).strip()[-600:]}")
    return time.monotonic() - begun


def _memory(launcher_pid: int) -> tuple[dict[str, float], float]:
    """PSS in MB by process of the launcher's tree, and PostgreSQL's shared memory."""
    launcher = psutil.Process(launcher_pid)
    processes: dict[str, float] = {}
    shared_mb = 0.0
    for process in [launcher, *launcher.children(recursive=True)]:
        try:
            pss_mb, shmem_mb = _pss(process.pid)
            name = _name(process, launcher_pid)
        except (OSError, psutil.Error):
            continue  # It ended meanwhile.
        if name == "postgres":
            shared_mb += shmem_mb
            pss_mb -= shmem_mb
        processes[name] = processes.get(name, 0.0) + pss_mb
    return dict(sorted(processes.items(), key=lambda item: -item[1])), shared_mb


def _pss(pid: int) -> tuple[float, float]:
    """(PSS, of it in shared memory) in MB."""
    kilobytes = {"Pss": 0.0, "Pss_Shmem": 0.0}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        label, _, rest = line.partition(":")
        if label in kilobytes:
            kilobytes[label] = float(rest.split()[0])
    return kilobytes["Pss"] / 1024, kilobytes["Pss_Shmem"] / 1024


def _name(process: psutil.Process, launcher_pid: int) -> str:
    """The part of the system that a process belongs to."""
    if process.pid == launcher_pid:
        return "launcher"
    if process.name().startswith(("postgres", "valkey")):
        return "postgres" if process.name().startswith("postgres") else "valkey"
    words = process.cmdline()
    if "-m" in words:
        module = words[words.index("-m") + 1 :]
        return f"jobs {module[1]}" if module[0] == "jobs" else module[0].removeprefix("services.")
    return process.name()
