"""The launcher with the whole system: up, twice, status, what is open, down and up again, kill -9 of the launcher."""

import json
import os
import re
import secrets
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from chassis.config import environment
from deploy.local.settings import PROJECT

PROCESSES = ["postgres", "valkey", "goals", "coach", "mentor", "analytics", "notify", "gateway", "worker", "beat"]

pytestmark = pytest.mark.timeout(300)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Installation:
    """One home and how to command it."""

    home: Path
    settings: Mapping[str, str]
    first_words: str = ""

    def command(self, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        kept = {name: value for name, value in environment().items() if name in ("PATH", "HOME", "TMPDIR")}
        return subprocess.run(
            [sys.executable, "-m", "deploy.local", *arguments],
            env={**kept, "TANDEM_HOME": str(self.home), **self.settings, **settings},
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    @property
    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self.home / "state.json").read_text())
        return state

    @property
    def process_ids(self) -> dict[str, int]:
        return {process["name"]: process["pid"] for process in self.state["processes"]}

    @property
    def url(self) -> str:
        return str(self.state["url"])


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """A system that was started by `up`."""
    with tempfile.TemporaryDirectory(prefix="td-") as folder:
        ports = {"TANDEM_GATEWAY_PORT": str(free_port()), "TANDEM_OPS_PORT": str(free_port())}
        made = Installation(Path(folder) / "home", ports)
        started = made.command("up")
        try:
            assert started.returncode == 0, started.stderr + started.stdout
            made.first_words = started.stdout
            yield made
        finally:
            made.command("reset", "--yes")


def register(installation: Installation) -> dict[str, str]:
    login = {"email": f"{secrets.token_hex(6)}@tandem.example", "password": secrets.token_urlsafe(16)}
    answer = httpx.post(f"{installation.url}/v1/auth/register", json={**login, "name": "Robin"}, timeout=10)
    assert answer.status_code == 201, answer.text
    return login


def test_up_says_where_everything_is(installation: Installation) -> None:
    assert f"{installation.url}/v1" in installation.first_words
    assert f"{installation.url}/docs" in installation.first_words
    assert "make down" in installation.first_words


def test_the_administrators_password_is_shown_once_and_works(installation: Installation) -> None:
    shown = re.search(r"Admin\s+(\S+)\s+(\S+)\s+\(shown only now\)", installation.first_words)
    assert shown is not None

    answer = httpx.post(f"{installation.url}/v1/auth/login", json={"email": shown[1], "password": shown[2]}, timeout=10)

    kept = [file for file in installation.home.rglob("*") if file.is_file() and shown[2].encode() in file.read_bytes()]
    assert answer.status_code == 200
    assert kept == []


def test_starting_twice_says_so(installation: Installation) -> None:
    before = installation.process_ids

    again = installation.command("up")

    assert again.returncode == 0
    assert "already running" in again.stdout
    assert installation.url in again.stdout
    assert installation.process_ids == before


def test_status_shows_every_process_and_its_health(installation: Installation) -> None:
    told = installation.command("status")

    rows = {line.split()[0]: line for line in told.stdout.splitlines() if line.strip()}
    assert told.returncode == 0
    assert [name for name in PROCESSES if " ok " not in rows.get(name, "")] == []


def test_logs_of_one_process_are_shown_and_unknown_ones_named(installation: Installation) -> None:
    known = installation.command("logs", "postgres")
    unknown = installation.command("logs", "nobody")

    assert "ready to accept connections" in known.stdout
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("tandem: there is no log of nobody; there are: ")
    assert unknown.stderr.count("\n") == 1


def test_only_the_gateway_listens_and_only_on_loopback(installation: Installation) -> None:
    listening: dict[str, set[tuple[str, int]]] = {}
    for name, pid in installation.process_ids.items():
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            for connection in one.net_connections("inet"):
                if connection.status == psutil.CONN_LISTEN:
                    listening.setdefault(name, set()).add((connection.laddr.ip, connection.laddr.port))

    ports = {int(port) for port in installation.settings.values()}
    assert listening == {"gateway": {("127.0.0.1", port) for port in ports}}


def test_nobody_else_can_read_or_enter_anything(installation: Installation) -> None:
    run_dir = Path(installation.state["run_dir"])
    roots = [installation.home, (installation.home / "postgres").resolve(), run_dir]
    sockets = [file for file in run_dir.iterdir() if file.is_socket()]

    open_ones = [str(path) for path in (*roots, *sockets) if stat.S_IMODE(path.lstat().st_mode) & 0o077]

    assert open_ones == []
    assert len(sockets) >= 10


def test_no_secret_is_on_a_command_line_or_in_a_log(installation: Installation) -> None:
    keys = [file for file in (installation.home / "keys").iterdir() if file.suffix in (".secret", ".password", ".keys")]
    lines = [psutil.Process(pid).cmdline() for pid in installation.process_ids.values()]
    said = str(lines) + "".join(file.read_text(errors="replace") for file in (installation.home / "logs").iterdir())

    assert len(keys) >= 20
    assert [key.name for key in keys if key.read_text().strip() in said] == []


def test_a_taken_port_is_one_line(installation: Installation, tmp_path: Path) -> None:
    told = installation.command("up", TANDEM_HOME=str(tmp_path / "other"))

    assert told.returncode == 1
    assert re.fullmatch(r"tandem: port \d+ is taken.*; free it or set TANDEM_GATEWAY_PORT\n", told.stderr)


@pytest.mark.parametrize("name", PROCESSES)
def test_any_killed_process_is_healed(installation: Installation, name: str) -> None:
    before = installation.process_ids[name]

    os.kill(before, signal.SIGKILL)

    deadline = time.monotonic() + 30
    while not is_well(installation, name, before):
        assert time.monotonic() < deadline, installation.state
        time.sleep(0.1)


def test_down_and_up_keep_the_state(installation: Installation) -> None:
    login = register(installation)
    children = [psutil.Process(pid) for pid in installation.process_ids.values()]

    stopped = installation.command("down")
    survivors = [process for process in children if process.is_running()]
    again = installation.command("down")
    started = installation.command("up")

    assert stopped.stdout.strip().endswith("Tandem is stopped.")
    assert survivors == []
    assert again.stdout.strip() == "Tandem is not running."
    assert started.returncode == 0, started.stderr
    assert "Admin" not in started.stdout
    assert httpx.post(f"{installation.url}/v1/auth/login", json=login, timeout=10).status_code == 200


def test_a_killed_launcher_takes_everybody_along_and_the_next_start_works(installation: Installation) -> None:
    login = register(installation)
    children = [psutil.Process(pid) for pid in installation.process_ids.values()]

    os.kill(installation.state["pid"], signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=35)
    started = installation.command("up")

    assert alive == []
    assert started.returncode == 0, started.stderr
    assert httpx.post(f"{installation.url}/v1/auth/login", json=login, timeout=10).status_code == 200


def test_reset_asks_first(installation: Installation) -> None:
    told = installation.command("reset")

    assert told.returncode == 1
    assert "Nothing was removed." in told.stdout
    assert installation.command("status").returncode == 0


def is_well(installation: Installation, name: str, before: int) -> bool:
    process = next(process for process in installation.state["processes"] if process["name"] == name)
    return process["pid"] not in (None, before) and process["state"] == "ready"
