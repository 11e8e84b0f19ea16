"""The folder of the running system's sockets, and the ports it needs.

Sockets do not lie in the home: a socket's path may have 107 characters only, and a checkout may lie on a file system
without sockets. They do not lie in XDG_RUNTIME_DIR either: the system removes that when its user logs out, while the
processes go on (docs/adr/0013).
"""

import contextlib
import hashlib
import os
import socket
import stat
import tempfile
from pathlib import Path

import psutil

from deploy.local.folders import make_private
from deploy.local.problems import LocalProblem

# sun_path has 108 bytes on Linux and 104 elsewhere, one of them for the terminator.
_LONGEST_PATH = 103
_LONGEST_NAME = "pg/.s.PGSQL.5432.lock"
_LOOPBACK = "127.0.0.1"


def choose(home: Path, configured: Path | None = None) -> Path:
    """Where the sockets of `home` belong.

    Raises:
        LocalProblem: The path would be too long for a socket.
    """
    name = f"tandem-{os.geteuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:8]}"
    folder = configured.absolute() if configured else Path(tempfile.gettempdir()) / name
    if len(os.fsencode(folder / _LONGEST_NAME)) > _LONGEST_PATH:
        raise LocalProblem(f"{folder} is too long for a folder of sockets; set TANDEM_RUN_DIR to a shorter one")
    return folder


def prepare(folder: Path) -> None:
    """Makes the folder, 0700; one that somebody else has prepared under this name is refused.

    Raises:
        LocalProblem: It cannot be made, or is not this user's alone.
    """
    if folder.is_dir() and stat.S_IMODE(folder.stat().st_mode) & 0o077 and any(folder.iterdir()):
        raise LocalProblem(f"{folder} is open to other users; choose another TANDEM_RUN_DIR, or chmod 700 it")
    make_private(folder)


def remove(folder: Path) -> None:
    """Removes the sockets and their locks, and the folder when nothing else is in it."""
    if folder.is_symlink() or not folder.is_dir() or folder.stat().st_uid != os.geteuid():
        return
    for file in folder.iterdir():
        if file.is_socket() or file.name.endswith(".sock.lock"):
            file.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def require_free(port: int, *, setting: str) -> None:
    """Checks that nobody listens on a loopback port, before a server shares it unnoticed through SO_REUSEPORT.

    Raises:
        LocalProblem: It is taken; says by whom where the system tells, and which setting to change.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except PermissionError:
            raise LocalProblem(f"port {port} needs root; set {setting} to one above 1023") from None
        except OSError:
            raise LocalProblem(f"port {port} is taken{_holder(port)}; free it or set {setting}") from None


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.status == psutil.CONN_LISTEN
                and connection.pid
                and connection.laddr
                and connection.laddr.port == port
            ):
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        return ""
    return ""
