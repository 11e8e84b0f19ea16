"""TANDEM_HOME: the one folder with everything that lasts, private to its user, run by one launcher at a time."""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.folders import make_private, write_private
from deploy.local.problems import LocalProblem, describe

DEFAULT = Path(__file__).resolve().parents[2] / ".tandem"
_MARKER = "TANDEM_HOME"
_LEAST_FREE_BYTES = 300 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Home:
    """Where things lie in a home."""

    path: Path

    @property
    def keys(self) -> Path:
        """Secrets and signing keys."""
        return self.path / "keys"

    @property
    def postgres(self) -> Path:
        """The database (a link, for root)."""
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's append-only file."""
        return self.path / "valkey"

    @property
    def logs(self) -> Path:
        """What the processes say."""
        return self.path / "logs"

    @property
    def state_file(self) -> Path:
        """What the running launcher tells about itself."""
        return self.path / "state.json"

    def write_state(self, state: dict[str, Any]) -> None:
        """Replaces what is told about the running system."""
        write_private(self.state_file, json.dumps(state, indent=1))

    def read_state(self) -> dict[str, Any]:
        """What was told last; empty when nothing was."""
        try:
            state = json.loads(self.state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    @contextmanager
    def locked(self, *, patience_s: float = 0) -> Iterator[None]:
        """Makes the caller the home's only launcher.

        Args:
            patience_s: How long to wait for somebody who only looks whether one runs.

        Raises:
            LocalProblem: Another one runs.
        """
        with open(self.path / "lock", "w", opener=_open_lock) as lock:
            deadline = time.monotonic() + patience_s
            while not _try_to_lock(lock.fileno()):
                if time.monotonic() >= deadline:
                    raise LocalProblem(f"Tandem already runs in {self.path}")
                time.sleep(0.05)
            yield

    def is_running(self) -> bool:
        """True while a launcher holds the home. Any number may look at the same time."""
        try:
            with open(self.path / "lock", opener=_open_lock) as lock:
                return not _try_to_lock(lock.fileno(), fcntl.LOCK_SH)
        except OSError:
            return False

    def clear(self) -> None:
        """Removes everything in the home and the home itself."""
        try:
            shutil.rmtree(self.path)
        except OSError as failure:
            raise LocalProblem(f"cannot remove {self.path}: {describe(failure)}") from failure


def locate(configured: Path | None) -> Home:
    """The home that is meant, whether it exists or not."""
    return Home(Path(os.path.abspath((configured or DEFAULT).expanduser())))


def find(home: Home) -> bool:
    """True when it is a home of ours that this user may use.

    Raises:
        LocalProblem: It is another user's, or cannot be looked at.
    """
    try:
        if not (home.path / _MARKER).exists():
            return False
        owner = home.path.stat().st_uid
    except OSError as failure:
        raise LocalProblem(f"cannot use TANDEM_HOME {home.path}: {describe(failure)}") from failure
    if owner != os.geteuid():
        raise LocalProblem(f"TANDEM_HOME {home.path} belongs to another user; choose another one")
    return True


def prepare(home: Home) -> None:
    """Makes the home, or checks one that is there.

    Raises:
        LocalProblem: It is a file, holds something else, belongs to another user, or there is no room.
    """
    path = home.path
    try:
        if path.exists() and not path.is_dir():
            raise LocalProblem(f"TANDEM_HOME {path} is a file; name a folder")
        if path.is_dir() and not find(home) and any(path.iterdir()):
            raise LocalProblem(f"TANDEM_HOME {path} holds other things; name an empty or a new folder")
        make_private(path)
        if shutil.disk_usage(path).free < _LEAST_FREE_BYTES:
            raise LocalProblem(f"the disk of TANDEM_HOME {path} is full; at least 300 MB must be free")
        write_private(path / _MARKER, "The state of a Tandem system, see its README. Remove it with: make reset\n")
        make_private(home.logs)
    except OSError as failure:
        raise LocalProblem(f"cannot use TANDEM_HOME {path}: {describe(failure)}") from failure


def _try_to_lock(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open_lock(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
