"""The whole system as a person starts it: `python -m deploy.local up` in a home of the test's own."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx

from deploy.local import secrets
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.programs import DATABASE
from tests.support.ordinary import OrdinaryUser

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection

ROOT = Path(__file__).resolve().parents[2]
ADMIN_EMAIL = "admin@tests.example"
ADMIN_PASSWORD = "correct horse battery staple"
COMMAND_BUDGET_S = 150


@dataclass(frozen=True)
class System:
    """A system of the test's own.

    Attributes:
        home: Its state.
        base_url: Where its API is.
        environment: What the launcher was told.
        user: Who starts it where that is somebody else than who tests it.
    """

    home: Path
    base_url: str
    environment: Mapping[str, str]
    user: OrdinaryUser | None = None

    def command(self, *arguments: str, module: str = "deploy.local") -> "subprocess.CompletedProcess[str]":
        """Runs one of the launcher's commands, as `make` would."""
        if self.user is not None:
            told = ["-m", module, *arguments]
            return self.user.run(told, environment=self.environment, folder=ROOT, timeout_s=COMMAND_BUDGET_S)
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=COMMAND_BUDGET_S,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def up(self) -> "subprocess.CompletedProcess[str]":
        """Starts it; fails the test with the launcher's words when it does not come up."""
        started = self.command("up")
        assert started.returncode == 0, started.stdout + started.stderr
        return started

    def state(self) -> dict[str, Any]:
        """What the daemon says it does."""
        told: dict[str, Any] = json.loads((self.home / "state.json").read_text())
        return told

    def pid(self, process: str) -> int:
        """The process id of one process; 0 while it is being replaced."""
        pids = {told["name"]: told["pid"] for told in self.state()["processes"]}
        return pids[process] or 0

    @asynccontextmanager
    async def behind_the_scenes(self) -> AsyncIterator[Connection]:
        """The database as its superuser."""
        password = secrets.read(self.home / "keys", "postgres.password")
        server = EmbeddedPostgres(
            self.home / "postgres", Path(self.environment["TANDEM_RUN_DIR"]) / "pg", password=password
        )
        connection = await asyncpg.connect(server.dsn(DATABASE))
        try:
            yield connection
        finally:
            await connection.close()


def stored_files_with(home: Path, text: str) -> list[str]:
    """The files of a home, its database included, that hold the text as it is."""
    # For root the database is a link, which a walk does not follow.
    files = {file for folder in (home, (home / "postgres").resolve()) for file in folder.rglob("*")}
    return sorted(str(file) for file in files if file.is_file() and text.encode() in _content(file))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:  # the database removes files while we look
        return b""


class PatientTransport(httpx.AsyncHTTPTransport):
    """Waits as long as a 429 says, as a good client does."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends the request until it is not refused for coming too soon."""
        while True:
            answer = await super().handle_async_request(request)
            if answer.status_code != 429:
                return answer
            await answer.aclose()
            await asyncio.sleep(float(answer.headers["retry-after"]))


def patient_client(base_url: str, token: str | None = None) -> httpx.AsyncClient:
    """A client that keeps within its limits and trusts no proxy of the environment."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(base_url=base_url, headers=headers, transport=PatientTransport(), timeout=30)


@contextmanager
def own_system(variables: Mapping[str, str] | None = None) -> Iterator[System]:
    """Starts a system and removes every trace of it at the end."""
    with tempfile.TemporaryDirectory(prefix="td-") as folder:
        # Open above the home, so that tests see what the home's own mode keeps out.
        Path(folder).chmod(0o755)
        gateway_port, ops_port = free_port(), free_port()
        system = System(
            home=Path(folder) / "home",
            base_url=f"http://127.0.0.1:{gateway_port}",
            environment={
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": folder,
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "protos/gen")]),
                "TANDEM_ENVIRONMENT": "test",
                "TANDEM_HOME": str(Path(folder) / "home"),
                "TANDEM_RUN_DIR": str(Path(folder) / "run"),
                "TANDEM_GATEWAY_PORT": str(gateway_port),
                "TANDEM_OPS_PORT": str(ops_port),
                "TANDEM_ADMIN_EMAIL": ADMIN_EMAIL,
                "TANDEM_ADMIN_PASSWORD": ADMIN_PASSWORD,
                **(variables or {}),
            },
        )
        try:
            system.up()
            yield system
        finally:
            stopped = system.command("down")
            system.command("reset", "--yes")
            assert stopped.returncode == 0, stopped.stdout + stopped.stderr


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
